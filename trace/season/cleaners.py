"""Cleaners: each turns one JSON value into its type, or adds a fault and returns None. They never stop at the first."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from trace import clock, ids
from trace.errors import Fault
from trace.mass import MassError, grams
from trace.points import check_point

MAX_COUNT = 2**31 - 1
MAX_RECORD_G = 10**12  # a million tonnes in one record; sums of records must stay within 64 bits
EARLIEST = date(1980, 1, 1)  # older than any record, younger than time zones with odd seconds
_REGION = re.compile(r"[1-9][0-9]{5,11}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(_DAY.pattern + r"T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?")


@dataclass
class Context:
    """What a cleaner needs beside the value: the town's day, and the list that faults go to."""

    today: date
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.paths = {fault.path for fault in self.faults}

    def fault(self, path: str, code: str, **facts: object) -> None:
        """Add one fault."""
        self.faults.append(Fault(path, code, facts))
        self.paths.add(path)


Cleaner = Callable[[Any, str, Context], Any]


def text(most: int = 120) -> Cleaner:
    """Clean words: not empty, at most so long."""

    def clean(value: Any, path: str, context: Context) -> str | None:
        if not isinstance(value, str):
            context.fault(path, "wrong-type", expected="text")
        elif not value.strip():
            context.fault(path, "empty")
        elif len(value) > most:
            context.fault(path, "too-long", most=most)
        else:
            return value
        return None

    return clean


def shown_text(most: int = 120) -> Cleaner:
    """Clean words that others will read: no person's identity or telephone number may stand in them."""

    def clean(value: Any, path: str, context: Context) -> str | None:
        cleaned: str | None = text(most)(value, path, context)
        if cleaned is not None and ids.find_personal_numbers(cleaned):
            context.fault(path, "personal-number")
            return None
        return cleaned

    return clean


def checked(judge: Callable[[str], object], most: int = 40) -> Cleaner:
    """Clean a code by a function of `trace.ids`, which raises `IdentifierError` or returns the normal form."""

    def clean(value: Any, path: str, context: Context) -> str | None:
        cleaned: str | None = text(most)(value, path, context)
        if cleaned is None:
            return None
        try:
            normal = judge(cleaned)
        except ids.IdentifierError as error:
            context.fault(path, error.args[0], value=cleaned)
            return None
        return normal if isinstance(normal, str) else cleaned

    return clean


def mass(*, zero: bool = False, most: int = MAX_RECORD_G) -> Cleaner:
    """Clean kilograms into grams; zero only where a by-product or a loss may be nothing."""

    def clean(value: Any, path: str, context: Context) -> int | None:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            context.fault(path, "wrong-type", expected="number")
            return None
        try:
            found = grams(value, "kg")
        except MassError as error:
            context.fault(path, error.args[0], value=str(value), most=most // 1000)
            return None
        if found < 0 or (found == 0 and not zero):
            context.fault(path, "not-positive", value=str(value))
            return None
        if found > most:
            context.fault(path, "too-large", value=str(value), most=most // 1000)
            return None
        return found

    return clean


def number(*, least: int | None = 0, most: int | None = None, zero: bool = True) -> Cleaner:
    """Clean a measurement into an exact decimal."""

    def clean(value: Any, path: str, context: Context) -> Decimal | None:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            context.fault(path, "wrong-type", expected="number")
            return None
        found = Decimal(value)
        if len(str(found)) > 30:
            context.fault(path, "too-many-digits")
        elif not found and not zero:
            context.fault(path, "not-positive", value=str(found))
        elif (least is not None and found < least) or (most is not None and found > most):
            context.fault(path, "out-of-range", value=str(found), least=least, most=most)
        else:
            return found
        return None

    return clean


def count(least: int = 0, most: int = MAX_COUNT) -> Cleaner:
    """Clean a whole number."""

    def clean(value: Any, path: str, context: Context) -> int | None:
        if isinstance(value, Decimal) and value == value.to_integral_value():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            context.fault(path, "wrong-type", expected="integer")
            return None
        if not least <= value <= most:
            context.fault(path, "out-of-range", value=str(value), least=least, most=most)
            return None
        return value

    return clean


def day(*, future: bool = False) -> Cleaner:
    """Clean a date (YYYY-MM-DD); one after today only where a validity or best-before day may be."""

    def clean(value: Any, path: str, context: Context) -> date | None:
        try:
            if not _DAY.fullmatch(value):
                raise ValueError
            found = date.fromisoformat(value)
        except (TypeError, ValueError):
            context.fault(path, "not-a-date", value=str(value)[:40])
            return None
        if found < EARLIEST:
            context.fault(path, "out-of-range", value=value, least=str(EARLIEST))
            return None
        if found > context.today and not future:
            context.fault(path, "in-the-future", value=value)
            return None
        return found

    return clean


def moment(*, future: bool = False) -> Cleaner:
    """Clean a time with its offset in whole minutes; one after now only where a deadline may be."""

    def clean(value: Any, path: str, context: Context) -> datetime | None:
        try:
            if not _MOMENT.fullmatch(value):
                raise ValueError
            found = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            context.fault(path, "not-a-date", value=str(value)[:40])
            return None
        if found.tzinfo is None:
            context.fault(path, "offset-missing", value=value)
        elif not EARLIEST.year <= found.year < 9999:  # an hour more or less must not leave the calendar
            context.fault(path, "out-of-range", value=value, least=str(EARLIEST))
        elif found > clock.now() and not future:
            context.fault(path, "in-the-future", value=value)
        else:
            return found
        return None

    return clean


def region(value: Any, path: str, context: Context) -> str | None:
    """Clean a division's code: 6 digits for a county, 9 for a town, 12 for a village."""
    if isinstance(value, str) and _REGION.fullmatch(value):
        return value
    context.fault(path, "region-shape", value=str(value)[:40])
    return None


def point(value: Any, path: str, context: Context) -> list[Decimal] | None:
    """Clean a place given as [longitude, latitude] in WGS-84."""
    before = len(context.faults)
    parts: list[Decimal] | None = many(number(least=-180, most=180))(value, path, context)
    if parts is None or None in parts or len(context.faults) > before:
        return None  # reported already
    if len(parts) != 2:
        context.fault(path, "not-a-point", length=len(parts))
        return None
    if code := check_point(float(parts[0]), float(parts[1])):
        context.fault(path, code)
        return None
    return parts


def flag(value: Any, path: str, context: Context) -> bool | None:
    """Clean true or false."""
    if isinstance(value, bool):
        return value
    context.fault(path, "wrong-type", expected="boolean")
    return None


def anything(value: Any, _path: str, _context: Context) -> Any:
    """Pass a value that a later check looks at whole (an outline, what a step measured)."""
    return value


def choice(*allowed: str) -> Cleaner:
    """Clean one of a few words that the code branches on."""

    def clean(value: Any, path: str, context: Context) -> str | None:
        if isinstance(value, str) and value in allowed:
            return value
        context.fault(path, "not-allowed", value=str(value)[:40], allowed=list(allowed))
        return None

    return clean


def many(cleaner: Cleaner, least: int = 0) -> Cleaner:
    """Clean a list; None stands where an item was at fault, so that places stay what they are in the file."""

    def clean(value: Any, path: str, context: Context) -> list[Any] | None:
        if not isinstance(value, list):
            context.fault(path, "wrong-type", expected="list")
            return None
        if len(value) < least:
            context.fault(path, "empty")
        return [_item(cleaner, item, f"{path}[{index}]", context) for index, item in enumerate(value)]

    return clean


def _item(cleaner: Cleaner, value: Any, path: str, context: Context) -> Any:
    """Clean one item of a list, unless something impossible stood there, which is reported already."""
    return None if value is None and path in context.paths else cleaner(value, path, context)


@dataclass(frozen=True)
class Optional:
    """A field that may be absent or null."""

    cleaner: Cleaner


Shape = Mapping[str, Cleaner | Optional]


def record(shape: Shape, *, open_fields: bool = False) -> Cleaner:
    """Clean an object field by field; a field that the shape does not name is a fault."""

    def clean(value: Any, path: str, context: Context) -> dict[str, Any] | None:
        if not isinstance(value, dict):
            context.fault(path, "wrong-type", expected="object")
            return None
        if not open_fields:
            for name in sorted(value.keys() - shape.keys()):
                context.fault(f"{path}.{name}", "unknown-field")
        cleaned = {name: _field(rule, value, name, path, context) for name, rule in shape.items()}
        return {**value, **cleaned} if open_fields else cleaned

    return clean


def _field(rule: Cleaner | Optional, value: dict[str, Any], name: str, path: str, context: Context) -> Any:
    here = f"{path}.{name}" if path else name
    found = value.get(name)
    if found is None:
        if not isinstance(rule, Optional) and here not in context.paths:
            context.fault(here, "missing-field")
        return None
    cleaner = rule.cleaner if isinstance(rule, Optional) else rule
    return cleaner(found, here, context)
