"""Aggregations: units and logistic units come into a case or pallet, and out again. EPCIS 2.0 aggregation events."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from trace import clock
from trace.db import portions
from trace.errors import ConflictError, NotFoundError
from trace.events import Entry, Event, NewEvent, documents, record
from trace.events.correct import Correction, correct_events
from trace.events.record import lock_lots
from trace.instance import Namespace, get_namespace
from trace.logistic_units import (
    Contents,
    InLogisticUnitError,
    LogisticUnit,
    LogisticUnitGoneError,
    LogisticUnitItem,
    NotHeldError,
    direct_contents,
    lock_units,
    refuse_in_units,
    refuse_inside,
)
from trace.lots import Lot
from trace.packs import Pack
from trace.parties import Party
from trace.shipments import Shipment
from trace.sscc import give_numbers, sscc_at, sscc_uri
from trace.statements import Driver
from trace.units import Fate, Units, check_free, check_order, pieces, positions

BARRED = (Fate.SHIPPED, Fate.VOID)  # what is out or spoiled goes into no case


class SsccTakenError(ConflictError):
    """The SSCC is another logistic unit's."""

    code = "sscc-taken"


class NoGs1PrefixError(ConflictError):
    """The party has no GS1 company prefix, so it must give an SSCC itself."""

    code = "no-gs1-prefix"


@dataclass(frozen=True, kw_only=True)
class PutTogether:
    """Ask to record that positions and logistic units were put into a new one."""

    party_id: int
    packed_at: datetime
    units: Sequence[Units] = ()
    inner: Sequence[tuple[int, str]] = ()  # (row id, SSCC)
    sscc: str | None = None  # given, else the next below the party's company prefix


@dataclass(frozen=True, kw_only=True)
class TakeApart:
    """Ask to record that a logistic unit was opened and all taken out; an inner one stays whole."""

    unit_id: int
    sscc: str
    party_id: int
    opened_at: datetime


def aggregation_event(names: Namespace, command: PutTogether, sscc: str, entry: Entry) -> NewEvent:
    """Return the event that puts a logistic unit together."""
    document = documents.aggregation(
        names,
        when=command.packed_at,
        together=True,
        of=_gathered(sscc, command.units, command.inner),
        extra=positions(command.units) if command.units else {},
    )
    return NewEvent(document=document, party_id=command.party_id, entry=entry)


def disaggregation_event(names: Namespace, command: TakeApart, contents: Contents, entry: Entry) -> NewEvent:
    """Return the event that takes a logistic unit apart."""
    document = documents.aggregation(
        names,
        when=command.opened_at,
        together=False,
        of=_gathered(command.sscc, contents.units, contents.inner),
        extra=positions(contents.units) if contents.units else {},
    )
    return NewEvent(document=document, party_id=command.party_id, entry=entry)


def _gathered(sscc: str, units: Sequence[Units], inner: Sequence[tuple[int, str]]) -> documents.Gathered:
    return documents.Gathered(parent=sscc_uri(sscc), units=pieces(units), inner=[sscc_uri(code) for _, code in inner])


def record_aggregations(session: Session, commands: Sequence[PutTogether], entry: Entry) -> list[LogisticUnit]:
    """Record that logistic units were put together.

    Raises `InLogisticUnitError`, `LogisticUnitGoneError`, `NoGs1PrefixError`, `NotHeldError`,
    `PositionsTakenError`, `SsccTakenError`.
    """
    names = get_namespace(session)
    _lock_contents(session, commands)
    check_contents(session, commands)
    ssccs = _name_units(session, commands)
    news = [aggregation_event(names, command, sscc, entry) for command, sscc in zip(commands, ssccs, strict=True)]
    made = [
        LogisticUnit(sscc=sscc, party_id=command.party_id, packed_on=command.packed_at.date(), event_id=event)
        for command, sscc, event in zip(commands, ssccs, record(session, news), strict=True)
    ]
    session.add_all(made)
    session.flush()
    session.add_all(item for unit, command in zip(made, commands, strict=True) for item in _items(unit, command))
    session.flush()
    return made


def _items(unit: LogisticUnit, command: PutTogether) -> list[LogisticUnitItem]:
    names = ("pack_id", "first_position", "last_position")
    packed = [
        LogisticUnitItem(unit_id=unit.id, **{name: getattr(few, name) for name in names}) for few in command.units
    ]
    return [*packed, *(LogisticUnitItem(unit_id=unit.id, inner_id=inner) for inner, _ in command.inner)]


def _lock_contents(session: Session, commands: Iterable[PutTogether]) -> None:
    """Lock what goes into logistic units: units before lots, as everywhere."""
    commands = list(commands)
    lock_units(session, [id_ for command in commands for id_, _ in command.inner])
    lots = {few.lot_uri for command in commands for few in command.units}
    if lots:
        lock_lots(Driver.of(session), lots)


def check_contents(session: Session, commands: Sequence[PutTogether]) -> None:
    """Raise what stands against putting things together, once they are locked."""
    units = [few for command in commands for few in command.units]
    inner = [id_ for command in commands for id_, _ in command.inner]
    check_order(units)
    _refuse_strange(session, commands)
    if units:
        check_free(session, units, BARRED)
        refuse_in_units(session, units)
    if inner:
        refuse_inside(session, inner)


def _refuse_strange(session: Session, commands: Sequence[PutTogether]) -> None:
    """Refuse packs and logistic units that the party does not hold, or not any more."""
    packs = {few.pack_id for command in commands for few in command.units}
    query = select(Pack.id, Lot.party_id, Lot.code).join(Lot, Lot.id == Pack.lot_id)
    owners = {
        pack: (party, code)
        for some in portions(packs)
        for pack, party, code in session.execute(query.where(Pack.id.in_(some)))
    }
    for command in commands:
        for few in command.units:
            party, code = owners[few.pack_id]
            if party != command.party_id:
                raise NotHeldError(what="pack", code=code)
        for id_, sscc in command.inner:
            unit = session.get_one(LogisticUnit, id_)  # locked a moment ago, so at hand
            if unit.party_id != command.party_id or unit.shipped_event_id is not None:
                raise NotHeldError(what="logistic-unit", code=sscc)


def _name_units(session: Session, commands: Sequence[PutTogether]) -> list[str]:
    """Return the SSCC of each unit: the one given, or the next of its party's prefix."""
    given = [command.sscc for command in commands if command.sscc]
    taken = _known(session, given) | {sscc for sscc in given if given.count(sscc) > 1}
    if taken:
        raise SsccTakenError(sscc=min(taken))
    nameless = [command.party_id for command in commands if not command.sscc]
    wanted = [_prefix(session, party) for party in nameless]
    fresh = {prefix: _fresh(session, prefix, wanted.count(prefix)) for prefix in sorted(set(wanted))}
    return [command.sscc or fresh[_prefix(session, command.party_id)].pop(0) for command in commands]


def _prefix(session: Session, party_id: int) -> str:
    party = session.get_one(Party, party_id)
    if party.gs1_prefix is None:
        raise NoGs1PrefixError(party=party.code)
    return party.gs1_prefix


def _known(session: Session, ssccs: Iterable[str]) -> set[str]:
    query = select(LogisticUnit.sscc).where(LogisticUnit.undone_at.is_(None))
    return {sscc for few in portions(ssccs) for sscc in session.scalars(query.where(LogisticUnit.sscc.in_(few)))}


def _fresh(session: Session, prefix: str, count: int) -> list[str]:
    """Return the next SSCCs of a prefix, without those that somebody gave by hand."""
    fresh: list[str] = []
    while len(fresh) < count:
        more = [sscc_at(prefix, number) for number in give_numbers(session, prefix, count - len(fresh))]
        known = _known(session, more)
        fresh += [sscc for sscc in more if sscc not in known]
    return fresh


def record_disaggregations(session: Session, commands: Sequence[TakeApart], entry: Entry) -> list[LogisticUnit]:
    """Record that logistic units were opened, by who put them together or by who bought them.

    Raises `InLogisticUnitError`, `LogisticUnitGoneError`, `NotHeldError`.
    """
    names = get_namespace(session)
    ids = [command.unit_id for command in commands]
    locked = lock_units(session, ids)
    buyers = _buyers_of(session, ids)
    for command in commands:
        if command.party_id not in (locked[command.unit_id].party_id, buyers.get(command.unit_id)):
            raise NotHeldError(what="logistic-unit", code=command.sscc)
    refuse_inside(session, ids)
    contents = direct_contents(session, ids)
    news = [disaggregation_event(names, command, contents[command.unit_id], entry) for command in commands]
    for id_, event in zip(ids, record(session, news), strict=True):
        locked[id_].opened_event_id = event
    session.flush()
    return [locked[id_] for id_ in ids]


def _buyers_of(session: Session, ids: Iterable[int]) -> dict[int, int]:
    """Return to whom each logistic unit was sold, of those that were."""
    query = select(LogisticUnit.id, Shipment.buyer_id).join(
        Shipment, Shipment.event_id == LogisticUnit.shipped_event_id
    )
    return {
        id_: buyer for few in portions(ids) for id_, buyer in session.execute(query.where(LogisticUnit.id.in_(few)))
    }


def correct_aggregation(
    session: Session, unit: LogisticUnit, command: PutTogether | None, reason: str, entry: Entry
) -> LogisticUnit:
    """Say what a logistic unit really held; it keeps its SSCC. Without a command it never was.

    Raises `LogisticUnitGoneError` for one that was opened or shipped, and what `record_aggregations` raises.
    """
    lock_units(session, [unit.id, *(id_ for id_, _ in (command.inner if command else ()))])
    if unit.shipped_event_id is not None:
        raise LogisticUnitGoneError(sscc=unit.sscc)
    refuse_inside(session, [unit.id])
    if command and unit.id in {id_ for id_, _ in command.inner}:
        raise InLogisticUnitError(unit=unit.sscc, sscc=unit.sscc)
    session.execute(delete(LogisticUnitItem).where(LogisticUnitItem.unit_id == unit.id))
    if command:
        _lock_contents(session, [command])
        check_contents(session, [command])
    right = [aggregation_event(get_namespace(session), command, unit.sscc, entry)] if command else []
    correction = Correction(wrong=[unit.event_id], right=right, reason=reason, party_id=unit.party_id, entry=entry)
    events = correct_events(session, correction)
    if command:
        unit.packed_on, unit.event_id = command.packed_at.date(), events[0]
        session.add_all(_items(unit, command))
    else:
        unit.undone_at = clock.now()
    session.flush()
    return unit


def correct_disaggregation(
    session: Session, unit: LogisticUnit, command: TakeApart | None, reason: str, entry: Entry
) -> LogisticUnit:
    """Say when a logistic unit was really opened. Without a command it never was, and stands again.

    Raises `NotFoundError` for one that was not opened, and, where its contents are elsewhere by now, what
    `record_aggregations` raises.
    """
    session.refresh(unit, with_for_update=True)
    if unit.opened_event_id is None:
        raise NotFoundError(what="disaggregation", code=unit.sscc)
    contents = direct_contents(session, [unit.id])[unit.id]
    right = [disaggregation_event(get_namespace(session), command, contents, entry)] if command else []
    wrong = [unit.opened_event_id]
    if not command:
        _refuse_elsewhere(session, unit, contents)
    opener = session.get_one(Event, unit.opened_event_id).party_id
    correction = Correction(wrong=wrong, right=right, reason=reason, party_id=opener, entry=entry)
    unit.opened_event_id = next(iter(correct_events(session, correction)), None)
    session.flush()
    return unit


def _refuse_elsewhere(session: Session, unit: LogisticUnit, contents: Contents) -> None:
    """Raise what stands against a logistic unit that holds again what it held, be it with its packer or its buyer."""
    again = PutTogether(party_id=unit.party_id, packed_at=clock.now(), units=contents.units, inner=contents.inner)
    _lock_contents(session, [again])
    if unit.shipped_event_id is None:
        check_contents(session, [again])
        return
    refuse_in_units(session, contents.units)
    refuse_inside(session, [id_ for id_, _ in contents.inner])
