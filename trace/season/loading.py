"""What the parts of the loader share: the file, the clock of the town, and which row each id became."""

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from trace.db import portions
from trace.lots import Lot
from trace.parties import Party

Row = dict[str, Any]

# contract.md §2: date-only records get these times in the town's time zone
PICKED, HANDED_OVER, TAKEN_IN, RUN, FINISHED = time(6), time(12), time(14), time(16), time(18)
TESTED, PACKED, SHIPPED = time(19), time(20), time(21)
FIELD_WORK = time(5)  # before the picking of the same day


@dataclass
class Loading:
    """A season on its way in."""

    session: Session
    town: Row
    arrays: dict[str, list[Row]]
    timezone: ZoneInfo
    season_id: int = 0
    town_party: Party | None = None
    parties: dict[str, Party] = field(default_factory=dict)  # by the file's id; buyers and laboratories by name
    lots: dict[str, Lot] = field(default_factory=dict)  # by the file's id
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)  # noun → the file's id → what it became

    def at(self, day: date, clock: time) -> datetime:
        """Return a moment of a day in the town."""
        return datetime.combine(day, clock, self.timezone)

    def keep(self, noun: str, rows: Iterable[Row], became: Sequence[Any]) -> None:
        """Remember which record each row of the file became."""
        self.rows[noun] = {row["id"]: made for row, made in zip(rows, became, strict=True)}

    def lot_codes(self, wanted: Sequence[tuple[int, str]]) -> list[str]:
        """Return a code for each (party, id): the id, or with a number where an earlier season has it."""
        return self.codes(Lot, Lot.party_id, wanted)

    def codes(self, table: Any, owner: Any, wanted: Sequence[tuple[int, str]]) -> list[str]:
        """Return a code for each (owner, id) of a table whose codes are unique within an owner."""
        owners: dict[int, list[str]] = {}
        for party, code in wanted:
            owners.setdefault(party, []).append(code)
        free = {}
        for party, codes in owners.items():
            taken_of = functools.partial(known, self.session, table.code, owned=owner == party)
            free[party] = free_codes(codes, taken_of)
        return [free[party][code] for party, code in wanted]


def known(session: Session, column: InstrumentedAttribute[str], codes: Iterable[str], *, owned: Any = True) -> set[str]:
    """Return which of some codes a column holds already."""
    found: set[str] = set()
    for few in portions(codes):
        found.update(session.scalars(select(column).where(column.in_(few), owned)))
    return found


def free_codes(wanted: Iterable[str], taken_of: Callable[[Iterable[str]], set[str]]) -> dict[str, str]:
    """Return for each code itself or, where it is taken, the code with the first free number: `L001.2`."""
    codes = list(dict.fromkeys(wanted))
    taken = taken_of(codes)
    free = {code: code for code in codes if code not in taken}
    pending, given, number = {code: code for code in codes if code in taken}, set(codes), 1
    while pending:
        number += 1
        pending = {code: f"{code}.{number}" for code in pending}
        taken = taken_of(pending.values()) | given
        fresh = {code: name for code, name in pending.items() if name not in taken}
        free |= fresh
        given |= set(fresh.values())
        pending = {code: name for code, name in pending.items() if code not in fresh}
    return free
