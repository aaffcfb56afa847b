"""`grade_above_lot`: packs that are sold under a finer grade than the tea in them has.

A finer lot may be sold under a coarser grade. Grades of one name agree, whatever the table knows of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from trace.findings import Judgement, Severity
from trace.rules.tables import Grade, InForce, find_grade, folded

RULE = "grade_above_lot"
_SOURCE = "食品安全法 art. 71: a label says what is true"


@dataclass(frozen=True)
class Filled:
    """A lot that a pack was filled from: its code, kind of product and grade."""

    lot: str
    kind: str | None
    grade: str | None


@dataclass(frozen=True)
class Packed:
    """A pack: row id, the grade that its item claims, what it was filled from."""

    id: int
    grade: str | None
    filled: Sequence[Filled]
    at: InForce


def judge(packs: Sequence[Packed]) -> list[Judgement]:
    """Judge packs. A lot without grade, or a grade of which nobody knows the rank, gives a note."""
    return [finding for pack in packs if (finding := _judge_one(pack))]


def _judge_one(pack: Packed) -> Judgement | None:
    if not pack.grade:
        return None
    others = [one for one in pack.filled if one.grade is None or folded(one.grade) != folded(pack.grade)]
    ranks = [(one, _rank(pack.at, one.kind, pack.grade), _rank(pack.at, one.kind, one.grade)) for one in others]
    above = [(one, claimed, own) for one, claimed, own in ranks if claimed and own and claimed.rank < own.rank]
    sure = [(one, claimed) for one, claimed, own in above if claimed.found.row.decides and own.found.row.decides]
    if sure:
        facts, cited = _facts(pack, [one for one, _ in sure]), sure[0][1].found.cite()
        return Judgement(rule=RULE, severity=Severity.REASON, record=pack.id, facts=facts, **cited)
    unknown = [one for one, claimed, own in ranks if claimed is None or own is None]
    if not above and not unknown:
        return None
    facts = _facts(pack, [one for one, _, _ in above] or unknown)
    facts["missing"] = "grades" if above or all(one.grade for one in unknown) else "lot_grade"
    if above:
        facts["from_memory"] = True
    return Judgement(rule=RULE, severity=Severity.NOTE, record=pack.id, facts=facts, source=_SOURCE)


def _rank(at: InForce, kind: str | None, grade: str | None) -> Grade | None:
    """Return the rank of a grade, be it from memory."""
    return (find_grade(at, kind, grade) or find_grade(at.remembered, kind, grade)) if grade else None


def _facts(pack: Packed, lots: Sequence[Filled]) -> dict[str, object]:
    grades = dict.fromkeys(one.grade for one in lots if one.grade)
    return {"grade": pack.grade, "lots": [one.lot for one in lots], "lot_grades": list(grades)}
