"""Enter corrections, in order: what a record really was, or that it never was, by who answers for it or enters for it.

A record is named by its address, as `pickings/C01/H0142`, or by the id or position of its event.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from trace.accounts import Caller
from trace.entries.correctable import KINDS, Kind, filled_for
from trace.entries.form import Filled, Form
from trace.errors import ConflictError, Fault, InvalidError
from trace.events.correct import AlreadyCorrectedError, list_lots_of, refuse_taken_before
from trace.events.tables import Event
from trace.inputs import InputUse
from trace.lots import Lot
from trace.mandates import acting_party, reader_for
from trace.nouns import EVENTS_TO_CORRECT
from trace.parties import Party
from trace.quality import Result, Sample, list_results_of
from trace.records import get_record
from trace.rules.judging import judge_input_uses, judge_lots, judge_results

_WRONG, _NEVER = "incorrect_data", "did_not_occur"  # error reasons of CBV 2.0


class NotCorrectableError(ConflictError):
    """The event is of a kind that nobody corrects: it is answered by another event."""

    code = "not-correctable"


@dataclass(frozen=True, kw_only=True)
class EnterCorrection:
    """A correction as somebody types it; `instead` reads, by kind of record, what is right, or nothing is."""

    event: str
    reason: str
    instead: Callable[[str], Filled] | None = None


@dataclass(frozen=True)
class _Found:
    """A record that is to be corrected, and the event that stands for it."""

    kind: Kind
    row: Any
    event: Event


def correct_records(session: Session, caller: Caller, records: Sequence[EnterCorrection]) -> list[Event]:
    """Correct records in order, each as those before left things; return the events that declare the errors.

    Raises `InvalidError` with the faults of all, `NotForThemError`, `NotFoundError`, `NotCorrectableError` and what
    the verbs raise, above all `CorrectionBlockedError` while a later event would overdraw.
    """
    faults: list[Fault] = []
    declared: list[Event] = []
    for place, record in enumerate(records):
        found = _find(session, caller, record.event)
        try:
            form, command = _read(session, caller, found, record)
            if not faults:
                declared.append(_correct(session, found, form, (command, record.reason)))
        except InvalidError as error:
            faults += [_placed(place, fault) for fault in error.faults]
    if faults:
        raise InvalidError(faults)
    return declared


def _placed(place: int, fault: Fault) -> Fault:
    """Return a fault of what is right instead, at its place among the corrections."""
    inner = fault.path.removeprefix("[0]").removeprefix(".")
    return Fault(f"[{place}].instead{'.' if inner else ''}{inner}", fault.code, fault.facts)


def _find(session: Session, caller: Caller, named: str) -> _Found:
    """Return the record of this address or event, locked: one that the caller may read."""
    name, _, code = named.removeprefix("/v1/").partition("/")
    kind = KINDS.get(name)
    if kind is not None and kind.noun is not None:
        reader = reader_for(session, caller, code.rpartition("/")[0] or None)
        key = get_record(session, reader, kind.noun, code)["key"]
        row = session.get_one(kind.row, key, with_for_update=True, populate_existing=True)
        return _found(session, caller, kind, row)
    event = session.get_one(Event, get_record(session, caller, EVENTS_TO_CORRECT, named)["key"])
    for one in KINDS.values():
        named_by = or_(*(getattr(one.row, column) == event.id for column in one.events))
        among = [] if one.among is None else [one.among]
        query = select(one.row).where(named_by, *among).limit(1).with_for_update()
        row = session.scalars(query, execution_options={"populate_existing": True}).first()
        if row is not None:
            return _found(session, caller, one, row)
    _refuse_strangers(session, caller, event)
    if session.scalar(select(Event.id).where(Event.event_id == event.event_id, Event.declares_error)) is not None:
        raise AlreadyCorrectedError(event=event.event_id)
    raise NotCorrectableError(event=event.event_id, step=event.biz_step)


def _refuse_strangers(session: Session, caller: Caller, event: Event) -> None:
    """Raise `NotForThemError` for who may read an event and not correct it, whatever else stands against that."""
    acting_party(session, caller, session.get_one(Party, event.party_id).code)


def _found(session: Session, caller: Caller, kind: Kind, row: Any) -> _Found:
    """Return a record with its event. Raises `NotForThemError`, and `AlreadyCorrectedError` for one that never was."""
    event = session.get_one(Event, getattr(row, kind.events[0]))
    _refuse_strangers(session, caller, event)
    if getattr(row, "undone_at", None) is not None:
        raise AlreadyCorrectedError(event=event.event_id)
    return _Found(kind, row, event)


def _read(session: Session, caller: Caller, found: _Found, record: EnterCorrection) -> tuple[Form, Any]:
    """Return the form in which a correction comes, and the command for what is right instead, if anything is."""
    party = session.get_one(Party, found.event.party_id).code
    if record.instead is None:
        return Form(session, caller, [Filled(party=party)]), None
    if found.kind.read is None:
        Form(session, caller, [Filled(party=party)])
        raise InvalidError([Fault("", "undone-only")])
    right = filled_for(record.instead(found.kind.name), party)
    form = Form(session, caller, [right])
    if form.principals[0].id != Form(session, caller, [Filled(party=party)]).principals[0].id:
        form.refuse(0, "party", "party-stays", value=right.party, party=party)
    return form, found.kind.read(form, found.row, right)


def _correct(session: Session, found: _Found, form: Form, asked: tuple[Any, str]) -> Event:
    """Correct one record, judge again what rests on it, and return the event that declares the error."""
    command, remark = asked
    row, kind = found.row, found.kind
    former = (row.plot_id, row.used_on) if isinstance(row, InputUse) else None
    wrong = _events_of(found)
    known = list_lots_of(session, wrong)
    days = _days_made(session, known)
    kind.correct(session, row, command, _WRONG if command else _NEVER, form.corrected(remark))
    session.flush()
    later = {lot: day for lot, day in _days_made(session, known).items() if day > days[lot]}
    refuse_taken_before(session, later)
    declared = _declaration(session, wrong)
    if isinstance(row, InputUse) and former is not None:
        judge_input_uses(session, [row.id], [former])
    elif isinstance(row, Result):
        judge_results(session, [row.id])
    elif isinstance(row, Sample):
        judge_results(session, [result.id for result in list_results_of(session, row.id)])
    judge_lots(session, known | list_lots_of(session, _events_of(found)))
    return declared


def _days_made(session: Session, lots: Collection[int]) -> dict[int, date]:
    """Return the day on which each lot came into being."""
    return dict(session.execute(select(Lot.id, Lot.made_on).where(Lot.id.in_(lots))).all())


def _declaration(session: Session, wrong: Sequence[int]) -> Event:
    """Return the event that declares a record's own event wrong or, where that stands, another of its events."""
    said = select(Event.event_id, Event.id).where(Event.id.in_(wrong), ~Event.declares_error)
    places = {event_id: wrong.index(row) for event_id, row in session.execute(said)}
    query = select(Event).where(Event.event_id.in_(places), Event.declares_error)
    return min(session.scalars(query), key=lambda event: places[event.event_id])


def _events_of(found: _Found) -> list[int]:
    """Return a record's events (row ids), its own first."""
    events = [getattr(found.row, column) for column in found.kind.events]
    return [event for event in events if event is not None]
