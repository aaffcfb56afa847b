"""Editions of the tables, and which of them judges what happened on a day and was recorded at a moment.

An edition is a whole table. Of those in force on the day of an event, the one that came into force last counts, and of
several from the same day the one entered last; but only those that were known when the event was recorded. So a table
that is replaced today leaves what was judged before as it was, however often it is judged again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypedDict

from trace.rules.tables.shapes import SHAPES, Row, folded


class Citation(TypedDict):
    """What a finding names of the row it rests on: `Judgement(…, **row.cite())`."""

    table: str
    edition: str
    table_row: str
    source: str


@dataclass(frozen=True)
class Edition:
    """A whole table as it was entered. The shipped ones were always known, so they have no moment."""

    table: str
    label: str
    valid_from: date
    source: str
    rows: Sequence[Row]
    recorded_at: datetime | None = None
    recorded_by: str | None = None

    @cached_property
    def by_key(self) -> Mapping[tuple[str, ...], Sequence[Row]]:
        """Return the rows by what they are looked up by, under every name."""
        shape, found = SHAPES[self.table], dict[tuple[str, ...], list[Row]]()
        for row in self.rows:
            first = [folded(str(row.values[name])) for name in shape.found_by]
            for last in {first[-1], *_other_names(row, shape.also)} if first else ():
                found.setdefault((*first[:-1], last), []).append(row)
        return found


def _other_names(row: Row, columns: Sequence[str]) -> Iterator[str]:
    for column in columns:
        value = row.values[column]
        yield from map(folded, (value,) if isinstance(value, str) else value or ())


@dataclass(frozen=True)
class Found:
    """A row and the edition in which it stands."""

    edition: Edition
    row: Row

    def __getitem__(self, column: str) -> Any:
        """Return the value of a column, None where the row leaves it empty."""
        return self.row.values[column]

    def cite(self) -> Citation:
        """Return what a finding names of it."""
        return Citation(
            table=self.edition.table, edition=self.edition.label, table_row=self.row.key, source=self.row.source
        )


@dataclass(frozen=True)
class Tables:
    """Every edition of every table; `is_latest` forgets when they became known."""

    editions: Mapping[str, Sequence[Edition]]  # of each table, in the order in which they were entered
    is_latest: bool = False

    def latest(self) -> "Tables":
        """Return the tables as they are known now, to ask what they would say of what was judged before."""
        return replace(self, is_latest=True)

    def on(self, day: date, recorded_at: datetime | None = None) -> "InForce":
        """Return the tables that judge what happened on a day and was recorded at a moment; without one, of now."""
        return InForce(self, day, None if self.is_latest else recorded_at)

    def find_edition(self, table: str, day: date, known_at: datetime | None = None) -> Edition | None:
        """Return the edition of a table that judges a day, of those known at a moment, or of all."""
        found: Edition | None = None
        for edition in self.editions.get(table, ()):
            known = known_at is None or edition.recorded_at is None or edition.recorded_at <= known_at
            if known and edition.valid_from <= day and (found is None or found.valid_from <= edition.valid_from):
                found = edition
        return found


@dataclass(frozen=True)
class InForce:
    """The tables in force on a day, as known at a moment: what the facts of a pure rule carry.

    Only rows that may decide are found; `remembered` finds instead those marked from memory, to be named in a note.
    """

    tables: Tables
    day: date
    known_at: datetime | None = None
    is_remembered: bool = False

    @property
    def remembered(self) -> "InForce":
        """Return the same tables with only the rows from memory, which decide nothing."""
        return replace(self, is_remembered=True)

    def find_rows(self, table: str, *key: str) -> list[Found]:
        """Return the rows in force under a key; names are compared without width and capitals."""
        edition = self._edition(table)
        rows = edition.by_key.get(tuple(map(folded, key)), ()) if edition else ()
        return [Found(edition, row) for row in rows if self._counts(row)] if edition else []

    def find(self, table: str, *keys: tuple[str, ...]) -> Found | None:
        """Return the first row in force under one of some keys, the most special first."""
        for key in keys:
            for found in self.find_rows(table, *key):
                return found
        return None

    def list_rows(self, table: str) -> list[Found]:
        """Return every row in force."""
        edition = self._edition(table)
        return [Found(edition, row) for row in edition.rows if self._counts(row)] if edition else []

    def _edition(self, table: str) -> Edition | None:
        return self.tables.find_edition(table, self.day, self.known_at)

    def _counts(self, row: Row) -> bool:
        return row.decides is not self.is_remembered and row.is_in_force(self.day)
