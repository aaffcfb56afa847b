"""Shipments: units of packs, and whole logistic units, sold to a buyer; what is shipped goes live."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote

from sqlalchemy import ForeignKey, Index, String, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import BIG, Base, BigId, Grams, portions
from trace.events import Entry, NewEvent, documents, record
from trace.events.correct import Correction, CorrectionBlockedError, correct_events
from trace.instance import Namespace, get_namespace
from trace.logistic_units import (
    LogisticUnit,
    NotHeldError,
    lock_units,
    refuse_in_units,
    refuse_inside,
    whole_contents,
)
from trace.permits import lots_drawn_by, refuse_held
from trace.sscc import sscc_uri
from trace.units import (
    Fate,
    Places,
    Units,
    check_order,
    free_ranges,
    keep_ranges,
    list_returns_of,
    pieces,
    positions,
)


class Shipment(Base):
    """Units sold to a buyer in one go. Its ranges of positions are those of its event."""

    __tablename__ = "shipment"
    __table_args__ = (
        Index("ix_shipment_seller_id_shipped_on", "seller_id", "shipped_on"),
        Index("ix_shipment_buyer_id_shipped_on", "buyer_id", "shipped_on"),
    )
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(String(40), index=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    buyer_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    shipped_on: Mapped[date]
    delivery_note: Mapped[str | None] = mapped_column(String(40))
    units: Mapped[int]
    mass_g: Mapped[Grams]
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"), index=True)
    undone_at: Mapped[datetime | None]  # when it was said that this never happened


@dataclass(frozen=True, kw_only=True)
class Ship:
    """Ask to record one shipment of ranges of positions, of logistic units with all that is in them, or of both."""

    code: str
    seller_id: int
    seller_code: str
    buyer_id: int
    buyer_code: str
    shipped_at: datetime
    units: Sequence[Units] = ()
    logistic_units: Sequence[tuple[int, str]] = ()  # (row id, SSCC)
    delivery_note: str | None = None


@dataclass(frozen=True)
class Load:
    """All that leaves by one shipment: positions, and the logistic units marked as gone with it."""

    units: Sequence[Units]
    gone: Sequence[int] = ()

    @property
    def mass_g(self) -> int:
        """Return the net content of it all."""
        return sum(few.mass_g for few in self.units)


def find_loads(session: Session, commands: Sequence[Ship]) -> list[Load]:
    """Lock the logistic units named, and return what each shipment takes along.

    Raises `InLogisticUnitError`, `LogisticUnitGoneError`, `NotHeldError`.
    """
    check_order(few for command in commands for few in command.units)
    ids = [id_ for command in commands for id_, _ in command.logistic_units]
    if not ids:
        return [Load(command.units) for command in commands]
    locked = lock_units(session, ids)
    for command in commands:
        for id_, sscc in command.logistic_units:
            if locked[id_].party_id != command.seller_id:
                raise NotHeldError(what="logistic-unit", code=sscc)
    refuse_inside(session, ids)
    within, contents = whole_contents(session, ids)
    loads = []
    for command in commands:
        named = [id_ for id_, _ in command.logistic_units]
        packed = [few for id_ in named for few in contents[id_]]
        loads.append(Load([*command.units, *packed], [unit for id_ in named for unit in within[id_]]))
    return loads


def shipment_event(names: Namespace, command: Ship, load: Load, entry: Entry) -> NewEvent:
    """Return the event by which it all becomes the buyer's."""
    note = quote(command.delivery_note or "", safe="")
    uri = names.record("delivery-note", f"{command.seller_code}/{note}")
    document = documents.observation(
        names,
        when=command.shipped_at,
        step="shipping",
        of=[*(sscc_uri(sscc) for _, sscc in command.logistic_units), *pieces(load.units)],
        extra={
            **documents.owner_change(names, command.seller_code, command.buyer_code),
            "disposition": "in_transit",
            **positions(load.units),
            "chasu:shipment": f"{command.seller_code}/{command.code}",
            **({"bizTransactionList": [{"type": "desadv", "bizTransaction": uri}]} if note else {}),
        },
    )
    return NewEvent(document=document, party_id=command.seller_id, entry=entry)


def record_shipments(session: Session, commands: Sequence[Ship], entry: Entry) -> list[Shipment]:
    """Record shipments; the positions shipped go live.

    Raises `LotOverdrawnError`, `LotRefusedError`, `PositionsTakenError` and what `find_loads` raises.
    """
    names = get_namespace(session)
    loads = find_loads(session, commands)
    news = [shipment_event(names, command, load, entry) for command, load in zip(commands, loads, strict=True)]
    events = record(session, news)
    refuse_held(session, {few.lot_uri for load in loads for few in load.units}, entry.mode)
    shipments = [Shipment() for _ in commands]
    for shipment, command, load, event in zip(shipments, commands, loads, events, strict=True):
        put_shipment(shipment, command, load, event)
    _let_go(session, commands, loads, events)
    session.add_all(shipments)
    session.flush()
    return shipments


def put_shipment(shipment: Shipment, command: Ship, load: Load, event: int) -> None:
    """Put what a command says on a shipment's row."""
    for name in ("code", "seller_id", "buyer_id", "delivery_note"):
        setattr(shipment, name, getattr(command, name))
    shipment.shipped_on, shipment.event_id = command.shipped_at.date(), event
    shipment.units, shipment.mass_g = sum(few.count for few in load.units), load.mass_g


def _let_go(
    session: Session,
    commands: Sequence[Ship],
    loads: Sequence[Load],
    events: Sequence[int],
    places: Places | None = None,
) -> None:
    """Say of positions and logistic units that they are gone. Raises `InLogisticUnitError`, `PositionsTakenError`."""
    refuse_in_units(session, [few for command in commands for few in command.units])
    ranges = [(few, event) for load, event in zip(loads, events, strict=True) for few in load.units]
    keep_ranges(session, [few for few, _ in ranges], Fate.SHIPPED, [event for _, event in ranges], places)
    for load, event in zip(loads, events, strict=True):
        for few in portions(load.gone):
            session.execute(update(LogisticUnit).where(LogisticUnit.id.in_(few)).values(shipped_event_id=event))


def correct_shipment(session: Session, shipment: Shipment, command: Ship | None, reason: str, entry: Entry) -> Shipment:
    """Say what a shipment really was; without a command it never left, and its positions are live no more.

    Raises what `correct_events` and `record_shipments` raise, and `CorrectionBlockedError` while positions that it
    gives up have come back from its buyer.
    """
    loads = find_loads(session, [command] if command else [])
    known = lots_drawn_by(session, shipment.event_id)
    names = get_namespace(session)
    right = [shipment_event(names, command, load, entry) for load in loads if command]
    wrong, party_id = shipment.event_id, shipment.seller_id
    correction = Correction(wrong=[wrong], right=right, reason=reason, party_id=party_id, entry=entry)
    events = correct_events(session, correction)
    same_buyer = command is not None and command.buyer_id == shipment.buyer_id
    returns = list_returns_of(session, wrong, loads[0].units if same_buyer else [])
    if returns:
        raise CorrectionBlockedError(shipment=shipment.code, events=returns)
    places = free_ranges(session, wrong)
    session.execute(update(LogisticUnit).where(LogisticUnit.shipped_event_id == wrong).values(shipped_event_id=None))
    if command:
        refuse_held(session, {few.lot_uri for few in loads[0].units} - known, entry.mode)
        put_shipment(shipment, command, loads[0], events[0])
        _let_go(session, [command], loads, events, places)
    else:
        shipment.undone_at = clock.now()
    session.flush()
    return shipment
