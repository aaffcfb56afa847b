"""Pickings: leaf taken from one plot on one day; each is a fresh-leaf lot of the co-operative that logs it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import BIG, Base, BigId, Grams
from trace.events import Entry, NewEvent, documents, record
from trace.events.correct import Correction, correct_events
from trace.instance import Namespace, get_namespace
from trace.lots import Lot, LotKind, OpenLot, open_lots


class Picking(Base):
    """One picking."""

    __tablename__ = "picking"
    id: Mapped[BigId]
    lot_id: Mapped[int] = mapped_column(BIG, ForeignKey("lot.id"), unique=True)
    plot_id: Mapped[int] = mapped_column(ForeignKey("plot.id"), index=True)
    picked_on: Mapped[date]
    pluck_standard: Mapped[str] = mapped_column(String(60))
    grade: Mapped[str | None] = mapped_column(String(60))
    method: Mapped[str | None] = mapped_column(String(60))
    weather: Mapped[str | None] = mapped_column(String(60))
    pickers: Mapped[int | None]
    claim: Mapped[str | None] = mapped_column(String(20))  # 明前, 雨前: picked before a day of the calendar
    mass_g: Mapped[Grams]
    as_typed: Mapped[dict[str, Any] | None]  # the mass with its unit, as somebody typed it
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"), index=True)
    undone_at: Mapped[datetime | None]  # said not to have happened


@dataclass(frozen=True, kw_only=True)
class Pick:
    """Ask to record one picking."""

    code: str
    party_id: int
    party_code: str
    plot_id: int
    plot_code: str
    picked_at: datetime
    mass_g: int
    pluck_standard: str
    grade: str | None = None
    method: str | None = None
    weather: str | None = None
    pickers: int | None = None
    crop: str | None = None
    claim: str | None = None
    as_typed: dict[str, Any] | None = None


_KEPT = ("plot_id", "pluck_standard", "grade", "method", "weather", "pickers", "claim", "mass_g", "as_typed")


def _event(names: Namespace, command: Pick, lot_uri: str, entry: Entry) -> NewEvent:
    document = documents.commissioning(
        names,
        when=command.picked_at,
        made=[documents.Grams(lot_uri, command.mass_g)],
        extra={
            "readPoint": {"id": names.plot(command.plot_code)},
            "ilmd": {
                "chasu:pluckStandard": command.pluck_standard,
                **({"chasu:claim": str(command.claim)} if command.claim else {}),
            },
        },
    )
    return NewEvent(document=document, party_id=command.party_id, entry=entry)


def record_pickings(session: Session, commands: Sequence[Pick], entry: Entry) -> list[Picking]:
    """Record pickings; each makes a lot of fresh leaf."""
    names = get_namespace(session)
    lots = open_lots(
        session,
        [
            OpenLot(
                code=command.code,
                uri=names.lot(command.party_code, command.code),
                party_id=command.party_id,
                kind=LotKind.LEAF,
                made_on=command.picked_at.date(),
                grade=command.grade,
                crop=command.crop,
                plot_id=command.plot_id,
            )
            for command in commands
        ],
    )
    news = [_event(names, command, lot.uri, entry) for command, lot in zip(commands, lots, strict=True)]
    pickings = [
        Picking(
            lot_id=lot.id,
            picked_on=lot.made_on,
            event_id=event,
            **{name: getattr(command, name) for name in _KEPT},
        )
        for command, lot, event in zip(commands, lots, record(session, news), strict=True)
    ]
    session.add_all(pickings)
    session.flush()
    return pickings


def correct_picking(session: Session, picking: Picking, command: Pick | None, reason: str, entry: Entry) -> Picking:
    """Say what a picking really was; the lot keeps its code. Without a command it never was, and its lot is empty.

    Raises what `correct_events` raises. The rules are to judge it again.
    """
    lot = session.get_one(Lot, picking.lot_id)
    right = [_event(get_namespace(session), command, lot.uri, entry)] if command else []
    by = command.party_id if command else lot.party_id
    correction = Correction(wrong=[picking.event_id], right=right, reason=reason, party_id=by, entry=entry)
    events = correct_events(session, correction)
    if command is None:
        picking.undone_at = clock.now()
        session.flush()
        return picking
    [picking.event_id] = events
    for name in _KEPT:
        setattr(picking, name, getattr(command, name))
    picking.picked_on = lot.made_on = command.picked_at.date()
    lot.plot_id, lot.grade, lot.crop = command.plot_id, command.grade, command.crop
    session.flush()
    return picking
