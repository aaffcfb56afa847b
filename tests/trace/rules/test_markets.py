"""What a report means to a market: China's own limits, the default of the EU; and what cannot be told."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from trace.rules.markets import Outcome, Reported, Verdict, judge, largest_unseen
from trace.rules.tables import TEA, shipped_tables

AT = shipped_tables().on(date(2026, 4, 21))
PASSED, FAILED, NOT_JUDGED = Outcome.PASSED, Outcome.FAILED, Outcome.NOT_JUDGED


def verdict(market: str, **changes: Any) -> Verdict:
    """Return what a market says of imidacloprid on tea."""
    said: dict[str, Any] = {
        "crop": TEA,
        "at": AT,
        "analyte": "吡虫啉",
        "value": None,
        "words": None,
        "unit": "mg/kg",
        "loq": None,
        "stated_limit": None,
        "stated_basis": None,
        **changes,
    }
    return judge(market, [Reported(**said)])[0]


@pytest.mark.parametrize(
    ("market", "value", "unit", "outcome"),
    [
        ("CN", "0.5", "mg/kg", PASSED),
        ("CN", "0.501", "mg/kg", FAILED),
        ("CN", "500", "µg/kg", PASSED),
        ("CN", "500.1", "μg/kg", FAILED),
        ("CN", "501", "ug/kg", FAILED),
        ("EU", "0.01", "mg/kg", PASSED),
        ("EU", "0.011", "mg/kg", FAILED),
        ("EU", "0.4", "mg/kg", FAILED),
    ],
)
def test_a_value_equal_to_the_limit_passes_in_every_unit(market: str, value: str, unit: str, outcome: Outcome) -> None:
    assert verdict(market, value=Decimal(value), unit=unit).outcome is outcome


def test_a_limit_of_its_own_goes_before_the_default() -> None:
    own, default = verdict("EU", analyte="啶虫脒", value=Decimal("0.04")), verdict("EU", value=Decimal("0.04"))
    assert (own.outcome, own.limit, own.is_default) == (PASSED, Decimal("0.05"), False)
    assert (default.outcome, default.limit, default.is_default) == (FAILED, Decimal("0.01"), True)
    assert own.row is not None
    assert own.row["table"] == "residue-limits"


@pytest.mark.parametrize(("analyte", "why"), [("铅(以Pb计)", "not-a-pesticide"), ("某元素", "not-a-pesticide")])
def test_the_default_is_for_pesticides_alone(analyte: str, why: str) -> None:
    assert verdict("EU", analyte=analyte, value=Decimal("0.35")).why == why


def test_what_has_another_unit_is_no_residue() -> None:
    assert verdict("EU", analyte="水分", value=Decimal(5), unit="%").why == "unit"


def test_at_home_the_limit_of_the_report_serves_where_the_table_has_none() -> None:
    said = {"analyte": "某农药", "stated_limit": Decimal("0.1"), "stated_basis": "企业标准"}
    assert verdict("CN", value=Decimal("0.2"), **said).outcome is FAILED
    assert verdict("JP-BUYER", value=Decimal("0.2"), **said).why == "limit"


@pytest.mark.parametrize(
    ("words", "loq", "market", "outcome", "why"),
    [
        ("未检出", "0.01", "CN", PASSED, None),
        ("ND", "0.01", "EU", PASSED, None),
        ("n.d.", "0.02", "EU", NOT_JUDGED, "loq"),
        ("<LOQ", "0.02", "CN", PASSED, None),
        ("<0.01", None, "EU", PASSED, None),
        ("＜0.05", None, "EU", NOT_JUDGED, "loq"),
        ("未检出", None, "CN", NOT_JUDGED, "value"),
        ("痕量", "0.01", "CN", NOT_JUDGED, "value"),
    ],
)
def test_what_was_not_detected_passes_where_the_loq_is_low_enough(
    words: str, loq: str | None, market: str, outcome: Outcome, why: str | None
) -> None:
    told = verdict(market, words=words, loq=Decimal(loq) if loq else None)
    assert (told.outcome, told.why) == (outcome, why)


def test_the_number_behind_a_sign_goes_before_the_loq() -> None:
    assert largest_unseen("<0.05", Decimal("0.01")) == Decimal("0.05")
    assert largest_unseen("检出", Decimal("0.01")) is None
