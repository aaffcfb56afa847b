"""`dose_exceeded`, `too_many_applications`: more of a product, or more often, than its label allows."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from trace.findings import Judgement, Severity
from trace.rules.uses import PESTICIDE, Use

DOSE, TIMES = "dose_exceeded", "too_many_applications"
RULES = (DOSE, TIMES)
_SOURCE = "农药管理条例 art. 34"
_MASS = {"mg": Decimal("0.001"), "g": Decimal(1), "克": Decimal(1), "kg": Decimal(1000), "千克": Decimal(1000)}
_VOLUME = {"ml": Decimal(1), "毫升": Decimal(1), "l": Decimal(1000), "升": Decimal(1000)}


def judge(uses: Iterable[Use]) -> list[Judgement]:
    """Judge uses of pesticides by the doses and times on their labels; equal passes."""
    return [finding for use in uses if use.label.kind == PESTICIDE for rule in (_dose, _times) for finding in rule(use)]


def dose_of(use: Use) -> Decimal | None:
    """Return what was used a mu: as written, else the whole over the area."""
    if use.per_mu is not None:
        return use.per_mu
    return use.total / use.area_mu if use.total is not None and use.area_mu else None


def ratio_of(unit: str | None, other: str | None) -> Decimal | None:
    """Return how many of another unit one of a unit is; None where that is not known."""
    if unit == other:
        return Decimal(1)
    for units in (_MASS, _VOLUME):
        one, two = units.get((unit or "").lower()), units.get((other or "").lower())
        if one is not None and two is not None:
            return one / two
    return None


def _dose(use: Use) -> Iterator[Judgement]:
    label, dose = use.label, dose_of(use)
    ratio = ratio_of(use.unit or label.unit, label.unit)
    missing = "dose" if dose is None else "label-dose" if label.max_per_mu is None else "unit"
    if dose is None or label.max_per_mu is None or ratio is None:
        yield Judgement(rule=DOSE, severity=Severity.NOTE, record=use.id, facts=use.facts(missing=missing))
    elif dose * ratio > label.max_per_mu:
        facts = use.facts(
            per_mu=f"{dose:f}", unit=use.unit or label.unit, most=f"{label.max_per_mu:f}", label_unit=label.unit
        )
        yield _finding(DOSE, use, facts)


def _times(use: Use) -> Iterator[Judgement]:
    most, times = use.label.max_applications, len(use.earlier) + 1
    if most is None:
        facts = use.facts(missing="label-applications")
        yield Judgement(rule=TIMES, severity=Severity.NOTE, record=use.id, facts=facts)
    elif times > most:
        earlier = [str(day) for day in use.earlier]
        yield _finding(TIMES, use, use.facts(times=times, most=most, earlier=earlier))


def _finding(rule: str, use: Use, facts: dict[str, object]) -> Judgement:
    return Judgement(rule=rule, severity=Severity.REASON, record=use.id, facts=facts, edition="label", source=_SOURCE)
