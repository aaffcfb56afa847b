"""Records told as the bodies that would make them, where the two do not call a thing by one name."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from api.fields import Mass
from api.moments import zone_of
from trace.mass import kilograms
from trace.prices import said_price
from trace.records import Record

Tell = Callable[[Record], Any]


def tell_field(record: Record, name: str, one: Any) -> Any:
    """Return what a record says under a name, as JSON would."""
    if isinstance(one, Mass):
        return mass_of(record, name, f"{name}_g")
    found = record.get("owner" if name == "party" and "owner" in record else name)
    if isinstance(found, datetime):
        return found.astimezone(zone_of(record["utc_offset"])).isoformat()
    if isinstance(found, StrEnum):
        return found.value
    if isinstance(found, date):
        return found.isoformat()
    return str(found) if isinstance(found, Decimal) else found


def mass_of(record: Mapping[str, Any], name: str, grams: str) -> dict[str, Any] | None:
    """Return a mass as it was typed, else in kilograms."""
    typed = (record.get("as_typed") or {}).get(name)
    if isinstance(typed, Mapping):
        return dict(typed)
    mass_g = record.get(grams)
    return None if mass_g is None else {"value": str(kilograms(mass_g)), "unit": "kg"}


def column(name: str) -> Tell:
    """Return what tells a column as it stands."""
    return lambda record: record[name]


def grams(name: str) -> Tell:
    """Return what tells a column of grams as a mass."""
    return lambda record: None if record[name] is None else {"value": str(record[name]), "unit": "g"}


def point(record: Record) -> list[float] | None:
    """Tell longitude and latitude."""
    return None if record["longitude"] is None else [record["longitude"], record["latitude"]]


def draws(name: str) -> Tell:
    """Return what tells so much of each of some lots."""

    def tell(record: Record) -> list[dict[str, Any]]:
        return [{"lot": part["lot"], "mass": mass_of(part, "mass", "mass_g")} for part in record[name]]

    return tell


def ranges(name: str) -> Tell:
    """Return what tells positions of packs."""

    def tell(record: Record) -> list[dict[str, Any]]:
        return [
            {"pack": part["pack"], "first": part["first_position"], "last": part["last_position"]}
            for part in record[name]
            if part["pack"] is not None
        ]

    return tell


def position(which: str) -> Tell:
    """Return what tells the first or last position."""
    return lambda record: record[f"{which}_position"]


def cases_within(record: Record) -> list[str]:
    """Tell the cases that stand in a case."""
    return [part["case"] for part in record["contents"] if part["case"] is not None]


def lot_of_other(record: Record) -> str:
    """Tell a lot with its party."""
    return f"{record['lot_party']}/{record['lot']}"


def price(record: Record) -> dict[str, str] | None:
    """Tell a price as it was said."""
    said = said_price(record["as_typed"], record["price_yuan_per_kg"])
    return None if said is None else said.as_typed()


def price_per_kg(_record: Record) -> None:
    """Tell no second price beside the one that was said."""


def net_mass(record: Record) -> dict[str, Any] | None:
    """Return the net weight of an intake, where it does not follow from the gross."""
    typed = record["as_typed"] or {}
    return None if "gross" in typed and "mass" not in typed else mass_of(record, "mass", "received_g")


def deduction(record: Record) -> dict[str, Any] | None:
    """Tell what was taken off a weight, and why."""
    mass = mass_of(record, "deduction", "deduction_g")
    return mass and {"mass": mass, "reason": record["deduction_reason"]}


def output(record: Record) -> dict[str, Any]:
    """Tell the lot that a run made."""
    return {"code": record["output"], "mass": mass_of(record, "output", "output_g")}


def by_product(record: Record) -> dict[str, Any] | None:
    """Tell the by-product of a run."""
    if not record["by_product_g"]:
        return None
    return {"code": record["by_product"], "mass": mass_of(record, "by_product", "by_product_g")}


def kept_sample(record: Record) -> dict[str, Any] | None:
    """Tell what was kept of a run as a sample."""
    return mass_of(record, "sample", "sample_g") if record["sample_g"] else None


def items(record: Record) -> list[dict[str, Any]]:
    """Return what a report found; that a limit is the least is known by who passed above it."""
    found = []
    for item in record["items"]:
        over = item.value is not None and item.limit_value is not None and item.value > item.limit_value
        under = item.value is not None and item.limit_value is not None and item.value < item.limit_value
        least = (over and item.passed) or (under and not item.passed)
        numbers = {"value": item.value, "loq": item.loq, "limit": item.limit_value}
        found.append(
            {
                **{name: getattr(item, name) for name in ("analyte", "words", "unit")},
                **{name: None if number is None else str(number) for name, number in numbers.items()},
                "limit_type": "min" if least else None,
                "basis": item.limit_basis,
                "passed": item.passed,
            }
        )
    return found


def sampled_at(record: Record) -> str:
    """Return when a sample was taken; where its day alone is kept, at 19:00, as of a sample of a season file."""
    if record["sampled_at"] is None:
        return f"{record['sampled_on']}T19:00:00+08:00"
    told: str = tell_field(record, "sampled_at", None)
    return told
