"""Judge the days of plants: all that was worked in one, whichever run is asked about."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from trace.db import portions
from trace.events import Event
from trace.findings import Finding, Judged, Judging, Severity, settle_findings
from trace.lineage import LineageEdge
from trace.lots import Lot, LotKind
from trace.parties import Facility, FacilityVersion, Party
from trace.rule_tables import load_tables
from trace.rules import capacity
from trace.rules.judging.bringing import names_of, rows_of
from trace.rules.judging.runs import lots_made
from trace.rules.tables import Tables
from trace.runs import Run

_LEAF = (LotKind.LEAF, LotKind.RECEIVED)
_Day = tuple[int, date]  # of which plant


class _Worked(NamedTuple):
    """A run of leaf, when it was recorded, and the leaf it took."""

    run: Run
    recorded_at: datetime
    leaf_g: int


def judge_days(session: Session, run_ids: Iterable[int], formerly: Collection[_Day] = ()) -> list[Finding]:
    """Judge the days in which runs were worked. Returns what was not found before.

    `formerly` are the days that a correction took runs away from.
    """
    ids = set(run_ids)
    if not ids:
        return []
    days = _days(session, ids) | set(formerly)
    plants = sorted({plant for plant, _ in days})
    for few in portions(plants):  # of two runs written at the same time the later sees the earlier
        session.execute(select(Party.id).where(Party.id.in_(few)).order_by(Party.id).with_for_update(key_share=True))
    return settle_findings(session, _say(session, ids, days, load_tables(session)))


def judge_plants(session: Session, plants: Iterable[int], since: date = date.min) -> list[Finding]:
    """Judge the days of plants (row ids) from one on: what they state of themselves is another."""
    worked = select(Run.id).where(Run.run_on >= since, Run.undone_at.is_(None))
    return judge_days(session, [run for (run,) in rows_of(session, worked, Run.plant_id, set(plants))])


def say_of_days(session: Session, ids: Collection[int], tables: Tables) -> Judging:
    """Say what the rules find in the days of some runs; all runs of those days are judged with them."""
    return _say(session, ids, _days(session, ids), tables)


def _say(session: Session, ids: Collection[int], days: Collection[_Day], tables: Tables) -> Judging:
    worked, capacities = _worked(session, days), _capacities(session, days)
    names = names_of(session, ("runs",), {one.run.id: one.run.code for one in worked})
    facts = [
        capacity.Worked(
            id=one.run.id,
            plant_id=one.run.plant_id,
            run_on=one.run.run_on,
            leaf_g=one.leaf_g,
            capacity_g=capacities.get((one.run.plant_id, one.run.run_on)),
            at=tables.on(one.run.run_on, one.recorded_at),
        )
        for one in worked
    ]
    judgements = capacity.judge(facts)
    grave = {one.record for one in judgements if one.severity is not Severity.NOTE}
    made = lots_made(session, {one.run.event_id for one in worked if one.run.id in grave})  # by-products are held too
    judged = {
        one.run.id: Judged(party_id=one.run.plant_id, lots=made[one.run.event_id], names=names[one.run.id])
        for one in worked
    }
    return Judging(
        noun="run",
        rules=[capacity.RULE],
        records={*ids, *judged},
        judged=judged,
        judgements=judgements,
    )


def _days(session: Session, runs: Collection[int]) -> set[_Day]:
    query = select(Run.plant_id, Run.run_on)
    return {(plant, day) for plant, day in rows_of(session, query, Run.id, runs)}


def _worked(session: Session, days: Collection[_Day]) -> list[_Worked]:
    """Return the runs of some days that worked leaf, in order."""
    found: list[_Worked] = []
    for few in portions(sorted(days)):
        query = (
            select(Run, Event.recorded_at, func.sum(LineageEdge.mass_g))
            .join(Event, Run.event_id == Event.id)
            .join(LineageEdge, LineageEdge.child_id == Run.output_lot_id)
            .join(Lot, LineageEdge.parent_id == Lot.id)
            .where(tuple_(Run.plant_id, Run.run_on).in_(few), Run.undone_at.is_(None), Lot.kind.in_(_LEAF))
            .group_by(Run.id, Event.recorded_at)
        )
        found += [_Worked(run, recorded_at, int(leaf_g)) for run, recorded_at, leaf_g in session.execute(query)]
    return sorted(found, key=lambda one: one.run.id)


def _capacities(session: Session, days: Collection[_Day]) -> Mapping[_Day, int]:
    """Return what plants stated for some days: the sum over their facilities, each as it was then."""
    query = (
        select(Facility.party_id, FacilityVersion)
        .join(Facility, FacilityVersion.facility_id == Facility.id)
        .order_by(FacilityVersion.from_on.asc().nulls_first(), FacilityVersion.id)
    )
    versions = defaultdict(list)
    for plant, version in rows_of(session, query, Facility.party_id, {plant for plant, _ in days}):
        versions[plant].append(version)
    stated = {}
    for plant, day in days:
        held = {one.facility_id: one for one in versions[plant] if one.from_on is None or one.from_on <= day}
        told = [one.capacity_g_per_day for one in held.values() if one.capacity_g_per_day is not None]
        if told:
            stated[plant, day] = sum(told)
    return stated
