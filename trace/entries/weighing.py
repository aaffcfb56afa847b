"""Weighings as somebody types them: gross, tare, what is taken off and why, the price by kilogram or jin."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trace.entries.form import Filled, Form
from trace.mass import Weighed
from trace.prices import Price


@dataclass(frozen=True, kw_only=True)
class Deduction:
    """What is taken off the weight, and why: water, stalks."""

    mass: Weighed
    reason: str


@dataclass(frozen=True, kw_only=True)
class EnterWeighing(Filled):
    """What a scale said and what was agreed, as somebody types it; it goes on the weigh slip."""

    gross: Weighed | None = None
    tare: Weighed | None = None
    deduction: Deduction | None = None
    price: Price | None = None
    price_yuan_per_kg: Decimal | None = None
    pluck_standard: str | None = None
    grade: str | None = None
    weigher: str | None = None  # a person's name

    @property
    def net_g(self) -> int | None:
        """Return what gross, tare and deduction leave, where a gross weight is given."""
        if self.gross is None:
            return None
        off = (self.tare, self.deduction.mass if self.deduction else None)
        return self.gross.mass_g - sum(mass.mass_g for mass in off if mass is not None)

    @property
    def yuan_per_kg(self) -> Decimal | None:
        """Return the price of a kilogram, by whichever unit it was said."""
        return self.price_yuan_per_kg if self.price is None else self.price.yuan_per_kg

    def weights(self) -> dict[str, Weighed]:
        """Return the weights that were typed, by field."""
        deduction = self.deduction.mass if self.deduction else None
        given = {"gross": self.gross, "tare": self.tare, "deduction": deduction}
        return {name: mass for name, mass in given.items() if mass is not None}

    def typed(self) -> dict[str, Any]:
        """Return weights and price as they were typed."""
        masses = {name: mass.as_typed() for name, mass in self.weights().items()}
        return masses if self.price is None else {**masses, "price": self.price.as_typed()}

    def written(self) -> dict[str, Any]:
        """Return what a command needs for the slip, but for what was typed."""
        return {
            **{f"{name}_g": mass.mass_g for name, mass in self.weights().items()},
            "deduction_reason": self.deduction.reason if self.deduction else None,
            "price_yuan_per_kg": self.yuan_per_kg,
            "pluck_standard": self.pluck_standard,
            "weigher": self.weigher,
        }


def check_weighing(form: Form, place: int, record: EnterWeighing, told_g: int | None, told: str) -> None:
    """Add a fault for weights without a gross one, or that leave another net mass than is told in a field."""
    net_g = record.net_g
    if net_g is None:
        if record.tare is not None or record.deduction is not None:
            form.refuse(place, "gross", "missing-field")
    elif net_g <= 0:
        form.refuse(place, "gross", "not-positive", value=str(net_g))
    elif told_g is not None and told_g != net_g:
        form.refuse(place, told, "disagrees", value=told_g, other=net_g)
    if record.price is not None and record.price_yuan_per_kg is not None:
        form.refuse(place, "price_yuan_per_kg", "not-both", value="price_yuan_per_kg", other="price")
