"""Enter returns: positions of one's own packs that a buyer sends back, and deliveries that one refuses at the gate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from trace.accounts import Caller
from trace.deliveries import Delivery
from trace.entries.form import Filled, Form, new_code
from trace.entries.positions import PackRange, find_ranges
from trace.entries.references import Named, check_new_codes, find_parties
from trace.parties import Party
from trace.returns import ReturnDelivery, ReturnUnits, UnitReturn, list_sold, return_deliveries, return_units


@dataclass(frozen=True, kw_only=True)
class EnterReturn(Filled):
    """Positions that came back, as somebody types it."""

    pack: str
    first: int
    last: int
    buyer: str
    returned_at: datetime
    reason: str
    code: str | None = None


@dataclass(frozen=True, kw_only=True)
class EnterRefusal(Filled):
    """Why a delivery was refused at the gate, and when."""

    returned_at: datetime
    reason: str


def enter_returns(session: Session, caller: Caller, records: Sequence[EnterReturn]) -> list[UnitReturn]:
    """Record returns; `party` sold what came back. Raises what a form raises, and `PositionsNotOutError`."""
    form = Form(session, caller, records)
    return return_units(session, read_returns(form, records), form.entry)


def read_returns(form: Form, records: Sequence[EnterReturn]) -> list[ReturnUnits]:
    """Return what a form of returns asks for. Raises `InvalidError` with every fault."""
    buyers = find_parties(form, [Named(place, "buyer", record.buyer) for place, record in enumerate(records)])
    wanted = [PackRange(pack=record.pack, first=record.first, last=record.last) for record in records]
    found = find_ranges(form, [("", [one]) for one in wanted])
    codes = [record.code or new_code("RT", record.returned_at) for record in records]
    named = [Named(place, "code", code) for place, code in enumerate(codes)]
    check_new_codes(form, named, UnitReturn, UnitReturn.seller_id)
    sold = iter(list_sold(form.session, [units for few in found for _, units in few]))
    for place, (record, buyer, few) in enumerate(zip(records, buyers, found, strict=True)):
        form.check_moment(place, "returned_at", record.returned_at)
        for lot, _ in few:
            since = next(sold).get(buyer.id if buyer else 0, lot.made_on)
            form.check_day(place, "returned_at", record.returned_at, since=since)
    form.close()
    return [
        ReturnUnits(
            code=code,
            pack_id=units.pack_id,
            lot_uri=units.lot_uri,
            net_g=units.net_g,
            seller_id=seller.id,
            seller_code=seller.code,
            buyer_id=buyer.id,
            buyer_code=buyer.code,
            returned_at=record.returned_at,
            first_position=units.first_position,
            last_position=units.last_position,
            reason=record.reason,
        )
        for record, code, seller, buyer, few in zip(records, codes, form.principals, buyers, found, strict=True)
        for _, units in few
        if buyer is not None
    ]


def enter_refusal(session: Session, caller: Caller, delivery_id: int, command: EnterRefusal) -> Delivery:
    """Refuse the delivery of a row id at the gate; `party` names its receiver. Its grams are the giver's again.

    Raises what a form raises, and `DeliveryNotOpenError`.
    """
    form = Form(session, caller, [command])
    delivery = session.get_one(Delivery, delivery_id)
    return_deliveries(session, [read_refusal(form, delivery, command)], form.entry)
    return delivery


def read_refusal(form: Form, delivery: Delivery, command: EnterRefusal) -> ReturnDelivery:
    """Return what a form of one refusal asks for. Raises `InvalidError` with every fault."""
    form.check_moment(0, "returned_at", command.returned_at)
    form.check_day(0, "returned_at", command.returned_at, since=delivery.sent_on)
    form.close()
    [receiver] = form.principals
    return ReturnDelivery(
        delivery_id=delivery.id,
        giver_code=form.session.get_one(Party, delivery.giver_id).code,
        receiver_id=receiver.id,
        receiver_code=receiver.code,
        returned_at=command.returned_at,
        reason=command.reason,
    )
