"""Deliveries: grams of leaf or loose tea on their way from one party to another, until received or sent back.

The grams leave the giver's lots at once: what is on the truck cannot be handed over twice. They wait in the ledger
under the receiver's identifier; an intake draws them from there, a return at the gate brings them back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import BIG, Base, BigId, Grams, portions
from trace.errors import ConflictError, NotFoundError
from trace.events import Entry, Event, NewEvent, documents, record
from trace.events.correct import Correction, CorrectionBlockedError, correct_events
from trace.instance import Namespace, get_namespace
from trace.lots import Lot
from trace.permits import lots_drawn_by, refuse_held
from trace.slips import IssueSlip, SlipKind, Weights, issue_slips, reissue_slip


class DeliveryNotOpenError(ConflictError):
    """The delivery was received or sent back before, or it never happened."""

    code = "delivery-not-open"


class DeliveryKind(StrEnum):
    """What is carried."""

    HAND_OVER = "hand-over"  # leaf
    SHIPMENT = "shipment"  # loose tea, or leaf, by mass


class DeliveryState(StrEnum):
    """Where the grams are."""

    SENT = "sent"  # with neither: on their way
    RECEIVED = "received"
    RETURNED = "returned"  # refused at the gate: the giver's again


class Delivery(Base):
    """Grams of lots on their way from `giver` to `receiver`."""

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("giver_id", "code"),)
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(String(40), index=True)
    giver_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    receiver_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    kind: Mapped[DeliveryKind]
    state: Mapped[DeliveryState] = mapped_column(default=DeliveryState.SENT)
    sent_on: Mapped[date]
    note_number: Mapped[str | None] = mapped_column(String(60))  # of the delivery note
    price_yuan_per_kg: Mapped[Decimal | None]
    carrier: Mapped[str | None] = mapped_column(String(60))
    vehicle: Mapped[str | None] = mapped_column(String(20))
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"), index=True)
    # The standing event that closed it, an intake's or a return's.
    closed_by_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("event.id"), index=True)
    undone_at: Mapped[datetime | None]  # since when it is said never to have happened


class DeliveryItem(Base):
    """So many grams of one lot in a delivery, by the giver's scale."""

    __tablename__ = "delivery_item"
    id: Mapped[BigId]
    delivery_id: Mapped[int] = mapped_column(BIG, ForeignKey("delivery.id"), index=True)
    lot_id: Mapped[int] = mapped_column(BIG, ForeignKey("lot.id"), index=True)
    mass_g: Mapped[Grams]
    as_typed: Mapped[dict[str, Any] | None]  # the mass with its unit, as somebody typed it


@dataclass(frozen=True, kw_only=True)
class Carried:
    """So many grams of a lot, given by row id and identifier; never of a packed lot, which goes by units."""

    lot_id: int
    lot_uri: str
    mass_g: int
    as_typed: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class SendDelivery(Weights):
    """Ask to record that grams of lots left for a receiver; what else the scale said goes on a slip."""

    code: str
    giver_id: int
    giver_code: str
    receiver_id: int
    receiver_code: str
    kind: DeliveryKind
    sent_at: datetime
    items: Sequence[Carried]
    note_number: str | None = None
    carrier: str | None = None
    vehicle: str | None = None


_KEPT = ("code", "giver_id", "receiver_id", "kind", "note_number", "price_yuan_per_kg", "carrier", "vehicle")


def sending(names: Namespace, command: SendDelivery, entry: Entry) -> NewEvent:
    """Return the giver's event: grams leave its lots. Price, carrier and vehicle stay out of it."""
    document = documents.observation(
        names,
        when=command.sent_at,
        step="shipping",
        of=[documents.Grams(item.lot_uri, item.mass_g) for item in command.items],
        extra={
            **documents.owner_change(names, command.giver_code, command.receiver_code),
            "disposition": "in_transit",
            "chasu:delivery": f"{command.giver_code}/{command.code}",
        },
    )
    return NewEvent(document=document, party_id=command.giver_id, entry=entry)


def _items(delivery: Delivery, command: SendDelivery) -> list[DeliveryItem]:
    return [
        DeliveryItem(delivery_id=delivery.id, lot_id=item.lot_id, mass_g=item.mass_g, as_typed=item.as_typed)
        for item in command.items
    ]


def send_deliveries(session: Session, commands: Sequence[SendDelivery], entry: Entry) -> list[Delivery]:
    """Record deliveries; their grams leave the lots at once.

    Raises `LotOverdrawnError`, and `LotRefusedError` where held tea would be shipped.
    """
    names = get_namespace(session)
    events = record(session, [sending(names, command, entry) for command in commands])
    shipped = [command for command in commands if command.kind is DeliveryKind.SHIPMENT]
    refuse_held(session, {item.lot_uri for command in shipped for item in command.items}, entry.mode)
    deliveries = [
        Delivery(
            state=DeliveryState.SENT,
            sent_on=command.sent_at.date(),
            event_id=event,
            **{name: getattr(command, name) for name in _KEPT},
        )
        for command, event in zip(commands, events, strict=True)
    ]
    session.add_all(deliveries)
    session.flush()
    session.add_all(
        item for delivery, command in zip(deliveries, commands, strict=True) for item in _items(delivery, command)
    )
    session.flush()
    both = zip(deliveries, commands, strict=True)
    issue_slips(session, [_slip(*one) for one in both if one[0].kind is DeliveryKind.HAND_OVER], entry)
    return deliveries


def _slip(delivery: Delivery, command: SendDelivery) -> IssueSlip:
    """Return the command for the slip of a hand-over."""
    return IssueSlip(
        kind=SlipKind.HAND_OVER,
        record_id=delivery.id,
        giver_id=command.giver_id,
        receiver_id=command.receiver_id,
        weighed_at=command.sent_at,
        net_g=sum(item.mass_g for item in command.items),
        weights=command,
    )


def lock_deliveries(session: Session, ids: Iterable[int]) -> dict[int, Delivery]:
    """Lock deliveries in id order and return them as they are now. Raises `NotFoundError`.

    Whoever locks deliveries and lots locks the deliveries first.
    """
    wanted, found = set(ids), {}
    for few in portions(sorted(wanted)):
        query = select(Delivery).where(Delivery.id.in_(few)).order_by(Delivery.id).with_for_update()
        found.update({row.id: row for row in session.scalars(query.execution_options(populate_existing=True))})
    if wanted - found.keys():
        raise NotFoundError(what="delivery", code=min(wanted - found.keys()))
    return found


def list_carried(session: Session, ids: Iterable[int]) -> dict[int, list[Carried]]:
    """Return what each delivery carries, in the order sent."""
    carried: dict[int, list[Carried]] = {id_: [] for id_ in ids}
    query = select(DeliveryItem, Lot.uri).join(Lot, DeliveryItem.lot_id == Lot.id).order_by(DeliveryItem.id)
    for few in portions(carried):
        for item, uri in session.execute(query.where(DeliveryItem.delivery_id.in_(few))):
            carried[item.delivery_id].append(
                Carried(lot_id=item.lot_id, lot_uri=uri, mass_g=item.mass_g, as_typed=item.as_typed)
            )
    return carried


def check_open(deliveries: Iterable[Delivery]) -> None:
    """Raise `DeliveryNotOpenError` for one that is not on its way; the caller has locked them."""
    for delivery in deliveries:
        if delivery.undone_at is not None or delivery.state is not DeliveryState.SENT:
            state = "undone" if delivery.undone_at is not None else delivery.state.value
            raise DeliveryNotOpenError(delivery=delivery.code, state=state)


def states_of(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return which deliveries, as `PARTY/CODE`, an event says are in which state (pure)."""
    if "chasu:deliveries" in document:
        return [(code, DeliveryState.RECEIVED.value) for code in document["chasu:deliveries"]]
    if "chasu:delivery" not in document:
        return []
    returned = document.get("disposition") == "returned"
    state = DeliveryState.RETURNED if returned else DeliveryState.SENT
    return [(document["chasu:delivery"], state.value)]


def close(delivery: Delivery, state: DeliveryState, event: int) -> None:
    """Say how a delivery ended, and by which event."""
    delivery.state, delivery.closed_by_id = state, event


def reopen(deliveries: Iterable[Delivery]) -> None:
    """Let deliveries be on their way again: what had closed them did not happen."""
    for delivery in deliveries:
        delivery.state, delivery.closed_by_id = DeliveryState.SENT, None


def lock_closed_by(session: Session, event: int, others: Iterable[int] = ()) -> list[Delivery]:
    """Return the deliveries that an event closed, locked together with others that are to be locked."""
    closed = session.scalars(select(Delivery.id).where(Delivery.closed_by_id == event))
    rows = lock_deliveries(session, {*closed, *others})
    return [row for row in rows.values() if row.closed_by_id == event]


def keep_delivery(session: Session, delivery: Delivery, command: SendDelivery, event: int) -> None:
    """Put what was really sent on the row and its items."""
    for name in _KEPT:
        setattr(delivery, name, getattr(command, name))
    delivery.sent_on, delivery.event_id = command.sent_at.date(), event
    session.execute(delete(DeliveryItem).where(DeliveryItem.delivery_id == delivery.id))
    session.add_all(_items(delivery, command))


def correct_delivery(
    session: Session, delivery: Delivery, right: SendDelivery | None, reason: str, entry: Entry
) -> Delivery:
    """Say what a delivery really was; without `right` it never was.

    Only while it is on its way: what received it or sent it back is to be corrected first.
    Raises `CorrectionBlockedError`, what `correct_events` raises, and `LotRefusedError` where held tea would be
    shipped that was not before.
    """
    lock_deliveries(session, [delivery.id])
    if delivery.closed_by_id is not None:
        closing = session.get_one(Event, delivery.closed_by_id).event_id
        raise CorrectionBlockedError(delivery=delivery.code, events=[closing])
    known = lots_drawn_by(session, delivery.event_id)
    news = [] if right is None else [sending(get_namespace(session), right, entry)]
    correction = Correction(
        wrong=[delivery.event_id], right=news, reason=reason, party_id=delivery.giver_id, entry=entry
    )
    events = correct_events(session, correction)
    if right is not None and right.kind is DeliveryKind.SHIPMENT:
        refuse_held(session, {item.lot_uri for item in right.items} - known, entry.mode)
    if right is None:
        delivery.undone_at = clock.now()
    else:
        keep_delivery(session, delivery, right, events[0])
    session.flush()
    if delivery.kind is DeliveryKind.HAND_OVER:
        slip = None if right is None else _slip(delivery, right)
        reissue_slip(session, SlipKind.HAND_OVER, delivery.id, slip, entry)
    return delivery
