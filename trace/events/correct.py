"""Corrections: the wrong event is declared an error under its own id, and a new event says what is right."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Exists, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from trace import clock
from trace.db import portions
from trace.descent import descents, lock_descendants, touch
from trace.errors import ConflictError, NotFoundError
from trace.events.documents import encode
from trace.events.entry import Entry
from trace.events.record import LotOverdrawnError, NewEvent, finish, record, remove_edges
from trace.events.tables import Event
from trace.holds import inherit
from trace.ledger import TAKEN, LedgerLine
from trace.lineage import LineageEdge
from trace.lots import Lot
from trace.statements import Driver

_BESIDE = ("eventID", "chasu:enteredBy", "chasu:corrects")


class AlreadyCorrectedError(ConflictError):
    """The event was declared an error before."""

    code = "already-corrected"


class CorrectionBlockedError(ConflictError):
    """Later events took what the correction would take away; `events` lists them, to be corrected first."""

    code = "correction-blocked"


class MadeOfItselfError(ConflictError):
    """A lot would be made of what was made of it."""

    code = "made-of-itself"


@dataclass(frozen=True, kw_only=True)
class Correction:
    """Ask to declare events wrong (row ids) and to record what is right, in one piece."""

    wrong: Sequence[int]
    right: Sequence[NewEvent]
    reason: str  # CBV error reason, such as `incorrect_data` or `did_not_occur`
    party_id: int
    entry: Entry


def correct_events(session: Session, command: Correction) -> list[int]:
    """Declare events wrong, record the right ones, and return the right ones' row ids.

    Their ledger lines reverse the old ones; stock is judged after both. What a finding holds stays held until a
    person answers, and what was made of the right lots is held and recalled with them. An event that says again what
    a wrong one said stands as it is: what was wrong stands beside it, such as a price.
    Raises `AlreadyCorrectedError`, `CorrectionBlockedError`, `NotFoundError`.
    """
    wrong = [_get_wrong(session, row) for row in command.wrong]
    said = {_said(json.loads(event.document)): event.id for event in wrong}
    right = [_said(new.document) for new in command.right]
    if command.entry.remark is not None and set(right) == said.keys():
        return _replace(session, wrong, command.right, command)  # somebody says why: an event keeps it
    news = [new for new, what in zip(command.right, right, strict=True) if what not in said]
    false = [event for event in wrong if _said(json.loads(event.document)) not in right]
    ids = iter(_replace(session, false, news, command))
    return [said[what] if what in said else next(ids) for what in right]


def _said(document: dict[str, Any]) -> bytes:
    """Return what an event says, whoever entered it and whatever it was said instead of."""
    return encode({name: value for name, value in document.items() if name not in _BESIDE})


def _replace(session: Session, wrong: Sequence[Event], right: Sequence[NewEvent], command: Correction) -> list[int]:
    """Declare events wrong and record others in their stead."""
    if not wrong and not right:
        return []
    rows, right = [event.id for event in wrong], _naming(wrong, right)
    errors = _declarations(wrong, [finish(new)["eventID"] for new in right], command)
    try:
        ids = record(session, [*errors, *right], as_a_whole=True)
    except LotOverdrawnError as error:
        later = _later_events(session, error.lots, rows)
        raise CorrectionBlockedError(**{**error.facts, "events": later}) from None
    lots = list_lots_of(session, [*rows, *ids])
    scope = lock_descendants(session, lots)  # by the wrong lineage and by the right
    remove_edges(session, rows, lots)
    _refuse_circle(session, ids, lots)
    inherit(Driver.of(session), scope)
    touch(session, scope, locked=True)
    return ids[len(errors) :]


def _declarations(wrong: Sequence[Event], right: Sequence[str], command: Correction) -> list[NewEvent]:
    """Return the events that declare others wrong, the last first, each with the ids of what is right instead."""
    said: dict[str, Any] = {
        "declarationTime": clock.now().isoformat(timespec="milliseconds"),
        "reason": command.reason,
        **({"correctiveEventIDs": list(right)} if right else {}),
        **({"chasu:remark": command.entry.remark} if command.entry.remark else {}),
    }
    errors = []
    for event in reversed(wrong):
        error = NewEvent(
            document={},
            party_id=command.party_id,
            entry=command.entry,
            event_id=event.event_id,
            declares_error=True,
        )
        by = {"chasu:enteredBy": error.agent.uri} if error.agent else {}
        errors.append(replace(error, document={**json.loads(event.document), "errorDeclaration": {**said, **by}}))
    return errors


def _refuse_circle(session: Session, events: Sequence[int], lots: Iterable[int]) -> None:
    """Raise `MadeOfItselfError` where events make a lot of what was made of it; `lots` are all that they name."""
    query = select(LineageEdge.parent_id, LineageEdge.child_id).where(LineageEdge.event_id.in_(events))
    edges = [edge for few in portions(lots) for edge in session.execute(query.where(LineageEdge.child_id.in_(few)))]
    below = descents(session, {child for _, child in edges})
    for parent, child in edges:
        if parent in below[child]:
            raise MadeOfItselfError(lot=session.get_one(Lot, child).code, source=session.get_one(Lot, parent).code)


def _naming(wrong: Sequence[Event], right: Sequence[NewEvent]) -> list[NewEvent]:
    """Return the right events, each naming the wrong: one whose document says the same is an event of its own."""
    corrects = {"chasu:corrects": [event.event_id for event in wrong]}
    return [replace(new, document={**new.document, **corrects}) for new in right]


def list_lots_of(session: Session, events: Sequence[int]) -> set[int]:
    """Return the lots (row ids) that events move grams or units of."""
    query = select(LedgerLine.lot_id).where(LedgerLine.event_id.in_(events), LedgerLine.lot_id.is_not(None))
    return {lot for lot in session.scalars(query) if lot is not None}


def _declared_wrong(event_id: InstrumentedAttribute[str] | str) -> Exists:
    """Hold where an event of this id was declared an error."""
    twin = aliased(Event)
    return exists().where(twin.event_id == event_id, twin.declares_error.is_(True))


def _get_wrong(session: Session, row: int) -> Event:
    event = session.get(Event, row)
    if event is None or event.declares_error:
        raise NotFoundError(what="event", code=row)
    if session.scalar(select(_declared_wrong(event.event_id))):
        raise AlreadyCorrectedError(event=event.event_id)
    return event


def _later_events(session: Session, lots: Sequence[int], wrong: Sequence[int]) -> list[str]:
    """Return the ids of the events, still standing, that took from these lots."""
    query = (
        select(Event.event_id)
        .join(LedgerLine, LedgerLine.event_id == Event.id)
        .where(LedgerLine.lot_id.in_(lots), TAKEN, Event.id.not_in(wrong))
        .where(Event.declares_error.is_(False), ~_declared_wrong(Event.event_id))
        .distinct()
    )
    return sorted(session.scalars(query))


def refuse_taken_before(session: Session, lots: Iterable[int]) -> None:
    """Raise `CorrectionBlockedError` where events took from lots (row ids) before the day on which those are made."""
    query = (
        select(Event.event_id, Event.event_time, Lot.made_on)
        .join(LedgerLine, LedgerLine.event_id == Event.id)
        .join(Lot, Lot.id == LedgerLine.lot_id)
        .where(TAKEN, Event.declares_error.is_(False), ~_declared_wrong(Event.event_id))
    )
    early = {
        event
        for few in portions(lots)
        for event, moment, made_on in session.execute(query.where(Lot.id.in_(few)))
        if clock.day_of(moment) < made_on
    }
    if early:
        raise CorrectionBlockedError(events=sorted(early))
