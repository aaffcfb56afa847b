"""Events are the record: every step one append-only row with its EPCIS 2.0 document; all the rest is derived."""

from trace.events import documents
from trace.events.entry import HISTORY, LIVE, Agent, Entry
from trace.events.record import NewEvent, record
from trace.events.tables import Event, Mode

__all__ = ["HISTORY", "LIVE", "Agent", "Entry", "Event", "Mode", "NewEvent", "documents", "record"]
