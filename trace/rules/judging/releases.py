"""Judge releases of lots by the results that stand on them now."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from trace import clock
from trace.findings import Finding, Judged, Judging, settle_findings
from trace.lots import Lot
from trace.quality import Result, ResultItem, Sample
from trace.release_plans import Plan, PlannedItem, ReleasePlan, ReleasePlanItem, plan_in_force, plans_of
from trace.releases import LotRelease
from trace.rule_tables import load_tables
from trace.rules import release
from trace.rules.judging.bringing import names_of, rows_of
from trace.rules.tables import Tables


def judge_releases(session: Session, lots: Iterable[int]) -> list[Finding]:
    """Judge the releases of lots (row ids). Returns what was not found before."""
    ids = [row for (row,) in rows_of(session, select(LotRelease.id), LotRelease.lot_id, set(lots))]
    return settle_findings(session, say_of_releases(session, ids, load_tables(session))) if ids else []


def judge_tests(session: Session, lots: Iterable[int]) -> list[Finding]:
    """Judge the releases of lots (row ids) that were tested, and of those after them that may rest on these tests."""
    tested = set(lots)
    return judge_releases(session, tested | _list_after(session, tested)) if tested else []


def say_of_releases(session: Session, ids: Collection[int], tables: Tables) -> Judging:
    """Say what the rules find in releases (row ids), by the items required on their day."""
    query = select(LotRelease, Lot).join(Lot, LotRelease.lot_id == Lot.id).order_by(LotRelease.id)
    rows = [
        _Asked(kept.id, lot, clock.day_of(kept.released_at), kept.recorded_at, kept.event_id is None)
        for kept, lot in rows_of(session, query, LotRelease.id, ids)
    ]
    names = names_of(session, ("lots",), {asked.lot.id: asked.lot.code for asked in rows})
    return Judging(
        noun="release",
        rules=[release.RULE],
        records=ids,
        judged={
            asked.key: Judged(party_id=asked.lot.party_id, lots=[asked.lot.id], names=names[asked.lot.id])
            for asked in rows
        },
        judgements=release.judge(_facts(session, rows, tables)),
    )


def find_releases_since(session: Session, since: date) -> list[int]:
    """Return the releases of a day and later."""
    start = datetime.combine(since, time(), clock.COUNTRY)
    return list(session.scalars(select(LotRelease.id).where(LotRelease.released_at >= start).order_by(LotRelease.id)))


def find_lacking(session: Session, lot: Lot) -> release.Lacking:
    """Return what a lot lacks to be let go today."""
    [facts] = _facts(session, [_Asked(lot.id, lot, clock.today())], load_tables(session))
    return release.find_lacking(facts)


@dataclass(frozen=True)
class _Asked:
    """A lot, let go or to be, under the key of its facts; on which day, and when that was recorded, if it was here."""

    key: int
    lot: Lot
    day: date
    recorded_at: datetime | None = None
    is_from_before: bool = False


def _facts(session: Session, rows: Sequence[_Asked], tables: Tables) -> list[release.Released]:
    plans = plans_of(session, {asked.lot.party_id for asked in rows})
    chosen = {
        asked.key: plan_in_force(
            plans.get(asked.lot.party_id, ()), asked.lot.product_kind, asked.day, asked.recorded_at
        )
        for asked in rows
    }
    before = {asked.key: _list_before(session, asked.lot, chosen[asked.key]) for asked in rows}
    reported = _reported(session, {asked.lot.id for asked in rows}.union(*before.values()))
    return [
        release.Released(
            id=asked.key,
            crop=asked.lot.crop,
            product_kind=asked.lot.product_kind,
            at=tables.on(asked.day, asked.recorded_at),
            planned=_planned(chosen[asked.key], before[asked.key], reported),
            reported=reported.get(asked.lot.id, ()),
            is_from_before=asked.is_from_before,
        )
        for asked in rows
    ]


def _reported(session: Session, lots: Collection[int]) -> Mapping[int, Sequence[release.Reported]]:
    """Return what stands reported on lots (row ids)."""
    query = (
        select(Sample.lot_id, ResultItem.analyte, ResultItem.passed, Result.reported_on, ResultItem.id)
        .join(Result, ResultItem.result_id == Result.id)
        .join(Sample, Result.sample_id == Sample.id)
        .where(Result.undone_at.is_(None), ResultItem.replaced_at.is_(None))
    )
    found: dict[int, list[release.Reported]] = defaultdict(list)
    for lot, *told in rows_of(session, query, Sample.lot_id, lots):
        found[lot].append(release.Reported(*told))
    return found


def _planned(
    plan: Plan | None, before: Sequence[int], reported: Mapping[int, Sequence[release.Reported]]
) -> list[release.Planned]:
    """Return what a plan asks of a lot; `before` are those before it, the last made first."""
    return [
        release.Planned(item.item, any(_passed(item, reported.get(lot, ())) for lot in before[: item.every_lots - 1]))
        for item in (plan.items if plan else ())
    ]


def _passed(item: PlannedItem, reported: Iterable[release.Reported]) -> bool:
    """Return whether the latest report of an item on a lot says that it passed."""
    told = [one for one in reported if one.analyte == item.item]
    return bool(told) and max(told, key=lambda one: (one.reported_on, one.order)).passed


def _list_before(session: Session, lot: Lot, plan: Plan | None) -> Sequence[int]:
    """Return the lots (row ids) of this kind before one, the last made first, as far back as a plan looks."""
    most = max((item.every_lots for item in plan.items), default=1) if plan else 1
    if most == 1:
        return ()
    earlier = (Lot.made_on < lot.made_on) | ((Lot.made_on == lot.made_on) & (Lot.id < lot.id))
    query = _like(lot).where(earlier).order_by(Lot.made_on.desc(), Lot.id.desc())
    return session.scalars(query.limit(most - 1)).all()


def _list_after(session: Session, lots: Iterable[int]) -> set[int]:
    """Return the lots (row ids) made after some whose tests they may rest on: of plants that test one in so many."""
    most = (
        select(ReleasePlan.party_id, func.max(ReleasePlanItem.every_lots).label("lots"))
        .join(ReleasePlanItem, ReleasePlanItem.plan_id == ReleasePlan.id)
        .where(ReleasePlanItem.every_lots > 1)
        .group_by(ReleasePlan.party_id)
        .subquery()
    )
    query = select(Lot, most.c.lots).join(most, most.c.party_id == Lot.party_id)
    found: set[int] = set()
    for lot, count in rows_of(session, query, Lot.id, lots):
        later = (Lot.made_on > lot.made_on) | ((Lot.made_on == lot.made_on) & (Lot.id > lot.id))
        found.update(session.scalars(_like(lot).where(later).order_by(Lot.made_on, Lot.id).limit(count - 1)))
    return found


def _like(lot: Lot) -> Select[int]:
    return select(Lot.id).where(
        Lot.party_id == lot.party_id, Lot.kind == lot.kind, Lot.product_kind == lot.product_kind
    )
