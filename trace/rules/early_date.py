"""`early_date`: leaf that claims 明前 or 雨前, and was picked or entered too late, or before its plot was opened."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from trace.clock import day_of
from trace.findings import Judgement, Severity
from trace.rules.tables import InForce, find_early_date

RULE = "early_date"
RULES = (RULE,)
_IN_TIME = timedelta(hours=48)


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A picking with its claim; `recorded_at` where it was entered live, so that its lateness says something."""

    id: int
    claim: str
    plot: str
    picked_on: date
    picked_at: datetime
    recorded_at: datetime | None
    opened_on: date | None
    at: InForce


def judge(pickings: Iterable[Claimed]) -> list[Judgement]:
    """Judge early claims: one finding for each picking, that names the first thing that speaks against it."""
    return [finding for one in pickings for finding in _judge_one(one)]


def _judge_one(one: Claimed) -> Iterator[Judgement]:
    term = find_early_date(one.at, one.claim, one.picked_on.year)
    cited: dict[str, Any] = {**term.found.cite()} if term else {}
    facts = {"claim": one.claim, "plot": one.plot, "picked_on": str(one.picked_on)}
    against: dict[str, Any] | None = None
    if term is not None and one.picked_on > term.day:
        against = {"why": "after-the-date", "day": str(term.day)}
    elif one.opened_on is not None and one.picked_on < one.opened_on:
        against, cited = {"why": "before-the-opening", "day": str(one.opened_on)}, {}
    elif one.recorded_at is not None and one.recorded_at - one.picked_at > _IN_TIME:
        against, cited = {"why": "entered-late", "day": str(day_of(one.recorded_at))}, {}
    if against is not None:
        yield Judgement(rule=RULE, severity=Severity.REASON, record=one.id, facts=facts | against, **cited)
    elif term is None or one.opened_on is None:
        missing = "early-date" if term is None else "opening"
        yield Judgement(rule=RULE, severity=Severity.NOTE, record=one.id, facts=facts | {"missing": missing})
