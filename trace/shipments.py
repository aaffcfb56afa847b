"""Shipments: units of a pack sold to a buyer, by position; what is shipped goes live."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.db import BIG, Base, BigId, Grams
from trace.events import Entry, NewEvent, documents, record
from trace.instance import Namespace, get_namespace
from trace.units import Fate, Units, check_order, keep_ranges


class Shipment(Base):
    """Units of a pack sold to a buyer."""

    __tablename__ = "shipment"
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(String(40), index=True)
    pack_id: Mapped[int] = mapped_column(ForeignKey("pack.id"), index=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    buyer_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    shipped_on: Mapped[date]
    units: Mapped[int]
    mass_g: Mapped[Grams]
    unit_range_id: Mapped[int] = mapped_column(BIG, ForeignKey("unit_range.id"))
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"))


@dataclass(frozen=True, kw_only=True)
class Ship:
    """Ask to record one shipment of a range of positions."""

    code: str
    pack_id: int
    lot_uri: str
    net_g: int
    seller_id: int
    seller_code: str
    buyer_id: int
    buyer_code: str
    shipped_at: datetime
    first_position: int
    last_position: int

    @property
    def units(self) -> int:
        """Return the number of units shipped."""
        return self.last_position - self.first_position + 1


def _shipping(names: Namespace, command: Ship, entry: Entry) -> NewEvent:
    document = documents.observation(
        names,
        when=command.shipped_at,
        step="shipping",
        of=[documents.Pieces(command.lot_uri, command.units)],
        extra={
            **documents.owner_change(names, command.seller_code, command.buyer_code),
            "disposition": "in_transit",
            "chasu:netGrams": command.net_g,
            "chasu:positions": {"chasu:first": command.first_position, "chasu:last": command.last_position},
            "chasu:shipment": f"{command.seller_code}/{command.code}",
        },
    )
    return NewEvent(document=document, party_id=command.seller_id, entry=entry)


def record_shipments(session: Session, commands: Sequence[Ship], entry: Entry) -> list[Shipment]:
    """Record shipments; the positions shipped go live. Raises `LotOverdrawnError`, `PositionsTakenError`."""
    names = get_namespace(session)
    units = [
        Units(pack_id=command.pack_id, first_position=command.first_position, last_position=command.last_position)
        for command in commands
    ]
    check_order(units)
    events = record(session, [_shipping(names, command, entry) for command in commands])
    ranges = keep_ranges(session, units, Fate.SHIPPED)
    shipments = [
        Shipment(
            code=command.code,
            pack_id=command.pack_id,
            seller_id=command.seller_id,
            buyer_id=command.buyer_id,
            shipped_on=command.shipped_at.date(),
            units=command.units,
            mass_g=command.units * command.net_g,
            unit_range_id=shipped.id,
            event_id=event,
        )
        for command, shipped, event in zip(commands, ranges, events, strict=True)
    ]
    session.add_all(shipments)
    session.flush()
    return shipments
