"""`picker_day`: more leaf than so many people pick by hand in a day."""

from collections.abc import Iterable
from dataclasses import dataclass

from trace.findings import Judgement, Severity
from trace.rules.tables import InForce, find_picker_day

RULE = "picker_day"
RULES = (RULE,)
_BY_MACHINE = ("机", "machine")  # 机采, 机械采摘


@dataclass(frozen=True, kw_only=True)
class PickedByHand:
    """A picking with the number of its pickers."""

    id: int
    crop: str
    pluck_standard: str
    mass_g: int
    pickers: int
    at: InForce


def by_hand(method: str | None) -> bool:
    """Return whether leaf was picked by hand: always, where nothing else is said."""
    return not any(word in (method or "") for word in _BY_MACHINE)


def judge(pickings: Iterable[PickedByHand]) -> list[Judgement]:
    """Judge pickings by what one person picks of a pluck standard in a day; equal passes."""
    found = []
    for one in pickings:
        bound = find_picker_day(one.at, one.crop, one.pluck_standard)
        if bound is None or one.mass_g <= bound.kg_per_day * 1000 * one.pickers:
            continue
        facts = {
            "pluck_standard": one.pluck_standard,
            "mass_g": one.mass_g,
            "pickers": one.pickers,
            "kg_per_picker": f"{one.mass_g / 1000 / one.pickers:.2f}",
            "most": f"{bound.kg_per_day:f}",
        }
        found.append(Judgement(rule=RULE, severity=Severity.NOTE, record=one.id, facts=facts, **bound.found.cite()))
    return found
