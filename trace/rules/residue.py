"""`mrl_exceeded`: a residue or contaminant above its limit on the day of sampling. Equal to the limit passes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from trace.findings import Judgement, Severity
from trace.rules.tables import FROM_MEMORY, find_limit

RULE = "mrl_exceeded"
_UNITS = ("mg/kg", "µg/kg", "μg/kg")
_PER_MG = Decimal(1000)


@dataclass(frozen=True)
class Found:
    """One analyte of a result: row id of the result, crop, day of sampling, value, the limit the report states."""

    id: int
    crop: str | None
    sampled_on: date
    analyte: str
    value: Decimal | None
    unit: str | None
    stated_limit: Decimal | None
    stated_basis: str | None


@dataclass(frozen=True)
class _Bound:
    mg_per_kg: Decimal
    edition: str
    source: str | None


def _bound(found: Found) -> _Bound | None:
    """Return the stricter of the table's limit and the report's; a row from memory decides nothing."""
    bounds = []
    limit = find_limit(found.crop, found.analyte, found.sampled_on)
    if limit and limit.confidence != FROM_MEMORY:
        bounds.append(_Bound(limit.mg_per_kg, limit.edition, limit.source))
    if found.stated_limit is not None:
        stated = _in_mg(found.stated_limit, found.unit)
        bounds.append(_Bound(stated, found.stated_basis or "as the report states", None))
    return min(bounds, key=lambda bound: bound.mg_per_kg, default=None)


def _in_mg(value: Decimal, unit: str | None) -> Decimal:
    return value if unit == "mg/kg" else value / _PER_MG


def judge(results: Sequence[Found]) -> list[Judgement]:
    """Judge every analyte with a value in mg/kg or µg/kg."""
    return [finding for found in results if (finding := _judge_one(found))]


def _judge_one(found: Found) -> Judgement | None:
    if found.value is None or found.unit not in _UNITS:
        return None
    bound, value = _bound(found), _in_mg(found.value, found.unit)
    facts: dict[str, object] = {"analyte": found.analyte, "value": str(found.value), "unit": found.unit}
    if bound is None:
        return Judgement(rule=RULE, severity=Severity.NOTE, record=found.id, facts={**facts, "missing": "limit"})
    if value <= bound.mg_per_kg:
        return None
    return Judgement(
        rule=RULE,
        severity=Severity.REFUSE,
        record=found.id,
        facts={**facts, "limit": str(bound.mg_per_kg), "limit_unit": "mg/kg"},
        edition=bound.edition,
        source=bound.source,
    )
