"""What becomes of stock apart from being made and sold, as its readers see it: destructions."""

from typing import Any

from sqlalchemy import Select, case, select
from sqlalchemy.orm import aliased

from trace import visibility
from trace.accounts import Caller
from trace.destructions import Destruction
from trace.events.tables import Event
from trace.lots import Lot, LotKind
from trace.parties import Party
from trace.records import Noun, equal, plain

_AGENT = aliased(Party, name="agent")


def _destructions(_caller: Caller) -> Select[*tuple[Any, ...]]:
    """Select destructions; who stood by as a witness is a person, and stays out of it."""
    packed = Lot.kind == LotKind.PACKED
    return (
        select(
            *(Destruction.code, Party.code.label("owner"), Destruction.destroyed_on, Destruction.mass_g),
            *(case((~packed, Lot.code)).label("lot"), case((packed, Lot.code)).label("pack"), Destruction.as_typed),
            *(Destruction.first_position, Destruction.last_position, Destruction.reason, Destruction.method),
            *(Event.event_time.label("destroyed_at"), Event.utc_offset, Event.mode, Event.event_id.label("event")),
            _AGENT.code.label("entered_by"),
        )
        .select_from(Destruction)
        .join(Party, Destruction.party_id == Party.id)
        .join(Lot, Destruction.lot_id == Lot.id)
        .join(Event, Destruction.event_id == Event.id)
        .outerjoin(_AGENT, Event.entered_by_id == _AGENT.id)
        .where(Destruction.undone_at.is_(None))
    )


DESTRUCTIONS = Noun(
    name="destruction",
    key=Destruction.id,
    query=_destructions,
    visible=lambda caller: visibility.lots_by_id(caller, Destruction.lot_id),
    code=plain(Destruction.code),
    owner=Party.code.expression,
    filters={"party": equal(Party.code), "lot": equal(Lot.code)},
)
