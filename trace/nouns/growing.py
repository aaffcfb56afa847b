"""Growing as its readers see it: uses of inputs on plots."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from trace import visibility
from trace.accounts import Caller
from trace.events.tables import Event
from trace.inputs import InputProduct, InputUse
from trace.parties import Party
from trace.places import Plot
from trace.records import Noun, equal, plain

_AGENT, _WORKER = aliased(Party, name="agent"), aliased(Party, name="worker")


def _input_uses(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(InputUse.code, Party.code.label("owner"), Plot.code.label("plot"), InputUse.used_on),
            *(InputProduct.code.label("product"), InputProduct.name.label("product_name")),
            *(InputUse.per_mu, InputUse.unit, InputUse.area_mu, InputUse.total, InputUse.target),
            *(InputUse.supplier, InputUse.weather, _WORKER.code.label("operator"), _AGENT.code.label("entered_by")),
            *(Event.event_time.label("used_at"), Event.utc_offset, Event.mode, Event.event_id.label("event")),
        )
        .select_from(InputUse)
        .join(Event, InputUse.event_id == Event.id)
        .join(Party, Event.party_id == Party.id)
        .join(Plot, InputUse.plot_id == Plot.id)
        .join(InputProduct, InputUse.product_id == InputProduct.id)
        .outerjoin(_WORKER, InputUse.operator_id == _WORKER.id)
        .outerjoin(_AGENT, Event.entered_by_id == _AGENT.id)
        .where(InputUse.undone_at.is_(None))
    )


INPUT_USES = Noun(
    name="input-use",
    key=InputUse.id,
    query=_input_uses,
    visible=visibility.input_uses,
    code=plain(InputUse.code),
    owner=Party.code.expression,
    aliases="inputs",
    filters={"plot": equal(Plot.code), "product": equal(InputProduct.code), "party": equal(Party.code)},
)
