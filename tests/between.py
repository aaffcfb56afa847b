"""Valid things that go between parties: deliveries, returns, destructions, tea from outside; by the domain's verbs."""

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tests.factories import PICKED_AT, make_leaf, make_party, make_plant
from tests.packing import pack_of, units_of
from trace.deliveries import Carried, Delivery, DeliveryKind, SendDelivery, send_deliveries
from trace.destructions import Destroy, Destruction, destroy
from trace.events import LIVE, Entry
from trace.intakes import Intake, TakeIn, record_intakes
from trace.lots import Lot
from trace.outside import OutsideReceipt, ReceiveOutside, receive_outside
from trace.packs import Pack
from trace.parties import Party
from trace.products import TradeItem
from trace.returns import DeliveryReturn, ReturnDelivery, ReturnUnits, UnitReturn, return_deliveries, return_units
from trace.shipments import Shipment

SENT_AT = PICKED_AT + timedelta(hours=5)
_numbers = itertools.count(1)


def _code(prefix: str) -> str:
    return f"{prefix}{next(_numbers):05d}"


def _later() -> datetime:
    """Return a moment that no other record has, so that two alike are two."""
    return PICKED_AT + timedelta(days=4, seconds=next(_numbers))


def sending(session: Session, items: Sequence[tuple[Lot, int]], receiver: Party, **overrides: Any) -> SendDelivery:
    """Return the command that sends grams of lots of one party to another."""
    giver = session.get_one(Party, items[0][0].party_id)
    values: dict[str, Any] = {
        "code": _code("HO"),
        "giver_id": giver.id,
        "giver_code": giver.code,
        "receiver_id": receiver.id,
        "receiver_code": receiver.code,
        "kind": DeliveryKind.HAND_OVER,
        "sent_at": SENT_AT,
        "items": [Carried(lot_id=lot.id, lot_uri=lot.uri, mass_g=mass_g) for lot, mass_g in items],
        **overrides,
    }
    return SendDelivery(**values)


def make_delivery(
    session: Session,
    *,
    items: Sequence[tuple[Lot, int]] | None = None,
    receiver: Party | None = None,
    **overrides: Any,
) -> Delivery:
    """Send 10 kg of leaf to a plant."""
    items = items or [(make_leaf(session), 10_000)]
    return send_deliveries(session, [sending(session, items, receiver or make_plant(session), **overrides)], LIVE)[0]


def receipt(session: Session, deliveries: Sequence[Delivery], received_g: int, **overrides: Any) -> TakeIn:
    """Return the command that takes in deliveries of one giver."""
    giver, receiver = (session.get_one(Party, id_) for id_ in (deliveries[0].giver_id, deliveries[0].receiver_id))
    values: dict[str, Any] = {
        "code": _code("IN"),
        "receiver_id": receiver.id,
        "receiver_code": receiver.code,
        "supplier_id": giver.id,
        "supplier_code": giver.code,
        "certificate_id": None,
        "handed_over_at": SENT_AT,
        "received_at": PICKED_AT + timedelta(hours=8),
        "deliveries": [delivery.id for delivery in deliveries],
        "received_g": received_g,
        **overrides,
    }
    return TakeIn(**values)


def receive(session: Session, deliveries: Sequence[Delivery], received_g: int, **overrides: Any) -> Intake:
    """Take in deliveries of one giver by one weighing."""
    return record_intakes(session, [receipt(session, deliveries, received_g, **overrides)], LIVE)[0]


def refusal(session: Session, delivery: Delivery, **overrides: Any) -> ReturnDelivery:
    """Return the command that refuses a delivery at the gate."""
    giver, receiver = (session.get_one(Party, id_) for id_ in (delivery.giver_id, delivery.receiver_id))
    values: dict[str, Any] = {
        "delivery_id": delivery.id,
        "giver_code": giver.code,
        "receiver_id": receiver.id,
        "receiver_code": receiver.code,
        "returned_at": PICKED_AT + timedelta(hours=9),
        "reason": "含水过高",
        **overrides,
    }
    return ReturnDelivery(**values)


def refuse(session: Session, delivery: Delivery, entry: Entry = LIVE, **overrides: Any) -> DeliveryReturn:
    """Refuse a delivery at the gate."""
    return return_deliveries(session, [refusal(session, delivery, **overrides)], entry)[0]


def coming_back(session: Session, shipment: Shipment, positions: tuple[int, int], **overrides: Any) -> ReturnUnits:
    """Return the command by which a buyer sends positions of a pack back."""
    pack = pack_of(session, shipment)
    seller, buyer = (session.get_one(Party, id_) for id_ in (shipment.seller_id, shipment.buyer_id))
    values: dict[str, Any] = {
        "code": _code("RT"),
        "pack_id": pack.id,
        "lot_uri": session.get_one(Lot, pack.lot_id).uri,
        "net_g": session.get_one(TradeItem, pack.trade_item_id).net_g,
        "seller_id": seller.id,
        "seller_code": seller.code,
        "buyer_id": buyer.id,
        "buyer_code": buyer.code,
        "returned_at": _later(),
        "first_position": positions[0],
        "last_position": positions[1],
        "reason": "外包装破损",
        **overrides,
    }
    return ReturnUnits(**values)


def take_back(session: Session, shipment: Shipment, positions: tuple[int, int], **overrides: Any) -> UnitReturn:
    """Record that positions of a pack came back."""
    return return_units(session, [coming_back(session, shipment, positions, **overrides)], LIVE)[0]


def destroying(session: Session, lot: Lot, mass_g: int, **overrides: Any) -> Destroy:
    """Return the command that destroys grams of a lot."""
    party = session.get_one(Party, lot.party_id)
    values: dict[str, Any] = {
        "code": _code("X"),
        "party_id": party.id,
        "party_code": party.code,
        "lot_id": lot.id,
        "lot_uri": lot.uri,
        "destroyed_at": _later(),
        "mass_g": mass_g,
        "reason": "霉变",
        "method": "焚烧",
        **overrides,
    }
    return Destroy(**values)


def burn(session: Session, lot: Lot, mass_g: int, **overrides: Any) -> Destruction:
    """Destroy grams of a lot."""
    return destroy(session, [destroying(session, lot, mass_g, **overrides)], LIVE)[0]


def burning(session: Session, pack: Pack, positions: tuple[int, int], **overrides: Any) -> Destroy:
    """Return the command that destroys units of a pack."""
    units = units_of(session, pack, *positions)
    return destroying(session, session.get_one(Lot, pack.lot_id), units.mass_g, positions=units, **overrides)


def burn_units(session: Session, pack: Pack, positions: tuple[int, int], **overrides: Any) -> Destruction:
    """Destroy units of a pack."""
    return destroy(session, [burning(session, pack, positions, **overrides)], LIVE)[0]


def coming_in(session: Session, receiver: Party | None = None, **overrides: Any) -> ReceiveOutside:
    """Return the command that receives 5 kg of leaf from a supplier who is no party here."""
    receiver = receiver or make_plant(session)
    values: dict[str, Any] = {
        "code": _code("OUT"),
        "receiver_id": receiver.id,
        "receiver_code": receiver.code,
        "supplier_name": "外省茶行",
        "declared_origin": "外省某县",
        "received_at": PICKED_AT + timedelta(hours=7),
        "mass_g": 5000,
        "papers": ["产地证明 0001"],
        **overrides,
    }
    return ReceiveOutside(**values)


def make_outside(session: Session, receiver: Party | None = None, **overrides: Any) -> OutsideReceipt:
    """Receive 5 kg of leaf from outside."""
    return receive_outside(session, [coming_in(session, receiver, **overrides)], LIVE)[0]


def make_broker(session: Session) -> Party:
    """Make a leaf broker."""
    return make_party(session, code=_code("BK"), kind="broker")
