"""One spelling for each value of an event: instants, numbers, vocabulary, identifiers (CBV 2.0 §8.9 rules 5 to 18)."""

import math
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from trace.epcis.errors import EpcisUnreadableError
from trace.epcis.identifiers import digital_link

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WORTH_REMEMBERING = 120  # characters: identifiers and words; never somebody's essay
_VOCABULARIES = {
    "urn:epcglobal:cbv:bizstep:": "https://ref.gs1.org/cbv/BizStep-",
    "urn:epcglobal:cbv:disp:": "https://ref.gs1.org/cbv/Disp-",
    "urn:epcglobal:cbv:btt:": "https://ref.gs1.org/cbv/BTT-",
    "urn:epcglobal:cbv:sdt:": "https://ref.gs1.org/cbv/SDT-",
    "urn:epcglobal:cbv:er:": "https://ref.gs1.org/cbv/ER-",
}


def instant(text: str) -> str:
    """Return an ISO 8601 instant in UTC with milliseconds, halves rounded up; what is no aware instant as it is."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            return text
        moment = moment.astimezone(UTC)
        rounded = moment.replace(microsecond=0) + timedelta(milliseconds=(moment.microsecond + 500) // 1000)
    except (ValueError, OverflowError):  # not an instant, or beyond the years 1 to 9999
        return text
    return rounded.isoformat(timespec="milliseconds")[:-6] + "Z"


def canonical(text: str) -> str:
    """Return the one spelling of a number, a vocabulary word or an identifier; any other text as it is."""
    return _remembered(text) if len(text) <= _WORTH_REMEMBERING else _canonical(text)


def _canonical(text: str) -> str:
    if text.startswith(("urn:", "http")):
        return _vocabulary(text) or digital_link(text) or text
    return number(text) if _NUMBER.fullmatch(text) else text


_remembered = lru_cache(maxsize=2**15)(_canonical)


def _vocabulary(text: str) -> str | None:
    """Return the web URI of a CBV word given as `urn:epcglobal:cbv:list:word`."""
    if not text.startswith("urn:epcglobal:cbv:"):
        return None
    at = text.rfind(":") + 1
    web = _VOCABULARIES.get(text[:at])
    return web + text[at:] if web else None


def number(text: str) -> str:
    """Return a number without superfluous signs and zeros.

    It goes through an IEEE double, because the reference implementation's does: a string of 24 digits is hashed as the
    nearest double (SensorDataExamples, case 7), and 0.00001 as 1e-05.
    """
    value = float(text)
    if math.isinf(value):
        return text
    return str(int(value)) if value.is_integer() else repr(value)


def plain(value: object) -> str:
    """Return the text of a JSON scalar as XML writes it; null is an empty element. Refuses an object or a list."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return str(value)
    if value is None:
        return ""
    raise EpcisUnreadableError(reason="not-epcis", detail=f"{type(value).__name__} where a text or number belongs")
