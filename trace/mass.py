"""Mass in whole grams: conversion without floats (1 jin = 500 g)."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

GRAMS_PER: dict[str, int] = {"kg": 1000, "jin": 500, "g": 1}
MAX_GRAMS = 2**63 - 1  # Grams are 64-bit on every engine
_MOST_DIGITS = 40  # before or after the point: far beyond 64 bits, near enough to be calculated exactly
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?", re.ASCII)


class MassError(ValueError):
    """A mass that is not a whole, storable number of grams; `args[0]` is the reason's code."""


def grams(value: str | int | Decimal, unit: str = "kg") -> int:
    """Return whole grams. Raises `MassError` with `not-a-number`, `not-whole-grams`, `too-large` or `unknown-unit`."""
    if unit not in GRAMS_PER:
        raise MassError("unknown-unit")
    number = _number(value)
    if not number:
        return 0
    if number.adjusted() > _MOST_DIGITS:
        raise MassError("too-large")
    if number.adjusted() < -_MOST_DIGITS:
        raise MassError("not-whole-grams")
    above, below = number.as_integer_ratio()  # exact whatever the digits, where a product of decimals is rounded
    whole, rest = divmod(above * GRAMS_PER[unit], below)
    if rest:
        raise MassError("not-whole-grams")
    if abs(whole) > MAX_GRAMS:
        raise MassError("too-large")
    return whole


@dataclass(frozen=True)
class Weighed:
    """Whole grams, and the value and unit that somebody typed."""

    mass_g: int
    value: str
    unit: str

    def as_typed(self) -> dict[str, str]:
        """Return what was typed."""
        return {"value": self.value, "unit": self.unit}


def weighed(value: str | int | Decimal, unit: str) -> Weighed:
    """Return grams with what was typed. Raises `MassError`."""
    return Weighed(grams(value, unit), str(value), unit)


def _number(value: str | int | Decimal) -> Decimal:
    """Return the number meant. Text is plain ASCII digits: no spaces, underscores or digits of other scripts."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise MassError("not-a-number")
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise MassError("not-a-number")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise MassError("not-a-number") from None
    if not number.is_finite():
        raise MassError("not-a-number")
    return number


def kilograms(mass_g: int) -> Decimal:
    """Return kilograms without trailing zeros: 12500 g is 12.5."""
    return Decimal(mass_g).scaleb(-3).normalize() if mass_g % 1000 else Decimal(mass_g // 1000)


def jin_and_kilograms(mass_g: int) -> tuple[str, str]:
    """Return a mass as people say it, in jin and in kilograms: plain digits without trailing zeros."""
    jin, rest = divmod(mass_g, GRAMS_PER["jin"])
    return str(jin) if not rest else f"{(Decimal(mass_g) / GRAMS_PER['jin']).normalize():f}", f"{kilograms(mass_g):f}"
