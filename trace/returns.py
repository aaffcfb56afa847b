"""Returns: a delivery refused at the gate, units of a pack that a buyer sends back; both into the lots they left.

Positions that came back may be shipped again; what a scan of them is told stays what their activation made it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, and_, false, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import BIG, Base, BigId, Grams, portions
from trace.deliveries import (
    Carried,
    Delivery,
    DeliveryState,
    check_open,
    close,
    list_carried,
    lock_closed_by,
    lock_deliveries,
    reopen,
)
from trace.destructions import Destruction
from trace.events import Entry, Event, NewEvent, documents, record
from trace.events.correct import Correction, CorrectionBlockedError, correct_events
from trace.instance import Namespace, get_namespace
from trace.shipments import Shipment
from trace.units import (
    Fate,
    UnitRange,
    Units,
    check_history,
    check_order,
    check_out,
    keep_ranges,
    pieces,
    positions,
)


class DeliveryReturn(Base):
    """A delivery refused at the gate: all of it is the giver's again."""

    __tablename__ = "delivery_return"
    id: Mapped[BigId]
    delivery_id: Mapped[int] = mapped_column(BIG, ForeignKey("delivery.id"), index=True)
    returned_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(120))
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"), index=True)
    undone_at: Mapped[datetime | None]  # since when it is said never to have happened


class UnitReturn(Base):
    """Units of a pack that came back from a buyer."""

    __tablename__ = "unit_return"
    __table_args__ = (
        UniqueConstraint("seller_id", "code"),
        CheckConstraint("first_position >= 1 AND last_position >= first_position", name="positions_in_order"),
    )
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(String(40), index=True)
    pack_id: Mapped[int] = mapped_column(ForeignKey("pack.id"), index=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    buyer_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    returned_on: Mapped[date]
    first_position: Mapped[int]
    last_position: Mapped[int]
    units: Mapped[int]
    mass_g: Mapped[Grams]
    reason: Mapped[str] = mapped_column(String(120))
    # Of a return that never was, nothing remains among the positions.
    unit_range_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("unit_range.id"), index=True)
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"), index=True)
    undone_at: Mapped[datetime | None]


@dataclass(frozen=True, kw_only=True)
class ReturnDelivery:
    """Ask to record that a receiver refused a delivery (row id) at the gate."""

    delivery_id: int
    giver_code: str
    receiver_id: int
    receiver_code: str
    returned_at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReturnUnits:
    """Ask to record that positions of a pack came back from a buyer."""

    code: str
    pack_id: int
    lot_uri: str
    net_g: int
    seller_id: int
    seller_code: str
    buyer_id: int
    buyer_code: str
    returned_at: datetime
    first_position: int
    last_position: int
    reason: str

    @property
    def units(self) -> int:
        """Return the number of units that came back."""
        return self.positions.count

    @property
    def positions(self) -> Units:
        """Return the positions that came back."""
        return Units(
            pack_id=self.pack_id,
            lot_uri=self.lot_uri,
            net_g=self.net_g,
            first_position=self.first_position,
            last_position=self.last_position,
        )


def refusing(
    names: Namespace, command: ReturnDelivery, code: str, carried: Sequence[Carried], entry: Entry
) -> NewEvent:
    """Return the receiver's event: the grams of a delivery go back into the giver's lots."""
    document = documents.observation(
        names,
        when=command.returned_at,
        step="receiving",
        of=[documents.Grams(item.lot_uri, item.mass_g) for item in carried],
        extra={
            **documents.owner_change(names, command.receiver_code, command.giver_code),
            "disposition": "returned",
            "chasu:delivery": f"{command.giver_code}/{code}",
        },
    )
    return NewEvent(document=document, party_id=command.receiver_id, entry=entry)


def returning(names: Namespace, command: ReturnUnits, entry: Entry) -> NewEvent:
    """Return the seller's event: units go back into the pack's lot."""
    document = documents.observation(
        names,
        when=command.returned_at,
        step="receiving",
        of=pieces([command.positions]),
        extra={
            **documents.owner_change(names, command.buyer_code, command.seller_code),
            "disposition": "returned",
            **positions([command.positions]),
            "chasu:return": f"{command.seller_code}/{command.code}",
        },
    )
    return NewEvent(document=document, party_id=command.seller_id, entry=entry)


def return_deliveries(session: Session, commands: Sequence[ReturnDelivery], entry: Entry) -> list[DeliveryReturn]:
    """Record deliveries refused at the gate. Raises `NotFoundError`, `DeliveryNotOpenError`."""
    names, ids = get_namespace(session), [command.delivery_id for command in commands]
    deliveries, carried = lock_deliveries(session, ids), list_carried(session, ids)
    check_open([*deliveries.values()])
    news = [
        refusing(names, command, deliveries[command.delivery_id].code, carried[command.delivery_id], entry)
        for command in commands
    ]
    returns = []
    for command, event in zip(commands, record(session, news), strict=True):
        check_open([deliveries[command.delivery_id]])  # once, also within one call
        close(deliveries[command.delivery_id], DeliveryState.RETURNED, event)
        returns.append(
            DeliveryReturn(
                delivery_id=command.delivery_id,
                returned_on=command.returned_at.date(),
                reason=command.reason,
                event_id=event,
            )
        )
    session.add_all(returns)
    session.flush()
    return returns


def correct_delivery_return(
    session: Session, returned: DeliveryReturn, right: ReturnDelivery | None, reason: str, entry: Entry
) -> DeliveryReturn:
    """Say when and why a delivery was refused; without `right` it was not, and is on its way again."""
    [delivery] = lock_closed_by(session, returned.event_id, [returned.delivery_id]) or [
        session.get_one(Delivery, returned.delivery_id)
    ]
    news = []
    if right is not None:
        carried = list_carried(session, [delivery.id])[delivery.id]
        news = [refusing(get_namespace(session), right, delivery.code, carried, entry)]
    correction = Correction(
        wrong=[returned.event_id], right=news, reason=reason, party_id=delivery.receiver_id, entry=entry
    )
    events = correct_events(session, correction)
    reopen([delivery])
    if right is None:
        returned.undone_at = clock.now()
    else:
        close(delivery, DeliveryState.RETURNED, events[0])
        returned.returned_on, returned.reason = right.returned_at.date(), right.reason
        returned.event_id = events[0]
    session.flush()
    return returned


_KEPT = (*("code", "pack_id", "seller_id", "buyer_id", "first_position", "last_position", "units", "reason"),)


def return_units(session: Session, commands: Sequence[ReturnUnits], entry: Entry) -> list[UnitReturn]:
    """Record units that came back; their positions may be shipped again. Raises `PositionsNotOutError`."""
    names, units = get_namespace(session), [command.positions for command in commands]
    check_order(units)
    events = record(session, [returning(names, command, entry) for command in commands])
    _check_buyers(session, commands)
    ranges = keep_ranges(session, units, Fate.RETURNED, events)
    returns = []
    for command, kept, event in zip(commands, ranges, events, strict=True):
        returned = UnitReturn(unit_range_id=kept.id)
        keep_return(returned, command, event)
        returns.append(returned)
    session.add_all(returns)
    session.flush()
    return returns


def keep_return(returned: UnitReturn, command: ReturnUnits, event: int) -> None:
    """Put on the row what came back, and by which event."""
    for name in _KEPT:
        setattr(returned, name, getattr(command, name))
    returned.mass_g = command.units * command.net_g
    returned.returned_on, returned.event_id = command.returned_at.date(), event


def _by_buyer(session: Session, packs: Iterable[int]) -> dict[tuple[int, int], list[UnitRange]]:
    """Return the ranges shipped to and come back from each buyer of packs, in the order in which they came to be."""
    query = (
        select(UnitRange, func.coalesce(Shipment.buyer_id, UnitReturn.buyer_id))
        .outerjoin(Shipment, Shipment.event_id == UnitRange.event_id)
        .outerjoin(UnitReturn, UnitReturn.unit_range_id == UnitRange.id)
        .where(UnitRange.pack_id.in_(set(packs)), UnitRange.fate.in_((Fate.SHIPPED, Fate.RETURNED)))
        .order_by(UnitRange.id)
    )
    found: dict[tuple[int, int], list[UnitRange]] = defaultdict(list)
    for known, buyer in session.execute(query):
        found[known.pack_id, buyer].append(known)
    return found


def list_sold(session: Session, units: Sequence[Units]) -> list[dict[int, date]]:
    """Return, for each range of positions, the last day on which any of them was shipped, by buyer (row id)."""
    query = select(UnitRange, Shipment.buyer_id, Shipment.shipped_on).join(
        Shipment, Shipment.event_id == UnitRange.event_id
    )
    sold: dict[int, list[tuple[UnitRange, int, date]]] = defaultdict(list)
    for few in portions({one.pack_id for one in units}):
        for sent, buyer, day in session.execute(query.where(UnitRange.pack_id.in_(few))):
            sold[sent.pack_id].append((sent, buyer, day))
    found: list[dict[int, date]] = []
    for one in units:
        days: dict[int, date] = {}
        for sent, buyer, day in sold[one.pack_id]:
            if sent.first_position <= one.last_position and sent.last_position >= one.first_position:
                days[buyer] = max(day, days.get(buyer, day))
        found.append(days)
    return found


def _check_buyers(session: Session, commands: Sequence[ReturnUnits]) -> None:
    """Raise `PositionsNotOutError` for positions that are not out with the buyer who returns them."""
    known = _by_buyer(session, (command.pack_id for command in commands))
    for command in commands:
        with_buyer = known[command.pack_id, command.buyer_id]
        check_out(command.positions, with_buyer)
        with_buyer.append(
            UnitRange(first_position=command.first_position, last_position=command.last_position, fate=Fate.RETURNED)
        )


def correct_unit_return(
    session: Session, returned: UnitReturn, right: ReturnUnits | None, reason: str, entry: Entry
) -> UnitReturn:
    """Say which units really came back; without `right` none did.

    Raises `CorrectionBlockedError` where such units were shipped again or destroyed since, and `PositionsNotOutError`.
    """
    news = [] if right is None else [returning(get_namespace(session), right, entry)]
    correction = Correction(
        wrong=[returned.event_id], right=news, reason=reason, party_id=returned.seller_id, entry=entry
    )
    packs = {returned.pack_id, *([right.pack_id] if right else ())}
    events = correct_events(session, correction)
    _refuse_taken(session, returned, right)
    kept = session.get_one(UnitRange, returned.unit_range_id)
    if right is None:
        returned.undone_at, returned.unit_range_id = clock.now(), None
        session.flush()
        session.delete(kept)
    else:
        keep_return(returned, right, events[0])
        kept.first_position, kept.last_position = right.first_position, right.last_position
        kept.pack_id, kept.event_id = right.pack_id, events[0]
    session.flush()
    for ranges in _by_buyer(session, packs).values():
        check_history(ranges)
    return returned


def _refuse_taken(session: Session, returned: UnitReturn, right: ReturnUnits | None) -> None:
    """Refuse to take back the return of positions that left again since, by name of the events."""
    first, last = returned.first_position, returned.last_position
    lost = [(first, last)]
    if right is not None and right.pack_id == returned.pack_id:
        lost = [(first, min(last, right.first_position - 1)), (max(first, right.last_position + 1), last)]
    there = or_(
        *(and_(UnitRange.first_position <= high, UnitRange.last_position >= low) for low, high in lost if low <= high),
        false(),
    )
    later = UnitRange.pack_id == returned.pack_id, UnitRange.id > returned.unit_range_id, there
    events: list[str] = []
    for taker in (Shipment, Destruction):
        query = select(Event.event_id).join(taker, taker.event_id == Event.id)
        events += session.scalars(query.join(UnitRange, taker.event_id == UnitRange.event_id).where(*later).distinct())
    if events:
        raise CorrectionBlockedError(first=first, last=last, events=sorted(events))
