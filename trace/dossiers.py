"""Dossiers: the story of one lot for an inspector, from plots to buyers, as far as the reader may know it.

Each part holds records as their own noun shows them, kept to the lots that the lot was made of and, for what became of
it, to the lots made of it. What stands beyond one step is left out by the nouns themselves.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from trace import nouns
from trace.accounts import Caller
from trace.chains import Happening, Mark, find_marks, find_party_names, list_happenings
from trace.conformity import CertifiedLot, ConformityCertificate
from trace.db import portions
from trace.destructions import Destruction
from trace.findings import Finding
from trace.holds import LotHold, RecalledLot
from trace.inputs import InputUse
from trace.intakes import Intake
from trace.nouns import LOTS_TO_TRACE
from trace.outside import OutsideReceipt
from trace.packs import Pack
from trace.pickings import Picking
from trace.places import Plot
from trace.quality import Result, Sample
from trace.recalls import Recall
from trace.records import Noun, Record, get_record, list_among
from trace.returns import UnitReturn
from trace.rule_tables import load_tables
from trace.rules.judging.plots import intervals_of
from trace.runs import Run, RunStep
from trace.shipments import Shipment
from trace.tracing import Direction, Trace
from trace.units import UnitRange
from trace.visibility import trace_for

SEASON = timedelta(days=365)  # inputs of a year before a picking may still matter to it
_Condition = Callable[[Sequence[int]], ColumnElement[bool]]


@dataclass(frozen=True)
class Dossier:
    """A lot, its traces with what stands beside them, and the records of each part by name."""

    lot: Record
    back: Trace
    forward: Trace
    marks: Mapping[int, Sequence[Mark]]
    parties: Mapping[str, str]
    happenings: Sequence[Happening]
    parts: Mapping[str, Sequence[Record]]


def _with_lots(key: Any, lot: Any, *joins: Any) -> _Condition:
    """Return the condition that a record's key is among those that a table ties to some lots."""
    query = select(key)
    for table, condition in joins:
        query = query.join(table, condition)
    return lambda few: key.in_(query.where(lot.in_(few)))


def _shipped(few: Sequence[int]) -> ColumnElement[bool]:
    ranges = select(UnitRange.event_id).join(Pack, Pack.id == UnitRange.pack_id).where(Pack.lot_id.in_(few))
    return Shipment.event_id.in_(ranges.where(UnitRange.event_id.is_not(None)))


def _returned(few: Sequence[int]) -> ColumnElement[bool]:
    return UnitReturn.pack_id.in_(select(Pack.id).where(Pack.lot_id.in_(few)))


_BEHIND: Mapping[str, tuple[Noun, _Condition]] = {
    "pickings": (nouns.PICKINGS, Picking.lot_id.in_),
    "certificates": (
        nouns.CERTIFICATES,
        _with_lots(
            ConformityCertificate.id,
            CertifiedLot.lot_id,
            (CertifiedLot, CertifiedLot.certificate_id == ConformityCertificate.id),
        ),
    ),
    "intakes": (nouns.INTAKES, Intake.lot_id.in_),
    "outside_lots": (nouns.OUTSIDE_LOTS, OutsideReceipt.lot_id.in_),
    "runs": (nouns.RUNS, Run.output_lot_id.in_),
    "blends": (nouns.BLENDS, Run.output_lot_id.in_),
}
_AROUND: Mapping[str, tuple[Noun, _Condition]] = {
    "samples": (nouns.SAMPLES, Sample.lot_id.in_),
    "results": (nouns.RESULTS, _with_lots(Result.id, Sample.lot_id, (Sample, Result.sample_id == Sample.id))),
    "findings": (nouns.FINDINGS, _with_lots(Finding.id, LotHold.lot_id, (LotHold, LotHold.finding_id == Finding.id))),
    "recalls": (
        nouns.RECALLS,
        _with_lots(Recall.id, RecalledLot.lot_id, (RecalledLot, RecalledLot.recall_id == Recall.id)),
    ),
}
_AHEAD: Mapping[str, tuple[Noun, _Condition]] = {
    "packs": (nouns.PACKS, Pack.lot_id.in_),
    "shipments": (nouns.SHIPMENTS, _shipped),
    "returns": (nouns.RETURNS, _returned),
    "destructions": (nouns.DESTRUCTIONS, Destruction.lot_id.in_),
}
PARTS = ("inputs", *_BEHIND, *_AROUND, *_AHEAD)


def open_dossier(session: Session, caller: Caller, code: str) -> Dossier:
    """Return the dossier of a lot the caller may read. Raises `NotFoundError`, `AmbiguousCodeError`."""
    lot = get_record(session, caller, LOTS_TO_TRACE, code)
    back, forward = (trace_for(session, caller, lot["key"], direction) for direction in Direction)
    behind, ahead = sorted(back.nodes), sorted(forward.nodes)
    wanted = ((_BEHIND, behind), (_AROUND, sorted({*behind, *ahead})), (_AHEAD, ahead))
    parts = {
        name: list_among(session, caller, noun, among, lots)
        for some, lots in wanted
        for name, (noun, among) in some.items()
    }
    for name in ("runs", "blends"):
        _add_steps(session, parts[name])
    marks = {**find_marks(session, back), **find_marks(session, forward)}
    names = {**find_party_names(session, back), **find_party_names(session, forward)}
    happenings = [row for trace in (back, forward) for row in list_happenings(session, caller, trace)]
    inputs = _list_inputs(session, caller, parts["pickings"])
    return Dossier(lot, back, forward, marks, names, _in_order(happenings), {"inputs": inputs, **parts})


def _in_order(happenings: Iterable[Happening]) -> list[Happening]:
    """Return each once, oldest first; of one moment in the order they were recorded."""
    return sorted(dict.fromkeys(happenings), key=lambda row: row.event_time)


def _list_inputs(session: Session, caller: Caller, pickings: Sequence[Record]) -> list[Record]:
    """Return what was used on the plots within a year before their leaf was picked, with interval and its end."""
    last = {picking["plot"]: picking["picked_on"] for picking in sorted(pickings, key=lambda one: one["picked_on"])}
    plots: dict[str, int] = {}
    for few in portions(last):
        plots.update((code, id_) for code, id_ in session.execute(select(Plot.code, Plot.id).where(Plot.code.in_(few))))
    uses = list_among(session, caller, nouns.INPUT_USES, InputUse.plot_id.in_, sorted(plots.values()))
    uses = [use for use in uses if last[use["plot"]] - SEASON < use["used_on"] <= last[use["plot"]]]
    found = intervals_of(session, [use["key"] for use in uses], load_tables(session))
    for use in uses:
        blocking = found.get(use["key"])
        use["interval_days"], use["free_on"] = (blocking.days, blocking.free_on) if blocking else (None, None)
    return sorted(uses, key=lambda use: (use["plot"], use["used_on"]))


def _add_steps(session: Session, runs: Sequence[Record]) -> None:
    """Add to each run its steps in order, and how much went in for what came out."""
    steps: dict[int, list[Record]] = {run["key"]: [] for run in runs}
    for few in portions(steps):
        query = select(RunStep.run_id, RunStep.step, RunStep.measured).where(RunStep.run_id.in_(few))
        for run, step, measured in session.execute(query.order_by(RunStep.run_id, RunStep.place)):
            steps[run].append({"step": step, "measured": measured})
    for run in runs:
        run["steps"] = steps[run["key"]]
        out_g = run["output_g"] + run["by_product_g"] + run["sample_g"]
        run["ratio"] = round(run["input_g"] / out_g, 2) if out_g else None
