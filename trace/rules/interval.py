"""`harvest_inside_phi`: leaf picked before the interval of the last spray on its plot had passed (安全间隔期)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from trace.findings import Judgement, Severity
from trace.rules.tables import Citation, InForce, Interval, longest_interval, split_actives
from trace.rules.uses import PESTICIDE

RULE = "harvest_inside_phi"
RULES = (RULE,)
_SOURCE = "农产品质量安全法 art. 29; 农药管理条例 art. 34"


@dataclass(frozen=True)
class Picked:
    """A picking: row id, plot, day, crop, the tables in force for it."""

    id: int
    plot_id: int
    picked_on: date
    crop: str
    at: InForce


@dataclass(frozen=True, kw_only=True)
class Used:
    """A use of a product, with its label's interval, be it on another pack of the same registration."""

    code: str
    used_on: date
    product: str
    kind: str
    actives: tuple[str, ...] = ()
    registration: str | None = None
    interval_days: int | None = None


@dataclass(frozen=True)
class Blocking:
    """A use with its interval; without a row of a table the label says how long it is."""

    use: Used
    days: int
    row: Citation | None

    @property
    def free_on(self) -> date:
        """Return the first day that passes."""
        return self.use.used_on + timedelta(days=self.days)

    @property
    def basis(self) -> str:
        """Return where the interval comes from."""
        return "label" if self.row is None else "table"


def judge(pickings: Iterable[Picked], uses: Mapping[int, Sequence[Used]]) -> list[Judgement]:
    """Judge pickings by the uses on their plots, on or before their day. The day on which an interval ends passes."""
    return [finding for picking in pickings for finding in _judge_one(picking, uses.get(picking.plot_id, ()))]


def find_blocking(day: date, crop: str, at: InForce, uses: Iterable[Used]) -> tuple[list[Blocking], list[Used]]:
    """Return the uses that block picking a crop on a day, and those of pesticides of which nobody can say."""
    blocking, unknown = [], []
    for use in uses:
        if use.used_on > day:
            continue
        found = find_interval(use, crop, at)
        if found is not None and day < found.free_on:
            blocking.append(found)
        elif use.kind == PESTICIDE and use.interval_days is None and _is_doubtful(use, crop, at, day):
            unknown.append(use)
    return blocking, unknown


def _is_doubtful(use: Used, crop: str, at: InForce, day: date) -> bool:
    """Return whether nobody knows how long some substance of a use blocks, or one from memory still would."""
    substances = [part for active in use.actives for part in split_actives(active)]
    if not substances or any(longest_interval(at, crop, one) is None for one in substances):
        return True
    remembered = _longest(use, crop, at.remembered)
    return remembered is not None and day < use.used_on + timedelta(days=remembered.days)


def find_interval(use: Used, crop: str, at: InForce) -> Blocking | None:
    """Return how long a use blocks, if known: by the pack's label, else by the largest of the table of the crop."""
    if use.interval_days is not None:
        return Blocking(use, use.interval_days, None)
    longest = _longest(use, crop, at)
    return Blocking(use, longest.days, longest.found.cite()) if longest else None


def _longest(use: Used, crop: str, at: InForce) -> Interval | None:
    found = [longest_interval(at, crop, active) for active in use.actives]
    return max((one for one in found if one), key=lambda one: one.days, default=None)


def _judge_one(picking: Picked, uses: Sequence[Used]) -> Iterator[Judgement]:
    """Yield a finding on the use that blocks longest, and one note on all those of which nobody can say."""
    blocking, unknown = find_blocking(picking.picked_on, picking.crop, picking.at, uses)
    if unknown:
        yield _unknown(picking, unknown)
    if blocking:
        yield _finding(picking, max(blocking, key=lambda one: one.free_on))


def _unknown(picking: Picked, uses: Sequence[Used]) -> Judgement:
    facts: dict[str, Any] = {
        "inputs": [use.code for use in uses],
        "product": "、".join(dict.fromkeys(use.product for use in uses)),
        "missing": "interval",
    }
    remembered = [_longest(use, picking.crop, picking.at.remembered) for use in uses]
    if any(remembered):
        facts["from_memory"] = max(one.days for one in remembered if one)
    return Judgement(rule=RULE, severity=Severity.NOTE, record=picking.id, facts=facts)


def _finding(picking: Picked, worst: Blocking) -> Judgement:
    use = worst.use
    facts = {
        "input": use.code,
        "product": use.product,
        "used_on": use.used_on.isoformat(),
        "picked_on": picking.picked_on.isoformat(),
        "days_between": (picking.picked_on - use.used_on).days,
        "interval_days": worst.days,
        "basis": worst.basis,
        "registration": use.registration,
        "free_on": worst.free_on.isoformat(),
    }
    by: dict[str, Any] = {"edition": "label", "source": _SOURCE} if worst.row is None else {**worst.row}
    return Judgement(rule=RULE, severity=Severity.REASON, record=picking.id, facts=facts, **by)
