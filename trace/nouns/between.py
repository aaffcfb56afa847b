"""What goes between parties as its readers see it: hand-overs, intakes."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.orm import Session, aliased

from trace import visibility
from trace.accounts import Caller
from trace.conformity import ConformityCertificate
from trace.deliveries import Delivery, DeliveryItem, DeliveryKind, DeliveryState
from trace.events.tables import Event
from trace.intakes import Intake
from trace.lineage import LineageEdge
from trace.lots import Lot
from trace.parties import Party
from trace.records import Filter, Noun, Parts, Record, equal, plain

_SECOND = aliased(Party, name="second")
_AGENT = aliased(Party, name="agent")
_ISSUER = aliased(Party, name="issuer")
_CERTIFICATE = aliased(ConformityCertificate, name="certificate")


def _sent_g() -> ScalarSelect[int]:
    """Return the grams that a delivery carries."""
    carried = select(func.sum(DeliveryItem.mass_g)).where(DeliveryItem.delivery_id == Delivery.id)
    return carried.correlate(Delivery).scalar_subquery()


def _hand_overs(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Delivery.code, Party.code.label("owner"), _SECOND.code.label("receiver"), Delivery.state),
            *(Delivery.sent_on, Event.event_time.label("sent_at"), Event.utc_offset, Delivery.note_number),
            *(_sent_g().label("mass_g"), Lot.code.label("intake"), Event.mode, Event.event_id.label("event")),
            _AGENT.code.label("entered_by"),
        )
        .select_from(Delivery)
        .join(Party, Delivery.giver_id == Party.id)
        .join(_SECOND, Delivery.receiver_id == _SECOND.id)
        .join(Event, Delivery.event_id == Event.id)
        .outerjoin(_AGENT, Event.entered_by_id == _AGENT.id)
        .outerjoin(Intake, Delivery.closed_by_id == Intake.event_id)
        .outerjoin(Lot, Intake.lot_id == Lot.id)
        .where(Delivery.kind == DeliveryKind.HAND_OVER, Delivery.undone_at.is_(None))
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


HAND_OVERS = Noun(
    name="hand-over",
    key=Delivery.id,
    query=_hand_overs,
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


def _intakes(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Lot.code, Party.code.label("owner"), _SECOND.code.label("supplier"), Intake.received_on, Lot.grade),
            *(Intake.delivered_g, Intake.received_g, Intake.gross_g, Intake.tare_g, Intake.deduction_g),
            *(Intake.deduction_reason, Intake.as_typed, Intake.moisture_percent, Intake.price_yuan_per_kg),
            *(Intake.pluck_standard, Intake.weather, (_ISSUER.code + "/" + _CERTIFICATE.code).label("certificate")),
            *(Event.event_time.label("received_at"), Event.utc_offset, Event.mode, Event.event_id.label("event")),
            _AGENT.code.label("entered_by"),
        )
        .select_from(Intake)
        .join(Lot, Intake.lot_id == Lot.id)
        .join(Party, Lot.party_id == Party.id)
        .join(_SECOND, Intake.supplier_id == _SECOND.id)
        .join(Event, Intake.event_id == Event.id)
        .outerjoin(_AGENT, Event.entered_by_id == _AGENT.id)
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
