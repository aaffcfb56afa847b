"""Statements whose text never changes: built by SQLAlchemy once for each engine, then run by the driver itself.

Around a statement that takes the database 10 µs, SQLAlchemy works for 50 (docs/performance.md). These run on the
driver's connection of the transaction at hand; values are written, errors raised and statements announced to listeners
as SQLAlchemy does it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import Connection, Insert, Select, Table, Update, insert
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql import CompoundSelect
from sqlalchemy.sql.compiler import SQLCompiler

Values = Mapping[str, Any]
Clause = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]] | Insert | Update


class Driver:
    """Who runs statements by the driver in the transaction of a connection; `cursor` has the rows of the last one."""

    cursor: Any = None  # a new one for each statement, as answers to what travelled before may still come to the old

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.dialect = connection.dialect
        self._driver: Any = connection.connection.dbapi_connection
        self._errors = self.dialect.loaded_dbapi.Error
        self._listeners = list(connection.dispatch.before_cursor_execute)

    @classmethod
    def of(cls, session: Session) -> "Driver":
        """Return the driver in the transaction of a session, which begins here if it has not."""
        return cls(session.connection())

    def execute(self, sql: str, values: Any = (), *, many: bool = False) -> None:
        """Run a statement, once or for each of many values. Raises SQLAlchemy's errors."""
        try:
            self.cursor = self._driver.cursor()
            for listener in self._listeners:
                listener(self.connection, self.cursor, sql, values, None, many)
            (self.cursor.executemany if many else self.cursor.execute)(sql, values)
        except self._errors as error:
            raise self._wrapped(error, sql, values) from error

    @contextmanager
    def in_one_go(self) -> Iterator[None]:
        """Let statements travel together up to one whose rows are fetched, by a driver that can.

        What one refuses is raised here.
        """
        together = getattr(self._driver, "pipeline", nullcontext)
        try:
            with together():
                yield
        except self._errors as error:
            raise self._wrapped(error, "", ()) from error

    def _wrapped(self, error: Exception, sql: str, values: Any) -> Exception:
        lost = self.dialect.is_disconnect(cast("Any", error), self._driver, self.cursor)
        if lost:
            self.connection.invalidate(error)
        return DBAPIError.instance(sql, values, error, self._errors, connection_invalidated=lost, dialect=self.dialect)


class Statement:
    """A statement kept ready. It may look for a list of values, by the `expanding` parameter named."""

    def __init__(self, clause: Clause, *, columns: Sequence[str] | None = None, listed: str | None = None) -> None:
        self._clause = clause
        self._columns = columns
        self._listed = listed
        self._ready: dict[tuple[str, int], _Ready] = {}

    def ask(self, driver: Driver, values: Values) -> Sequence[Sequence[Any]]:
        """Return the rows, as the driver gives them."""
        ready = self._for(driver, len(values[self._listed]) if self._listed else 0)
        driver.execute(ready.sql, ready.bind(values))
        return list(driver.cursor.fetchall())

    def run(self, driver: Driver, rows: Sequence[Values]) -> None:
        """Run once for each row; none is no statement."""
        if len(rows) == 1:
            ready = self._for(driver)
            driver.execute(ready.sql, ready.bind(rows[0]))
        elif rows:
            ready = self._for(driver)
            driver.execute(ready.sql, list(map(ready.bind, rows)), many=True)

    def _for(self, driver: Driver, count: int = 0) -> "_Ready":
        """Return the text for an engine. Lists are filled up to a power of two, so that there are few texts."""
        dialect = driver.dialect
        room = 1 << (count - 1).bit_length() if count else 0
        ready = self._ready.get((dialect.name, room))
        if ready is None:
            compiled = self._clause.compile(dialect=dialect, column_keys=self._columns)
            ready = self._ready[dialect.name, room] = _Ready(compiled, self._listed, room)
        return ready


class Numbered(Statement):
    """A statement that inserts rows to which the database gives numbers."""

    def __init__(self, table: Table, columns: Sequence[str]) -> None:
        new = insert(table)
        super().__init__(new.returning(table.c.id, sort_by_parameter_order=True), columns=columns)
        self._silent = Statement(new, columns=columns)

    def number(self, driver: Driver, rows: Sequence[Values]) -> list[int]:
        """Insert rows and return their numbers, in order; of many, SQLAlchemy sends hundreds in one statement."""
        if len(rows) != 1:
            return list(driver.connection.scalars(self._clause, rows)) if rows else []
        if not cast("DefaultDialect", driver.dialect).postfetch_lastrowid:
            return [self.ask(driver, rows[0])[0][0]]
        self._silent.run(driver, rows)  # SQLite's driver knows the number; to return it takes a table of its own
        return [driver.cursor.lastrowid]


class _Ready:
    """A statement's text for one engine, with room for so many values in its list."""

    def __init__(self, compiled: SQLCompiler, listed: str | None, room: int) -> None:
        state = compiled.construct_expanded_state({name: [None] * room for name in compiled.binds})
        self.sql = state.statement
        self._names = tuple(state.positiontup or state.parameters)
        self._by_name = state.positiontup is None
        self._listed, self._members = listed, state.parameter_expansion.get(listed or "", [])
        self._pick = itemgetter(*self._names, self._names[0])  # of two at least, so that it always gives a tuple
        types = {name: bind.type for name, bind in compiled.binds.items()}
        types |= {member: types[name] for name, members in state.parameter_expansion.items() for member in members}
        found = [types[name].dialect_impl(compiled.dialect).bind_processor(compiled.dialect) for name in self._names]
        self._processors = [(place, process) for place, process in enumerate(found) if process]

    def bind(self, values: Values) -> Any:
        """Return values as the driver takes them; the last of a list fills what room is left."""
        if self._listed:
            few = values[self._listed]
            values = dict(zip(self._members, few + few[-1:] * (len(self._members) - len(few)), strict=True))
        bound = self._pick(values)[:-1]
        if self._processors:
            bound = list(bound)
            for place, process in self._processors:
                bound[place] = process(bound[place])
        return dict(zip(self._names, bound, strict=True)) if self._by_name else bound


def _columns(table: Table) -> list[str]:
    """Return the names of all columns but for the number that the database gives."""
    return [column.name for column in table.columns if column is not table.autoincrement_column]


def insert_into(model: type[Any]) -> Statement:
    """Return the statement that inserts rows of all columns, but for the number that the database gives."""
    table = cast("Table", model.__table__)
    return Statement(insert(table), columns=_columns(table))


def insert_numbered(model: type[Any]) -> Numbered:
    """Return the same for rows whose numbers are asked for."""
    table = cast("Table", model.__table__)
    return Numbered(table, _columns(table))
