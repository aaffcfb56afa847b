"""The light of a plot on a day: red while leaf picked there would be held, with the reasons; else green."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from trace.rules.interval import RULE, Blocking, Used


class Colour(StrEnum):
    """What shows on the wall."""

    GREEN = "green"
    RED = "red"


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a plot is red: a use whose interval has not passed, or on which a finding stands unanswered."""

    rule: str
    input: str
    product: str
    used_on: date
    severity: str = "reason"
    interval_days: int | None = None
    basis: str | None = None
    free_on: date | None = None  # empty: not before somebody answers


@dataclass(frozen=True, kw_only=True)
class Light:
    """The light of a plot. `until` is the day on which it turns green; none where nobody can say."""

    on: date
    light: Colour
    until: date | None
    reasons: Sequence[Reason]
    unjudged: Sequence[Used]  # pesticides of which no interval is known


def tell(day: date, blocking: Sequence[Blocking], objections: Sequence[Reason], unjudged: Sequence[Used] = ()) -> Light:
    """Tell the light of a day by the uses that block it and by the findings that stand on uses before it."""
    waiting = [
        Reason(
            rule=RULE,
            input=one.use.code,
            product=one.use.product,
            used_on=one.use.used_on,
            interval_days=one.days,
            basis=one.basis,
            free_on=one.free_on,
        )
        for one in blocking
    ]
    reasons = sorted([*objections, *waiting], key=lambda one: (one.free_on is not None, one.free_on or day, one.input))
    until = None if objections else max((one.free_on for one in blocking), default=None)
    return Light(on=day, light=Colour.RED if reasons else Colour.GREEN, until=until, reasons=reasons, unjudged=unjudged)
