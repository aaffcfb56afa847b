"""`plot_yield`: more leaf from a plot than its area and age can give (bought-in leaf sold as one's own)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from trace.findings import Judgement, Severity
from trace.rules.tables import InForce, PlotYield, find_plot_yield

RULE = "plot_yield"
RULES = (RULE,)
_PERCENT, _GRAMS = Decimal(100), 1000  # in a whole, in a kilogram


@dataclass(frozen=True, kw_only=True)
class Grown:
    """A picking, and what its plot was on that day."""

    id: int
    plot_id: int
    plot: str
    picked_on: date
    mass_g: int
    crop: str
    area_mu: Decimal
    planted_year: int | None
    at: InForce


def judge(pickings: Iterable[Grown]) -> list[Judgement]:
    """Judge all pickings of plots in their years, each with what was picked there before it; equal passes."""
    spring, year = defaultdict[tuple[int, int], int](int), defaultdict[tuple[int, int], int](int)
    found: list[Judgement] = []
    for one in sorted(pickings, key=lambda grown: (grown.picked_on, grown.id)):
        bounds = find_plot_yield(one.at, one.crop)
        if bounds is None:
            found.append(_note(one, "yield"))
            continue
        key = (one.plot_id, one.picked_on.year)
        sums = {"year": _add(year, key, one.mass_g)}
        if bounds.is_spring(one.picked_on):
            sums = {"spring": _add(spring, key, one.mass_g)} | sums
        found += _judge_one(one, bounds, sums)
    return found


def _add(sums: dict[tuple[int, int], int], key: tuple[int, int], mass_g: int) -> int:
    sums[key] += mass_g
    return sums[key]


def _judge_one(one: Grown, bounds: PlotYield, sums: dict[str, int]) -> Iterator[Judgement]:
    """Yield the finding on the first sum that is too much; a note where only the plot's unknown age decides."""
    young = one.planted_year is not None and one.picked_on.year - one.planted_year < bounds.young_years
    for period, sum_g in sums.items():
        per_mu = bounds.spring_kg_per_mu if period == "spring" else bounds.year_kg_per_mu
        grown = per_mu * one.area_mu * _GRAMS
        young_gives = grown * bounds.young_percent / _PERCENT
        most = young_gives if young else grown
        if sum_g > most:
            yield _finding(one, bounds, period, sum_g, int(most))
            return
        if sum_g > young_gives and one.planted_year is None:
            yield _note(one, "planted_year")
            return


def _finding(one: Grown, bounds: PlotYield, period: str, sum_g: int, most_g: int) -> Judgement:
    facts = {
        "plot": one.plot,
        "year": one.picked_on.year,
        "why": period,
        "sum_g": sum_g,
        "most_g": most_g,
        "area_mu": str(one.area_mu),
        "planted_year": one.planted_year,
    }
    return Judgement(rule=RULE, severity=Severity.REASON, record=one.id, facts=facts, **bounds.found.cite())


def _note(one: Grown, missing: str) -> Judgement:
    facts = {"plot": one.plot, "missing": missing}
    return Judgement(rule=RULE, severity=Severity.NOTE, record=one.id, facts=facts)
