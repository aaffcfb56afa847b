"""How a season's records are typed: moments, masses and points, and what is not known left out."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Row = dict[str, Any]
Post = Callable[[str, str, Sequence[Row]], None]  # (who, noun, records)
# The times that the loader gives to what has only a date (the season file's rules).
FIELD_WORK, PICKED, HANDED_OVER, TAKEN_IN, RUN = "05:00", "06:00", "12:00", "14:00", "16:00"
FINISHED, TESTED, PACKED, SHIPPED = "18:00", "19:00", "20:00", "21:00"


def at(day: str, time: str) -> str:
    """Return a moment of a day in the town."""
    return f"{day}T{time}:00+08:00"


def kg(value: Any) -> Row:
    """Return a mass as a clerk types it."""
    return {"value": str(value), "unit": "kg"}


def degrees(value: Any) -> Any:
    """Return coordinates as numbers."""
    return [degrees(one) for one in value] if isinstance(value, list) else float(value)


def kept(row: Row) -> Row:
    """Return a body without what is not known."""
    return {name: value for name, value in row.items() if value is not None}


def read(data: bytes) -> Mapping[str, Any]:
    """Return a season file, its numbers as they are written."""
    parsed: Mapping[str, Any] = json.loads(data, parse_float=str)
    return parsed
