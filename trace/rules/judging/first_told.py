"""How we first learnt of something: a correction comes later, and says nothing of when the record was made."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.db import portions
from trace.events import Event, Mode

_CORRECTS = b'"chasu:corrects"'


@dataclass(frozen=True)
class Told:
    """By which way, and when, we first learnt of something."""

    mode: Mode
    recorded_at: datetime


def first_told(session: Session, events: Iterable[Event]) -> dict[int, Told]:
    """Return for each event (row id) how it was first told: of one that corrects others, how the first of those was."""
    asked = list(events)
    first = {event.id: Told(event.mode, event.recorded_at) for event in asked}
    waiting = {event.id: _corrected_by(event) for event in asked}
    while any(waiting.values()):
        found = _named(session, {one for few in waiting.values() for one in few})
        for id_, corrected in waiting.items():
            told = [Told(found[one].mode, found[one].recorded_at) for one in corrected if one in found]
            first[id_] = min([first[id_], *told], key=lambda one: one.recorded_at)
        waiting = {
            id_: {before for one in corrected if one in found for before in _corrected_by(found[one])}
            for id_, corrected in waiting.items()
        }
    return first


def _corrected_by(event: Event) -> set[str]:
    """Return the ids of the events that an event stands instead of."""
    return set(json.loads(event.document)["chasu:corrects"]) if _CORRECTS in event.document else set()


def _named(session: Session, ids: Iterable[str]) -> dict[str, Event]:
    query = select(Event).where(Event.declares_error.is_(False))
    rows = (session.scalars(query.where(Event.event_id.in_(few))) for few in portions(sorted(ids)))
    return {event.event_id: event for few in rows for event in few}
