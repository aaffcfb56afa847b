"""Judge pickings by what was used on their plots, and again what a late entry of a use concerns."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.db import portions
from trace.events import Event
from trace.findings import Finding, Judged, Judging, settle_findings
from trace.inputs import InputProduct, InputUse
from trace.lots import Lot
from trace.pickings import Picking
from trace.places import Plot, list_formers, list_successors
from trace.rule_tables import load_tables
from trace.rules import interval
from trace.rules.judging.bringing import names_of, rows_of
from trace.rules.tables import Tables


def judge_pickings(session: Session, picking_ids: Iterable[int]) -> list[Finding]:
    """Judge pickings by the uses of inputs on their plots. Returns what was not found before."""
    ids = set(picking_ids)
    lock_plots(session, (plot for (plot,) in rows_of(session, select(Picking.plot_id), Picking.id, ids)))
    return settle_findings(session, say_of_pickings(session, ids, load_tables(session)))


def say_of_pickings(session: Session, ids: Collection[int], tables: Tables) -> Judging:
    """Say what the rules find in pickings."""
    query = (
        select(*(Picking.id, Picking.plot_id, Picking.picked_on, Lot.id, Lot.code, Lot.party_id, Lot.crop))
        .add_columns(Event.recorded_at)
        .join(Lot, Picking.lot_id == Lot.id)
        .join(Event, Picking.event_id == Event.id)
        .where(Lot.initial_g > 0)  # one that was corrected away picked nothing
        .order_by(Picking.id)
    )
    rows = list(rows_of(session, query, Picking.id, ids))
    names = names_of(session, ("harvests",), {row[0]: row[4] for row in rows})
    facts = [
        interval.Picked(id_, plot, day, crop, tables.on(day, recorded_at))
        for id_, plot, day, _, _, _, crop, recorded_at in rows
    ]
    return Judging(
        noun="picking",
        rules=[interval.RULE],
        records=ids,
        judged={row[0]: Judged(party_id=row[5], lots=[row[3]], names=names[row[0]]) for row in rows},
        judgements=interval.judge(facts, _uses(session, {fact.plot_id for fact in facts})),
    )


def find_pickings_since(session: Session, since: date) -> list[int]:
    """Return the pickings of a day and later."""
    return list(session.scalars(select(Picking.id).where(Picking.picked_on >= since).order_by(Picking.id)))


def judge_input_uses(
    session: Session, use_ids: Iterable[int], formerly: Iterable[tuple[int, date]] = ()
) -> list[Finding]:
    """Judge again the pickings that uses of inputs concern, however late those were entered.

    `formerly` are the plots (row ids) and days that a correction took uses away from.
    """
    return judge_pickings(session, find_pickings_after(session, use_ids, formerly))


def find_pickings_after(
    session: Session, use_ids: Iterable[int], formerly: Iterable[tuple[int, date]] = ()
) -> list[int]:
    """Return the pickings on or after the day of some uses of inputs, on their plots or what took their place."""
    query = select(InputUse.plot_id, InputUse.used_on)
    used = [*rows_of(session, query, InputUse.id, set(use_ids)), *formerly]
    later = list_successors(session, {plot for plot, _ in used})
    since: dict[int, date] = {}
    for former, day in used:
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


def _uses(session: Session, plots: Iterable[int]) -> list[interval.Used]:
    """Return the uses on plots, and those on the plots from which they came, as uses on them."""
    columns = (InputUse.code, InputUse.plot_id, InputUse.used_on)
    query = (
        select(*columns, InputProduct.name, InputProduct.kind, InputProduct.active, InputProduct.interval_days)
        .join(InputProduct, InputUse.product_id == InputProduct.id)
        .where(InputUse.undone_at.is_(None))
        .order_by(InputUse.id)
    )
    formers = list_formers(session, plots)
    used = defaultdict(list)
    for row in rows_of(session, query, InputUse.plot_id, set().union(*formers.values())):
        used[row.plot_id].append(row)
    return [
        interval.Used(row.code, plot, *row[2:])
        for plot, land in sorted(formers.items())
        for former in sorted(land)
        for row in used[former]
    ]
