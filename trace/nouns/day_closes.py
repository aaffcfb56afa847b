"""Closings of the day as their readers see them: frozen lines per grower or buyer, and what was still on its way."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, case, or_, select
from sqlalchemy.orm import Session, aliased

from trace import visibility
from trace.accounts import Caller
from trace.day_closes import DayClose, DayCloseLine
from trace.nouns.slips import is_caller
from trace.parties import Party
from trace.persons import Person
from trace.records import Noun, Parts, Record, equal, of_day, plain

_AGENT = aliased(Party, name="agent")


def _closes(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(DayClose.code, Party.code.label("owner"), Party.name.label("owner_name"), DayClose.day),
            *(DayClose.number, DayClose.open_hand_overs, DayClose.closed_at, _AGENT.code.label("entered_by")),
        )
        .join(Party, DayClose.party_id == Party.id)
        .outerjoin(_AGENT, DayClose.entered_by_id == _AGENT.id)
    )


def _lines(session: Session, caller: Caller, closes: Sequence[int]) -> dict[int, list[Record]]:
    """Return the lines of each closing, those of one party together."""
    line = DayCloseLine
    known = or_(is_caller(caller, line.other_id), is_caller(caller, Party.member_of_id))
    query = (
        select(
            *(line.close_id, line.side, Party.code.label("other"), Party.name.label("other_name")),
            *(line.pluck_standard, line.grade, line.slips, line.reversed, line.net_g, line.amount_yuan),
            case((known, Person.name)).label("person"),
        )
        .join(Party, line.other_id == Party.id)
        .outerjoin(Person, Person.party_id == Party.id)
        .where(line.close_id.in_(closes))
        .order_by(line.close_id, line.side, Party.code, line.id)
    )
    found: dict[int, list[Record]] = defaultdict(list)
    for row in session.execute(query).mappings():
        found[row["close_id"]].append(dict(row))
    return found


DAY_CLOSES = Noun(
    name="day-close",
    key=DayClose.id,
    query=_closes,
    visible=lambda caller: visibility.own(caller, DayClose.party_id),
    code=plain(DayClose.code),
    owner=Party.code.expression,
    filters={"party": equal(Party.code), "day": of_day(DayClose.day)},
    parts=Parts("lines", _lines),
)
