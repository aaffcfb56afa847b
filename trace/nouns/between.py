"""What goes between parties as its readers see it: deliveries, intakes, returns, outside lots."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from trace import visibility
from trace.accounts import Caller
from trace.conformity import ConformityCertificate
from trace.deliveries import Delivery, DeliveryItem, DeliveryKind, DeliveryState
from trace.events.tables import Event
from trace.findings import Finding, Severity
from trace.holds import LotHold
from trace.intakes import Intake
from trace.lineage import LineageEdge
from trace.lots import Lot
from trace.nouns.paper_forms import told_form
from trace.outside import OutsideReceipt
from trace.packs import Pack
from trace.paper_forms import PaperFormUse
from trace.parties import Party
from trace.records import Filter, Noun, Parts, Record, equal, plain
from trace.returns import DeliveryReturn, UnitReturn
from trace.slips import WeighSlip, is_reversed

_SECOND = aliased(Party, name="second")
_AGENT = aliased(Party, name="agent")
_ISSUER = aliased(Party, name="issuer")
_SLIP = aliased(WeighSlip, name="slip")
_CERTIFICATE = aliased(ConformityCertificate, name="certificate")


def _sent_g() -> ScalarSelect[int]:
    """Return the grams that a delivery carries."""
    carried = select(func.sum(DeliveryItem.mass_g)).where(DeliveryItem.delivery_id == Delivery.id)
    return carried.correlate(Delivery).scalar_subquery()


def _deliveries(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Delivery.code, Party.code.label("owner"), _SECOND.code.label("receiver"), Delivery.state),
            *(Delivery.sent_on, Event.event_time.label("sent_at"), Event.utc_offset, Delivery.note_number),
            *(_sent_g().label("mass_g"), Lot.code.label("intake"), Event.mode, Event.event_id.label("event")),
            *(Delivery.price_yuan_per_kg, Delivery.carrier, Delivery.vehicle, _AGENT.code.label("entered_by")),
            *(DeliveryReturn.returned_on, DeliveryReturn.reason.label("return_reason"), _SLIP.code.label("slip")),
            *(_SLIP.gross_g, _SLIP.tare_g, _SLIP.deduction_g, _SLIP.deduction_reason, _SLIP.as_typed),
            *(_SLIP.amount_yuan, _SLIP.pluck_standard, _SLIP.grade),
        )
        .select_from(Delivery)
        .join(Party, Delivery.giver_id == Party.id)
        .join(_SECOND, Delivery.receiver_id == _SECOND.id)
        .join(Event, Delivery.event_id == Event.id)
        .outerjoin(_AGENT, Event.entered_by_id == _AGENT.id)
        .outerjoin(Intake, Delivery.closed_by_id == Intake.event_id)
        .outerjoin(Lot, Intake.lot_id == Lot.id)
        .outerjoin(DeliveryReturn, Delivery.closed_by_id == DeliveryReturn.event_id)
        .outerjoin(_SLIP, (_SLIP.delivery_id == Delivery.id) & ~is_reversed(_SLIP.id))
        .where(Delivery.undone_at.is_(None))
    )


def _carried(session: Session, _caller: Caller, deliveries: Sequence[int]) -> dict[int, list[Record]]:
    """Return the lots that each delivery carries, with grams."""
    query = (
        select(DeliveryItem.delivery_id, Lot.code.label("lot"), DeliveryItem.mass_g, DeliveryItem.as_typed)
        .join(Lot, DeliveryItem.lot_id == Lot.id)
        .where(DeliveryItem.delivery_id.in_(deliveries))
        .order_by(DeliveryItem.id)
    )
    found: dict[int, list[Record]] = defaultdict(list)
    for row in session.execute(query).mappings():
        found[row["delivery_id"]].append(dict(row))
    return found


def _noun(name: str, kind: DeliveryKind) -> Noun:
    return Noun(
        name=name,
        key=Delivery.id,
        query=lambda caller: _deliveries(caller).where(Delivery.kind == kind),
        visible=visibility.deliveries,
        code=plain(Delivery.code),
        owner=Party.code.expression,
        filters={
            "state": Filter(lambda state: Delivery.state == DeliveryState(state), tuple(DeliveryState)),
            "party": equal(Party.code),
            "receiver": equal(_SECOND.code),
            "intake": equal(Lot.code),
        },
        parts=Parts("lots", _carried),
    )


HAND_OVERS, DELIVERIES = _noun("hand-over", DeliveryKind.HAND_OVER), _noun("delivery", DeliveryKind.SHIPMENT)


def _accepted() -> ColumnElement[bool]:
    """Hold where nothing that somebody must answer refuses the lot of an intake: else it is weighed, and held."""
    refusal = exists().where(LotHold.lot_id == Intake.lot_id, Finding.id == LotHold.finding_id)
    return ~refusal.where(Finding.answered_at.is_(None), Finding.severity == Severity.REFUSE).correlate(Intake)


def _intakes(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Lot.code, Party.code.label("owner"), _SECOND.code.label("supplier"), Intake.received_on, Lot.grade),
            *(Intake.delivered_g, Intake.received_g, Intake.gross_g, Intake.tare_g, Intake.deduction_g),
            *(Intake.deduction_reason, Intake.as_typed, Intake.moisture_percent, Intake.price_yuan_per_kg),
            *(Intake.pluck_standard, Intake.weather, (_ISSUER.code + "/" + _CERTIFICATE.code).label("certificate")),
            *(Event.event_time.label("received_at"), Event.utc_offset, Event.mode, Event.event_id.label("event")),
            *(_AGENT.code.label("entered_by"), _SLIP.code.label("slip"), _SLIP.amount_yuan),
            told_form(PaperFormUse.intake_id, Intake.id),
            *(Intake.exemption, _accepted().label("accepted")),
        )
        .select_from(Intake)
        .join(Lot, Intake.lot_id == Lot.id)
        .join(Party, Lot.party_id == Party.id)
        .join(_SECOND, Intake.supplier_id == _SECOND.id)
        .join(Event, Intake.event_id == Event.id)
        .outerjoin(_AGENT, Event.entered_by_id == _AGENT.id)
        .outerjoin(_SLIP, (_SLIP.intake_id == Intake.id) & ~is_reversed(_SLIP.id))
        .outerjoin(_CERTIFICATE, Intake.certificate_id == _CERTIFICATE.id)
        .outerjoin(_ISSUER, _CERTIFICATE.issuer_id == _ISSUER.id)
        .where(Intake.undone_at.is_(None))
    )


def _taken(session: Session, _caller: Caller, intakes: Sequence[int]) -> dict[int, list[Record]]:
    """Return the lots that each intake took over, with the supplier's grams."""
    query = (
        select(Intake.id, Lot.code.label("lot"), LineageEdge.mass_g)
        .join(LineageEdge, (LineageEdge.child_id == Intake.lot_id) & (LineageEdge.event_id == Intake.event_id))
        .join(Lot, LineageEdge.parent_id == Lot.id)
        .where(Intake.id.in_(intakes))
        .order_by(Intake.id, Lot.id)
    )
    found: dict[int, list[Record]] = defaultdict(list)
    for row in session.execute(query).mappings():
        found[row["id"]].append(dict(row))
    return found


INTAKES = Noun(
    name="intake",
    key=Intake.id,
    query=_intakes,
    visible=visibility.intakes,
    code=plain(Lot.code),
    owner=Party.code.expression,
    aliases="intakes",
    filters={"party": equal(Party.code), "supplier": equal(_SECOND.code)},
    parts=Parts("lots", _taken),
)


def _returns(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(UnitReturn.code, Party.code.label("owner"), _SECOND.code.label("buyer"), Lot.code.label("pack")),
            *(UnitReturn.first_position, UnitReturn.last_position, UnitReturn.units, UnitReturn.mass_g),
            *(UnitReturn.returned_on, UnitReturn.reason, Event.event_time.label("returned_at"), Event.utc_offset),
            *(Event.mode, Event.event_id.label("event"), _AGENT.code.label("entered_by")),
        )
        .select_from(UnitReturn)
        .join(Party, UnitReturn.seller_id == Party.id)
        .join(_SECOND, UnitReturn.buyer_id == _SECOND.id)
        .join(Pack, UnitReturn.pack_id == Pack.id)
        .join(Lot, Pack.lot_id == Lot.id)
        .join(Event, UnitReturn.event_id == Event.id)
        .outerjoin(_AGENT, Event.entered_by_id == _AGENT.id)
        .where(UnitReturn.undone_at.is_(None))
    )


RETURNS = Noun(
    name="unit-return",
    key=UnitReturn.id,
    query=_returns,
    visible=visibility.returns,
    code=plain(UnitReturn.code),
    owner=Party.code.expression,
    filters={"party": equal(Party.code), "buyer": equal(_SECOND.code), "pack": equal(Lot.code)},
)


def _outside_lots(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Lot.code, Party.code.label("owner"), _SECOND.code.label("supplier"), OutsideReceipt.supplier_name),
            *(Lot.declared_origin, Lot.kind, Lot.grade, Lot.crop, Lot.product_kind, OutsideReceipt.received_on),
            *(OutsideReceipt.mass_g, OutsideReceipt.as_typed, OutsideReceipt.papers, OutsideReceipt.price_yuan_per_kg),
            *(Event.event_time.label("received_at"), Event.utc_offset, Event.mode, Event.event_id.label("event")),
            _AGENT.code.label("entered_by"),
        )
        .select_from(OutsideReceipt)
        .join(Lot, OutsideReceipt.lot_id == Lot.id)
        .join(Party, Lot.party_id == Party.id)
        .join(Event, OutsideReceipt.event_id == Event.id)
        .outerjoin(_SECOND, OutsideReceipt.supplier_id == _SECOND.id)
        .outerjoin(_AGENT, Event.entered_by_id == _AGENT.id)
        .where(OutsideReceipt.undone_at.is_(None))
    )


OUTSIDE_LOTS = Noun(
    name="outside-receipt",
    key=OutsideReceipt.id,
    query=_outside_lots,
    visible=visibility.outside_lots,
    code=plain(Lot.code),
    owner=Party.code.expression,
    filters={"party": equal(Party.code), "supplier": equal(_SECOND.code)},
)
