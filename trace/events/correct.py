"""Corrections: the wrong event is declared an error under its own id, and a new event says what is right."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Exists, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from trace import clock
from trace.descent import lock_descendants, touch
from trace.errors import ConflictError, NotFoundError
from trace.events.entry import Entry
from trace.events.record import LotOverdrawnError, NewEvent, finish, record, remove_edges
from trace.events.tables import Event
from trace.holds import inherit
from trace.ledger import LedgerLine
from trace.statements import Driver


class AlreadyCorrectedError(ConflictError):
    """The event was declared an error before."""

    code = "already-corrected"


class CorrectionBlockedError(ConflictError):
    """Later events took what the correction would take away; `events` lists them, to be corrected first."""

    code = "correction-blocked"


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
    said = {event.event_id: event.id for event in wrong}
    right = [finish(new)["eventID"] for new in command.right]
    news = [new for new, event_id in zip(command.right, right, strict=True) if event_id not in said]
    ids = iter(_replace(session, [event for event in wrong if event.event_id not in right], news, command))
    return [said[event_id] if event_id in said else next(ids) for event_id in right]


def _replace(session: Session, wrong: Sequence[Event], right: Sequence[NewEvent], command: Correction) -> list[int]:
    """Declare events wrong and record others in their stead."""
    if not wrong and not right:
        return []
    rows = [event.id for event in wrong]
    declared = clock.now().isoformat(timespec="milliseconds")
    errors = []
    for event in reversed(wrong):
        document = json.loads(event.document)
        document["errorDeclaration"] = {"declarationTime": declared, "reason": command.reason}
        errors.append(
            NewEvent(
                document=document,
                party_id=command.party_id,
                entry=command.entry,
                event_id=event.event_id,
                declares_error=True,
            )
        )
    try:
        ids = record(session, [*errors, *_naming(wrong, right)], as_a_whole=True)
    except LotOverdrawnError as error:
        later = _later_events(session, error.lots, rows)
        raise CorrectionBlockedError(**{**error.facts, "events": later}) from None
    scope = lock_descendants(session, _lots_of(session, [*rows, *ids]))  # by the wrong lineage and by the right
    remove_edges(session, rows, _lots_of(session, rows))
    inherit(Driver.of(session), scope)
    touch(session, scope)
    return ids[len(errors) :]


def _naming(wrong: Sequence[Event], right: Sequence[NewEvent]) -> list[NewEvent]:
    """Return the right events, each naming the wrong: one whose document says the same is an event of its own."""
    corrects = {"chasu:corrects": [event.event_id for event in wrong]}
    return [replace(new, document={**new.document, **corrects}) for new in right]


def _lots_of(session: Session, events: Sequence[int]) -> set[int]:
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
        .where(LedgerLine.lot_id.in_(lots), LedgerLine.amount < 0, Event.id.not_in(wrong))
        .where(Event.declares_error.is_(False), ~_declared_wrong(Event.event_id))
        .distinct()
    )
    return sorted(session.scalars(query))
