"""`mrl_exceeded`: a residue or contaminant above its limit on the day of sampling. Equal to the limit passes."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from trace.findings import Judgement, Severity
from trace.rules.markets import in_mg_per_kg, largest_unseen
from trace.rules.tables import HOME, Citation, InForce, find_limit

RULE = "mrl_exceeded"


@dataclass(frozen=True)
class Found:
    """One analyte of a result: row id, crop, value, the limit the report states, the tables on the day of sampling."""

    id: int
    crop: str | None
    at: InForce
    analyte: str
    value: Decimal | None
    unit: str | None
    stated_limit: Decimal | None
    stated_basis: str | None
    words: str | None = None
    loq: Decimal | None = None


@dataclass(frozen=True)
class _Bound:
    mg_per_kg: Decimal
    basis: str
    row: Citation | None = None


def _bound(found: Found) -> _Bound | None:
    """Return the stricter of the table's limit and the report's."""
    bounds = []
    limit = find_limit(found.at, HOME, found.crop, found.analyte)
    if limit:
        bounds.append(_Bound(limit.mg_per_kg, limit.basis, limit.found.cite()))
    stated = None if found.stated_limit is None else in_mg_per_kg(found.stated_limit, found.unit)
    if stated is not None:
        bounds.append(_Bound(stated, found.stated_basis or "as the report states"))
    return min(bounds, key=lambda bound: bound.mg_per_kg, default=None)


def judge(results: Sequence[Found]) -> list[Judgement]:
    """Judge every analyte with a value in a unit of residues; one note tells of all in a report that have no limit."""
    found = [finding for result in results if (finding := _judge_one(result))]
    unlimited: dict[int, list[Judgement]] = defaultdict(list)
    for one in found:
        if one.facts.get("missing") == "limit":
            unlimited[one.record].append(one)
    several = {record: notes for record, notes in unlimited.items() if len(notes) > 1}
    merged = [_of_several(record, [note.facts["analyte"] for note in notes]) for record, notes in several.items()]
    return [one for one in found if one not in several.get(one.record, ())] + merged


def _of_several(report: int, analytes: Sequence[str]) -> Judgement:
    facts = {"analytes": list(analytes), "missing": "limits"}
    return Judgement(rule=RULE, severity=Severity.NOTE, record=report, facts=facts)


def _judge_one(found: Found) -> Judgement | None:
    if in_mg_per_kg(Decimal(1), found.unit) is None:
        return _unreadable(found)
    value = None if found.value is None else in_mg_per_kg(found.value, found.unit)
    if value is None:
        return _unseen(found)
    bound, facts = _bound(found), _facts(found)
    if bound is None or value <= bound.mg_per_kg:
        return _undecided(found, value, facts, "limit" if bound is None else None)
    named: Citation | dict[str, str] = bound.row or {"edition": bound.basis}
    return Judgement(
        rule=RULE,
        severity=Severity.REFUSE,
        record=found.id,
        facts={**facts, "limit": str(bound.mg_per_kg), "limit_unit": "mg/kg", "basis": bound.basis},
        **named,
    )


def _facts(found: Found) -> dict[str, object]:
    return {"analyte": found.analyte, "value": str(found.value), "unit": found.unit or "—"}


def _unreadable(found: Found) -> Judgement | None:
    """Return a note where an analyte that has a limit is measured in a unit that is not of residues."""
    if found.value is None or find_limit(found.at, HOME, found.crop, found.analyte) is None:
        return None
    return Judgement(
        rule=RULE, severity=Severity.NOTE, record=found.id, facts={**_facts(found), "missing": "residue-unit"}
    )


def _unseen(found: Found) -> Judgement | None:
    """Return a note where nothing was detected and what may hide below the LOQ would exceed the limit."""
    most, bound = largest_unseen(found.words, found.loq), _bound(found)
    hidden = None if most is None else in_mg_per_kg(most, found.unit)
    if hidden is None or bound is None or hidden <= bound.mg_per_kg:
        return None
    facts = {"analyte": found.analyte, "loq": str(most), "unit": found.unit, "limit": str(bound.mg_per_kg)}
    return Judgement(rule=RULE, severity=Severity.NOTE, record=found.id, facts={**facts, "missing": "loq"})


def _undecided(found: Found, value: Decimal, facts: dict[str, object], missing: str | None) -> Judgement | None:
    """Return a note where no limit is known, or where one that is known from memory alone would have been exceeded."""
    remembered = find_limit(found.at.remembered, HOME, found.crop, found.analyte)
    if remembered and value > remembered.mg_per_kg:
        missing, facts = "verified-limit", {**facts, "from_memory": str(remembered.mg_per_kg)}
    if missing is None:
        return None
    return Judgement(rule=RULE, severity=Severity.NOTE, record=found.id, facts={**facts, "missing": missing})
