"""Units: what became of ranges of positions of a pack. A unit gets a row only by a fate of its own."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, and_, case, delete, func, or_, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from trace.db import BIG, Base, BigId, portions
from trace.descent import touch
from trace.errors import ConflictError, NotFoundError
from trace.events import Entry, Event, NewEvent, documents, record
from trace.events.correct import Correction, correct_events
from trace.instance import Namespace, get_namespace
from trace.packs import Pack
from trace.permits import refuse_held
from trace.rules.label_count import most_labels_of


class PositionsTakenError(ConflictError):
    """Some of the positions have a fate that bars what is asked, or the pack has no such positions."""

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


# What a position must not have become before: what is spoiled never goes live, what is out is not spoiled any more.
BARRED_BY: Mapping[Fate, tuple[Fate, ...]] = {
    Fate.SHIPPED: (Fate.SHIPPED, Fate.VOID, Fate.LOCKED),
    Fate.ACTIVATED: (Fate.ACTIVATED, Fate.SHIPPED, Fate.VOID, Fate.LOCKED),
    Fate.VOID: (Fate.VOID, Fate.SHIPPED),
    Fate.LOCKED: (Fate.LOCKED,),
}


class UnitRange(Base):
    """Positions `first`…`last` of a pack and what became of them, by which event."""

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
    event_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("event.id"), index=True)


@dataclass(frozen=True, kw_only=True)
class Units:
    """Positions `first`…`last` of a pack, with what a document says of that pack."""

    pack_id: int
    lot_uri: str
    net_g: int
    first_position: int
    last_position: int

    @property
    def count(self) -> int:
        """Return how many they are."""
        return self.last_position - self.first_position + 1

    @property
    def mass_g(self) -> int:
        """Return their net content."""
        return self.count * self.net_g


@dataclass(frozen=True, kw_only=True)
class MarkUnits:
    """Ask to say that units went live without a shipment, were spoiled, or are locked."""

    units: Units
    lot_id: int
    party_id: int
    fate: Fate
    marked_at: datetime


def pieces(units: Iterable[Units]) -> list[documents.Pieces]:
    """Return how many units of each packed lot."""
    counts: Counter[str] = Counter()
    for few in units:
        counts[few.lot_uri] += few.count
    return [documents.Pieces(lot, count) for lot, count in counts.items()]


def _range(units: Units) -> documents.Document:
    return {"chasu:first": units.first_position, "chasu:last": units.last_position}


def positions(units: Sequence[Units]) -> documents.Document:
    """Return what a document says of positions: of one range alone, of several each with its lot and net grams."""
    if len(units) == 1:
        return {"chasu:netGrams": units[0].net_g, "chasu:positions": _range(units[0])}
    ranges = [{"chasu:lot": few.lot_uri, "chasu:netGrams": few.net_g, **_range(few)} for few in units]
    return {"chasu:positions": ranges}


def check_order(units: Iterable[Units]) -> None:
    """Raise `PositionsTakenError` for a range that is empty or turned round."""
    for few in units:
        if not 1 <= few.first_position <= few.last_position:
            raise PositionsTakenError(first=few.first_position, last=few.last_position)


def check_free(session: Session, units: Sequence[Units], barred: Sequence[Fate]) -> None:
    """Raise `PositionsTakenError` for positions that are barred, named twice, or beyond what the pack has.

    A pack has as many positions as units or, with spare labels, as were printed. What was shipped bars only while it is
    out. The caller holds the packs' lots.
    """
    _check_reach(session, units)
    known = _ranges(session, {few.pack_id for few in units}, {*barred, *(_OUT if Fate.SHIPPED in barred else ())})
    named: dict[int, list[Units]] = defaultdict(list)
    for few in units:
        taken = find_position(few, known[few.pack_id], out=True)
        others: list[Units | UnitRange] = [*named[few.pack_id]]
        others += [one for one in known[few.pack_id] if one.fate not in _OUT]
        for other in others:
            if other.first_position <= few.last_position and other.last_position >= few.first_position:
                taken = other.first_position
        if taken is not None:
            raise PositionsTakenError(first=few.first_position, last=few.last_position, taken=taken)
        named[few.pack_id].append(few)


def _check_reach(session: Session, units: Sequence[Units]) -> None:
    check_order(units)
    packs = {few.pack_id for few in units}
    reach = select(Pack.id, Pack.units, Pack.next_position).where(Pack.id.in_(packs), Pack.undone_at.is_(None))
    last = {pack: max(count, free - 1) for pack, count, free in session.execute(reach)}
    for few in units:
        if few.last_position > last.get(few.pack_id, 0):
            facts = {"first": few.first_position, "last": few.last_position}
            raise PositionsTakenError(**facts, units=last.get(few.pack_id, 0), asked=few.last_position)


def _ranges(session: Session, packs: Collection[int], fates: Collection[Fate]) -> dict[int, list[UnitRange]]:
    """Return the ranges of packs that have some fates, in the order in which they came to be."""
    query = select(UnitRange).where(UnitRange.pack_id.in_(packs), UnitRange.fate.in_(fates)).order_by(UnitRange.id)
    found: dict[int, list[UnitRange]] = defaultdict(list)
    for known in session.scalars(query):
        found[known.pack_id].append(known)
    return found


_OUT = {Fate.SHIPPED: 1, Fate.RETURNED: -1}


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


def units_out() -> ColumnElement[int]:
    """Return the sum, over ranges, of units shipped less units that came back."""
    length = UnitRange.last_position - UnitRange.first_position + 1
    return func.sum(case((UnitRange.fate == Fate.SHIPPED, length), (UnitRange.fate == Fate.RETURNED, -length), else_=0))


def check_history(ranges: Sequence[UnitRange]) -> None:
    """Raise what `keep_ranges` would have raised, had a pack's shipments and returns been these from the start."""
    for index, known in enumerate(ranges):
        if known.fate is Fate.RETURNED:
            check_out(known, ranges[:index])
        elif known.fate is Fate.SHIPPED:
            taken = find_position(known, ranges[:index], out=True)
            if taken is not None:
                raise PositionsTakenError(first=known.first_position, last=known.last_position, taken=taken)


Places = Mapping[int, list[int]]  # by pack, the row ids that ranges had


def keep_ranges(
    session: Session, units: Sequence[Units], fate: Fate, events: Sequence[int], places: Places | None = None
) -> list[UnitRange]:
    """Write ranges of one fate, each with the event that says so; at the places that `free_ranges` gave back.

    Raises `PositionsNotOutError` for what comes back without having gone, and what `check_free` raises.
    """
    if fate is Fate.RETURNED:
        _check_back(session, units)
    else:
        check_free(session, units, BARRED_BY[fate])
    ranges = [_range_of(few, fate, event) for few, event in zip(units, events, strict=True)]
    for kept in ranges:
        ids = places.get(kept.pack_id) if places else None
        if ids:
            kept.id = ids.pop(0)
    session.add_all(ranges)
    session.flush()
    return ranges


def _range_of(units: Units, fate: Fate, event: int | None = None) -> UnitRange:
    return UnitRange(
        pack_id=units.pack_id,
        first_position=units.first_position,
        last_position=units.last_position,
        fate=fate,
        event_id=event,
    )


def _check_back(session: Session, units: Sequence[Units]) -> None:
    _check_reach(session, units)
    known = _ranges(session, {few.pack_id for few in units}, _OUT)
    for few in units:
        check_out(few, known[few.pack_id])
        known[few.pack_id].append(_range_of(few, Fate.RETURNED))


def free_ranges(session: Session, event: int) -> Places:
    """Take away what an event, declared wrong, said of positions; return its places in the order of what happened."""
    gone = delete(UnitRange).where(UnitRange.event_id == event).returning(UnitRange.pack_id, UnitRange.id)
    places: dict[int, list[int]] = defaultdict(list)
    for pack, id_ in sorted(session.execute(gone).all()):
        places[pack].append(id_)
    return places


def list_returns_of(session: Session, event: int, kept: Sequence[Units]) -> list[str]:
    """Return the ids of the events by which positions came back that an event shipped, but for those it keeps."""
    sent, back = aliased(UnitRange), aliased(UnitRange)
    query = (
        select(sent, back, Event.event_id)
        .join(back, and_(back.pack_id == sent.pack_id, back.id > sent.id, back.fate == Fate.RETURNED))
        .join(Event, Event.id == back.event_id)
        .where(sent.event_id == event, back.first_position <= sent.last_position)
        .where(back.last_position >= sent.first_position)
    )
    found = set()
    for one, came, id_ in session.execute(query):
        both = UnitRange(
            first_position=max(one.first_position, came.first_position),
            last_position=min(one.last_position, came.last_position),
        )
        still = [_range_of(few, Fate.SHIPPED) for few in kept if few.pack_id == one.pack_id]
        if find_position(both, still, out=False) is not None:
            found.add(id_)
    return sorted(found)


def most_labels(session: Session, units: Mapping[int, int], waste: Decimal) -> dict[int, int]:
    """Return how many labels packs (row ids) of so many units may have: these, waste in percent, one for each spoiled.

    Units opened again to be reworked, and those destroyed, are void too, but nothing is left to put another label on.
    """
    query = (
        select(UnitRange.pack_id, func.sum(UnitRange.last_position - UnitRange.first_position + 1))
        .outerjoin(Event, Event.id == UnitRange.event_id)
        .where(UnitRange.fate == Fate.VOID)
        .where(or_(Event.id.is_(None), and_(Event.type != "TransformationEvent", Event.biz_step != "destroying")))
        .group_by(UnitRange.pack_id)
    )
    most = {pack: most_labels_of(count, waste) for pack, count in units.items()}
    for few in portions(units):
        for pack, spoiled in session.execute(query.where(UnitRange.pack_id.in_(few))):
            most[pack] += int(spoiled)
    return most


def mark_event(names: Namespace, command: MarkUnits, entry: Entry) -> NewEvent:
    """Return the event that says what became of units."""
    document = documents.observation(
        names,
        when=command.marked_at,
        step=names.word("step", f"unit-{command.fate}"),
        of=pieces([command.units]),
        extra={"chasu:positions": _range(command.units)},
    )
    return NewEvent(document=document, party_id=command.party_id, entry=entry)


def mark_units(session: Session, commands: Sequence[MarkUnits], entry: Entry) -> list[UnitRange]:
    """Say what became of units; their pages say so from this transaction on.

    Raises `PositionsTakenError`, and `LotRefusedError` for the activation of what a finding holds.
    """
    names = get_namespace(session)
    check_order(command.units for command in commands)
    touch(session, [command.lot_id for command in commands])  # locks them too
    _refuse_activation(session, commands, entry)
    ranges: dict[int, UnitRange] = {}
    events = record(session, [mark_event(names, command, entry) for command in commands])
    for fate in dict.fromkeys(command.fate for command in commands):
        few = [place for place, command in enumerate(commands) if command.fate is fate]
        kept = keep_ranges(session, [commands[at].units for at in few], fate, [events[at] for at in few])
        ranges.update(zip(few, kept, strict=True))
    return [ranges[place] for place in range(len(commands))]


def _refuse_activation(session: Session, commands: Sequence[MarkUnits], entry: Entry) -> None:
    live = {command.units.lot_uri for command in commands if command.fate is Fate.ACTIVATED}
    if live:
        refuse_held(session, live, entry.mode)


def correct_mark(
    session: Session, marked: UnitRange, command: MarkUnits | None, reason: str, entry: Entry
) -> UnitRange | None:
    """Say what really became of units; without a command, nothing did and the range goes.

    Raises `NotFoundError` and what `correct_events` and `mark_units` raise.
    """
    if marked.event_id is None:  # of a time when ranges did not name their events
        raise NotFoundError(what="event", code=marked.id)
    pack = session.get_one(Pack, marked.pack_id)
    touch(session, {pack.lot_id} | ({command.lot_id} if command else set()))
    wrong = session.get_one(Event, marked.event_id)
    if command and command.fate is not marked.fate:
        _refuse_activation(session, [command], entry)
    right = [mark_event(get_namespace(session), command, entry)] if command else []
    events = correct_events(
        session,
        Correction(wrong=[wrong.id], right=right, reason=reason, party_id=wrong.party_id, entry=entry),
    )
    free_ranges(session, wrong.id)
    return keep_ranges(session, [command.units], command.fate, events)[0] if command else None
