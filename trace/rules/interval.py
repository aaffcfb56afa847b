"""`harvest_inside_phi`: leaf picked before the interval of the last spray on its plot had passed (安全间隔期)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from trace.findings import Judgement, Severity
from trace.rules.tables import Citation, InForce, longest_interval

RULE = "harvest_inside_phi"


@dataclass(frozen=True)
class Picked:
    """A picking: row id, plot, day, crop, the tables in force for it."""

    id: int
    plot_id: int
    picked_on: date
    crop: str | None
    at: InForce


@dataclass(frozen=True)
class Used:
    """A use of a product on a plot, with its label's interval."""

    code: str
    plot_id: int
    used_on: date
    product: str
    kind: str
    active: str | None
    interval_days: int | None


def judge(pickings: Sequence[Picked], uses: Iterable[Used]) -> list[Judgement]:
    """Judge pickings by the uses on or before their day. The day on which an interval ends passes."""
    by_plot: dict[int, list[Used]] = defaultdict(list)
    for use in uses:
        by_plot[use.plot_id].append(use)
    return [finding for picking in pickings for finding in _judge_one(picking, by_plot[picking.plot_id])]


@dataclass(frozen=True)
class _Interval:
    """An interval and where it comes from: the pack's label, or a row of a table."""

    days: int
    row: Citation | None = None


def _interval(use: Used, picking: Picked) -> _Interval | None:
    """Return the interval: the pack's label decides, else the largest in the table of the crop."""
    if use.interval_days is not None:
        return _Interval(use.interval_days)
    longest = longest_interval(picking.at, picking.crop, use.active)
    return _Interval(longest.days, longest.found.cite()) if longest else None


def _judge_one(picking: Picked, uses: Sequence[Used]) -> Iterable[Judgement]:
    worst: tuple[date, Used, _Interval] | None = None
    for use in uses:
        if use.used_on > picking.picked_on:
            continue
        interval = _interval(use, picking)
        if interval is None:
            if use.kind == "pesticide":
                yield _unknown(picking, use)
            continue
        free_on = use.used_on + timedelta(days=interval.days)
        if picking.picked_on < free_on and (worst is None or free_on > worst[0]):
            worst = (free_on, use, interval)
    if worst:
        yield _finding(picking, *worst)


def _unknown(picking: Picked, use: Used) -> Judgement:
    facts: dict[str, object] = {"input": use.code, "product": use.product, "missing": "interval"}
    remembered = longest_interval(picking.at.remembered, picking.crop, use.active)
    if remembered:
        facts["from_memory"] = remembered.days
    return Judgement(rule=RULE, severity=Severity.NOTE, record=picking.id, facts=facts)


def _finding(picking: Picked, free_on: date, use: Used, interval: _Interval) -> Judgement:
    label = {"edition": "label", "source": "农产品质量安全法 art. 29; 农药管理条例 art. 34"}
    return Judgement(
        rule=RULE,
        severity=Severity.REASON,
        record=picking.id,
        facts={
            "input": use.code,
            "product": use.product,
            "used_on": use.used_on.isoformat(),
            "picked_on": picking.picked_on.isoformat(),
            "days_between": (picking.picked_on - use.used_on).days,
            "interval_days": interval.days,
            "free_on": free_on.isoformat(),
        },
        **(interval.row or label),
    )
