"""Fields of bodies: what a program types, turned into the domain's values; a fault is a code with its facts.

`described` is what the description says of a field (`api/openapi.py`).

Text in JSON is already free of U+0000 and lone surrogates (`api/bodies.py`); numbers are integers or exact decimals.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple

from marshmallow import Schema, ValidationError, fields

from trace.clock import COUNTRY
from trace.ids import find_personal_numbers
from trace.mass import GRAMS_PER, MassError, Weighed, weighed
from trace.prices import Price

MAX_COUNT = 2**31 - 1
MAX_RECORD_G = 10**12  # a million tonnes in one record; sums of records must stay within 64 bits
EARLIEST = date(1980, 1, 1)  # older than any record, younger than time zones with odd seconds
_CODE = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z.\-]*[0-9A-Za-z])?")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(_DAY.pattern + r"T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?")
_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
_Messages = dict[str, str | list[Any] | dict[Any, Any]]
_MISSING: _Messages = {"required": "missing-field", "null": "missing-field"}


class Reason(NamedTuple):
    """Why a value is refused."""

    code: str
    facts: Mapping[str, object]


def refusal(code: str, **facts: object) -> ValidationError:
    """Return the refusal of a value, for its field to raise."""
    return ValidationError([Reason(code, facts)])


def _shown(options: dict[str, Any], **facts: object) -> dict[str, Any]:
    """Return a field's options with what its description shows."""
    return {**options, "metadata": {**facts, **options.get("metadata", {})}}


class Body(Schema):
    """What every body and every part of one shares: nothing unknown passes."""

    MOST: ClassVar[int] = 1000  # in one request
    error_messages = {"unknown": "unknown-field", "type": "wrong-type"}  # noqa: RUF012 -- declared by marshmallow


class Text(fields.Field[str]):
    """Words that others will read: not empty, and without a number that identifies a person."""

    described: ClassVar[dict[str, Any]] = {"type": "string", "minLength": 1}

    default_error_messages = _MISSING

    def __init__(self, most: int = 120, *, private: bool = False, **options: Any) -> None:
        super().__init__(**_shown(options, maxLength=most))
        self.most, self.private = most, private

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str):
            raise refusal("wrong-type", expected="text")
        if not value.strip():
            raise refusal("empty")
        if len(value) > self.most:
            raise refusal("too-long", most=self.most)
        if not self.private and find_personal_numbers(value):
            raise refusal("personal-number")
        return value


class Code(Text):
    """A code by which something known is named: `CODE` or `PARTY/CODE`."""

    def __init__(self, most: int = 200, **options: Any) -> None:
        super().__init__(most, private=True, **options)


class NewCode(Code):
    """A code for something new: letters, digits, hyphens and stops, since it becomes part of identifiers."""

    def __init__(self, most: int = 40, **options: Any) -> None:
        super().__init__(most, **_shown(options, pattern=f"^{_CODE.pattern}$"))

    def _deserialize(self, value: Any, *parts: Any, **more: Any) -> str:
        code = super()._deserialize(value, *parts, **more)
        if not _CODE.fullmatch(code):
            raise refusal("code-shape", value=code)
        return code


class Sha256(Code):
    """The SHA-256 of a file, in lower hexadecimal digits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(64, **_shown(options, pattern=f"^{_SHA256.pattern}$"))

    def _deserialize(self, value: Any, *parts: Any, **more: Any) -> str:
        text = super()._deserialize(value, *parts, **more)
        if not _SHA256.fullmatch(text):
            raise refusal("not-a-hash", value=text)
        return text


class Whole(fields.Field[int]):
    """A whole number within bounds."""

    described: ClassVar[dict[str, Any]] = {"type": "integer"}

    default_error_messages = _MISSING

    def __init__(self, least: int = 0, most: int = MAX_COUNT, **options: Any) -> None:
        super().__init__(**_shown(options, minimum=least, maximum=most))
        self.least, self.most = least, most

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise refusal("wrong-type", expected="integer")
        if not self.least <= value <= self.most:
            raise refusal("out-of-range", value=value, least=self.least, most=self.most)
        return value


class Measure(fields.Field[Decimal]):
    """A measurement with its digits: a JSON number, or text such as `"0.010"`."""

    described: ClassVar[dict[str, Any]] = {"type": ["string", "number"], "pattern": f"^{_NUMBER.pattern}$"}

    default_error_messages = _MISSING

    def __init__(self, least: int | None = 0, most: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.least, self.most = least, most

    def _serialize(self, value: Decimal | None, *_: Any, **__: Any) -> str | None:
        return None if value is None else str(value)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Decimal:
        if isinstance(value, str) and _NUMBER.fullmatch(value):
            value = Decimal(value)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise refusal("wrong-type", expected="number")
        found = Decimal(value)
        if len(str(found)) > 30:  # a column holds 40
            raise refusal("too-many-digits", most=30)
        if (self.least is not None and found < self.least) or (self.most is not None and found > self.most):
            raise refusal("out-of-range", value=str(found), least=self.least, most=self.most)
        return found


class Day(fields.Field[date]):
    """A day, `2026-04-18`."""

    described: ClassVar[dict[str, Any]] = {"type": "string", "format": "date"}

    default_error_messages = _MISSING

    def _serialize(self, value: date | None, *_: Any, **__: Any) -> str | None:
        return None if value is None else value.isoformat()

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> date:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise refusal("not-a-date", value=str(value)[:40])
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise refusal("not-a-date", value=value) from None
        if day < EARLIEST:
            raise refusal("out-of-range", value=value, least=str(EARLIEST), most=None)
        return day


class Moment(fields.Field[datetime]):
    """A moment with its offset, `2026-04-18T06:00:00+08:00`; in whatever zone it is told, its day is the country's."""

    described: ClassVar[dict[str, Any]] = {"type": "string", "format": "date-time"}

    default_error_messages = _MISSING

    def _serialize(self, value: datetime | None, *_: Any, **__: Any) -> str | None:
        return None if value is None else value.isoformat()

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime:
        if not isinstance(value, str) or not _MOMENT.fullmatch(value):
            raise refusal("not-a-moment", value=str(value)[:40])
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise refusal("not-a-moment", value=value) from None
        if moment.tzinfo is None:
            raise refusal("offset-missing", value=value)
        try:
            moment = moment.astimezone(COUNTRY)
        except OverflowError:
            raise refusal("not-a-moment", value=value) from None
        if moment.date() < EARLIEST:
            raise refusal("out-of-range", value=value, least=str(EARLIEST), most=None)
        return moment


class Mass(fields.Field[Weighed]):
    """`{"value": "12.5", "unit": "kg"|"jin"|"g"}` outside, whole grams with what was typed inside."""

    described: ClassVar[dict[str, Any]] = {
        "type": "object",
        "properties": {"value": {"type": ["string", "number"]}, "unit": {"type": "string", "enum": list(GRAMS_PER)}},
        "required": ["value", "unit"],
        "additionalProperties": False,
    }

    default_error_messages = _MISSING

    def __init__(self, *, zero: bool = False, most: int = MAX_RECORD_G, **options: Any) -> None:
        super().__init__(**options)
        self.zero, self.most = zero, most

    def _serialize(self, value: Weighed | None, *_: Any, **__: Any) -> dict[str, str] | None:
        return None if value is None else value.as_typed()

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Weighed:
        if not isinstance(value, dict) or value.keys() != {"value", "unit"} or not isinstance(value["unit"], str):
            raise refusal("mass-shape", units=tuple(GRAMS_PER))
        try:
            found = weighed(value["value"], value["unit"])
        except MassError as error:
            raise refusal(str(error.args[0]), value=str(value["value"])[:60], most=self.most // 1000) from None
        if found.mass_g < 0 or (found.mass_g == 0 and not self.zero):
            raise refusal("not-positive", value=found.value)
        if found.mass_g > self.most:
            raise refusal("too-large", value=found.value, most=self.most // 1000)
        return found


class PriceField(fields.Field[Price]):
    """`{"value": "60", "unit": "jin"|"kg"}`: yuan for one unit of mass."""

    UNITS = ("jin", "kg")
    described: ClassVar[dict[str, Any]] = {
        "type": "object",
        "properties": {"value": {"type": ["string", "number"]}, "unit": {"type": "string", "enum": list(UNITS)}},
        "required": ["value", "unit"],
        "additionalProperties": False,
    }

    default_error_messages = _MISSING

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Price:
        if not isinstance(value, dict) or value.keys() != {"value", "unit"} or value["unit"] not in self.UNITS:
            raise refusal("price-shape", units=self.UNITS)
        return Price(Measure()._deserialize(value["value"]), value["unit"])  # its own kind


class Word(fields.Field[StrEnum]):
    """One of a few words."""

    described: ClassVar[dict[str, Any]] = {"type": "string"}

    default_error_messages = _MISSING

    def __init__(self, words: type[StrEnum], **options: Any) -> None:
        super().__init__(**_shown(options, enum=[word.value for word in words]))
        self.words = words

    def _serialize(self, value: StrEnum | None, *_: Any, **__: Any) -> str | None:
        return None if value is None else str(value)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> StrEnum:
        if isinstance(value, str) and value in [word.value for word in self.words]:
            return self.words(value)
        raise refusal("not-allowed", value=str(value)[:40], allowed=[word.value for word in self.words])


class Flag(fields.Field[bool]):
    """True or false."""

    described: ClassVar[dict[str, Any]] = {"type": "boolean"}

    default_error_messages = _MISSING

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if not isinstance(value, bool):
            raise refusal("wrong-type", expected="boolean")
        return value


class Many(fields.List[Any]):
    """A list of so many at least and at most."""

    default_error_messages: _Messages = {**_MISSING, "invalid": "wrong-type"}  # noqa: RUF012 -- declared by marshmallow

    def __init__(self, inner: Any, *, least: int = 1, most: int = 1000, **options: Any) -> None:
        super().__init__(inner, **_shown(options, minItems=least, maxItems=most))
        self.least, self.most = least, most

    def _deserialize(self, value: Any, *parts: Any, **more: Any) -> list[Any]:
        if isinstance(value, list) and not self.least <= len(value) <= self.most:
            raise refusal("empty") if len(value) < self.least else refusal("too-many", most=self.most)
        return super()._deserialize(value, *parts, **more)


class Part(fields.Nested):
    """An object within a body."""

    default_error_messages: _Messages = {**_MISSING, "type": "wrong-type"}  # noqa: RUF012 -- declared by marshmallow


class Point(fields.Field[tuple[float, float]]):
    """`[longitude, latitude]` in WGS-84."""

    described: ClassVar[dict[str, Any]] = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}

    default_error_messages = _MISSING

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> tuple[float, float]:
        if not isinstance(value, list) or len(value) != 2:
            raise refusal("not-a-point")
        if any(isinstance(part, bool) or not isinstance(part, int | Decimal) for part in value):
            raise refusal("not-a-point")
        return float(value[0]), float(value[1])


class Outline(fields.Field[dict[str, Any]]):
    """A GeoJSON polygon; what is wrong with its shape is for the survey to say."""

    described: ClassVar[dict[str, Any]] = {"type": "object"}

    default_error_messages = _MISSING

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise refusal("wrong-type", expected="object")
        return value


class Loose(fields.Field[dict[str, Any]]):
    """Measurements under names of one's own: text, numbers and lists of them; numbers are kept as their digits."""

    described: ClassVar[dict[str, Any]] = {"type": "object"}

    default_error_messages = _MISSING

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or len(value) > 40:
            raise refusal("wrong-type", expected="object")
        if len(str(value)) > 4000:
            raise refusal("too-long", most=4000)
        if find_personal_numbers(str(value)):
            raise refusal("personal-number")
        return {name: _digits(one) for name, one in value.items()}


def _digits(value: Any) -> Any:
    """Return a value in which decimals are text."""
    if isinstance(value, dict):
        return {name: _digits(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_digits(one) for one in value]
    return str(value) if isinstance(value, Decimal) else value
