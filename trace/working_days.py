"""Working days of the country: Monday to Friday, but for what a dated table names (pure but for it).

The table has holidays, and days of weekends that are worked to make up for them. A row marked `from-memory` makes no
deadline later: such a holiday decides nothing, such a worked day counts.
"""

import csv
import functools
import pathlib
from collections.abc import Collection
from datetime import date, timedelta

from trace.rules.tables import FROM_MEMORY

_TABLE = pathlib.Path(__file__).resolve().parent / "data" / "holidays-cn.csv"
_SATURDAY = 5


def after_working_days(start: date, count: int, holidays: Collection[date], made_up: Collection[date] = ()) -> date:
    """Return the day on which so many working days have passed; the first is counted from the day after the start."""
    day = start
    while count:
        day += timedelta(days=1)
        count -= day in made_up or (day.weekday() < _SATURDAY and day not in holidays)
    return day


def public_holidays() -> frozenset[date]:
    """Return the public holidays that the shipped table vouches for."""
    return frozenset(day for day, kind, vouched in _days() if kind == "holiday" and vouched)


def made_up_days() -> frozenset[date]:
    """Return the days of weekends that the shipped table says are worked."""
    return frozenset(day for day, kind, _ in _days() if kind == "worked")


@functools.cache
def _days() -> tuple[tuple[date, str, bool], ...]:
    """Return the days of the table, with what they are and whether somebody vouches for it."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return tuple((date.fromisoformat(row["day"]), row["kind"], row["confidence"] != FROM_MEMORY) for row in rows)
