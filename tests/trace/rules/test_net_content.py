"""`net_content`: one unit beyond the tolerance, or an average below what is declared, is found."""

from datetime import date
from decimal import Decimal

import pytest

from trace.findings import Severity
from trace.rules.net_content import Weighed, judge
from trace.rules.tables import shipped_tables

AT = shipped_tables().on(date(2026, 4, 26))


def said(net_g: int, *weights: str) -> list[Severity]:
    return [found.severity for found in judge([Weighed(1, net_g, [Decimal(weight) for weight in weights], AT)])]


@pytest.mark.parametrize(
    ("net_g", "least"),
    [(50, "45.5"), (100, "95.5"), (125, "119.375"), (200, "191"), (250, "241"), (500, "485"), (1000, "985")],
)
def test_a_unit_may_be_short_by_the_tolerance_and_by_no_more(net_g: int, least: str) -> None:
    heavy = str(2 * net_g)  # so that the average is no matter
    assert said(net_g, least, heavy) == []
    assert said(net_g, str(Decimal(least) - Decimal("0.001")), heavy) == [Severity.REASON]


def test_units_within_tolerance_may_not_be_short_on_average() -> None:
    [finding] = judge([Weighed(1, 50, [Decimal("49.9"), Decimal("50.0")], AT)])
    assert finding.severity is Severity.REASON
    assert finding.facts == {"net_g": 50, "checked": 2, "average_g": "49.95", "least_g": "49.9", "tolerance_g": "4.5"}
    assert said(50, "49.9", "50.1") == []


@pytest.mark.parametrize(("net_g", "weights"), [(50, ()), (5000, ("5001",))])
def test_nothing_weighed_or_no_tolerance_known_is_noted(net_g: int, weights: tuple[str, ...]) -> None:
    assert said(net_g, *weights) == [Severity.NOTE]


def test_without_a_tolerance_the_average_still_counts() -> None:
    assert said(5000, "4999") == [Severity.REASON]
