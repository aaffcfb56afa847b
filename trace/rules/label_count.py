"""`labels_exceed_units`: more labels used than the pack has units and waste. Printing here stops there at the door."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from trace.findings import Judgement, Severity
from trace.rules.tables import InForce, find_waste

RULE = "labels_exceed_units"
_PERCENT = Decimal(100)


@dataclass(frozen=True)
class Labelled:
    """A pack: row id, its units, the labels printed for it elsewhere less those voided."""

    id: int
    units: int
    labels: int
    at: InForce


def judge(packs: Sequence[Labelled]) -> list[Judgement]:
    """Judge packs whose labels were counted."""
    return [finding for pack in packs if (finding := _judge_one(pack))]


def _judge_one(pack: Labelled) -> Judgement | None:
    waste = find_waste(pack.at)
    if waste is None or pack.labels <= most_labels_of(pack.units, waste.percent):
        return None
    facts = {"labels": pack.labels, "units": pack.units, "waste_percent": str(waste.percent)}
    return Judgement(rule=RULE, severity=Severity.REFUSE, record=pack.id, facts=facts, **waste.found.cite())


def waste_percent(at: InForce) -> Decimal:
    """Return the percent of units by which more labels may be printed; none where no table says so."""
    waste = find_waste(at)
    return waste.percent if waste else Decimal()


def most_labels_of(units: int, waste_percent: Decimal) -> int:
    """Return how many labels so many units may have, waste included; a part of a label is none."""
    return units + int(units * waste_percent / _PERCENT)
