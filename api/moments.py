"""Moments as they were where they happened: kept in UTC with their offset, shown with it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from marshmallow import fields

from trace.clock import COUNTRY


class Local(fields.AwareDateTime):
    """A moment that was noted without an offset of its own: shown in the country's time."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **options: Any) -> Any:
        return super()._serialize(value and value.astimezone(COUNTRY), attr, obj, **options)


def local(name: str) -> Callable[[Mapping[str, Any]], str]:
    """Return the function that shows a row's moment with the row's `utc_offset`."""

    def show(row: Mapping[str, Any]) -> str:
        moment: datetime = row[name]
        return moment.astimezone(zone_of(row["utc_offset"])).isoformat()

    return show


def zone_of(offset: str) -> timezone:
    """Return the zone of an offset such as `+08:00`."""
    sign = -1 if offset.startswith("-") else 1
    hours, minutes = offset[1:].split(":")
    return timezone(sign * timedelta(hours=int(hours), minutes=int(minutes)))
