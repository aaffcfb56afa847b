"""Prices said by the jin and kept by the kilogram; amounts rounded half up to the fen."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace.prices import Price, amount_yuan


def test_sixty_yuan_a_jin_are_a_hundred_and_twenty_a_kilogram() -> None:
    price = Price(Decimal("60.5"), "jin")
    assert (price.yuan_per_kg, price.as_typed()) == (Decimal("121.0"), {"value": "60.5", "unit": "jin"})
    assert Price(Decimal(120), "kg").yuan_per_kg == 120


@pytest.mark.parametrize(
    ("mass_g", "price", "amount"),
    [(12_500, "120", "1500.00"), (1, "5", "0.01"), (1, "4.99", "0.00"), (333, "15.015", "5.00"), (0, "9", "0.00")],
)
def test_half_a_fen_is_a_whole_one(mass_g: int, price: str, amount: str) -> None:
    assert str(amount_yuan(mass_g, Decimal(price))) == amount


def test_leaf_without_a_price_has_no_amount() -> None:
    assert amount_yuan(1000, None) is None


@given(st.integers(0, 10**12), st.decimals(0, 10**6, places=4))
def test_an_amount_is_within_half_a_fen_of_the_exact_one(mass_g: int, price: Decimal) -> None:
    amount = amount_yuan(mass_g, price)
    assert amount is not None
    numerator, denominator = price.as_integer_ratio()
    cents, below = amount.as_integer_ratio()
    exact = numerator * mass_g * below - cents * denominator * 1000  # over denominator·1000·below
    assert -denominator * 1000 * below <= 200 * exact <= denominator * 1000 * below
