"""Outside leaf and tea: received with a declared origin and papers, from a supplier who may be on no platform.

It did not grow here as far as our records go, so the ledger never says it grew: it comes from its supplier, and its lot
is marked with what the supplier declared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import BIG, Base, BigId, Grams
from trace.events import Entry, NewEvent, documents, record
from trace.events.correct import Correction, correct_events
from trace.instance import Namespace, get_namespace
from trace.lots import Lot, LotKind, OpenLot, open_lots


class OutsideReceipt(Base):
    """Leaf or tea received from outside; the lot says which of the two, and the origin declared."""

    __tablename__ = "outside_receipt"
    __table_args__ = (CheckConstraint("supplier_id IS NOT NULL OR supplier_name IS NOT NULL", name="supplier_named"),)
    id: Mapped[BigId]
    lot_id: Mapped[int] = mapped_column(BIG, ForeignKey("lot.id"), unique=True)
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    supplier_name: Mapped[str | None] = mapped_column(String(120))  # of one who is no party here
    received_on: Mapped[date]
    mass_g: Mapped[Grams]
    as_typed: Mapped[dict[str, Any] | None]  # the mass with its unit, as somebody typed it
    papers: Mapped[list[str]]  # what came with it: numbers of certificates, delivery notes, reports
    price_yuan_per_kg: Mapped[Decimal | None]
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"), index=True)
    undone_at: Mapped[datetime | None]  # since when it is said never to have happened


@dataclass(frozen=True, kw_only=True)
class ReceiveOutside:
    """Ask to record leaf or tea from outside, of a party (`supplier`, as row id and code) or of a name alone."""

    code: str
    receiver_id: int
    receiver_code: str
    supplier: tuple[int, str] | None = None
    supplier_name: str | None = None
    declared_origin: str
    received_at: datetime
    mass_g: int
    kind: LotKind = LotKind.RECEIVED
    papers: Sequence[str] = ()
    price_yuan_per_kg: Decimal | None = None
    grade: str | None = None
    crop: str | None = None
    product_kind: str | None = None
    as_typed: dict[str, Any] | None = None


_KEPT = ("supplier_name", "mass_g", "as_typed", "price_yuan_per_kg")


def receiving(names: Namespace, command: ReceiveOutside, lot_uri: str, entry: Entry) -> NewEvent:
    """Return the receiver's event: a lot comes into being here, and grew elsewhere. A name alone stays out of it."""
    source = names.party(command.supplier[1]) if command.supplier else names.outside
    destination = {"type": "owning_party", "destination": names.party(command.receiver_code)}
    document = documents.commissioning(
        names,
        when=command.received_at,
        made=[documents.Grams(lot_uri, command.mass_g)],
        step="receiving",
        extra={
            "sourceList": [{"type": "owning_party", "source": source}],
            "destinationList": [destination],
            "chasu:declaredOrigin": command.declared_origin,
        },
    )
    return NewEvent(document=document, party_id=command.receiver_id, entry=entry)


def receive_outside(session: Session, commands: Sequence[ReceiveOutside], entry: Entry) -> list[OutsideReceipt]:
    """Record leaf and tea from outside; each makes a lot of the receiver's, marked with the declared origin."""
    names = get_namespace(session)
    lots = open_lots(
        session,
        [
            OpenLot(
                code=command.code,
                uri=names.lot(command.receiver_code, command.code),
                party_id=command.receiver_id,
                kind=command.kind,
                made_on=command.received_at.date(),
                grade=command.grade,
                crop=command.crop,
                product_kind=command.product_kind,
                declared_origin=command.declared_origin,
            )
            for command in commands
        ],
    )
    events = record(
        session, [receiving(names, command, lot.uri, entry) for command, lot in zip(commands, lots, strict=True)]
    )
    receipts = []
    for command, lot, event in zip(commands, lots, events, strict=True):
        receipt = OutsideReceipt(lot_id=lot.id)
        _keep(receipt, command, event)
        receipts.append(receipt)
    session.add_all(receipts)
    session.flush()
    return receipts


def _keep(receipt: OutsideReceipt, command: ReceiveOutside, event: int) -> None:
    for name in _KEPT:
        setattr(receipt, name, getattr(command, name))
    receipt.supplier_id = command.supplier[0] if command.supplier else None
    receipt.papers = list(command.papers)
    receipt.received_on, receipt.event_id = command.received_at.date(), event


def keep_outside(session: Session, receipt: OutsideReceipt, command: ReceiveOutside, event: int) -> None:
    """Put what was really received on the row and its lot, which keeps its code."""
    _keep(receipt, command, event)
    lot = session.get_one(Lot, receipt.lot_id)
    lot.made_on, lot.kind, lot.declared_origin = receipt.received_on, command.kind, command.declared_origin
    lot.grade, lot.crop, lot.product_kind = command.grade, command.crop, command.product_kind


def correct_outside(
    session: Session, receipt: OutsideReceipt, right: ReceiveOutside | None, reason: str, entry: Entry
) -> OutsideReceipt:
    """Say what was really received from outside; without `right` nothing was. Raises what `correct_events` raises."""
    lot = session.get_one(Lot, receipt.lot_id)
    news = [] if right is None else [receiving(get_namespace(session), right, lot.uri, entry)]
    correction = Correction(wrong=[receipt.event_id], right=news, reason=reason, party_id=lot.party_id, entry=entry)
    events = correct_events(session, correction)
    if right is None:
        receipt.undone_at = clock.now()
    else:
        keep_outside(session, receipt, right, events[0])
    session.flush()
    return receipt
