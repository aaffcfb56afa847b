"""Valid things of the field, beside those of `factories.py`: what was bought, and what was done on plots."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from tests.factories import PICKED_AT, make_party, new_code
from trace.events import LIVE
from trace.field_work import DoFieldWork, FieldWork, record_field_work
from trace.inputs import BuyInput, InputProduct, InputPurchase, buy_inputs
from trace.parties import Party
from trace.places import Plot


def make_purchase(
    session: Session, *, product: InputProduct, buyer: Party | None = None, **overrides: Any
) -> InputPurchase:
    """Record one purchase of a product."""
    buyer = buyer or make_party(session)
    values = {"supplier": "城关农资店", "quantity": Decimal("2.50"), "unit": "kg", **overrides}
    command = BuyInput(
        code=new_code("B"),
        buyer_id=buyer.id,
        buyer_code=buyer.code,
        product_id=product.id,
        product_code=product.code,
        bought_at=PICKED_AT - timedelta(days=40),
        **values,
    )
    return buy_inputs(session, [command], LIVE)[0]


def make_field_work(session: Session, *, plot: Plot, recorder: Party, **overrides: Any) -> FieldWork:
    """Record one pruning of a plot."""
    values = {"kind": "修剪", "done_at": PICKED_AT - timedelta(days=30), **overrides}
    command = DoFieldWork(code=new_code("W"), plot_id=plot.id, plot_code=plot.code, recorder_id=recorder.id, **values)
    return record_field_work(session, [command], LIVE)[0]
