"""Enter closings of the day: of one's own, or of those one acts for; a day that has begun."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from trace import clock
from trace.accounts import Caller
from trace.day_closes import CloseDay, DayClose, close_days
from trace.entries.form import Filled, Form


@dataclass(frozen=True, kw_only=True)
class EnterDayClose(Filled):
    """A day to close."""

    day: date


def enter_day_closes(session: Session, caller: Caller, records: Sequence[EnterDayClose]) -> list[DayClose]:
    """Close days in order. Raises what a form raises, and `DayClosedError`."""
    form = Form(session, caller, records)
    for place, record in enumerate(records):
        if record.day > clock.today():
            form.refuse(place, "day", "in-the-future", value=str(record.day), today=str(clock.today()))
    form.close()
    commands = [
        CloseDay(party_id=party.id, day=record.day) for record, party in zip(records, form.principals, strict=True)
    ]
    return close_days(session, commands, form.entry)
