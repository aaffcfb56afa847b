"""Moments in answers: each with the offset of the clock that it is told by, never in UTC alone.

What happened is told as it was entered, with the offset of that place; what the service noted itself (when a record
came in, a key expires, a finding was made), in the country's time.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from marshmallow import fields

from trace.clock import COUNTRY


class Noted(fields.AwareDateTime):
    """A moment that the service noted, without an offset of its own: shown in the country's time."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **options: Any) -> Any:
        return super()._serialize(value and value.astimezone(COUNTRY), attr, obj, **options)


class Happened(fields.AwareDateTime):
    """A moment at which something happened, kept in UTC with its offset in another column: shown with it."""

    def __init__(self, offset: str = "utc_offset", **options: Any) -> None:
        super().__init__(**options)
        self.offset = offset

    def _serialize(self, value: datetime | None, attr: str | None, obj: Mapping[str, Any], **options: Any) -> Any:
        return super()._serialize(value and value.astimezone(zone_of(obj[self.offset])), attr, obj, **options)


def zone_of(offset: str) -> timezone:
    """Return the zone of an offset such as `+08:00`."""
    sign = -1 if offset.startswith("-") else 1
    hours, minutes = offset[1:].split(":")
    return timezone(sign * timedelta(hours=int(hours), minutes=int(minutes)))
