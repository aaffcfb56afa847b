"""Destructions: grams of a lot, or units of a pack by position, burnt or buried; with reason, method and a witness."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import BIG, Base, BigId, Grams
from trace.events import Entry, NewEvent, documents, record
from trace.events.correct import Correction, correct_events
from trace.instance import Namespace, get_namespace
from trace.units import Fate, UnitRange, Units, check_order, keep_ranges, pieces, positions


class Destruction(Base):
    """Grams of a lot, or units of a pack, that are no more."""

    __tablename__ = "destruction"
    __table_args__ = (UniqueConstraint("party_id", "code"),)
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(String(40), index=True)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    lot_id: Mapped[int] = mapped_column(BIG, ForeignKey("lot.id"), index=True)
    destroyed_on: Mapped[date]
    mass_g: Mapped[Grams]
    as_typed: Mapped[dict[str, Any] | None]  # the mass with its unit, as somebody typed it
    first_position: Mapped[int | None]  # of a pack
    last_position: Mapped[int | None]
    unit_range_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("unit_range.id"), index=True)
    reason: Mapped[str] = mapped_column(String(120))
    method: Mapped[str] = mapped_column(String(120))
    witness: Mapped[str | None] = mapped_column(String(60))  # a person's name: never in the event, never on a page
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"), index=True)
    undone_at: Mapped[datetime | None]  # since when it is said never to have happened


@dataclass(frozen=True, kw_only=True)
class Destroy:
    """Ask to record a destruction. Of a pack it names positions and the net content; `mass_g` is then theirs."""

    code: str
    party_id: int
    party_code: str
    lot_id: int
    lot_uri: str
    destroyed_at: datetime
    mass_g: int
    reason: str
    method: str
    witness: str | None = None
    as_typed: dict[str, Any] | None = None
    positions: Units | None = None

    @property
    def first_position(self) -> int | None:
        """Return the first position destroyed, of a pack."""
        return self.positions.first_position if self.positions else None

    @property
    def last_position(self) -> int | None:
        """Return the last position destroyed, of a pack."""
        return self.positions.last_position if self.positions else None


_KEPT = (
    *("code", "party_id", "lot_id", "mass_g", "as_typed", "first_position", "last_position"),
    *("reason", "method", "witness"),
)


def destroying(names: Namespace, command: Destroy, entry: Entry) -> NewEvent:
    """Return the event: part of a lot goes out of being."""
    extra: dict[str, Any] = {
        "chasu:destruction": f"{command.party_code}/{command.code}",
        "chasu:reason": command.reason,
        "chasu:method": command.method,
    }
    gone: documents.Grams | documents.Pieces = documents.Grams(command.lot_uri, command.mass_g)
    if command.positions is not None:
        [gone] = pieces([command.positions])
        extra |= positions([command.positions])
    document = documents.destruction(names, when=command.destroyed_at, of=gone, extra=extra)
    return NewEvent(document=document, party_id=command.party_id, entry=entry)


def destroy(session: Session, commands: Sequence[Destroy], entry: Entry) -> list[Destruction]:
    """Record destructions. Raises `LotOverdrawnError`; `PositionsTakenError` for units shipped or void already."""
    names = get_namespace(session)
    check_order([command.positions for command in commands if command.positions is not None])
    events = record(session, [destroying(names, command, entry) for command in commands])
    destructions = []
    for command, event, unit_range in zip(commands, events, _void(session, commands, events), strict=True):
        destruction = Destruction(unit_range_id=unit_range)
        keep_destruction(destruction, command, event)
        destructions.append(destruction)
    session.add_all(destructions)
    session.flush()
    return destructions


def _void(session: Session, commands: Sequence[Destroy], events: Sequence[int]) -> list[int | None]:
    """Make the positions destroyed void, and return the range of each command that names some."""
    named = [(one.positions, event) for one, event in zip(commands, events, strict=True) if one.positions is not None]
    if not named:
        return [None] * len(commands)
    kept = iter(keep_ranges(session, [units for units, _ in named], Fate.VOID, [event for _, event in named]))
    return [None if command.positions is None else next(kept).id for command in commands]


def keep_destruction(destruction: Destruction, command: Destroy, event: int) -> None:
    """Put on the row what was destroyed, and by which event."""
    for name in _KEPT:
        setattr(destruction, name, getattr(command, name))
    destruction.destroyed_on, destruction.event_id = command.destroyed_at.date(), event


def correct_destruction(
    session: Session, destruction: Destruction, right: Destroy | None, reason: str, entry: Entry
) -> Destruction:
    """Say what was really destroyed; without `right` nothing was. Raises what `destroy` and `correct_events` raise."""
    news = [] if right is None else [destroying(get_namespace(session), right, entry)]
    correction = Correction(
        wrong=[destruction.event_id], right=news, reason=reason, party_id=destruction.party_id, entry=entry
    )
    events = correct_events(session, correction)
    _unvoid(session, destruction)
    if right is None:
        destruction.undone_at = clock.now()
    else:
        [destruction.unit_range_id] = _void(session, [right], events)
        keep_destruction(destruction, right, events[0])
    session.flush()
    return destruction


def _unvoid(session: Session, destruction: Destruction) -> None:
    """Let the positions be as before."""
    if destruction.unit_range_id is None:
        return
    kept = session.get_one(UnitRange, destruction.unit_range_id)
    destruction.unit_range_id = None
    session.flush()
    session.delete(kept)
    session.flush()
