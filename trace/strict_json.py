"""JSON read strictly: UTF-8, exact decimals, no NaN, no duplicate keys, bounded depth and integers; faults by path."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from trace.errors import Fault, InvalidError

MAX_DEPTH = 64
MAX_INTEGER_DIGITS = 19  # 64-bit
MAX_INTEGER = 2**63 - 1
MAX_NUMBER_LENGTH = 60  # characters; no scale, laboratory or survey says more
MAX_EXPONENT = 60  # so that no arithmetic on what was read overflows or takes for ever

# What makes a text no JSON at all, or none that two readers read alike; all else is wrong with a value in it.
UNREADABLE = frozenset(
    {"not-json", "truncated", "not-utf-8", "not-a-number", "too-deep", "duplicate-key", "lone-surrogate"}
)


class UnreadableFault(Fault):
    """A fault of the text itself. A value in it that is no number has the same code, and is another kind of fault."""


class _Bad:
    """Stands in the tree where something impossible was read."""

    def __init__(self, code: str, **facts: object) -> None:
        self.code, self.facts = code, facts


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        found[key] = _Bad("duplicate-key") if key in found else value
    return found


def _integer(digits: str) -> Any:
    if len(digits.lstrip("-")) > MAX_INTEGER_DIGITS or abs(int(digits)) > MAX_INTEGER:
        return _Bad("too-large", most=MAX_INTEGER)
    return int(digits)


def _decimal(digits: str) -> Any:
    """Return the exact decimal; one of absurd length or size is marked before anybody calculates with it."""
    if len(digits) > MAX_NUMBER_LENGTH:
        return _Bad("too-many-digits", most=MAX_NUMBER_LENGTH)
    try:
        found = Decimal(digits)
    except InvalidOperation:  # an exponent that no decimal holds
        return _Bad("out-of-range", value=digits)
    if found.adjusted() > MAX_EXPONENT:
        return _Bad("too-large", most=f"1e{MAX_EXPONENT}")
    return _Bad("too-many-digits", most=MAX_NUMBER_LENGTH) if found.adjusted() < -MAX_EXPONENT else found


def _told(path: str, code: str, facts: Mapping[str, object] | None = None) -> Fault:
    return (UnreadableFault if code in UNREADABLE else Fault)(path, code, dict(facts or {}))


def _faults_in_text(text: str, path: str) -> Iterator[Fault]:
    if "\x00" in text:
        yield _told(path, "nul-character")
    elif any("\ud800" <= character <= "\udfff" for character in text):
        yield _told(path, "lone-surrogate")


def _faults(value: Any, path: str, depth: int) -> Iterator[Fault]:
    if isinstance(value, _Bad):
        yield _told(path, value.code, value.facts)
    elif isinstance(value, str):
        yield from _faults_in_text(value, path)
    elif isinstance(value, dict | list):
        if depth > MAX_DEPTH:
            yield _told(path, "too-deep", {"most": MAX_DEPTH})
            return
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, child in items:
            if isinstance(key, str) and (unwritable := list(_faults_in_text(key, path))):
                yield from unwritable  # at the object: a path must be printable
                continue
            here = f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}" if path else key
            yield from _faults(child, here, depth + 1)


def scrub(value: Any, depth: int = 1) -> Any:
    """Return the tree with None where something impossible stood, so that later checks can go on."""
    if isinstance(value, _Bad) or (isinstance(value, dict | list) and depth > MAX_DEPTH):
        return None
    if isinstance(value, str):
        return None if any(_faults_in_text(value, "")) else value
    if isinstance(value, dict):
        return {key: scrub(child, depth + 1) for key, child in value.items() if not any(_faults_in_text(key, ""))}
    return [scrub(child, depth + 1) for child in value] if isinstance(value, list) else value


def parse(data: bytes) -> tuple[Any, list[Fault]]:
    """Return the value and the faults inside it. Raises `InvalidError` when it is not JSON at all."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidError([_told("", "not-utf-8", {"byte": error.start})]) from None
    if not text.strip():
        raise InvalidError([_told("", "empty")])
    try:
        value = json.loads(
            text,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=lambda _: _Bad("not-a-number"),
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        code = "truncated" if error.pos >= len(text.rstrip()) - 1 else "not-json"
        raise InvalidError([_told("", code, {"line": error.lineno, "column": error.colno})]) from None
    except RecursionError:
        raise InvalidError([_told("", "too-deep", {"most": MAX_DEPTH})]) from None
    faults = list(_faults(value, "", 1))
    return (scrub(value) if faults else value), faults
