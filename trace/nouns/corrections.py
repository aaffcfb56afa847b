"""Corrections as their readers see them: the events that declare others wrong; and the events one may correct."""

from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import aliased

from trace import visibility
from trace.accounts import Caller
from trace.events.tables import Event, EventPosition
from trace.parties import Party
from trace.records import Noun, equal, number_of, plain

_AGENT = aliased(Party, name="agent")


def _told(caller: Caller) -> ColumnElement[bool]:
    """Hold for events the caller may read, and for what it entered for others."""
    return or_(visibility.events(caller), Event.entered_by_id == (caller.party_id or 0))


def _corrections(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Event.event_id.label("code"), Event.recorded_at, Event.mode, Event.document, Event.type, Event.biz_step),
            *(Event.event_time, Event.utc_offset, Party.code.label("party"), _AGENT.code.label("entered_by")),
        )
        .join(Party, Event.party_id == Party.id)
        .outerjoin(_AGENT, Event.entered_by_id == _AGENT.id)
        .where(Event.declares_error)
    )


CORRECTIONS = Noun(
    name="correction",
    key=Event.id,
    query=_corrections,
    visible=_told,
    code=plain(Event.event_id),
    filters={"party": equal(Party.code), "step": equal(Event.biz_step)},
)


def _standing(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return select(Event.event_id.label("code")).where(~Event.declares_error)


def _named(code: str) -> ColumnElement[bool]:
    """Hold for the event of this id, or at this position."""
    at = select(EventPosition.event_id).where(EventPosition.position == number_of(code, 2**63 - 1))
    return or_(Event.event_id == code, Event.id.in_(at))


EVENTS_TO_CORRECT = Noun(
    name="event",
    key=Event.id,
    query=_standing,
    visible=_told,
    code=_named,
)
