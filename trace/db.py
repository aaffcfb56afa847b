"""Tables' base, column types, engines and sessions. The one file that knows SQLite and PostgreSQL apart."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Connection,
    Engine,
    Enum,
    Index,
    Integer,
    MetaData,
    String,
    TextClause,
    create_engine,
    event,
    text,
)
from sqlalchemy import DateTime as SqlDateTime
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, sessionmaker
from sqlalchemy.types import TypeDecorator

from trace.statements import Driver

if TYPE_CHECKING:
    from trace.replicas import Replica

BUSY_TIMEOUT_MS = 15_000
SERIALIZED_JSON = JSON(none_as_null=True)


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC on every engine; a naive value is refused."""

    impl = SqlDateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- fixed by SQLAlchemy
        """Refuse naive values; convert the rest to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- fixed by SQLAlchemy
        """Return an aware moment: SQLite gives naive ones back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ExactDecimal(TypeDecorator[Decimal]):
    """A measurement with its digits as reported (`0.010` stays `0.010`), on every engine."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:  # noqa: ARG002 -- fixed by SQLAlchemy
        """Return the digits."""
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002 -- fixed by SQLAlchemy
        """Return the exact number."""
        return None if value is None else Decimal(value)


def _values(enum: type[StrEnum]) -> list[str]:
    return [member.value for member in enum]


def words_of(enum: type[StrEnum]) -> Enum:
    """Return the type of a column of words whose table checks them by `word_by_word`."""
    return Enum(enum, native_enum=False, length=20, values_callable=_values)


def word_by_word(column: str, enum: type[StrEnum]) -> CheckConstraint:
    """Return the CHECK of a column of words, for a table of which every event writes several rows.

    For each row checked by a list of words SQLite makes a table of them: 4 µs, more than the row (docs/performance.md).
    """
    return CheckConstraint(" OR ".join(f"{column} = '{word}'" for word in enum), name=column)


BIG = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers rows only in columns of type INTEGER
Grams = Annotated[int, mapped_column(BigInteger)]
BigId = Annotated[int, mapped_column(BIG, primary_key=True)]


class Base(DeclarativeBase):
    """What every table shares: constraint names, enumerations as checked text, 64-bit grams, UTC moments."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 -- declared by SQLAlchemy
        datetime: UTCDateTime,
        Decimal: ExactDecimal,
        StrEnum: Enum(StrEnum, native_enum=False, create_constraint=True, length=20, values_callable=_values),
        dict[str, Any]: SERIALIZED_JSON,
        list[str]: SERIALIZED_JSON,
    }


def index_of_some(name: str, column: str, *, where: TextClause) -> Index:
    """Return an index of only the rows of which something holds: the others write no page of it."""
    return Index(name, column, sqlite_where=where, postgresql_where=where)


@dataclass(frozen=True)
class Sessions:
    """One write engine and one read engine, as `design.md` §4 says, and who asks the read engine single questions.

    Beside a replica `read` and the asker may show what was a few seconds ago; `latest` reads what is.
    """

    write: sessionmaker[Session]
    read: sessionmaker[Session]
    latest: sessionmaker[Session]
    asker: "Asker"
    replica: "Replica | None" = None

    def dispose(self) -> None:
        """Close every kept connection (before a fork, at the end of a test run)."""
        self.asker.close()
        if self.replica:
            self.replica.close()
        for maker in (self.write, self.latest):
            maker.kw["bind"].dispose()


_TO_WRITE, _TO_READ = "BEGIN IMMEDIATE", "BEGIN"


def _prepare_sqlite(engine: Engine, begin: str) -> None:
    """Let SQLAlchemy, not the driver, begin; a writer takes its lock at once, so no upgrade can fail half-way."""

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in (
            "foreign_keys=ON",
            "recursive_triggers=ON",  # else REPLACE deletes a row without asking the triggers of append-only tables
            "journal_mode=WAL",
            "synchronous=FULL",
            "wal_autocheckpoint=4000",  # pages, as many as one table of the log's index tells apart
            f"busy_timeout={BUSY_TIMEOUT_MS}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        if begin == _TO_WRITE:
            Driver(connection).execute(begin)  # may find the file locked, and then says so
            return
        driver: Any = connection.connection.driver_connection
        driver.execute(begin)  # takes no lock and cannot fail; through SQLAlchemy it is as dear as a query


def _prepare_reading(engine: Engine) -> None:
    """Let a SQLite connection read only, and read pages where the system holds them instead of copying each."""

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA query_only=ON")
        connection.execute("PRAGMA mmap_size=2147418112")  # the most SQLite takes; what lies beyond is copied


def _prepare_statements(engine: Engine) -> None:
    """Let the server keep statements that come again, unless a pooler stands between: PgBouncer mixes them up.

    A pooler gives a process number of its own when one connects; the server's is another (docs/operating.md).
    """

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        server = int(connection.pgconn.exec_(b"SELECT pg_backend_pid()").get_value(0, 0))  # begins no transaction
        if connection.info.backend_pid == server:
            connection.prepare_threshold = 5  # psycopg's own


def _engine(url: str, begin: str, options: Mapping[str, Any]) -> Engine:
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url)
        _prepare_sqlite(engine, begin)
        return engine
    engine = create_engine(url, connect_args={"prepare_threshold": None}, pool_pre_ping=True, **options)
    _prepare_statements(engine)
    return engine


# Several statements of one read see one picture, as they do on SQLite, and none can write.
_READING = {"isolation_level": "REPEATABLE READ", "execution_options": {"postgresql_readonly": True}}


def reading_engine(url: str) -> Engine:
    """Return an engine that only reads, each transaction one picture."""
    engine = _engine(url, _TO_READ, _READING)
    if engine.dialect.name == "sqlite":
        _prepare_reading(engine)
    return engine


def open_sessions(url: str) -> Sessions:
    """Return the session factories for a database address; `trace/replicas.py` opens a replica beside it."""
    engine = reading_engine(url)
    read = sessionmaker(engine, expire_on_commit=False, autoflush=False)
    write = sessionmaker(_engine(url, _TO_WRITE, {}), expire_on_commit=False)
    return Sessions(write=write, read=read, latest=read, asker=Asker(engine))


_AMONG, _LISTED = re.compile(r"AMONG (\([^()]*\))"), re.compile(r"AMONG :(\w+)")
_ON_FILE = (r"IN \1", r"IN (SELECT value FROM json_each(:\1))")
_ON_SERVER = (
    r"= ANY(ARRAY\1)",
    r"= ANY(ARRAY(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST(:\1 AS JSON))))",
)


def _among(sql: str, subselect: str, listed: str) -> str:
    return _LISTED.sub(listed, _AMONG.sub(subselect, sql))


class Question:
    """One plain SELECT, asked again and again: for one row, of a session or of an `Asker`, or for all.

    `x AMONG (SELECT …)` is `x IN (SELECT …)`, looked up by the index of x on either engine: PostgreSQL, which knows
    nothing of how many a recursive query finds, would rather read the whole table of x. `x AMONG :ids` is the same for
    row ids given as JSON, as many as there are.
    """

    def __init__(self, sql: str) -> None:
        on_file = _among(sql, *_ON_FILE)
        self._text = text(on_file)
        server = re.sub(r":(\w+)", r"%(\1)s", _among(sql, *_ON_SERVER))
        self.for_driver = {"sqlite": on_file, "postgresql": server}

    def ask(self, source: "Session | Asker", values: Mapping[str, object]) -> Sequence[Any] | None:
        """Return the row, or None. Raises SQLAlchemy's errors, whoever is asked."""
        return source.ask(self, values) if isinstance(source, Asker) else source.execute(self._text, values).first()

    def ask_all(self, session: Session, values: Mapping[str, object]) -> list[Any]:
        """Return all rows, as the driver's own tuples: of thousands, SQLAlchemy's rows cost as much as the query.

        Who listens for statements hears it. Raises SQLAlchemy's errors.
        """
        driver = Driver.of(session)
        driver.execute(self.for_driver[driver.connection.dialect.name], values)
        return list(driver.cursor.fetchall())


class Asker:
    """Asks questions by the driver, each as a transaction of its own, over connections that it keeps.

    A session around a question costs several times the question itself, and so does a pool.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle: list[Any] = []

    def ask(self, question: Question, values: Mapping[str, object]) -> Sequence[Any] | None:
        """Return the row, or None. What the driver cannot answer is asked again through SQLAlchemy."""
        connection = self._take()
        sql = question.for_driver[self._engine.dialect.name]
        try:
            row: Sequence[Any] | None = connection.execute(sql, values).fetchone()
        except self._engine.dialect.loaded_dbapi.Error:
            connection.close()  # the fault may be its own
            with Session(self._engine) as session:
                return question.ask(session, values)
        self._idle.append(connection)
        return row

    def close(self) -> None:
        """Close the connections that nobody uses at the moment."""
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> Any:
        """Return a connection of the driver: an idle one, or one more, which begins no transaction by itself."""
        try:
            return self._idle.pop()
        except IndexError:
            opened = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            connection = opened.connection.driver_connection
            opened.detach()
            return connection


def take_snapshot(session: Session) -> None:
    """Make everything this session reads one consistent picture; call before the first statement.

    To one that only reads it is one already.
    """
    bind = session.get_bind()
    if bind.dialect.name == "postgresql" and not bind.get_execution_options().get("postgresql_readonly"):
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def lock_against_reading(session: Session, table: type[Base]) -> None:
    """Wait until no other transaction has read a table, and let none read it until this one ends.

    On SQLite a transaction that writes is alone with the others' writes already.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"LOCK TABLE {table.__tablename__} IN ACCESS EXCLUSIVE MODE"))


Value = TypeVar("Value")
PORTION = 500  # values in one statement: SQLite takes 32,766 parameters, PostgreSQL 65,535


def portions(values: Iterable[Value], most: int = PORTION) -> Iterator[list[Value]]:
    """Yield values in lists short enough for the parameters of one statement."""
    every = list(values)
    return (every[start : start + most] for start in range(0, len(every), most))


APPEND_ONLY_MESSAGE = "append-only"


def append_only_ddl(table: str, dialect: str) -> list[str]:
    """Return the statements that let a table grow and never change, for migrations."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY_MESSAGE}'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{APPEND_ONLY_MESSAGE}'; END $$",
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ]
