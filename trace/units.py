"""Units: what became of ranges of positions of a pack. A unit gets a row only by a fate of its own."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.db import Base, BigId
from trace.descent import touch
from trace.errors import ConflictError
from trace.events import LIVE, NewEvent, documents, record
from trace.instance import get_namespace
from trace.lots import Lot
from trace.packs import Pack


class PositionsTakenError(ConflictError):
    """Some of the positions were shipped, spoiled or locked before, or the pack has no such positions."""

    code = "positions-taken"


class Fate(StrEnum):
    """What became of a range of positions."""

    SHIPPED = "shipped"
    ACTIVATED = "activated"
    VOID = "void"
    LOCKED = "locked"


class UnitRange(Base):
    """Positions `first`…`last` of a pack and what became of them."""

    __tablename__ = "unit_range"
    __table_args__ = (
        CheckConstraint("first_position >= 1 AND last_position >= first_position", name="positions_in_order"),
        Index("ix_unit_range_pack_id_first_position", "pack_id", "first_position"),
    )
    id: Mapped[BigId]
    pack_id: Mapped[int] = mapped_column(ForeignKey("pack.id"))
    first_position: Mapped[int]
    last_position: Mapped[int]
    fate: Mapped[Fate]


@dataclass(frozen=True, kw_only=True)
class Units:
    """Ask to say what became of positions `first`…`last` of a pack."""

    pack_id: int
    first_position: int
    last_position: int


def check_order(commands: Sequence[Units]) -> None:
    """Raise `PositionsTakenError` for a range that is empty or turned round."""
    for command in commands:
        if not 1 <= command.first_position <= command.last_position:
            raise PositionsTakenError(first=command.first_position, last=command.last_position)


def keep_ranges(session: Session, commands: Sequence[Units], fate: Fate) -> list[UnitRange]:
    """Write ranges of one fate. The caller holds the lock on the packs' lots. Raises `PositionsTakenError`."""
    check_order(commands)
    packs = {command.pack_id for command in commands}
    reach = select(Pack.id, Pack.units, Pack.next_position).where(Pack.id.in_(packs))
    last = {pack: max(units, free - 1) for pack, units, free in session.execute(reach)}
    barred = (fate, Fate.VOID) if fate is Fate.SHIPPED else (fate,)
    query = select(UnitRange).where(UnitRange.pack_id.in_(packs), UnitRange.fate.in_(barred))
    taken: dict[int, list[UnitRange]] = defaultdict(list)
    for known in session.scalars(query):
        taken[known.pack_id].append(known)
    ranges = []
    for command in commands:
        _check_free(command, last[command.pack_id], taken[command.pack_id])
        ranges.append(UnitRange(**vars(command), fate=fate))
        taken[command.pack_id].append(ranges[-1])
    session.add_all(ranges)
    session.flush()
    return ranges


def _check_free(command: Units, most: int, taken: Sequence[UnitRange]) -> None:
    """Refuse positions with a fate of this kind, and those beyond `most`: the units or, with spare labels, the last."""
    first, last = command.first_position, command.last_position
    if last > most:
        raise PositionsTakenError(first=first, last=last, units=most)
    for known in taken:
        if known.first_position <= last and known.last_position >= first:
            raise PositionsTakenError(first=first, last=last, taken=known.first_position)


def mark_units(session: Session, command: Units, fate: Fate, *, when: datetime, party_id: int) -> UnitRange:
    """Say that units went live, were spoiled, or are locked; their pages say so from this transaction on."""
    names = get_namespace(session)
    pack = session.get_one(Pack, command.pack_id)
    lot = session.get_one(Lot, pack.lot_id, with_for_update=True)
    [kept] = keep_ranges(session, [command], fate)
    document = documents.observation(
        names,
        when=when,
        step=names.word("step", f"unit-{fate}"),
        of=[documents.Pieces(lot.uri, command.last_position - command.first_position + 1)],
        extra={
            "chasu:positions": {"chasu:first": command.first_position, "chasu:last": command.last_position},
        },
    )
    record(session, [NewEvent(document=document, party_id=party_id, entry=LIVE)])
    touch(session, [lot.id])
    return kept
