"""The chain around a trace: what stands in the way of its lots, whose they are, and what happened to them, in order.

Each question walks the lineage inside the database, so their number does not grow with the trace.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import CTE, ColumnElement, Select, String, literal, select, union_all
from sqlalchemy import cast as as_type
from sqlalchemy.orm import Session

from trace import visibility
from trace.accounts import Caller
from trace.conformity import CertifiedLot, ConformityCertificate
from trace.deliveries import Delivery, DeliveryItem
from trace.descent import above, below
from trace.destructions import Destruction
from trace.events.tables import Event
from trace.findings import Finding, Severity
from trace.holds import LotHold, RecalledLot
from trace.intakes import Intake
from trace.lots import Lot
from trace.outside import OutsideReceipt
from trace.packs import Pack
from trace.parties import Party
from trace.pickings import Picking
from trace.quality import Result, Sample
from trace.recalls import Recall
from trace.reworks import Rework
from trace.runs import Run
from trace.shipments import Shipment
from trace.tracing import Direction, Trace
from trace.units import UnitRange


class Mark(StrEnum):
    """What stands in the way of a lot."""

    RECALLED = "recalled"
    FAILED = "failed"  # a report on it did not pass
    HELD = "held"  # by a finding that nobody has answered


class Happening(NamedTuple):
    """One event of the chain: what kind of record, what it is called, of which lot, when, and who says so.

    Of what is more than one step away it keeps kind, lot and time.
    """

    noun: str
    code: str | None
    lot: int
    event: str
    event_time: datetime
    utc_offset: str
    recorded_at: datetime | None
    mode: str | None
    party: str | None
    party_name: str | None


def _walk(trace: Trace) -> CTE:
    """Return the lots of a trace, found again in the database."""
    return (above if trace.direction is Direction.BACK else below)([trace.lot.id])


def is_hidden(trace: Trace, lot: int) -> bool:
    """Return whether a lot is more than one step from the caller's own, and so names nobody."""
    return trace.nodes[lot].party is None


def find_marks(session: Session, trace: Trace) -> dict[int, list[Mark]]:
    """Return what stands in the way of the lots that the caller may know. One statement."""
    lots = select(_walk(trace).c.id)
    held = (
        select(LotHold.lot_id, literal(Mark.HELD.value))
        .join(Finding, LotHold.finding_id == Finding.id)
        .where(LotHold.lot_id.in_(lots), Finding.answered_at.is_(None), Finding.severity != Severity.NOTE)
    )
    failed = (
        select(Sample.lot_id, literal(Mark.FAILED.value))
        .join(Result, Result.sample_id == Sample.id)
        .where(Sample.lot_id.in_(lots), Result.undone_at.is_(None), ~Result.passed)
    )
    recalled = select(RecalledLot.lot_id, literal(Mark.RECALLED.value)).where(RecalledLot.lot_id.in_(lots))
    found: dict[int, set[Mark]] = defaultdict(set)
    for lot, mark in session.execute(union_all(recalled, failed, held)):
        if not is_hidden(trace, lot):
            found[lot].add(Mark(mark))
    return {lot: [mark for mark in Mark if mark in marks] for lot, marks in found.items()}


def find_party_names(session: Session, trace: Trace) -> dict[str, str]:
    """Return the public names of the parties that a trace names, by code. One statement."""
    known = {node.party for node in trace.nodes.values() if node.party}
    query = select(Party.code, Party.name).where(
        Party.id.in_(select(Lot.party_id).where(Lot.id.in_(select(_walk(trace).c.id))))
    )
    return {code: name for code, name in session.execute(query) if code in known}


def list_happenings(session: Session, caller: Caller, trace: Trace) -> list[Happening]:
    """Return what happened to the lots of a trace, oldest first. One statement.

    How a lot came into being is told of every lot, by whom only where the caller may know the lot; what else was done
    with it is told to those who may read that record.
    """
    told = union_all(*_makings(), *_doings(caller)).subquery()
    noun, code, lot, event = told.c
    query = (
        select(noun, code, lot, Event.event_id, Event.event_time, Event.utc_offset, Event.recorded_at, Event.mode)
        .add_columns(Party.code, Party.name)
        .join(Event, Event.id == event)
        .join(Party, Event.party_id == Party.id)
        .where(lot.in_(select(_walk(trace).c.id)))
        .order_by(Event.event_time, Event.id, lot)
    )
    rows = [Happening(*row) for row in session.execute(query)]
    return [_without_names(row) if is_hidden(trace, row.lot) else row for row in rows]


def _without_names(row: Happening) -> Happening:
    return row._replace(code=None, recorded_at=None, mode=None, party=None, party_name=None)


def _told(noun: ColumnElement[Any], code: Any, lot: Any, table: Any) -> Select[*tuple[Any, ...]]:
    """Select what happened to a lot by a record that stands."""
    return select(as_type(noun, String(40)), code, lot, table.event_id).where(table.undone_at.is_(None))


def _makings() -> Iterator[Select[*tuple[Any, ...]]]:
    """Yield how lots come into being, under the lot's own code or the run's."""
    tables: Sequence[tuple[str, Any]] = (
        ("picking", Picking),
        ("intake", Intake),
        ("outside-receipt", OutsideReceipt),
        ("rework", Rework),
        ("pack", Pack),
    )
    for noun, table in tables:
        yield _told(literal(noun), Lot.code, Lot.id, table).join(table, table.lot_id == Lot.id)
    yield _told(Run.step.expression, Run.code, Run.output_lot_id, Run)


def _doings(caller: Caller) -> Iterator[Select[*tuple[Any, ...]]]:
    """Yield what else is done with lots, as far as the caller may read it."""
    certificate = ConformityCertificate
    yield (
        _told(literal("conformity-certificate"), certificate.code, CertifiedLot.lot_id, certificate)
        .join(CertifiedLot, CertifiedLot.certificate_id == certificate.id)
        .where(visibility.certificates(caller))
    )
    yield (
        select(literal("hand-over"), Lot.code, Lot.id, Intake.hand_over_event_id)
        .join(Lot, Intake.lot_id == Lot.id)
        .where(Intake.undone_at.is_(None), Intake.hand_over_event_id.is_not(None), visibility.intakes(caller))
    )
    yield (
        _told(Delivery.kind.expression, Delivery.code, DeliveryItem.lot_id, Delivery)
        .join(DeliveryItem, DeliveryItem.delivery_id == Delivery.id)
        .where(visibility.deliveries(caller))
    )
    yield _told(literal("sample"), Sample.code, Sample.lot_id, Sample).where(
        visibility.samples(caller), Sample.event_id.is_not(None)
    )
    yield (
        _told(literal("result"), Result.code, Sample.lot_id, Result)
        .join(Sample, Result.sample_id == Sample.id)
        .where(visibility.results(caller))
    )
    yield (
        _told(literal("shipment"), Shipment.code, Pack.lot_id, Shipment)
        .join(UnitRange, UnitRange.event_id == Shipment.event_id)
        .join(Pack, Pack.id == UnitRange.pack_id)
        .where(visibility.shipments(caller))
        .distinct()
    )
    yield _told(literal("destruction"), Destruction.code, Destruction.lot_id, Destruction).where(
        visibility.lots_by_id(caller, Destruction.lot_id)
    )
    yield (
        select(literal("recall"), Recall.code, RecalledLot.lot_id, Recall.event_id)
        .join(RecalledLot, RecalledLot.recall_id == Recall.id)
        .where(visibility.recalls(caller))
    )
