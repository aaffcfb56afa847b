"""What can be corrected: for each kind of record its table, the verb that corrects it, and how its form is read."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, literal, or_, select, union_all
from sqlalchemy.orm import Session

from trace.aggregations import correct_aggregation, correct_disaggregation
from trace.conformity import CertifiedLot, ConformityCertificate, correct_certificate
from trace.deliveries import Delivery, DeliveryKind, correct_delivery
from trace.destructions import Destruction, correct_destruction
from trace.entries.cases import EnterCase, read_cases, read_unpacking
from trace.entries.certificates import EnterCertificate, read_certificates, refuse_stopped
from trace.entries.deliveries import read_deliveries
from trace.entries.destructions import read_destructions
from trace.entries.field_work import read_field_work
from trace.entries.form import Filled, Form
from trace.entries.inputs import read_input_uses
from trace.entries.intakes import EnterIntake, read_intakes
from trace.entries.outside import read_outside
from trace.entries.packs import read_packs
from trace.entries.pickings import read_pickings
from trace.entries.purchases import read_purchases
from trace.entries.results import read_results
from trace.entries.returns import EnterRefusal, read_refusal, read_returns
from trace.entries.reworks import read_reworks
from trace.entries.runs import EnterRun, Work, read_runs
from trace.entries.samples import read_samples
from trace.entries.shipments import EnterMark, read_marks, read_shipments
from trace.events.tables import Event, Mode
from trace.field_work import FieldWork, correct_field_work
from trace.inputs import InputPurchase, InputUse, correct_input_use, correct_purchase
from trace.intakes import Intake, TakeIn, correct_intake
from trace.lineage import LineageEdge
from trace.logistic_units import LogisticUnit
from trace.lots import Lot
from trace.mandates import NotForThemError, acting_party
from trace.nouns import (
    BLENDS,
    CASES,
    CERTIFICATES,
    DELIVERIES,
    DESTRUCTIONS,
    FIELD_WORK,
    HAND_OVERS,
    INPUT_USES,
    INTAKES,
    OUTSIDE_LOTS,
    PACKS,
    PICKINGS,
    PURCHASES,
    RESULTS,
    RETURNS,
    REWORKS,
    RUNS,
    SAMPLES,
    SHIPMENTS,
)
from trace.outside import OutsideReceipt, correct_outside
from trace.pack_corrections import correct_pack
from trace.packs import Pack
from trace.parties import Party
from trace.pickings import Picking, correct_picking
from trace.quality import Result, Sample, correct_result, correct_sample
from trace.records import Noun
from trace.returns import DeliveryReturn, UnitReturn, correct_delivery_return, correct_unit_return
from trace.reworks import Rework, correct_rework
from trace.runs import Run, correct_run
from trace.shipments import Shipment, correct_shipment
from trace.units import Fate, UnitRange, correct_mark

_Read = Callable[[Form, Any, Any], Any]  # (form, row, record) → command


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of record: under which name, where its rows and their events are, how it is corrected and read.

    One without `read` can only be undone; one without `noun` is named by its event alone. One whose verb refuses held
    tea (`barred_by_holds`) is corrected once what was corrected before it is judged.
    """

    name: str
    row: Any
    correct: Callable[..., Any]
    noun: Noun | None = None
    read: _Read | None = None
    events: Sequence[str] = ("event_id",)  # columns, the record's own event first
    among: ColumnElement[bool] | None = None  # which rows of the table
    barred_by_holds: bool = False

    def of(self, row: Any) -> list[int]:
        """Return the events (row ids) of a record, its own first."""
        events = [getattr(row, column) for column in self.events]
        return [event for event in events if event is not None]


def own_code(form: Form, row: Any) -> str:
    """Return the code of a record: its own, or its lot's."""
    code: str | None = getattr(row, "code", None)
    return code if code is not None else form.session.get_one(Lot, row.lot_id).code


def _keep(form: Form, field: str, given: str | None, stands: str) -> str:
    """Return the code that stands; another one given is a fault."""
    if given not in (None, stands):
        form.refuse(0, field, "code-stays", value=given, stands=stands)
    form.standing = {*form.standing, stands}
    return stands


def _one(read: Callable[[Form, Sequence[Any]], Sequence[Any]]) -> _Read:
    """Return how one record is read that keeps its code."""

    def read_one(form: Form, row: Any, record: Any) -> Any:
        return read(form, [replace(record, code=_keep(form, "code", record.code, own_code(form, row)))])[0]

    return read_one


def _intake(form: Form, row: Intake, record: EnterIntake) -> Any:
    """Read an intake. What it took of its supplier it may take again, but no more; handed over when it was."""
    supplier = form.session.get_one(Party, row.supplier_id)
    try:
        acting_party(form.session, form.caller, supplier.code)
    except NotForThemError:
        form.lenders[supplier.code] = supplier
    form.certificate = row.certificate_id
    command: TakeIn = _one(read_intakes)(form, row, record)
    if form.lenders and command.taken and sorted(command.taken) != _taken_by(form, row):
        raise NotForThemError(party=supplier.code)
    if row.hand_over_event_id is None or not command.taken:
        return command
    said = json.loads(form.session.get_one(Event, row.hand_over_event_id).document)
    return replace(command, handed_over_at=min(datetime.fromisoformat(said["eventTime"]), command.received_at))


def _certificate(form: Form, row: ConformityCertificate, record: EnterCertificate) -> Any:
    """Read a certificate. What it promised it may promise again; other leaf must be free, unless it was long ago."""
    command = _one(read_certificates)(form, row, record)
    if _mode_of(form, row) is not Mode.HISTORY:
        covered = select(CertifiedLot.lot_id).where(CertifiedLot.certificate_id == row.id)
        refuse_stopped(form.session, [command], form.session.scalars(covered))
    return command


def _mode_of(form: Form, row: Any) -> Mode:
    """Return the way by which the record that is corrected once came."""
    return form.session.get_one(Event, row.event_id).mode


def _taken_by(form: Form, row: Intake) -> list[tuple[str, int]]:
    """Return what an intake took, as (identifier, grams)."""
    query = select(Lot.uri, LineageEdge.mass_g).join(Lot, Lot.id == LineageEdge.parent_id)
    taken = query.where(LineageEdge.child_id == row.lot_id, LineageEdge.event_id == row.event_id)
    return sorted((uri, mass_g) for uri, mass_g in form.session.execute(taken))


def _run(form: Form, row: Run, record: EnterRun) -> Any:
    """Read a run or blend; the lots that it made keep their codes too."""
    made = form.session.get_one(Lot, row.output_lot_id).code
    code = _keep(form, "code", record.code, row.code)
    record = replace(
        record, code=code, output=replace(record.output, code=_keep(form, "output.code", record.output.code, made))
    )
    if record.by_product is not None and row.by_product_lot_id is not None:
        left = form.session.get_one(Lot, row.by_product_lot_id).code
        kept = _keep(form, "by_product.code", record.by_product.code, left)
        record = replace(record, by_product=replace(record.by_product, code=kept))
    return read_runs(form, [record], Work(row.step))[0]


def _mark(form: Form, row: UnitRange, record: EnterMark) -> Any:
    """Read what became of units; of which pack, and what, stays."""
    pack = form.session.get_one(Lot, form.session.get_one(Pack, row.pack_id).lot_id).code
    return read_marks(form, [replace(record, pack=pack)], row.fate)[0]


def _case(form: Form, row: LogisticUnit, record: EnterCase) -> Any:
    """Read a case; it keeps its SSCC."""
    return read_cases(form, [replace(record, sscc=_keep(form, "sscc", record.sscc, row.sscc))])[0]


def _refusal(form: Form, row: DeliveryReturn, record: EnterRefusal) -> Any:
    """Read why and when a delivery was refused at the gate; which, stays."""
    return read_refusal(form, form.session.get_one(Delivery, row.delivery_id), record)


def _delivery(kind: DeliveryKind) -> _Read:
    return _one(lambda form, records: read_deliveries(form, records, kind))


_HAND_OVER = Delivery.kind == DeliveryKind.HAND_OVER
_MARKED = UnitRange.fate.in_([Fate.ACTIVATED, Fate.VOID, Fate.LOCKED])

# Rows that share an event with others' come last: positions have the event of their shipment or rework.
KINDS = {
    kind.name: kind
    for kind in (
        Kind(name="pickings", noun=PICKINGS, row=Picking, correct=correct_picking, read=_one(read_pickings)),
        Kind(name="inputs", noun=INPUT_USES, row=InputUse, correct=correct_input_use, read=_one(read_input_uses)),
        Kind(
            name="certificates",
            noun=CERTIFICATES,
            row=ConformityCertificate,
            correct=correct_certificate,
            read=_certificate,
            barred_by_holds=True,
        ),
        Kind(
            name="hand-overs",
            noun=HAND_OVERS,
            row=Delivery,
            correct=correct_delivery,
            read=_delivery(DeliveryKind.HAND_OVER),
            among=_HAND_OVER,
        ),
        Kind(
            name="intakes",
            noun=INTAKES,
            row=Intake,
            correct=correct_intake,
            read=_intake,
            events=("event_id", "hand_over_event_id"),
        ),
        Kind(name="runs", noun=RUNS, row=Run, correct=correct_run, read=_run, among=Run.step == Work.RUN),
        Kind(name="blends", noun=BLENDS, row=Run, correct=correct_run, read=_run, among=Run.step == Work.BLEND),
        Kind(name="packs", noun=PACKS, row=Pack, correct=correct_pack, read=_one(read_packs), barred_by_holds=True),
        Kind(
            name="shipments",
            noun=SHIPMENTS,
            row=Shipment,
            correct=correct_shipment,
            read=_one(read_shipments),
            barred_by_holds=True,
        ),
        Kind(name="samples", noun=SAMPLES, row=Sample, correct=correct_sample, read=_one(read_samples)),
        Kind(name="results", noun=RESULTS, row=Result, correct=correct_result, read=_one(read_results)),
        Kind(
            name="deliveries",
            noun=DELIVERIES,
            row=Delivery,
            correct=correct_delivery,
            read=_delivery(DeliveryKind.SHIPMENT),
            among=~_HAND_OVER,
            barred_by_holds=True,
        ),
        Kind(name="purchases", noun=PURCHASES, row=InputPurchase, correct=correct_purchase, read=_one(read_purchases)),
        Kind(name="field-work", noun=FIELD_WORK, row=FieldWork, correct=correct_field_work, read=_one(read_field_work)),
        Kind(
            name="outside-lots",
            noun=OUTSIDE_LOTS,
            row=OutsideReceipt,
            correct=correct_outside,
            read=_one(read_outside),
        ),
        Kind(
            name="destructions",
            noun=DESTRUCTIONS,
            row=Destruction,
            correct=correct_destruction,
            read=_one(read_destructions),
        ),
        Kind(name="refusals", row=DeliveryReturn, correct=correct_delivery_return, read=_refusal),
        Kind(name="returns", noun=RETURNS, row=UnitReturn, correct=correct_unit_return, read=_one(read_returns)),
        Kind(name="reworks", noun=REWORKS, row=Rework, correct=correct_rework, read=_one(read_reworks)),
        Kind(name="cases", noun=CASES, row=LogisticUnit, correct=correct_aggregation, read=_case),
        Kind(
            name="unpackings",
            row=LogisticUnit,
            correct=correct_disaggregation,
            read=read_unpacking,
            events=("opened_event_id",),
        ),
        Kind(name="marks", row=UnitRange, correct=correct_mark, read=_mark, among=_MARKED, barred_by_holds=True),
    )
}


def _named_by(kind: Kind) -> Select[str, int]:
    columns = (getattr(kind.row, column) == bindparam("event") for column in kind.events)
    among = [] if kind.among is None else [kind.among]
    return select(literal(kind.name), kind.row.id).where(or_(*columns), *among)


_BY_EVENT = union_all(*(_named_by(kind) for kind in KINDS.values()))  # built once


def find_by_event(session: Session, event: int) -> tuple[Kind, int] | None:
    """Return the record (kind and row id) that an event (row id) stands for."""
    found = dict(reversed(session.execute(_BY_EVENT, {"event": event}).all()))
    return next(((kind, found[kind.name]) for kind in KINDS.values() if kind.name in found), None)


def filled_for(record: Filled, party: str) -> Filled:
    """Return a record for the party that answers for it, where it names none."""
    return record if record.party is not None else replace(record, party=party)
