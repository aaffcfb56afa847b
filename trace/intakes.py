"""Intakes: leaf handed over to a plant, weighed again, mixed into one lot by supplier, day and standard."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.db import BIG, Base, BigId, Grams
from trace.events import Entry, NewEvent, documents, record
from trace.instance import Namespace, get_namespace
from trace.lots import Lot, LotKind, OpenLot, open_lots


class Intake(Base):
    """One weighing at the factory gate."""

    __tablename__ = "intake"
    id: Mapped[BigId]
    lot_id: Mapped[int] = mapped_column(BIG, ForeignKey("lot.id"), unique=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    certificate_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("conformity_certificate.id"), index=True)
    received_on: Mapped[date]
    delivered_g: Mapped[Grams]
    received_g: Mapped[Grams]
    moisture_percent: Mapped[Decimal | None]
    price_yuan_per_kg: Mapped[Decimal | None]
    pluck_standard: Mapped[str | None] = mapped_column(String(60))
    weather: Mapped[str | None] = mapped_column(String(60))
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"))


@dataclass(frozen=True, kw_only=True)
class TakeIn:
    """Ask to record one hand-over and its intake; `taken` are the lots delivered, as (identifier, grams)."""

    code: str
    plant_id: int
    plant_code: str
    supplier_id: int
    supplier_code: str
    certificate_id: int | None
    handed_over_at: datetime
    received_at: datetime
    taken: Sequence[tuple[str, int]]
    received_g: int
    moisture_percent: Decimal | None = None
    price_yuan_per_kg: Decimal | None = None
    pluck_standard: str | None = None
    grade: str | None = None
    crop: str | None = None
    weather: str | None = None

    @property
    def delivered_g(self) -> int:
        """Return what the supplier's scale said."""
        return sum(mass_g for _, mass_g in self.taken)


_KEPT = (
    *("supplier_id", "certificate_id", "delivered_g", "received_g"),
    *("moisture_percent", "price_yuan_per_kg", "pluck_standard", "weather"),
)


def _hand_over(names: Namespace, command: TakeIn, entry: Entry) -> NewEvent:
    """Return the supplier's event: leaf on its way."""
    document = documents.observation(
        names,
        when=command.handed_over_at,
        step="shipping",
        of=[documents.Grams(uri, mass_g) for uri, mass_g in command.taken],
        extra={
            **documents.owner_change(names, command.supplier_code, command.plant_code),
            # Two hand-overs of as much of the same lot at the same hour are two.
            "chasu:intake": f"{command.plant_code}/{command.code}",
        },
    )
    return NewEvent(document=document, party_id=command.supplier_id, entry=entry)


def _receipt(names: Namespace, command: TakeIn, lot: Lot, entry: Entry) -> NewEvent:
    """Return the plant's event: many pickings become one lot, by the plant's own scale."""
    document = documents.transformation(
        names,
        when=command.received_at,
        step="receiving",
        mixing=documents.Mixing(
            taken=[documents.Grams(uri, mass_g) for uri, mass_g in command.taken],
            given=[documents.Grams(lot.uri, command.received_g)],
            lost=[("transport", command.delivered_g - command.received_g)],
        ),
        extra=documents.owner_change(names, command.supplier_code, command.plant_code),
    )
    return NewEvent(document=document, party_id=command.plant_id, entry=entry)


def record_intakes(session: Session, commands: Sequence[TakeIn], entry: Entry) -> list[Intake]:
    """Record hand-overs and intakes; each intake makes a lot of the plant's."""
    names = get_namespace(session)
    lots = open_lots(
        session,
        [
            OpenLot(
                code=command.code,
                uri=names.lot(command.plant_code, command.code),
                party_id=command.plant_id,
                kind=LotKind.RECEIVED,
                made_on=command.received_at.date(),
                grade=command.grade,
                crop=command.crop,
            )
            for command in commands
        ],
    )
    news = [
        event
        for command, lot in zip(commands, lots, strict=True)
        for event in (_hand_over(names, command, entry), _receipt(names, command, lot, entry))
    ]
    ids = record(session, news)[1::2]
    intakes = [
        Intake(
            lot_id=lot.id,
            received_on=lot.made_on,
            event_id=event,
            **{name: getattr(command, name) for name in _KEPT},
        )
        for command, lot, event in zip(commands, lots, ids, strict=True)
    ]
    session.add_all(intakes)
    session.flush()
    return intakes
