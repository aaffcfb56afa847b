"""Judge records, by row id, by whichever door they came: bring the facts, let the rules speak, keep what they find.

Asked again after a correction, or after something else that a record rests on came in late, these say what is true
now: a finding is raised once, and one whose cause is gone is withdrawn.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from trace.db import portions
from trace.findings import Finding, Judged, Judging, settle_findings
from trace.inputs import InputProduct, InputUse
from trace.intakes import Intake
from trace.ledger import Account, LedgerLine
from trace.lineage import LineageEdge
from trace.lots import Lot, LotKind
from trace.parties import Licence, Party
from trace.pickings import Picking
from trace.places import Plot, list_formers, list_successors
from trace.quality import Result, ResultItem, Sample
from trace.rules import codes, conversion, interval, residue
from trace.runs import Run
from trace.seasons import SeasonRecord

_Column = InstrumentedAttribute[int] | InstrumentedAttribute[int | None]
_LEAF = (LotKind.LEAF, LotKind.RECEIVED)


def judge_pickings(session: Session, picking_ids: Iterable[int]) -> list[Finding]:
    """Judge pickings by the uses of inputs on their plots. Returns what was not found before."""
    ids = set(picking_ids)
    query = (
        select(*(Picking.id, Picking.plot_id, Picking.picked_on, Lot.id, Lot.code, Lot.party_id, Lot.crop))
        .join(Lot, Picking.lot_id == Lot.id)
        .where(Lot.initial_g > 0)  # one that was corrected away picked nothing
        .order_by(Picking.id)
    )
    _lock_plots(session, (plot for (plot,) in _rows(session, select(Picking.plot_id), Picking.id, ids)))
    rows = list(_rows(session, query, Picking.id, ids))
    names = _names(session, ("harvests",), {row[0]: row[4] for row in rows})
    facts = [interval.Picked(id_, plot, day, crop) for id_, plot, day, _, _, _, crop in rows]
    return settle_findings(
        session,
        Judging(
            noun="picking",
            rules=[interval.RULE],
            records=ids,
            judged={row[0]: Judged(party_id=row[5], lots=[row[3]], names=names[row[0]]) for row in rows},
            judgements=interval.judge(facts, _uses(session, {fact.plot_id for fact in facts})),
        ),
    )


def judge_input_uses(
    session: Session, use_ids: Iterable[int], formerly: Iterable[tuple[int, date]] = ()
) -> list[Finding]:
    """Judge again the pickings that uses of inputs concern, however late those were entered.

    `formerly` are the plots (row ids) and days that a correction took uses away from.
    """
    return judge_pickings(session, find_pickings_after(session, use_ids, formerly))


def judge_runs(session: Session, run_ids: Iterable[int]) -> list[Finding]:
    """Judge runs by what entered them and what left. Returns what was not found before."""
    ids = set(run_ids)
    query = (
        select(Run)
        .join(Lot, Run.output_lot_id == Lot.id)
        .where(Lot.initial_g > 0, Run.step == "run")  # a blend is of made tea alone
        .order_by(Run.id)
    )
    runs = [row[0] for row in _rows(session, query, Run.id, ids)]
    names = _names(session, ("runs",), {run.id: run.code for run in runs})
    made = _made(session, {run.event_id for run in runs})
    return settle_findings(
        session,
        Judging(
            noun="run",
            rules=[conversion.RULE],
            records=ids,
            judged={
                run.id: Judged(party_id=run.plant_id, lots=made[run.event_id], names=names[run.id]) for run in runs
            },
            judgements=conversion.judge(_ran(session, runs)),
        ),
    )


def judge_results(session: Session, result_ids: Iterable[int]) -> list[Finding]:
    """Judge reports of laboratories, each analyte by the limit in force. Returns what was not found before."""
    ids = set(result_ids)
    query = (
        select(ResultItem, Result.id, Result.code, Sample.sampled_on, Lot.id, Lot.party_id, Lot.crop)
        .join(Result, ResultItem.result_id == Result.id)
        .join(Sample, Result.sample_id == Sample.id)
        .join(Lot, Sample.lot_id == Lot.id)
        .where(Result.undone_at.is_(None), ResultItem.replaced_at.is_(None))
        .order_by(ResultItem.id)
    )
    rows = list(_rows(session, query, Result.id, ids))
    names = _names(session, ("tests",), {row[1]: row[2] for row in rows})
    facts = [
        residue.Found(
            id=result,
            crop=crop,
            sampled_on=sampled_on,
            analyte=item.analyte,
            value=item.value,
            unit=item.unit,
            stated_limit=item.limit_value,
            stated_basis=item.limit_basis,
        )
        for item, result, _, sampled_on, _, _, crop in rows
    ]
    return settle_findings(
        session,
        Judging(
            noun="result",
            rules=[residue.RULE],
            records=ids,
            judged={row[1]: Judged(party_id=row[5], lots=[row[4]], names=names[row[1]]) for row in rows},
            judgements=residue.judge(facts),
        ),
    )


def judge_parties(session: Session, party_ids: Iterable[int]) -> list[Finding]:
    """Judge the registrations of parties. Returns what was not found before."""
    ids = set(party_ids)
    numbers = defaultdict(list)
    licences = select(Licence.party_id, Licence.number).order_by(Licence.number)
    for party, number in _rows(session, licences, Licence.party_id, ids):
        numbers[party].append(number)
    query = select(Party.id, Party.code, Party.uscc).order_by(Party.id)
    parties = list(_rows(session, query, Party.id, ids))
    names = _names(session, ("cooperatives", "plants"), {id_: code for id_, code, _ in parties})
    return settle_findings(
        session,
        Judging(
            noun="party",
            rules=[codes.RULE],
            records=ids,
            judged={id_: Judged(party_id=id_, lots=[], names=names[id_]) for id_, _, _ in parties},
            judgements=codes.judge([codes.Registered(id_, uscc, numbers[id_]) for id_, _, uscc in parties]),
        ),
    )


def judge_lots(session: Session, lots: Iterable[int]) -> list[Finding]:
    """Judge again what rests on lots (row ids): pickings, the runs they came from or went into, and reports on them."""
    ids = set(lots)
    made = set(_rows(session, select(LineageEdge.child_id), LineageEdge.parent_id, ids))
    outputs = ids | {child for (child,) in made}
    pickings = [row for (row,) in _rows(session, select(Picking.id), Picking.lot_id, ids)]
    runs = [row for (row,) in _rows(session, select(Run.id), Run.output_lot_id, outputs)]
    reports = select(Result.id).join(Sample, Result.sample_id == Sample.id)
    results = [row for (row,) in _rows(session, reports, Sample.lot_id, ids)]
    return [*judge_pickings(session, pickings), *judge_runs(session, runs), *judge_results(session, results)]


def find_pickings_after(
    session: Session, use_ids: Iterable[int], formerly: Iterable[tuple[int, date]] = ()
) -> list[int]:
    """Return the pickings on or after the day of some uses of inputs, on their plots or what took their place."""
    query = select(InputUse.plot_id, InputUse.used_on)
    used = [*_rows(session, query, InputUse.id, set(use_ids)), *formerly]
    later = list_successors(session, {plot for plot, _ in used})
    since: dict[int, date] = {}
    for former, day in used:
        for plot in later[former]:
            since[plot] = min(day, since.get(plot, day))
    _lock_plots(session, since)
    if not since:
        return []
    picked = select(Picking.id, Picking.plot_id, Picking.picked_on).where(Picking.picked_on >= min(since.values()))
    rows = _rows(session, picked.order_by(Picking.id), Picking.plot_id, since)
    return [id_ for id_, plot, day in rows if day >= since[plot]]


def _rows(session: Session, query: Select[*tuple[Any, ...]], column: _Column, ids: Iterable[int]) -> Iterator[Any]:
    """Yield the rows of a query whose column is one of some row ids, in their order."""
    for few in portions(sorted(ids)):
        yield from session.execute(query.where(column.in_(few)))


def _names(session: Session, nouns: Sequence[str], own: Mapping[int, str]) -> dict[int, list[tuple[int | None, str]]]:
    """Return what to call records, given with their codes: the id in each season's file that brought one, else that."""
    query = select(SeasonRecord.record_id, SeasonRecord.season_id, SeasonRecord.alias)
    of_nouns = query.where(SeasonRecord.noun.in_(nouns)).order_by(SeasonRecord.season_id, SeasonRecord.alias)
    names: dict[int, list[tuple[int | None, str]]] = defaultdict(list)
    for id_, season, alias in _rows(session, of_nouns, SeasonRecord.record_id, own):
        names[id_].append((season, alias))
    return {id_: names[id_] or [(None, code)] for id_, code in own.items()}


def _lock_plots(session: Session, plots: Iterable[int]) -> None:
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
    for row in _rows(session, query, InputUse.plot_id, set().union(*formers.values())):
        used[row.plot_id].append(row)
    return [
        interval.Used(row.code, plot, *row[2:])
        for plot, land in sorted(formers.items())
        for former in sorted(land)
        for row in used[former]
    ]


def _made(session: Session, events: Iterable[int]) -> dict[int, list[int]]:
    """Return for each event (row id) the lots it made, a by-product among them."""
    made: dict[int, list[int]] = defaultdict(list)
    query = select(LedgerLine.event_id, LedgerLine.lot_id).where(
        LedgerLine.account == Account.LOT, LedgerLine.amount > 0, LedgerLine.lot_id.is_not(None)
    )
    for event, lot in _rows(session, query.distinct().order_by(LedgerLine.lot_id), LedgerLine.event_id, events):
        made[event].append(lot)
    return made


def _ran(session: Session, runs: Sequence[Run]) -> list[conversion.Ran]:
    """Return the facts of runs. Leaf has the moisture of its intake; tea that is worked again, that of its run."""
    maker = Run.__table__.alias()
    query = (
        select(LineageEdge.child_id, LineageEdge.mass_g, Intake.moisture_percent, maker.c.moisture_percent)
        .add_columns(Lot.crop, Lot.kind)
        .join(Lot, Lot.id == LineageEdge.parent_id)
        .outerjoin(Intake, Intake.lot_id == Lot.id)
        .outerjoin(maker, maker.c.output_lot_id == Lot.id)
    )
    inputs, crops, of_tea = defaultdict(list), {}, set()
    for child, mass_g, weighed, made, crop, kind in _rows(
        session, query, LineageEdge.child_id, {run.output_lot_id for run in runs}
    ):
        inputs[child].append((mass_g, weighed if weighed is not None else made))
        crops[child] = crop
        if kind not in _LEAF:
            of_tea.add(child)  # the ratios of the tables are of leaf
    return [
        conversion.Ran(
            id=run.id,
            crop=None if run.output_lot_id in of_tea else crops.get(run.output_lot_id),
            inputs=inputs[run.output_lot_id],
            output_g=run.output_g,
            by_product_g=run.by_product_g,
            sample_g=run.sample_g,
            moisture_percent=run.moisture_percent,
        )
        for run in runs
    ]
