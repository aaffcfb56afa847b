"""`packaging`: what exceeds a bound is told with the bound; what reaches it passes."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from trace.findings import Severity
from trace.rules.packaging import Designed, judge, most_empty_percent
from trace.rules.tables import shipped_tables

TIN = Designed(
    id=1,
    net_g=100,
    form=None,
    layers=3,
    price_yuan=Decimal(200),
    cost_yuan=Decimal(40),
    gross_g=800,
    volume_ml=Decimal(2000),
    at=shipped_tables().on(date(2026, 4, 26)),
)


def told(item: Designed) -> dict[str, object]:
    found = judge([item])
    assert all(one.severity is Severity.NOTE for one in found)
    return found[0].facts if found else {}


def test_a_pack_that_reaches_every_bound_passes() -> None:
    assert told(TIN) == {}


@pytest.mark.parametrize(
    ("item", "facts"),
    [
        (replace(TIN, layers=4), {"layers": {"value": 4, "most": 3}}),
        (replace(TIN, cost_yuan=Decimal("40.2")), {"cost_percent": {"value": "20.1", "most": "20"}}),
        (
            replace(TIN, price_yuan=Decimal("200.5"), cost_yuan=Decimal(40)),
            {"cost_percent": {"value": "20.0", "most": "15"}},
        ),
        (replace(TIN, gross_g=801), {"gross_g": {"value": 801, "most": "800"}}),
        (
            replace(TIN, volume_ml=Decimal(2100)),
            {"empty_percent": {"value": "33.3", "most": "30", "confidence": "from-memory"}},
        ),
        (
            replace(TIN, form="pressed"),
            {"empty_percent": {"value": "50.0", "most": "30", "confidence": "from-memory"}},
        ),
    ],
)
def test_what_exceeds_a_bound_is_told_with_it(item: Designed, facts: dict[str, object]) -> None:
    assert told(item) == {"exceeded": list(facts), "unknown": [], **facts}


def test_what_nobody_said_is_told_once() -> None:
    assert told(replace(TIN, volume_ml=None, layers=None)) == {"exceeded": [], "unknown": ["layers", "volume_ml"]}


def test_before_the_standard_nothing_is_judged() -> None:
    assert told(replace(TIN, layers=9, at=shipped_tables().on(date(2025, 2, 28)))) == {"missing": "packaging"}


@pytest.mark.parametrize(("net_g", "percent"), [(1, 85), (2, 70), (15, 60), (30, 50), (50, 40), (51, 30), (500, 30)])
def test_the_smaller_the_content_the_more_may_be_empty(net_g: int, percent: int) -> None:
    assert most_empty_percent(net_g) == percent
