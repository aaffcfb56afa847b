"""`dose_exceeded`, `too_many_applications`: equal passes, whatever unit it is written in."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from trace.findings import Severity
from trace.rules.dosage import DOSE, TIMES, judge
from trace.rules.tables import TEA, shipped_tables
from trace.rules.uses import Label, Use

DAY = date(2026, 5, 1)


def use(label: dict[str, Any] | None = None, **changes: Any) -> Use:
    said: dict[str, Any] = {"max_per_mu": Decimal(40), "unit": "mL", "max_applications": 2, **(label or {})}
    facts: dict[str, Any] = {"per_mu": Decimal(30), "unit": "mL", **changes}
    pack = Label(**{"name": "示例药", "kind": "pesticide", **said})
    return Use(id=1, code="IN1", plot="P1", used_on=DAY, crop=TEA, label=pack, at=shipped_tables().on(DAY), **facts)


def found(one: Use, rule: str) -> list[tuple[Severity, str | None]]:
    return [(finding.severity, finding.facts.get("missing")) for finding in judge([one]) if finding.rule == rule]


@pytest.mark.parametrize(
    ("changes", "is_too_much"),
    [
        ({"per_mu": Decimal("40.0")}, False),
        ({"per_mu": Decimal("40.1")}, True),
        ({"per_mu": Decimal("0.04"), "unit": "L"}, False),
        ({"per_mu": Decimal("0.041"), "unit": "升"}, True),
        ({"per_mu": None, "total": Decimal(96), "area_mu": Decimal("2.4")}, False),
        ({"per_mu": None, "total": Decimal(97), "area_mu": Decimal("2.4")}, True),
        ({"per_mu": Decimal(41), "unit": None}, True),  # in the label's unit
    ],
)
def test_a_dose_is_compared_with_the_labels(changes: dict[str, Any], is_too_much: bool) -> None:
    assert found(use(**changes), DOSE) == ([(Severity.REASON, None)] if is_too_much else [])


@pytest.mark.parametrize(
    ("label", "changes", "missing"),
    [
        ({}, {"per_mu": None}, "dose"),
        ({}, {"per_mu": None, "total": Decimal(9), "area_mu": Decimal(0)}, "dose"),
        ({"max_per_mu": None}, {}, "label-dose"),
        ({}, {"unit": "g"}, "unit"),
        ({}, {"unit": "瓶"}, "unit"),
    ],
)
def test_a_missing_dose_is_a_note(label: dict[str, Any], changes: dict[str, Any], missing: str) -> None:
    assert found(use(label, **changes), DOSE) == [(Severity.NOTE, missing)]


@pytest.mark.parametrize(("before", "is_too_often"), [(0, False), (1, False), (2, True), (5, True)])
def test_more_uses_than_the_label_allows_are_found(before: int, is_too_often: bool) -> None:
    one = use(earlier=tuple(date(2026, 3, 1 + number) for number in range(before)))
    assert bool(found(one, TIMES)) is is_too_often


def test_a_label_that_says_nothing_of_times_is_a_note() -> None:
    assert found(use({"max_applications": None}), TIMES) == [(Severity.NOTE, "label-applications")]


def test_boards_and_fertilizer_have_no_dose() -> None:
    for kind in ("physical", "fertilizer"):
        assert judge([use({"kind": kind, "max_per_mu": None, "max_applications": None})]) == []
