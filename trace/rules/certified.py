"""`certificate_missing`, `certificate_quantity`: no leaf without a promise, and no promise of more than was picked.

What is judged is what is promised now: a certificate taken back promises nothing.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from trace.findings import Judgement, Severity
from trace.rules.interval import Used
from trace.rules.tables import TEA, split_actives

MISSING, QUANTITY = "certificate_missing", "certificate_quantity"
RULES = (MISSING, QUANTITY)
LISTED = frozenset({TEA})  # of the products that must have one, those that this chain records
TOLERANCE_PERCENT = 1  # two scales differ
CONCERN = timedelta(days=30)  # twice the longest interval in phi-tea-cn.csv (15 days); our own, no source
SOURCE = "农产品质量安全承诺达标合格证管理办法（农业农村部令2025年第4号）"


@dataclass(frozen=True)
class Promise:
    """A certificate that stands: row id, grams, the lots it covers."""

    id: int
    mass_g: int
    lots: Sequence[int]


@dataclass(frozen=True)
class TakenIn:
    """An intake of leaf: what its supplier is to the receiver, and what came with it.

    `crop` is None where nobody knows; `state` is that of the certificate named, None where none is; `uncovered` are
    lots taken in that it does not speak of; `tested` is whether a household's own test passed.
    """

    id: int
    crop: str | None
    household: bool
    own_member: bool
    certificate: str | None = None
    state: str | None = None
    uncovered: Sequence[str] = ()
    tested: bool | None = None


@dataclass(frozen=True)
class Delivered:
    """What was delivered under one certificate by one supplier, told at the last of those intakes (row id).

    `received_g` is what a supplier that did not issue it had taken in under it, None where that is not on record.
    """

    id: int
    certificate: str
    certified_g: int
    delivered_g: int
    received_g: int | None = None


def judge_promises(promises: Sequence[Promise], picked_g: Mapping[int, int]) -> list[Judgement]:
    """Judge certificates, the earliest first, by the grams of the lots they cover: each gram is promised once."""
    pool = _Pool(promises, picked_g)
    return [
        Judgement(
            rule=QUANTITY,
            severity=Severity.REASON,
            record=promise.id,
            facts={
                "why": "more-than-picked",
                "certified_g": promise.mass_g,
                "picked_g": promise.mass_g - short_g,
                "excess_g": short_g,
            },
            source=SOURCE,
        )
        for promise in promises
        if (short_g := pool.take(promise))
    ]


def available_g(promises: Sequence[Promise], picked_g: Mapping[int, int], lots: Sequence[int]) -> int:
    """Return how many grams of some lots no certificate promises yet."""
    pool = _Pool(promises, picked_g)
    for promise in promises:
        pool.take(promise)
    whole = sum(picked_g[lot] for lot in lots)
    return whole - pool.take(Promise(id=0, mass_g=whole, lots=lots))


@dataclass
class _Pool:
    """Grams of lots, given to certificates as each allows: what one has of a lot it gives up for another of its own.

    `given` is grams by lot and certificate.
    """

    promises: Sequence[Promise]
    picked_g: Mapping[int, int]
    given: dict[int, dict[int, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))

    def __post_init__(self) -> None:
        """Put all grams in."""
        self.left = dict(self.picked_g)
        self.of = {promise.id: promise.lots for promise in self.promises}

    def take(self, promise: Promise) -> int:
        """Give a certificate its grams, and return how many are lacking. What others have they keep."""
        self.of[promise.id] = promise.lots
        need = promise.mass_g
        while need and (path := self._path(promise.id)):
            last, gives = path[-1], list(itertools.pairwise(path))
            some = min(need, self.left[last[1]], *(self.given[lot][other] for (_, lot), (other, _) in gives))
            for (one, lot), (other, _) in gives:
                self.given[lot][one] += some
                self.given[lot][other] -= some
            self.given[last[1]][last[0]] += some
            self.left[last[1]] -= some
            need -= some
        return need

    def _path(self, start: int) -> list[tuple[int, int]]:
        """Return which certificate takes of which lot so that the first gets more, the last lot having some left."""
        cause: dict[tuple[int, int], tuple[int, int] | None] = {(start, lot): None for lot in self.of[start]}
        seen = set(self.of[start])
        queue = list(cause)
        for step in queue:
            if self.left[step[1]]:
                return self._back(cause, step)
            holders = [one for one, some in self.given[step[1]].items() if some]
            for further in [(one, lot) for one in holders for lot in self.of[one]]:
                if further[1] not in seen:
                    seen.add(further[1])
                    cause[further] = step
                    queue.append(further)
        return []

    def _back(
        self, cause: Mapping[tuple[int, int], tuple[int, int] | None], step: tuple[int, int]
    ) -> list[tuple[int, int]]:
        path = [step]
        while (before := cause[path[-1]]) is not None:
            path.append(before)
        return path[::-1]


def judge_intakes(intakes: Iterable[TakenIn]) -> list[Judgement]:
    """Judge leaf that was received: whether what the rule asks for came with it."""
    return [finding for intake in intakes for finding in _judge_one(intake)]


def _judge_one(intake: TakenIn) -> Iterable[Judgement]:
    if intake.own_member or (intake.crop is not None and intake.crop not in LISTED):
        return
    if intake.state == "valid" and not intake.uncovered:
        return
    if intake.household and intake.tested:
        return
    if intake.crop is None:
        yield Judgement(rule=MISSING, severity=Severity.NOTE, record=intake.id, facts={"missing": "crop"})
        return
    facts: dict[str, object] = {"supplier": "household" if intake.household else "firm"}
    if intake.certificate is not None:
        facts |= {"certificate": intake.certificate, "state": intake.state}
    if intake.uncovered:
        facts["uncovered"] = list(intake.uncovered)
    if intake.household:
        facts["own_test"] = "missing" if intake.tested is None else "failed"
    yield Judgement(rule=MISSING, severity=Severity.REFUSE, record=intake.id, facts=facts, source=SOURCE)


def judge_deliveries(deliveries: Iterable[Delivered]) -> list[Judgement]:
    """Judge what was delivered under certificates: by more or less than what was certified, beyond two scales.

    Who passes leaf on has only a part of it, and may deliver that part at several gates: it passes on no more than it
    took in, and what is left it still has.
    """
    return [finding for one in deliveries if (finding := _judge_delivered(one))]


def _judge_delivered(one: Delivered) -> Judgement | None:
    facts: dict[str, object] = {"certificate": one.certificate, "certified_g": one.certified_g}
    if one.received_g is None:
        facts["why"], due_g, apart_g = "not-as-certified", one.certified_g, abs(one.delivered_g - one.certified_g)
    else:
        facts["why"], due_g, apart_g = "more-than-received", one.received_g, one.delivered_g - one.received_g
        facts["received_g"] = one.received_g
    if apart_g * 100 <= due_g * TOLERANCE_PERCENT:
        return None
    facts["delivered_g"] = one.delivered_g
    return Judgement(rule=QUANTITY, severity=Severity.REASON, record=one.id, facts=facts, source=SOURCE)


def find_untested(
    uses: Mapping[int, Sequence[Used]], picked_on: Mapping[int, date], analytes: Iterable[str]
) -> list[str]:
    """Return what was sprayed and no test looked for, by active substance, or by product where that is unknown.

    `uses` and `picked_on`, the day of the picking, are by plot. A use concerns a picking within thirty days of it.
    """
    looked_for = {part for analyte in analytes for part in (analyte, *analyte.split("和"))}
    lacking: dict[str, None] = {}
    for day, use in [(day, use) for plot, day in picked_on.items() for use in uses.get(plot, ())]:
        if use.kind != "pesticide" or not use.used_on <= day <= use.used_on + CONCERN:
            continue
        actives = [part for active in use.actives for part in split_actives(active)]
        lacking |= dict.fromkeys(active for active in actives or [use.product] if active not in looked_for)
    return list(lacking)
