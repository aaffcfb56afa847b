"""Mass: whole grams, exactly, or a reason why not."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace.mass import MAX_GRAMS, MassError, grams, kilograms


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("12.5", "kg", 12_500),
        ("12.500", "kg", 12_500),
        (Decimal("0.001"), "kg", 1),
        (3, "kg", 3_000),
        ("1.1", "jin", 550),
        ("0.002", "jin", 1),
        ("7", "g", 7),
        ("1e3", "g", 1_000),
        ("1.25E+1", "kg", 12_500),
        (".5", "kg", 500),
        ("-2", "kg", -2_000),
        ("0", "kg", 0),
        ("-0.0", "kg", 0),
        (Decimal("0E-50"), "kg", 0),
        (Decimal("9223372036854775807"), "g", MAX_GRAMS),
        ("9223372036854775.807", "kg", MAX_GRAMS),
    ],
)
def test_a_mass_becomes_whole_grams(value: str | int | Decimal, unit: str, expected: int) -> None:
    assert grams(value, unit) == expected


@pytest.mark.parametrize(
    ("value", "unit", "reason"),
    [
        ("0.0005", "kg", "not-whole-grams"),
        ("0.001", "jin", "not-whole-grams"),
        ("0.1", "g", "not-whole-grams"),
        ("1.0000000000000000000000000000000001", "kg", "not-whole-grams"),
        ("1e-9999", "kg", "not-whole-grams"),
        (Decimal("1e-999999999"), "kg", "not-whole-grams"),
        ("9223372036854775808", "g", "too-large"),
        ("-9223372036854775808", "g", "too-large"),
        ("9223372036854775.808", "kg", "too-large"),
        ("1e400", "kg", "too-large"),
        (Decimal("1e999999999"), "kg", "too-large"),
        (10**50, "kg", "too-large"),
        ("NaN", "kg", "not-a-number"),
        (Decimal("sNaN"), "kg", "not-a-number"),
        ("Infinity", "kg", "not-a-number"),
        (Decimal("-Infinity"), "kg", "not-a-number"),
        ("", "kg", "not-a-number"),
        (" 12", "kg", "not-a-number"),
        ("1_000", "kg", "not-a-number"),
        ("12,5", "kg", "not-a-number"),
        ("１２", "kg", "not-a-number"),
        ("0x10", "kg", "not-a-number"),
        ("1e99999999999999999999", "kg", "not-a-number"),
        ("5", "lb", "unknown-unit"),
    ],
)
def test_what_is_no_storable_mass_has_a_reason(value: str | int | Decimal, unit: str, reason: str) -> None:
    with pytest.raises(MassError) as refusal:
        grams(value, unit)
    assert refusal.value.args[0] == reason


@pytest.mark.parametrize("value", [True, 1.5, None, [1], {"value": 1}])
def test_only_numbers_and_text_are_masses(value: object) -> None:
    with pytest.raises(MassError):
        grams(value)  # type: ignore[arg-type]


@given(st.decimals(allow_nan=False, allow_infinity=False), st.sampled_from(["kg", "jin", "g"]))
def test_grams_are_exact_or_refused(value: Decimal, unit: str) -> None:
    per = {"kg": 1000, "jin": 500, "g": 1}[unit]
    exact = Fraction(value) * per if abs(value.adjusted()) < 100 else None
    try:
        found = grams(value, unit)
    except MassError as refusal:
        reason = refusal.args[0]
    else:
        assert exact is None or found == exact
        return
    assert exact is None or (reason == "too-large" and abs(exact) > MAX_GRAMS) or exact.denominator != 1


@given(st.integers(0, MAX_GRAMS))
def test_kilograms_and_back_is_the_same_mass(mass_g: int) -> None:
    assert grams(kilograms(mass_g)) == mass_g
    assert grams(str(kilograms(mass_g))) == mass_g


@pytest.mark.parametrize(("mass_g", "text"), [(12_500, "12.5"), (1, "0.001"), (20_000, "20"), (0, "0"), (1_000, "1")])
def test_kilograms_have_no_trailing_zeros(mass_g: int, text: str) -> None:
    assert str(kilograms(mass_g)) == text
