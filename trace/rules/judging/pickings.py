"""Judge pickings: by what was used on their plots, what a plot and a picker can give, and the days they claim."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.db import portions
from trace.events import Event, Mode
from trace.findings import Finding, Judged, Judgement, Judging, settle_findings
from trace.lots import Lot
from trace.pickings import Picking
from trace.places import Plot, list_formers, list_successors
from trace.plot_openings import list_openings
from trace.rule_tables import load_tables
from trace.rules import early_date, interval, picker_day, plot_yield
from trace.rules.judging.bringing import names_of, rows_of
from trace.rules.judging.first_told import first_told
from trace.rules.judging.holding import hold_by_uses
from trace.rules.judging.plots import Land, crops_of, uses_on, versions_on
from trace.rules.tables import Tables

RULES = (*interval.RULES, *plot_yield.RULES, *picker_day.RULES, *early_date.RULES)


class _Told(NamedTuple):
    """A picking with its plot's code, what its lot says, when it was recorded, and the crop that it is of."""

    picking: Picking
    plot: str
    lot_id: int
    code: str
    party_id: int
    recorded_at: datetime
    crop: str

    @property
    def day(self) -> date:
        """Return the day of the picking."""
        return self.picking.picked_on


_Days = Collection[tuple[int, date]]  # plots (row ids) and days


def judge_pickings(session: Session, picking_ids: Iterable[int], formerly: _Days = ()) -> list[Finding]:
    """Judge pickings, and those that follow on their plots in the same year. Returns what was not found before.

    `formerly` are the plots (row ids) and days that a correction took pickings away from.
    """
    ids = set(picking_ids)
    concerned = [*rows_of(session, _DAYS, Picking.id, ids), *formerly]
    if not concerned:
        return []
    lock_plots(session, {plot for plot, _ in concerned})
    land = list_formers(session, {plot for plot, _ in concerned})
    years = _read_years(session, concerned, land)
    since = _since(concerned)
    ids |= {one.picking.id for one in years if one.day >= since[one.picking.plot_id, one.day.year]}
    found = settle_findings(session, _say(session, ids, (years, land), load_tables(session)))
    hold_by_uses(session, ids, land)
    return found


def say_of_pickings(session: Session, ids: Collection[int], tables: Tables) -> Judging:
    """Say what the rules find in pickings."""
    concerned = [(plot, day) for plot, day in rows_of(session, _DAYS, Picking.id, ids)]
    land = list_formers(session, {plot for plot, _ in concerned})
    return _say(session, ids, (_read_years(session, concerned, land), land), tables)


# Built once: every picking that is entered asks them.
_DAYS = select(Picking.plot_id, Picking.picked_on)
_PICKED = (
    select(*(Picking, Plot.code, Lot.id, Lot.code, Lot.party_id, Event.recorded_at, Lot.crop))
    .join(Plot, Picking.plot_id == Plot.id)
    .join(Lot, Picking.lot_id == Lot.id)
    .join(Event, Picking.event_id == Event.id)
    .where(Lot.initial_g > 0)  # one that was corrected away picked nothing
    .order_by(Picking.id)
)


def _since(concerned: _Days) -> dict[tuple[int, int], date]:
    """Return the first of the days on each plot in each year."""
    first: dict[tuple[int, int], date] = {}
    for plot, day in concerned:
        first[plot, day.year] = min(day, first.get((plot, day.year), day))
    return first


def _say(session: Session, ids: Collection[int], around: tuple[Sequence[_Told], Land], tables: Tables) -> Judging:
    """Say what the rules find in pickings, given with all that was picked on their plots in their years."""
    years, land = around
    told = [one for one in years if one.picking.id in ids]
    names = names_of(session, ("harvests",), {one.picking.id: one.code for one in told})
    judgements = [
        *_by_uses(session, told, land, tables),
        *(found for found in _by_area(session, years, tables) if found.record in ids),
        *_by_hands(told, tables),
        *_by_claims(session, told, tables),
    ]
    return Judging(
        noun="picking",
        rules=RULES,
        records=ids,
        judged={
            one.picking.id: Judged(party_id=one.party_id, lots=[one.lot_id], names=names[one.picking.id])
            for one in told
        },
        judgements=judgements if told else [],
    )


def _read_years(session: Session, concerned: _Days, land: Land) -> list[_Told]:
    """Return all that was picked on plots in the years of some days. What names no crop is of what grows there."""
    years = {(plot, day.year) for plot, day in concerned}
    if not years:
        return []
    first, last = min(year for _, year in years), max(year for _, year in years)
    query = _PICKED.where(Picking.picked_on.between(date(first, 1, 1), date(last, 12, 31)))
    rows = rows_of(session, query, Picking.plot_id, {plot for plot, _ in years})
    kept = [row for row in rows if (row[0].plot_id, row[0].picked_on.year) in years]
    unsaid = {row[0].plot_id for row in kept if row[-1] is None}
    crops = crops_of(session, {plot: land[plot] for plot in unsaid})
    return [_Told._make((*row[:-1], row[-1] or crops[row[0].plot_id])) for row in kept]


def _by_uses(session: Session, told: Sequence[_Told], land: Land, tables: Tables) -> list[Judgement]:
    if not told:
        return []
    days = [one.day for one in told]
    facts = [
        interval.Picked(
            id=one.picking.id,
            plot_id=one.picking.plot_id,
            picked_on=one.day,
            crop=one.crop,
            at=tables.on(one.day, one.recorded_at),
        )
        for one in told
    ]
    return interval.judge(facts, uses_on(session, land, min(days), max(days)))


def _by_area(session: Session, years: Sequence[_Told], tables: Tables) -> list[Judgement]:
    find_version = versions_on(session, {one.picking.plot_id for one in years})
    stood = [(one, find_version(one.picking.plot_id, one.day)) for one in years]
    return plot_yield.judge(
        plot_yield.Grown(
            id=one.picking.id,
            plot_id=one.picking.plot_id,
            plot=one.plot,
            picked_on=one.day,
            mass_g=one.picking.mass_g,
            crop=one.crop,
            area_mu=version.area_mu,
            planted_year=version.planted_year,
            at=tables.on(one.day, one.recorded_at),
        )
        for one, version in stood
        if version is not None
    )


def _by_hands(told: Sequence[_Told], tables: Tables) -> list[Judgement]:
    return picker_day.judge(
        picker_day.PickedByHand(
            id=one.picking.id,
            crop=one.crop,
            pluck_standard=one.picking.pluck_standard,
            mass_g=one.picking.mass_g,
            pickers=one.picking.pickers,
            at=tables.on(one.day, one.recorded_at),
        )
        for one in told
        if one.picking.pickers and picker_day.by_hand(one.picking.method)
    )


def _by_claims(session: Session, told: Sequence[_Told], tables: Tables) -> list[Judgement]:
    claiming = [one for one in told if one.picking.claim]
    events = {
        event.id: event
        for (event,) in rows_of(session, select(Event), Event.id, {one.picking.event_id for one in claiming})
    }
    openings = list_openings(session, {one.picking.plot_id for one in claiming})
    first = first_told(session, events.values())
    return early_date.judge(
        early_date.Claimed(
            id=one.picking.id,
            claim=one.picking.claim or "",
            plot=one.plot,
            picked_on=one.day,
            picked_at=events[one.picking.event_id].event_time,
            recorded_at=told_at.recorded_at if told_at.mode is Mode.LIVE else None,
            opened_on=openings.get((one.picking.plot_id, one.day.year)),
            at=tables.on(one.day, one.recorded_at),
        )
        for one in claiming
        for told_at in [first[one.picking.event_id]]
    )


def find_pickings_since(session: Session, since: date) -> list[int]:
    """Return the pickings of a day and later."""
    return list(session.scalars(select(Picking.id).where(Picking.picked_on >= since).order_by(Picking.id)))


def find_pickings_after(session: Session, concerned: Collection[tuple[int, date]]) -> list[int]:
    """Return the pickings from some days on, on plots (row ids) or on what took their place; lock all these plots."""
    later = list_successors(session, {plot for plot, _ in concerned})
    since: dict[int, date] = {}
    for former, day in concerned:
        for plot in later[former]:
            since[plot] = min(day, since.get(plot, day))
    lock_plots(session, since)
    if not since:
        return []
    picked = select(Picking.id, Picking.plot_id, Picking.picked_on).where(Picking.picked_on >= min(since.values()))
    rows = rows_of(session, picked.order_by(Picking.id), Picking.plot_id, since)
    return [id_ for id_, plot, day in rows if day >= since[plot]]


def lock_plots(session: Session, plots: Iterable[int]) -> None:
    """Lock plots in id order: of a picking and a spray written at the same time, the later sees the earlier."""
    for few in portions(sorted(set(plots))):
        session.execute(select(Plot.id).where(Plot.id.in_(few)).order_by(Plot.id).with_for_update(key_share=True))
