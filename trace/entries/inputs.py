"""Enter uses of inputs: what was sprayed, spread or hung on a plot of one's own, or of those one acts for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from trace import visibility
from trace.accounts import Caller
from trace.db import portions
from trace.entries.field_work import find_worked_plots
from trace.entries.form import Filled, Form, new_code
from trace.entries.references import Named, check_new_codes
from trace.events.tables import Event
from trace.inputs import InputProduct, InputUse, UseInput, use_inputs
from trace.parties import Party
from trace.places import Plot
from trace.rules.judging import judge_input_uses
from trace.seasons import SeasonRecord


@dataclass(frozen=True, kw_only=True)
class EnterInputUse(Filled):
    """A use of an input as somebody types it."""

    plot: str
    product: str
    used_at: datetime
    code: str | None = None
    per_mu: Decimal | None = None
    unit: str | None = None
    area_mu: Decimal | None = None
    total: Decimal | None = None
    target: str | None = None
    operator: str | None = None
    supplier: str | None = None
    weather: str | None = None


_SAME = ("used_at", "per_mu", "unit", "area_mu", "total", "target", "supplier", "weather")
_RECORDER = select(Event.party_id).where(Event.id == InputUse.event_id).scalar_subquery()


def enter_input_uses(session: Session, caller: Caller, records: Sequence[EnterInputUse]) -> list[InputUse]:
    """Record uses of inputs; pickings since then are judged again. Raises what a form raises."""
    form = Form(session, caller, records)
    uses = use_inputs(session, read_input_uses(form, records), form.entry)
    judge_input_uses(session, [use.id for use in uses])
    return uses


def read_input_uses(form: Form, records: Sequence[EnterInputUse]) -> list[UseInput]:
    """Return what a form of uses asks for. Raises `InvalidError` with every fault."""
    plots = find_worked_plots(form, [(record.plot, record.used_at) for record in records])
    products = _find_products(form, [record.product for record in records])
    operators = _find_operators(form, [record.operator for record in records])
    codes = [record.code or new_code("IU", record.used_at) for record in records]
    check_new_codes(form, [Named(place, "code", code) for place, code in enumerate(codes)], InputUse, _RECORDER)
    for place, record in enumerate(records):
        form.check_moment(place, "used_at", record.used_at)
    form.close()
    return [
        _command(record, party, plot, products[record.product], (code, operators.get(record.operator or "")))
        for record, party, plot, code in zip(records, form.principals, plots, codes, strict=True)
        if plot is not None
    ]


def _find_products(form: Form, codes: Sequence[str]) -> dict[str, InputProduct]:
    """Return the products by code, or by their id in a season's file; one that is unknown is a fault."""
    found: dict[str, InputProduct] = {}
    for few in portions(set(codes)):
        alias = (
            select(SeasonRecord.alias, InputProduct)
            .join(InputProduct, InputProduct.id == SeasonRecord.record_id)
            .where(SeasonRecord.noun == "input_products", SeasonRecord.alias.in_(few))
            .order_by(InputProduct.id.desc())
        )
        found.update((name, product) for name, product in form.session.execute(alias))
        own = select(InputProduct).where(InputProduct.code.in_(few))
        found.update({product.code: product for product in form.session.scalars(own)})
    for place, code in enumerate(codes):
        if code not in found:
            form.refuse(place, "product", "unknown-reference", value=code, array="input-product")
    return found


def _find_operators(form: Form, codes: Sequence[str | None]) -> dict[str, int]:
    """Return the row id of whoever carried the work out; one whom the caller may not know of is a fault."""
    wanted = {code for code in codes if code}
    principals = {party.id for party in form.principals}
    found: dict[str, int] = {}
    for few in portions(wanted):
        query = select(Party.code, Party.id).where(Party.code.in_(few))
        known = or_(Party.id.in_(principals), Party.member_of_id.in_(principals), visibility.parties(form.caller))
        found.update((code, id_) for code, id_ in form.session.execute(query.where(known)))
    for place, code in enumerate(codes):
        if code and code not in found:
            form.refuse(place, "operator", "unknown-reference", value=code, array="party")
    return found


def _command(
    record: EnterInputUse, party: Party, plot: Plot, product: InputProduct, more: tuple[str, int | None]
) -> UseInput:
    code, operator = more
    return UseInput(
        code=code,
        plot_id=plot.id,
        plot_code=plot.code,
        product_id=product.id,
        product_code=product.code,
        used_on=record.used_at.date(),
        recorder_id=party.id,
        operator_id=operator,
        **{name: getattr(record, name) for name in _SAME},
    )
