"""`net_content`: packs that hold less than they declare, singly beyond the tolerance or on average."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from trace.findings import Judgement, Severity
from trace.rules.tables import InForce, Tolerance, find_tolerance

RULE = "net_content"


@dataclass(frozen=True)
class Weighed:
    """A pack: row id, what a unit declares, the net weights of the units that were checked, both in grams."""

    id: int
    net_g: int
    unit_weights_grams: Sequence[Decimal]
    at: InForce


def judge(packs: Sequence[Weighed]) -> list[Judgement]:
    """Judge packs by the units checked. One too short by exactly the tolerance passes; none checked gives a note."""
    return [finding for pack in packs if (finding := _judge_one(pack))]


def _judge_one(pack: Weighed) -> Judgement | None:
    facts: dict[str, object] = {"net_g": pack.net_g, "checked": len(pack.unit_weights_grams)}
    if not pack.unit_weights_grams:
        return Judgement(
            rule=RULE, severity=Severity.NOTE, record=pack.id, facts={**facts, "missing": "unit_weights_grams"}
        )
    tolerance = find_tolerance(pack.at, pack.net_g)
    average = sum(pack.unit_weights_grams, Decimal()) / len(pack.unit_weights_grams)
    short = _too_short(pack, tolerance)
    facts |= {"average_g": f"{average:.2f}", "least_g": str(min(pack.unit_weights_grams))}
    if short:
        facts["short"] = [str(weight) for weight in short]
    if tolerance:
        facts["tolerance_g"] = str(tolerance.grams)
        if short or average < pack.net_g:
            return Judgement(rule=RULE, severity=Severity.REASON, record=pack.id, facts=facts, **tolerance.found.cite())
        return None
    severity = Severity.REASON if average < pack.net_g else Severity.NOTE
    return Judgement(rule=RULE, severity=severity, record=pack.id, facts={**facts, "missing": "tolerance"})


def _too_short(pack: Weighed, tolerance: Tolerance | None) -> list[Decimal]:
    if tolerance is None:
        return []
    return [weight for weight in pack.unit_weights_grams if pack.net_g - weight > tolerance.grams]
