"""Prices in yuan by mass: said by the jin, kept by the kilogram; amounts rounded to 0.01 yuan, half up (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from trace.mass import GRAMS_PER

_FEN = Decimal("0.01")
_EXACT = Context(prec=100)  # thirty digits of a price times nineteen of grams


@dataclass(frozen=True)
class Price:
    """So many yuan for one unit of mass, as somebody typed it."""

    value: Decimal
    unit: str  # one of GRAMS_PER

    @property
    def yuan_per_kg(self) -> Decimal:
        """Return the price of a kilogram, exactly."""
        return _EXACT.multiply(self.value, Decimal(GRAMS_PER["kg"] // GRAMS_PER[self.unit]))

    def as_typed(self) -> dict[str, str]:
        """Return what was typed."""
        return {"value": str(self.value), "unit": self.unit}


def amount_yuan(mass_g: int, yuan_per_kg: Decimal | None) -> Decimal | None:
    """Return what a mass costs, rounded to 0.01 yuan half up; nothing where no price was agreed."""
    if yuan_per_kg is None:
        return None
    exact = _EXACT.multiply(Decimal(mass_g).scaleb(-3, _EXACT), yuan_per_kg)
    return exact.quantize(_FEN, ROUND_HALF_UP, _EXACT)


def said_price(as_typed: Mapping[str, Any] | None, yuan_per_kg: Decimal | None) -> Price | None:
    """Return the price by the unit it was said in, or by the kilogram where nobody typed it."""
    typed = (as_typed or {}).get("price")
    if typed:
        return Price(Decimal(typed["value"]), typed["unit"])
    return None if yuan_per_kg is None else Price(yuan_per_kg, "kg")


def plain_digits(number: Decimal) -> str:
    """Return a number without an exponent or trailing zeros."""
    return f"{number.normalize(_EXACT):f}"
