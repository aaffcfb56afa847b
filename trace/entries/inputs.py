"""Enter uses of inputs: what was sprayed, spread or hung on a plot of one's own, or of those one acts for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from trace import visibility
from trace.accounts import Caller
from trace.db import portions
from trace.entries.coded import Coded, find_coded
from trace.entries.form import Form, new_code
from trace.entries.on_paper import OnPaper, read_forms
from trace.entries.references import Named, check_new_codes
from trace.entries.worked_plots import find_worked_plots
from trace.events.tables import Event
from trace.input_products import hold_labels
from trace.inputs import InputProduct, InputPurchase, InputUse, UseInput, use_inputs
from trace.paper_forms import FormKind, use_forms
from trace.parties import Party
from trace.places import Plot
from trace.rules.judging import judge_input_uses, judge_lateness
from trace.seasons import SeasonRecord
from trace.workers import ensure_workers


@dataclass(frozen=True, kw_only=True)
class EnterInputUse(OnPaper):
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
    dilution: Decimal | None = None
    maker_code: str | None = None
    worker: str | None = None
    purchase: str | None = None


_SAME = ("used_at", "per_mu", "unit", "area_mu", "total", "target", "weather", "dilution")
PURCHASES = Coded(what="input-purchase", row=InputPurchase, owner=InputPurchase.buyer_id, aliases="purchases")
_RECORDER = select(Event.party_id).where(Event.id == InputUse.event_id).scalar_subquery()


def enter_input_uses(session: Session, caller: Caller, records: Sequence[EnterInputUse]) -> list[InputUse]:
    """Record uses of inputs; pickings since then are judged again. Raises what a form raises."""
    form = Form(session, caller, records)
    written = read_forms(form, records, FormKind.INPUTS)
    uses = use_inputs(session, read_input_uses(form, records), form.entry)
    use_forms(session, FormKind.INPUTS, written, uses)
    rows = [use.id for use in uses]
    judge_input_uses(session, rows)
    judge_lateness(session, InputUse, rows)
    return uses


def read_input_uses(form: Form, records: Sequence[EnterInputUse]) -> list[UseInput]:
    """Return what a form of uses asks for. Raises `InvalidError` with every fault."""
    plots = find_worked_plots(form, [(record.plot, record.used_at) for record in records])
    products = find_products(form, [record.product for record in records])
    hold_labels(form.session, products.values())
    purchases = _find_purchases(form, records, products)
    operators = _find_operators(form, [record.operator for record in records])
    codes = [record.code or new_code("IU", record.used_at) for record in records]
    check_new_codes(form, [Named(place, "code", code) for place, code in enumerate(codes)], InputUse, _RECORDER)
    for place, record in enumerate(records):
        form.check_moment(place, "used_at", record.used_at)
    form.close()
    workers = find_workers(form, [record.worker for record in records])
    return [
        _command(
            record,
            plot,
            products[record.product],
            purchase,
            (code, party.id, operators.get(record.operator or ""), worker),
        )
        for record, party, plot, code, purchase, worker in zip(
            records, form.principals, plots, codes, purchases, workers, strict=True
        )
        if plot is not None
    ]


def find_workers(form: Form, names: Sequence[str | None]) -> list[int | None]:
    """Return who worked, by name, each known to the party that the record is for."""
    asked = [(party.id, name.strip()) if name else None for party, name in zip(form.principals, names, strict=True)]
    known = ensure_workers(form.session, [one for one in asked if one is not None])
    return [known[one] if one is not None else None for one in asked]


def _find_purchases(
    form: Form, records: Sequence[EnterInputUse], products: Mapping[str, InputProduct]
) -> list[InputPurchase | None]:
    """Return the purchase that each use came from; one of another product, or made later, is a fault."""
    named = [Named(place, "purchase", record.purchase) for place, record in enumerate(records) if record.purchase]
    seen = and_(visibility.own(form.caller, InputPurchase.buyer_id), InputPurchase.undone_at.is_(None))
    found: list[InputPurchase | None] = [None] * len(records)
    for one, purchase in zip(named, find_coded(form, named, PURCHASES, seen), strict=True):
        record = records[one.place]
        product = products.get(record.product)
        if purchase is None or product is None:
            continue
        if purchase.product_id != product.id:
            bought = form.session.get_one(InputProduct, purchase.product_id).code
            form.refuse(one.place, "product", "disagrees", value=product.code, other=bought)
        form.check_day(one.place, "used_at", record.used_at, since=purchase.bought_on)
        found[one.place] = purchase
    return found


def find_products(form: Form, codes: Sequence[str]) -> dict[str, InputProduct]:
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
    record: EnterInputUse, plot: Plot, product: InputProduct, purchase: InputPurchase | None, who: Sequence[Any]
) -> UseInput:
    """Return the command. Of what was bought, the shop and the maker's number are those of the purchase."""
    return UseInput(
        plot_id=plot.id,
        plot_code=plot.code,
        product_id=product.id,
        product_code=product.code,
        used_on=record.used_at.date(),
        purchase_id=purchase.id if purchase else None,
        supplier=record.supplier or (purchase.supplier if purchase else None),
        maker_code=record.maker_code or (purchase.maker_code if purchase else None),
        **{name: getattr(record, name) for name in _SAME},
        **dict(zip(("code", "recorder_id", "operator_id", "worker_id"), who, strict=True)),
    )
