"""Growing as its readers see it: inputs bought and used, work on plots and their opening, certificates over leaf."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Label, Select, case, or_, select
from sqlalchemy.orm import aliased

from trace import visibility
from trace.accounts import Caller, Role
from trace.events.tables import Event
from trace.field_work import FieldWork
from trace.inputs import InputProduct, InputPurchase, InputUse
from trace.nouns.paper_forms import told_form
from trace.paper_forms import PaperFormUse
from trace.parties import Party
from trace.places import Plot
from trace.plot_openings import PlotOpening
from trace.records import Noun, equal, plain
from trace.workers import Worker

_AGENT, _OPERATOR = aliased(Party, name="agent"), aliased(Party, name="operator")


def _worker(caller: Caller) -> Label[str | None]:
    """Return who worked, by name, to those who wrote it down; to others nothing."""
    if caller.role is Role.OPERATOR:
        return Worker.name.label("worker")
    wrote = or_(Event.party_id == caller.party_id, Event.entered_by_id == caller.party_id)
    return case((wrote, Worker.name)).label("worker")


def _input_uses(caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(InputUse.code, Party.code.label("owner"), Plot.code.label("plot"), InputUse.used_on),
            *(InputProduct.code.label("product"), InputProduct.name.label("product_name")),
            *(InputUse.per_mu, InputUse.unit, InputUse.area_mu, InputUse.total, InputUse.target),
            *(InputUse.supplier, InputUse.weather, _OPERATOR.code.label("operator"), _AGENT.code.label("entered_by")),
            *(InputProduct.registration, InputProduct.maker, InputUse.dilution, InputUse.maker_code, _worker(caller)),
            *(InputPurchase.code.label("purchase"), told_form(PaperFormUse.input_use_id, InputUse.id)),
            *(Event.event_time.label("used_at"), Event.utc_offset, Event.mode, Event.event_id.label("event")),
        )
        .select_from(InputUse)
        .join(Event, InputUse.event_id == Event.id)
        .join(Party, Event.party_id == Party.id)
        .join(Plot, InputUse.plot_id == Plot.id)
        .join(InputProduct, InputUse.product_id == InputProduct.id)
        .outerjoin(_OPERATOR, InputUse.operator_id == _OPERATOR.id)
        .outerjoin(_AGENT, Event.entered_by_id == _AGENT.id)
        .outerjoin(Worker, InputUse.worker_id == Worker.id)
        .outerjoin(InputPurchase, InputUse.purchase_id == InputPurchase.id)
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


def _purchases(caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(InputPurchase.code, Party.code.label("owner"), InputPurchase.supplier, InputPurchase.maker_code),
            *(InputPurchase.quantity, InputPurchase.unit, InputPurchase.bought_on, _worker(caller)),
            *(InputProduct.code.label("product"), InputProduct.name.label("product_name"), InputProduct.maker),
            *(InputProduct.registration, _AGENT.code.label("entered_by")),
            *(Event.event_time.label("bought_at"), Event.utc_offset, Event.mode, Event.event_id.label("event")),
        )
        .select_from(InputPurchase)
        .join(Event, InputPurchase.event_id == Event.id)
        .join(Party, InputPurchase.buyer_id == Party.id)
        .join(InputProduct, InputPurchase.product_id == InputProduct.id)
        .outerjoin(Worker, InputPurchase.worker_id == Worker.id)
        .outerjoin(_AGENT, Event.entered_by_id == _AGENT.id)
        .where(InputPurchase.undone_at.is_(None))
    )


PURCHASES = Noun(
    name="input-purchase",
    key=InputPurchase.id,
    query=_purchases,
    visible=lambda caller: visibility.own(caller, InputPurchase.buyer_id),
    code=plain(InputPurchase.code),
    owner=Party.code.expression,
    filters={"product": equal(InputProduct.code), "party": equal(Party.code)},
)


def _field_work(caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(FieldWork.code, Party.code.label("owner"), Plot.code.label("plot"), FieldWork.kind, FieldWork.done_on),
            *(FieldWork.pest, FieldWork.per_100_leaves, FieldWork.decision, FieldWork.quantity, FieldWork.unit),
            *(FieldWork.area_mu, FieldWork.weather, _worker(caller), _AGENT.code.label("entered_by")),
            *(Event.event_time.label("done_at"), Event.utc_offset, Event.mode, Event.event_id.label("event")),
        )
        .select_from(FieldWork)
        .join(Event, FieldWork.event_id == Event.id)
        .join(Party, Event.party_id == Party.id)
        .join(Plot, FieldWork.plot_id == Plot.id)
        .outerjoin(Worker, FieldWork.worker_id == Worker.id)
        .outerjoin(_AGENT, Event.entered_by_id == _AGENT.id)
        .where(FieldWork.undone_at.is_(None))
    )


FIELD_WORK = Noun(
    name="field-work",
    key=FieldWork.id,
    query=_field_work,
    visible=visibility.field_work,
    code=plain(FieldWork.code),
    owner=Party.code.expression,
    filters={
        "plot": equal(Plot.code),
        "kind": equal(FieldWork.kind),
        "pest": equal(FieldWork.pest),
        "party": equal(Party.code),
    },
)


def _openings(_caller: Caller) -> Select[*tuple[Any, ...]]:
    plot_id = PlotOpening.plot_id
    return select(Plot.code.label("code"), PlotOpening.opened_on, PlotOpening.recorded_at).join(
        Plot, plot_id == Plot.id
    )


PLOT_OPENINGS = Noun(
    name="plot-opening", key=PlotOpening.id, query=_openings, visible=visibility.plots, code=plain(Plot.code)
)


def openings_of(plot: int) -> Noun:
    """Return the noun of the openings of one plot (row id), in the order in which they were said."""
    return replace(PLOT_OPENINGS, query=lambda caller: _openings(caller).where(PlotOpening.plot_id == plot))
