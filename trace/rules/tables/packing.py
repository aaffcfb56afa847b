"""Look up what concerns packs and claims: net content, packaging, early dates, release items, waste of labels."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from trace.rules.tables.editions import Found, InForce
from trace.rules.tables.shapes import ANY

_PERCENT = Decimal(100)


@dataclass(frozen=True)
class Tolerance:
    """By how many grams a single pack may be short of what it declares."""

    grams: Decimal
    found: Found


@dataclass(frozen=True)
class Packaging:
    """Bounds on the packaging of one form of tea: `loose`, `pressed`, `bulky`."""

    layers: int
    cost_percent: Decimal  # of the price
    dear_yuan: Decimal  # above this price …
    dear_cost_percent: Decimal  # … this share
    gross_multiple: Decimal  # of the net content
    space_factor: Decimal
    found: Found

    def most_cost_percent(self, price_yuan: Decimal) -> Decimal:
        """Return the share of the price that the packaging may cost."""
        return self.dear_cost_percent if price_yuan > self.dear_yuan else self.cost_percent


@dataclass(frozen=True)
class EarlyDate:
    """The day of the solar term by which a claim is judged, in one year."""

    day: date
    found: Found


@dataclass(frozen=True)
class RequiredItem:
    """One item that a lot needs in its results before it is released, by every name reports give it."""

    item: str
    names: frozenset[str]
    found: Found


@dataclass(frozen=True)
class Waste:
    """The share of units by which more labels may be printed."""

    percent: Decimal
    found: Found


def find_tolerance(at: InForce, net_g: Decimal | int) -> Tolerance | None:
    """Return the tolerance for a declared net content in grams."""
    for found in at.list_rows("net-content"):
        if found["above_g"] < net_g <= found["up_to_g"]:
            percent: Decimal | None = found["percent"]
            return Tolerance(found["grams"] if percent is None else net_g * percent / _PERCENT, found)
    return None


def find_packaging(at: InForce, form: str = "loose") -> Packaging | None:
    """Return the bounds on packaging for a form of tea."""
    found = at.find("packaging", (form,))
    if not found:
        return None
    return Packaging(
        layers=found["layers"],
        cost_percent=found["cost_percent"],
        dear_yuan=found["dear_yuan"],
        dear_cost_percent=found["dear_cost_percent"],
        gross_multiple=found["gross_multiple"],
        space_factor=found["space_factor"],
        found=found,
    )


def find_early_date(at: InForce, claim: str, year: int) -> EarlyDate | None:
    """Return the day of Qingming for `明前`, of Guyu for `雨前`: leaf picked after it is not what the claim says."""
    found = at.find("early-dates", (claim, str(year)))
    return EarlyDate(found["day"], found) if found else None


def list_early_claims(at: InForce) -> list[str]:
    """Return the claims that have days."""
    return sorted({str(found["claim"]) for found in at.list_rows("early-dates")})


def list_required_items(at: InForce, kind: str | None = None) -> list[RequiredItem]:
    """Return the items that a kind of product needs: its own, and those that every kind needs."""
    rows = [found for key in (kind, ANY) if key for found in at.find_rows("required-results", key)]
    once = {found["item"]: found for found in reversed(rows)}
    return [
        RequiredItem(item, frozenset({item, *(found["also"] or ())}), found) for item, found in sorted(once.items())
    ]


def find_waste(at: InForce, stock: str | None = None) -> Waste | None:
    """Return the share of waste for a kind of label stock, or for every kind."""
    found = at.find("label-waste", *(((stock,),) if stock else ()), (ANY,))
    return Waste(found["percent"], found) if found else None
