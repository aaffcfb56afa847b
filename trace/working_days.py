"""Working days of the country: Monday to Friday, but for public holidays that a dated table names (pure but for it).

A row of the table marked `from-memory` decides nothing: a deadline then ends too early rather than too late.
"""

import csv
import functools
import pathlib
from collections.abc import Collection
from datetime import date, timedelta

from trace.rules.tables import FROM_MEMORY

_TABLE = pathlib.Path(__file__).resolve().parent / "data" / "holidays-cn.csv"
_SATURDAY = 5


def after_working_days(start: date, count: int, holidays: Collection[date]) -> date:
    """Return the day on which so many working days have passed; the first is counted from the day after the start."""
    day = start
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < _SATURDAY and day not in holidays
    return day


@functools.cache
def public_holidays() -> frozenset[date]:
    """Return the public holidays that the shipped table vouches for."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return frozenset(date.fromisoformat(row["day"]) for row in rows if row["confidence"] != FROM_MEMORY)
