"""`plant_over_capacity`: more leaf worked in a day than the plant says it can, by more than a tenth."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from trace.findings import Judgement, Severity
from trace.rules.tables import InForce, find_capacity

RULE = "plant_over_capacity"
_PERCENT = Decimal(100)


@dataclass(frozen=True)
class Worked:
    """A run: row id, plant, day, the leaf that entered it; what the plant stated for that day, None where nothing."""

    id: int
    plant_id: int
    run_on: date
    leaf_g: int
    capacity_g: int | None
    at: InForce


def judge(runs: Sequence[Worked]) -> list[Judgement]:
    """Judge the days of plants, given with all their runs in order; found at each run from which a day is too much."""
    days: dict[tuple[int, date], list[Worked]] = defaultdict(list)
    for run in runs:
        days[run.plant_id, run.run_on].append(run)
    return [finding for day in days.values() for finding in _judge_day(day)]


def _judge_day(runs: Sequence[Worked]) -> Iterator[Judgement]:
    worked_g = 0
    for place, run in enumerate(runs):
        worked_g += run.leaf_g
        if run.capacity_g is None:
            if place == 0:
                facts: dict[str, object] = {"day": run.run_on.isoformat(), "missing": "capacity"}
                yield Judgement(rule=RULE, severity=Severity.NOTE, record=run.id, facts=facts)
            continue
        bound = find_capacity(run.at)
        if bound is not None and worked_g * _PERCENT > bound.percent * run.capacity_g:
            yield Judgement(
                rule=RULE,
                severity=Severity.REASON,
                record=run.id,
                facts={
                    "day": run.run_on.isoformat(),
                    "worked_g": worked_g,
                    "capacity_g": run.capacity_g,
                    "percent": f"{worked_g * _PERCENT / run.capacity_g:.1f}" if run.capacity_g else None,
                    "most_percent": str(bound.percent),
                },
                **bound.found.cite(),
            )
