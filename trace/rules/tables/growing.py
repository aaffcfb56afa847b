"""Look up what the field and the plant can give: yields, days of pickers, ratios, capacity."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from trace.rules.tables.editions import Found, InForce
from trace.rules.tables.shapes import ANY


@dataclass(frozen=True)
class PlotYield:
    """The most leaf that is believable, in kilograms for a mu."""

    spring_kg_per_mu: Decimal
    year_kg_per_mu: Decimal
    spring_ends: tuple[int, int]  # month, day: the last of spring
    young_years: int
    young_percent: Decimal  # of the others, for a plot planted fewer than `young_years` ago
    found: Found

    def is_spring(self, day: date) -> bool:
        """Return whether leaf picked on a day is of spring."""
        return (day.month, day.day) <= self.spring_ends


@dataclass(frozen=True)
class PickerDay:
    """The most that one person picks by hand in a day, of one pluck standard."""

    kg_per_day: Decimal
    found: Found


@dataclass(frozen=True)
class Ratios:
    """Bounds on the kilograms of leaf for one of made tea."""

    refuse_below: Decimal
    note_below: Decimal
    note_above: Decimal
    found: Found


@dataclass(frozen=True)
class Grade:
    """A grade of tea: its rank (1 is the finest), the pluck standards it is made of, its usual leaf to made tea."""

    grade: str
    rank: int
    pluck_standards: tuple[str, ...]
    ratio: tuple[Decimal, Decimal] | None
    found: Found


@dataclass(frozen=True)
class Capacity:
    """The share of its stated capacity that a plant may take in on a day."""

    percent: Decimal
    found: Found


def find_plot_yield(at: InForce, crop: str | None) -> PlotYield | None:
    """Return what a plot of a crop can give."""
    found = at.find("plot-yields", (crop,)) if crop else None
    if not found:
        return None
    return PlotYield(
        spring_kg_per_mu=found["spring_kg_per_mu"],
        year_kg_per_mu=found["year_kg_per_mu"],
        spring_ends=found["spring_ends"],
        young_years=found["young_years"],
        young_percent=found["young_percent"],
        found=found,
    )


def find_picker_day(at: InForce, crop: str | None, pluck_standard: str) -> PickerDay | None:
    """Return what one person picks in a day."""
    found = at.find("picker-days", (crop, pluck_standard)) if crop else None
    return PickerDay(found["kg_per_day"], found) if found else None


def find_ratios(at: InForce, crop: str | None) -> Ratios | None:
    """Return the ratio's bounds for a crop."""
    found = at.find("conversion-ratios", (crop,)) if crop else None
    return Ratios(found["refuse_below"], found["note_below"], found["note_above"], found) if found else None


def list_grades(at: InForce, kind: str | None = None) -> list[Grade]:
    """Return the grades of a kind of tea, the finest first: its own, else those of every kind."""
    rows = at.list_rows("grades")
    own = [found for found in rows if found["kind"] == kind] or [found for found in rows if found["kind"] == ANY]
    return sorted(map(_grade, own), key=lambda grade: grade.rank)


def find_grade(at: InForce, kind: str | None, grade: str) -> Grade | None:
    """Return a grade of a kind of tea, or of every kind."""
    found = at.find("grades", *(((kind, grade),) if kind else ()), (ANY, grade))
    return _grade(found) if found else None


def _grade(found: Found) -> Grade:
    first, last = found["ratio_from"], found["ratio_to"]
    ratio = None if first is None or last is None else (first, last)
    return Grade(found["grade"], found["rank"], found["pluck_standards"] or (), ratio, found)


def find_capacity(at: InForce, kind: str | None = None) -> Capacity | None:
    """Return the share of capacity for a kind of facility, or for every kind."""
    found = at.find("plant-capacity", *(((kind,),) if kind else ()), (ANY,))
    return Capacity(found["percent"], found) if found else None
