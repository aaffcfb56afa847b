"""The only clock. Functions that need the time take it as an argument or call `now`."""

from datetime import UTC, date, datetime, timedelta, timezone

COUNTRY = timezone(timedelta(hours=8))  # all of China keeps one time, and no summer time


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the day it is in the country: by it law, picking and best-before are counted."""
    return day_of(now())


def day_of(moment: datetime) -> date:
    """Return the day a moment has in the country."""
    return moment.astimezone(COUNTRY).date()
