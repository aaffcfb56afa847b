"""Judge runs by what entered them and what left."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.events import Event
from trace.findings import Finding, Judged, Judging, settle_findings
from trace.intakes import Intake
from trace.ledger import Account, LedgerLine
from trace.lineage import LineageEdge
from trace.lots import Lot, LotKind
from trace.rule_tables import load_tables
from trace.rules import conversion
from trace.rules.judging.bringing import names_of, rows_of
from trace.rules.judging.crops import crops_of_lots
from trace.rules.tables import InForce, Tables
from trace.runs import Run

_LEAF = (LotKind.LEAF, LotKind.RECEIVED)


def judge_runs(session: Session, run_ids: Iterable[int]) -> list[Finding]:
    """Judge runs by what entered them and what left. Returns what was not found before."""
    ids = set(run_ids)
    return settle_findings(session, say_of_runs(session, ids, load_tables(session))) if ids else []


def say_of_runs(session: Session, ids: Collection[int], tables: Tables) -> Judging:
    """Say what the rules find in runs."""
    query = (
        select(Run, Event.recorded_at)
        .join(Lot, Run.output_lot_id == Lot.id)
        .join(Event, Run.event_id == Event.id)
        .where(Lot.initial_g > 0, Run.step == "run")  # a blend is of made tea alone
        .order_by(Run.id)
    )
    told = list(rows_of(session, query, Run.id, ids))
    runs = [run for run, _ in told]
    at = {run.id: tables.on(run.run_on, recorded_at) for run, recorded_at in told}
    names = names_of(session, ("runs",), {run.id: run.code for run in runs})
    made = lots_made(session, {run.event_id for run in runs})
    return Judging(
        noun="run",
        rules=[conversion.RULE],
        records=ids,
        judged={run.id: Judged(party_id=run.plant_id, lots=made[run.event_id], names=names[run.id]) for run in runs},
        judgements=conversion.judge(_ran(session, runs, at)),
    )


def find_runs_since(session: Session, since: date) -> list[int]:
    """Return the runs of a day and later."""
    return list(session.scalars(select(Run.id).where(Run.run_on >= since).order_by(Run.id)))


def lots_made(session: Session, events: Iterable[int]) -> dict[int, list[int]]:
    """Return for each event (row id) the lots it made, a by-product among them."""
    made: dict[int, list[int]] = defaultdict(list)
    query = select(LedgerLine.event_id, LedgerLine.lot_id).where(
        LedgerLine.account == Account.LOT, LedgerLine.amount > 0, LedgerLine.lot_id.is_not(None)
    )
    for event, lot in rows_of(session, query.distinct().order_by(LedgerLine.lot_id), LedgerLine.event_id, events):
        made[event].append(lot)
    return made


def _ran(session: Session, runs: Sequence[Run], at: Mapping[int, InForce]) -> list[conversion.Ran]:
    """Return the facts of runs. Leaf has the moisture of its intake; tea that is worked again, that of its run."""
    maker = Run.__table__.alias()
    query = (
        select(LineageEdge.child_id, LineageEdge.mass_g, Intake.moisture_percent, maker.c.moisture_percent)
        .add_columns(Lot.id, Lot.crop, Lot.kind)
        .join(Lot, Lot.id == LineageEdge.parent_id)
        .outerjoin(Intake, Intake.lot_id == Lot.id)
        .outerjoin(maker, maker.c.output_lot_id == Lot.id)
    )
    inputs, of_tea = defaultdict(list), set()
    drawn = list(rows_of(session, query, LineageEdge.child_id, {run.output_lot_id for run in runs}))
    crops = crops_of_lots(session, {lot: crop for *_, lot, crop, kind in drawn if kind in _LEAF})
    last = {}
    for child, mass_g, weighed, made, lot, _, kind in drawn:
        inputs[child].append((mass_g, weighed if weighed is not None else made))
        last[child] = crops.get(lot)
        if kind not in _LEAF:
            of_tea.add(child)  # the ratios of the tables are of leaf
    return [
        conversion.Ran(
            id=run.id,
            crop=None if run.output_lot_id in of_tea else last.get(run.output_lot_id),
            inputs=inputs[run.output_lot_id],
            output_g=run.output_g,
            by_product_g=run.by_product_g,
            sample_g=run.sample_g,
            moisture_percent=run.moisture_percent,
            at=at[run.id],
        )
        for run in runs
    ]
