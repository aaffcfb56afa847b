"""Inputs: bought or not, each use is recorded, and corrected without losing what was first said."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.factories import PICKED_AT, make_input_use, make_party, make_plot
from trace.events import LIVE, Event
from trace.events.correct import AlreadyCorrectedError
from trace.inputs import (
    BuyInput,
    InputProduct,
    InputPurchase,
    InputUse,
    UseInput,
    buy_inputs,
    correct_input_use,
    correct_purchase,
)
from trace.parties import Party
from trace.places import Plot


def ask_to_buy(product: InputProduct, buyer: Party, **overrides: Any) -> BuyInput:
    values: dict[str, Any] = {"supplier": "城关农资店", "quantity": Decimal("2.50"), "unit": "kg", **overrides}
    return BuyInput(
        code="B-1",
        buyer_id=buyer.id,
        buyer_code=buyer.code,
        product_id=product.id,
        product_code=product.code,
        bought_at=PICKED_AT - timedelta(days=40),
        maker_code="20260111-A",
        **values,
    )


def buy(session: Session) -> InputPurchase:
    buyer, product = make_party(session), InputProduct(code="IP-B", kind="pesticide", name="示例农药", interval_days=7)
    session.add(product)
    session.flush()
    return buy_inputs(session, [ask_to_buy(product, buyer)], LIVE)[0]


def say_again(session: Session, use: InputUse, **overrides: Any) -> UseInput:
    plot, product = session.get_one(Plot, use.plot_id), session.get_one(InputProduct, use.product_id)
    values: dict[str, Any] = {"plot_id": plot.id, "plot_code": plot.code, **overrides}
    return UseInput(
        code=use.code,
        product_id=product.id,
        product_code=product.code,
        used_on=use.used_on,
        used_at=PICKED_AT - timedelta(days=20),
        recorder_id=session.get_one(Event, use.event_id).party_id,
        **values,
    )


def test_a_use_names_the_purchase_it_came_from_and_the_weather(session: Session) -> None:
    purchase = buy(session)
    product = session.get_one(InputProduct, purchase.product_id)
    use = make_input_use(session, product=product, purchase_id=purchase.id, weather="晴", per_mu=Decimal("0.030"))
    assert (use.purchase_id, use.weather, str(use.per_mu)) == (purchase.id, "晴", "0.030")
    assert (purchase.maker_code, str(purchase.quantity)) == ("20260111-A", "2.50")


def test_a_use_corrected_to_another_plot_was_there(session: Session) -> None:
    use, right = make_input_use(session), make_plot(session)
    wrong = use.event_id
    correct_input_use(
        session, use, say_again(session, use, plot_id=right.id, plot_code=right.code), "incorrect_data", LIVE
    )
    assert use.plot_id == right.id
    assert use.event_id != wrong
    assert right.code.encode() in session.get_one(Event, use.event_id).document


def test_a_use_is_corrected_also_in_what_its_event_does_not_say(session: Session) -> None:
    use = make_input_use(session)
    correct_input_use(session, use, say_again(session, use, weather="小雨"), "incorrect_data", LIVE)
    assert use.weather == "小雨"


def test_a_use_that_was_none_is_marked_and_corrected_once(session: Session) -> None:
    use = make_input_use(session)
    correct_input_use(session, use, None, "did_not_occur", LIVE)
    assert use.undone_at is not None
    with pytest.raises(AlreadyCorrectedError):
        correct_input_use(session, use, None, "did_not_occur", LIVE)


def test_a_purchase_is_corrected_and_undone(session: Session) -> None:
    purchase = buy(session)
    product, buyer = session.get_one(InputProduct, purchase.product_id), session.get_one(Party, purchase.buyer_id)
    correct_purchase(session, purchase, ask_to_buy(product, buyer, quantity=Decimal("5")), "incorrect_data", LIVE)
    assert purchase.quantity == Decimal("5")
    correct_purchase(session, purchase, None, "did_not_occur", LIVE)
    assert purchase.undone_at is not None
