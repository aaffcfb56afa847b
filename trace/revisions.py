"""Revisions: a row of master data counts its changes, so that nobody overwrites what he has not seen."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from enum import Enum
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.db import portions


class Kept(Enum):
    """In a command that amends: this stays as it is. `None` would empty it."""

    KEPT = "kept"


KEPT = Kept.KEPT


class Revised:
    """A row that counts its changes, those of what a reader is shown with it included."""

    id: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(default=1)


Row = TypeVar("Row", bound=Revised)


def given(command: Any, *, but: Iterable[str] = ()) -> dict[str, Any]:
    """Return the fields of a command that are to change."""
    values = {field.name: getattr(command, field.name) for field in fields(command) if field.name not in set(but)}
    return {name: value for name, value in values.items() if value is not KEPT}


def change(row: Revised, values: Mapping[str, Any]) -> bool:
    """Give a row new values and, where any differs, the next revision. Return whether any did."""
    differing = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in differing.items():
        setattr(row, name, value)
    row.revision += bool(differing)
    return bool(differing)


def lock_rows(session: Session, table: type[Row], wanted: Iterable[int]) -> dict[int, Row]:
    """Lock rows in id order and return them as they now are."""
    found: dict[int, Row] = {}
    for few in portions(sorted(set(wanted))):
        query = select(table).where(table.id.in_(few)).order_by(table.id).with_for_update()
        found |= {row.id: row for row in session.scalars(query.execution_options(populate_existing=True))}
    return found


def lock_row(session: Session, table: type[Row], wanted: int) -> Row:
    """Lock one row and return it as it now is."""
    return lock_rows(session, table, [wanted])[wanted]
