"""Uses of inputs as rules see them: what was used, how much of it, on what, and what the pack's label says."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from trace.rules.tables import InForce

PESTICIDE = "pesticide"  # of the kinds of inputs, the one that is registered, dosed and waited for


@dataclass(frozen=True, kw_only=True)
class Label:
    """What the pack of a product says; what it does not say is None."""

    name: str
    kind: str
    actives: tuple[str, ...] = ()
    registration: str | None = None
    registered_until: date | None = None
    crops: tuple[str, ...] | None = None
    max_applications: int | None = None
    max_per_mu: Decimal | None = None
    unit: str | None = None


@dataclass(frozen=True, kw_only=True)
class Use:
    """A use of a product on a plot of a crop, by the tables in force on its day."""

    id: int
    code: str
    plot: str
    used_on: date
    crop: str
    label: Label
    at: InForce
    per_mu: Decimal | None = None
    unit: str | None = None
    area_mu: Decimal | None = None
    total: Decimal | None = None
    earlier: tuple[date, ...] = ()  # uses of the same registration on that land before it, in its year

    def facts(self, **more: Any) -> dict[str, Any]:
        """Return what every finding on a use names."""
        named = {"input": self.code, "plot": self.plot, "product": self.label.name, "used_on": str(self.used_on)}
        return named | more
