"""Units: what became of ranges of positions of a pack. A unit gets a row only by a fate of its own."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, case, func, select
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


class PositionsNotOutError(ConflictError):
    """Some of the positions are not out with the buyer who is said to return them."""

    code = "positions-not-out"


class Fate(StrEnum):
    """What became of a range of positions. Ranges count in the order of their ids: what came back may go out again."""

    SHIPPED = "shipped"
    RETURNED = "returned"
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
    """Write ranges of one fate. The caller holds the lock on the packs' lots.

    Raises `PositionsTakenError`, `PositionsNotOutError`.
    """
    check_order(commands)
    packs = {command.pack_id for command in commands}
    reach = select(Pack.id, Pack.units, Pack.next_position).where(Pack.id.in_(packs))
    last = {pack: max(units, free - 1) for pack, units, free in session.execute(reach)}
    known = _ranges(session, packs, (fate, *_CONCERNED.get(fate, ())))
    ranges = []
    for command in commands:
        if command.last_position > last[command.pack_id]:
            raise PositionsTakenError(
                first=command.first_position, last=command.last_position, units=last[command.pack_id]
            )
        ranges.append(UnitRange(**vars(command), fate=fate))
        _check_next(ranges[-1], known[command.pack_id])
        known[command.pack_id].append(ranges[-1])
    session.add_all(ranges)
    session.flush()
    return ranges


def _ranges(session: Session, packs: Collection[int], fates: Collection[Fate]) -> dict[int, list[UnitRange]]:
    """Return the ranges of packs that have some fates, in the order in which they came to be."""
    query = select(UnitRange).where(UnitRange.pack_id.in_(packs), UnitRange.fate.in_(fates)).order_by(UnitRange.id)
    found: dict[int, list[UnitRange]] = defaultdict(list)
    for known in session.scalars(query):
        found[known.pack_id].append(known)
    return found


# Beside the ranges of its own kind: what bars a fate, or what it rests on.
_CONCERNED = {Fate.SHIPPED: (Fate.RETURNED, Fate.VOID), Fate.RETURNED: (Fate.SHIPPED,)}
_OUT = {Fate.SHIPPED: 1, Fate.RETURNED: -1}


def _check_next(new: UnitRange, earlier: Sequence[UnitRange]) -> None:
    """Refuse a fate that cannot follow on those before: out twice, back without being out, spoiled and sold."""
    if new.fate is Fate.RETURNED:
        check_out(new, earlier)
        return
    taken = find_position(new, earlier, out=True) if new.fate is Fate.SHIPPED else None
    for known in earlier:
        overlaps = known.first_position <= new.last_position and known.last_position >= new.first_position
        if overlaps and known.fate not in _OUT:
            taken = known.first_position
    if taken is not None:
        raise PositionsTakenError(first=new.first_position, last=new.last_position, taken=taken)


def check_out(what: Units | UnitRange, earlier: Iterable[UnitRange]) -> None:
    """Raise `PositionsNotOutError` unless each position was shipped and has not come back since."""
    missing = find_position(what, earlier, out=False)
    if missing is not None:
        raise PositionsNotOutError(first=what.first_position, last=what.last_position, missing=missing)


def find_position(what: Units | UnitRange, earlier: Iterable[UnitRange], *, out: bool) -> int | None:
    """Return the first of some positions that is out, shipped and not come back since; or the first that is not."""
    first, last = what.first_position, what.last_position
    changes = Counter({first: 0})
    for known in earlier:
        if known.first_position <= last and known.last_position >= first:
            changes[max(first, known.first_position)] += _OUT.get(known.fate, 0)
            changes[known.last_position + 1] -= _OUT.get(known.fate, 0)
    standing = 0
    for position in sorted(changes):
        standing += changes[position]
        if position <= last and (standing > 0) is out:
            return position
    return None


def check_in_stock(session: Session, commands: Sequence[Units]) -> None:
    """Raise `PositionsTakenError` for positions that are out with a buyer. The caller holds the packs' lots."""
    known = _ranges(session, {command.pack_id for command in commands}, _OUT)
    for command in commands:
        taken = find_position(command, known[command.pack_id], out=True)
        if taken is not None:
            raise PositionsTakenError(first=command.first_position, last=command.last_position, taken=taken)


def units_out() -> ColumnElement[int]:
    """Return the sum, over ranges, of units shipped less units that came back."""
    length = UnitRange.last_position - UnitRange.first_position + 1
    return func.sum(case((UnitRange.fate == Fate.SHIPPED, length), (UnitRange.fate == Fate.RETURNED, -length), else_=0))


def check_history(ranges: Sequence[UnitRange]) -> None:
    """Raise what `keep_ranges` would have raised, had a pack's shipments and returns been these from the start."""
    for index, known in enumerate(ranges):
        if known.fate in _OUT:
            _check_next(known, [earlier for earlier in ranges[:index] if earlier.fate in _OUT])


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
