"""Editions of the tables that rules judge by, as officers enter them, and the tables as a session knows them.

`table_edition` and `table_row` are append-only: what judged a record can always be read again. What the tables hold and
how rules look it up stands in `trace/rules/tables/`.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.accounts import Caller
from trace.db import BIG, Base, BigId, lock_against_reading
from trace.errors import Fault, InvalidError, NotFoundError
from trace.rules.tables import SHAPES, Edition, Row, Shape, Tables, read_rows, shipped_editions, shipped_tables

MOST_ROWS = 5000  # in one table
_KEPT_PARSED = 64  # states of the tables that a process remembers


class TableEdition(Base):
    """A whole table, as somebody entered it at one moment."""

    __tablename__ = "table_edition"
    __table_args__ = (UniqueConstraint("table_name", "edition"),)
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(String(36), unique=True)  # the same in no other database, nor after a rollback
    table_name: Mapped[str] = mapped_column(String(40))
    edition: Mapped[str] = mapped_column(String(80))
    valid_from: Mapped[date]
    source: Mapped[str] = mapped_column(String(600))
    recorded_at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    recorded_by: Mapped[str] = mapped_column(String(60))


class TableRow(Base):
    """One row of an edition, in the texts of its columns."""

    __tablename__ = "table_row"
    edition_id: Mapped[int] = mapped_column(BIG, ForeignKey("table_edition.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # from 1
    cells: Mapped[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class ReplaceTable:
    """Ask for a new edition of a table: all its rows, as texts by column."""

    table: str
    edition: str  # what it is called: `GB 2763-2026`
    valid_from: date
    source: str
    rows: Sequence[Mapping[str, str | None]]


def get_shape(table: str) -> Shape:
    """Return the shape of a table. Raises `NotFoundError`."""
    if table not in SHAPES:
        raise NotFoundError(what="table", code=table[:40])
    return SHAPES[table]


def replace_table(session: Session, caller: Caller, command: ReplaceTable) -> TableEdition:
    """Enter a new edition. Judgements of what was recorded before stay as they are.

    Raises `InvalidError` with every fault; those of rows at `rows[0].column`, with row (from 1) and column as facts.
    """
    get_shape(command.table)
    lock_against_reading(session, TableEdition)  # first: two who had read it would wait for each other
    rows = check_table(session, command)
    edition = TableEdition(
        code=str(uuid.uuid4()),
        table_name=command.table,
        edition=command.edition,
        valid_from=command.valid_from,
        source=command.source,
        recorded_at=clock.now(),  # under the lock, so no judgement is between the two
        recorded_by=caller.name,
        account_id=caller.account_id,
    )
    session.add(edition)
    session.flush()
    session.add_all(TableRow(edition_id=edition.id, number=row.number, cells=dict(row.cells)) for row in rows)
    session.flush()
    return edition


def check_table(session: Session, command: ReplaceTable) -> Sequence[Row]:
    """Read the rows of a new edition without entering it. Raises `NotFoundError`, `InvalidError` with every fault."""
    shape, faults = get_shape(command.table), list[Fault]()
    least = 0 if shape.may_be_empty else 1
    if not least <= len(command.rows) <= MOST_ROWS:
        faults.append(Fault("rows", "too-many" if command.rows else "empty", {"most": MOST_ROWS}))
    if command.edition in _labels(session, command.table):
        faults.append(Fault("edition", "code-taken", {"value": command.edition}))
    rows, found = read_rows(shape, command.rows[:MOST_ROWS])
    faults += found
    if faults:
        raise InvalidError(faults)
    return rows


def get_edition(session: Session, table: str, *, on: date | None = None, label: str | None = None) -> Edition:
    """Return an edition by its name, else the one in force on a day (today). Raises `NotFoundError`."""
    get_shape(table)
    tables = load_tables(session)
    if label is None:
        found = tables.find_edition(table, on or clock.today())
    else:
        found = next((one for one in tables.editions[table] if one.label == label), None)
    if found is None:
        raise NotFoundError(what="table", code=f"{table} {label or on}"[:80])
    return found


# The code of the newest edition, also as a column of a query that asks something else.
NEWEST = select(TableEdition.code).order_by(TableEdition.id.desc()).limit(1).scalar_subquery()


def load_tables(session: Session) -> Tables:
    """Return every edition of every table; one small query where this process has met the newest before."""
    return tables_as_of(session, session.scalar(select(NEWEST)))


def tables_as_of(session: Session, newest: str | None) -> Tables:
    """Return every edition of every table up to the newest, by its code; no query where this process has met it."""
    if newest is None:
        return shipped_tables()
    tables = _parsed.get(newest)
    if tables is None:
        if len(_parsed) >= _KEPT_PARSED:
            _parsed.clear()
        tables = _parsed[newest] = _read_tables(session)
    return tables


_parsed: dict[str, Tables] = {}  # by the code of the newest edition: those before it never change


def _read_tables(session: Session) -> Tables:
    cells: dict[int, list[dict[str, Any]]] = {}
    rows = select(TableRow.edition_id, TableRow.cells).order_by(TableRow.edition_id, TableRow.number)
    for edition_id, values in session.execute(rows):
        cells.setdefault(edition_id, []).append(values)
    editions = {name: [first] for name, first in shipped_editions().items()}
    for stored in session.scalars(select(TableEdition).order_by(TableEdition.id)):
        editions[stored.table_name].append(_edition(stored, cells.get(stored.id, [])))
    return Tables({name: tuple(those) for name, those in editions.items()})


def _edition(stored: TableEdition, cells: Sequence[Mapping[str, str | None]]) -> Edition:
    return Edition(
        table=stored.table_name,
        label=stored.edition,
        valid_from=stored.valid_from,
        source=stored.source,
        rows=tuple(read_rows(SHAPES[stored.table_name], cells)[0]),  # its faults were refused when it was entered
        recorded_at=stored.recorded_at,
        recorded_by=stored.recorded_by,
    )


def _labels(session: Session, table: str) -> set[str]:
    stored = session.scalars(select(TableEdition.edition).where(TableEdition.table_name == table))
    return {shipped_editions()[table].label, *stored}
