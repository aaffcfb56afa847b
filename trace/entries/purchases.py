"""Enter purchases of inputs: what was bought for the field, where, and of which of the maker's numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from trace.accounts import Caller
from trace.entries.form import Filled, Form, new_code
from trace.entries.inputs import find_products, find_workers
from trace.entries.references import Named, check_new_codes
from trace.inputs import BuyInput, InputPurchase, buy_inputs
from trace.rules.judging import judge_lateness


@dataclass(frozen=True, kw_only=True)
class EnterPurchase(Filled):
    """A purchase as somebody types it."""

    product: str
    supplier: str
    quantity: Decimal
    unit: str
    bought_at: datetime
    code: str | None = None
    maker_code: str | None = None
    worker: str | None = None


_SAME = ("supplier", "quantity", "unit", "bought_at", "maker_code")


def enter_purchases(session: Session, caller: Caller, records: Sequence[EnterPurchase]) -> list[InputPurchase]:
    """Record purchases. Raises what a form raises."""
    form = Form(session, caller, records)
    purchases = buy_inputs(session, read_purchases(form, records), form.entry)
    judge_lateness(session, InputPurchase, [purchase.id for purchase in purchases])
    return purchases


def read_purchases(form: Form, records: Sequence[EnterPurchase]) -> list[BuyInput]:
    """Return what a form of purchases asks for. Raises `InvalidError` with every fault."""
    products = find_products(form, [record.product for record in records])
    codes = [record.code or new_code("BU", record.bought_at) for record in records]
    owner = InputPurchase.buyer_id
    check_new_codes(form, [Named(place, "code", code) for place, code in enumerate(codes)], InputPurchase, owner)
    for place, record in enumerate(records):
        form.check_moment(place, "bought_at", record.bought_at)
        if record.quantity <= 0:
            form.refuse(place, "quantity", "not-positive", value=str(record.quantity))
    form.close()
    workers = find_workers(form, [record.worker for record in records])
    return [
        BuyInput(
            code=code,
            buyer_id=party.id,
            buyer_code=party.code,
            product_id=products[record.product].id,
            product_code=products[record.product].code,
            **{name: getattr(record, name) for name in _SAME},
            worker_id=worker,
        )
        for record, party, code, worker in zip(records, form.principals, codes, workers, strict=True)
    ]
