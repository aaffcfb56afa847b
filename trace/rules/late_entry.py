"""`late_entry`: what was entered more than a day after it happened."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from trace.clock import COUNTRY
from trace.findings import Judgement, Severity

RULE = "late_entry"
RULES = (RULE,)
_IN_TIME = timedelta(hours=24)


@dataclass(frozen=True)
class Entered:
    """A record entered live or offline: row id, when it happened, when we first learnt of it."""

    id: int
    happened_at: datetime
    recorded_at: datetime


def judge(entered: Iterable[Entered]) -> list[Judgement]:
    """Judge records by how late they were entered; a day to the second passes."""
    return [
        Judgement(
            rule=RULE,
            severity=Severity.NOTE,
            record=one.id,
            facts={
                "happened_at": _shown(one.happened_at),
                "recorded_at": _shown(one.recorded_at),
                "hours": int((one.recorded_at - one.happened_at).total_seconds() // 3600),
            },
        )
        for one in entered
        if one.recorded_at - one.happened_at > _IN_TIME
    ]


def _shown(moment: datetime) -> str:
    """Return a moment by the country's clock, to the minute."""
    return moment.astimezone(COUNTRY).isoformat(" ", timespec="minutes")
