"""Reworks: packs opened again, their tea put back as a bulk lot of the same party; what is lost has a reason.

Packing that lot anew is a pack like any other, so repacking is a rework and a pack.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import BIG, Base, BigId, Grams
from trace.events import Entry, NewEvent, documents, record
from trace.events.correct import Correction, correct_events
from trace.events.postings import MassImbalanceError
from trace.instance import Namespace, get_namespace
from trace.ledger import Commodity
from trace.logistic_units import refuse_in_units
from trace.lots import Lot, LotKind, OpenLot, open_lots
from trace.units import Fate, Units, check_order, free_ranges, keep_ranges, pieces, positions


class Rework(Base):
    """Packs opened again. Their ranges of positions are those of its event, and void."""

    __tablename__ = "rework"
    id: Mapped[BigId]
    lot_id: Mapped[int] = mapped_column(BIG, ForeignKey("lot.id"), unique=True)
    reworked_on: Mapped[date]
    units: Mapped[int]
    mass_g: Mapped[Grams]  # put back
    as_typed: Mapped[dict[str, Any] | None]  # the masses with their units, as somebody typed them
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"), index=True)
    undone_at: Mapped[datetime | None]  # when it was said that this never happened


@dataclass(frozen=True, kw_only=True)
class ReworkPacks:
    """Ask to record that packs were opened again."""

    code: str  # of the bulk lot
    party_id: int
    party_code: str
    reworked_at: datetime
    opened: Sequence[Units]
    lost: Sequence[tuple[str, int]] = ()  # (reason, grams)
    grade: str | None = None
    crop: str | None = None
    product_kind: str | None = None
    as_typed: dict[str, Any] | None = None

    @property
    def mass_g(self) -> int:
        """Return what is put back."""
        return sum(few.mass_g for few in self.opened) - sum(mass_g for _, mass_g in self.lost)


def rework_event(names: Namespace, command: ReworkPacks, lot_uri: str, entry: Entry) -> NewEvent:
    """Return the event that makes a bulk lot of packs. Raises `MassImbalanceError` where nothing would be left."""
    if command.mass_g < 1:
        entered = sum(few.mass_g for few in command.opened)
        raise MassImbalanceError(entered=entered, left=entered - command.mass_g, unit=Commodity.GRAM.value)
    document = documents.transformation(
        names,
        when=command.reworked_at,
        step="unpacking",
        mixing=documents.Mixing(
            taken=pieces(command.opened), given=[documents.Grams(lot_uri, command.mass_g)], lost=command.lost
        ),
        extra={
            **positions(command.opened),
            "transformationID": names.record("rework", f"{command.party_code}/{command.code}"),
        },
    )
    return NewEvent(document=document, party_id=command.party_id, entry=entry)


def record_reworks(session: Session, commands: Sequence[ReworkPacks], entry: Entry) -> list[Rework]:
    """Record that packs were opened again; each makes a bulk lot, and its positions are void.

    Raises `InLogisticUnitError`, `LotOverdrawnError`, `MassImbalanceError`, `PositionsTakenError`.
    """
    names = get_namespace(session)
    check_order(few for command in commands for few in command.opened)
    lots = open_lots(session, [_bulk_lot(names, command) for command in commands])
    news = [rework_event(names, command, lot.uri, entry) for command, lot in zip(commands, lots, strict=True)]
    events = record(session, news)
    _void(session, commands, events)
    reworks = [Rework(lot_id=lot.id) for lot in lots]
    for rework, command, event in zip(reworks, commands, events, strict=True):
        put_rework(rework, command, event)
    session.add_all(reworks)
    session.flush()
    return reworks


def _bulk_lot(names: Namespace, command: ReworkPacks) -> OpenLot:
    return OpenLot(
        code=command.code,
        uri=names.lot(command.party_code, command.code),
        party_id=command.party_id,
        kind=LotKind.FINISHED,
        made_on=command.reworked_at.date(),
        grade=command.grade,
        crop=command.crop,
        product_kind=command.product_kind,
    )


def _void(session: Session, commands: Sequence[ReworkPacks], events: Sequence[int]) -> None:
    """Make the positions opened void, once the lots are locked: what left, or is in a case, is not opened."""
    ranges = [(few, event) for command, event in zip(commands, events, strict=True) for few in command.opened]
    refuse_in_units(session, [few for few, _ in ranges])
    keep_ranges(session, [few for few, _ in ranges], Fate.VOID, [event for _, event in ranges])


def put_rework(rework: Rework, command: ReworkPacks, event: int) -> None:
    """Put what a command says on a rework's row."""
    rework.reworked_on, rework.event_id = command.reworked_at.date(), event
    rework.units, rework.mass_g = sum(few.count for few in command.opened), command.mass_g
    rework.as_typed = command.as_typed


def correct_rework(session: Session, rework: Rework, command: ReworkPacks | None, reason: str, entry: Entry) -> Rework:
    """Say which packs were really opened; the bulk lot keeps its code. Without a command none were.

    Raises what `correct_events` and `record_reworks` raise.
    """
    lot, wrong = session.get_one(Lot, rework.lot_id), rework.event_id
    check_order(command.opened if command else ())
    right = [rework_event(get_namespace(session), command, lot.uri, entry)] if command else []
    correction = Correction(wrong=[wrong], right=right, reason=reason, party_id=lot.party_id, entry=entry)
    events = correct_events(session, correction)
    free_ranges(session, wrong)
    if command is None:
        rework.undone_at = clock.now()
    else:
        _void(session, [command], events)
        put_rework(rework, command, events[0])
        lot.made_on, lot.grade = rework.reworked_on, command.grade
        lot.crop, lot.product_kind = command.crop, command.product_kind
    session.flush()
    return rework
