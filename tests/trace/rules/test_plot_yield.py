"""`plot_yield`: what a plot can give in spring and in a year, by its area and age; equal passes."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace.findings import Severity
from trace.rules.plot_yield import Grown, judge
from trace.rules.tables import TEA, shipped_tables


def pick(id_: int, day: date, kilograms: float, **changes: Any) -> Grown:
    facts: dict[str, Any] = {"plot_id": 7, "plot": "P1", "crop": TEA, "area_mu": Decimal(2), "planted_year": 2000}
    facts |= changes
    return Grown(id=id_, picked_on=day, mass_g=round(kilograms * 1000), at=shipped_tables().on(day), **facts)


def found(*pickings: Grown) -> list[tuple[int, str]]:
    return [(one.record, one.facts["why"]) for one in judge(pickings) if one.severity is Severity.REASON]


APRIL, MAY, JUNE, JULY, SEPTEMBER = (date(2026, month, 11) for month in (4, 5, 6, 7, 9))


def test_all_that_a_plot_gives_in_spring_passes_and_a_gram_more_does_not() -> None:
    assert found(pick(1, APRIL, 300), pick(2, MAY, 200)) == []
    assert found(pick(1, APRIL, 300), pick(2, MAY, 200.001), pick(3, MAY, 1)) == [(2, "spring"), (3, "spring")]


def test_summer_counts_for_the_year_alone() -> None:
    assert found(pick(1, MAY, 500), pick(2, JUNE, 500)) == []
    assert found(pick(1, MAY, 500), pick(2, JULY, 700), pick(3, SEPTEMBER, 0.001)) == [(3, "year")]


def test_spring_ends_on_the_day_that_the_table_says() -> None:
    last = date(2026, 6, 10)
    assert found(pick(1, MAY, 500), pick(2, last, 1)) == [(2, "spring")]
    assert found(pick(1, MAY, 500), pick(2, JUNE, 1)) == []


def test_each_year_and_each_plot_begins_anew() -> None:
    before = date(2025, 5, 1)
    assert found(pick(1, before, 500), pick(2, MAY, 500), pick(3, MAY, 500, plot_id=8)) == []


def test_a_young_plot_gives_a_third_at_most() -> None:
    assert found(pick(1, MAY, 150, planted_year=2024)) == []
    assert found(pick(1, MAY, 151, planted_year=2024)) == [(1, "spring")]
    assert found(pick(1, MAY, 151, planted_year=2023)) == []


def test_an_unknown_age_is_a_note_only_where_it_decides() -> None:
    assert judge([pick(1, MAY, 150, planted_year=None)]) == []
    [note] = judge([pick(1, MAY, 151, planted_year=None)])
    assert (note.severity, note.facts["missing"]) == (Severity.NOTE, "planted_year")
    assert found(pick(1, MAY, 501, planted_year=None)) == [(1, "spring")]


def test_another_crop_has_no_bound_yet_and_that_is_a_note() -> None:
    [note] = judge([pick(1, SEPTEMBER, 900, crop="稻谷")])
    assert (note.severity, note.facts["missing"]) == (Severity.NOTE, "yield")


@given(st.lists(st.tuples(st.integers(0, 150), st.integers(1, 400)), max_size=12))
def test_what_is_found_is_what_the_sum_before_each_says(picked: list[tuple[int, int]]) -> None:
    start = date(2026, 4, 1).toordinal()
    pickings = [pick(id_, date.fromordinal(start + day), mass) for id_, (day, mass) in enumerate(picked)]
    expected = set()
    for one in pickings:
        until = [p for p in pickings if (p.picked_on, p.id) <= (one.picked_on, one.id)]
        spring = sum(p.mass_g for p in until if p.picked_on <= date(2026, 6, 10))
        if sum(p.mass_g for p in until) > 1_200_000 or (one.picked_on <= date(2026, 6, 10) and spring > 500_000):
            expected.add(one.id)
    assert {record for record, _ in found(*pickings)} == expected


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_in_which_pickings_are_given_is_no_matter(order: int) -> None:
    pickings = [pick(1, APRIL, 300), pick(2, MAY, 201)][::order]
    assert found(*pickings) == [(2, "spring")]
