"""Each gram of leaf is promised once, and none is received without a promise: the two rules, pure."""

from datetime import date
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace.findings import Severity
from trace.rules.certified import (
    Delivered,
    Promise,
    TakenIn,
    available_g,
    find_untested,
    judge_deliveries,
    judge_intakes,
    judge_promises,
)
from trace.rules.interval import Used

A, B, C = 1, 2, 3  # lots


def excess(promises: list[Promise], picked_g: dict[int, int]) -> dict[int, Any]:
    return {finding.record: finding.facts["excess_g"] for finding in judge_promises(promises, picked_g)}


def test_a_certificate_for_all_that_was_picked_passes_and_a_gram_more_does_not() -> None:
    assert excess([Promise(1, 1_000, [A])], {A: 1_000}) == {}
    [finding] = judge_promises([Promise(1, 1_001, [A])], {A: 1_000})
    assert (finding.rule, finding.severity) == ("certificate_quantity", Severity.REASON)
    assert finding.facts == {"why": "more-than-picked", "certified_g": 1_001, "picked_g": 1_000, "excess_g": 1}


def test_the_later_of_two_certificates_over_the_same_leaf_is_too_much() -> None:
    assert excess([Promise(1, 600, [A]), Promise(2, 600, [A])], {A: 1_000}) == {2: 200}


def test_an_earlier_certificate_over_two_lots_makes_room_for_one_over_the_first() -> None:
    assert excess([Promise(1, 100, [A, B]), Promise(2, 100, [A])], {A: 100, B: 100}) == {}
    assert excess([Promise(1, 100, [A, B]), Promise(2, 101, [A])], {A: 100, B: 100}) == {2: 1}


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Promise], dict[int, int]]:
    picked_g = {lot: draw(st.integers(0, 12)) for lot in (A, B, C)}
    lots = st.lists(st.sampled_from((A, B, C)), min_size=1, max_size=3, unique=True)
    several = draw(st.lists(st.tuples(st.integers(1, 12), lots), max_size=5))
    return [Promise(number, mass_g, few) for number, (mass_g, few) in enumerate(several, start=1)], picked_g


@given(histories())
def test_nothing_is_found_exactly_where_no_group_of_certificates_promises_more_than_its_lots_hold(
    history: tuple[list[Promise], dict[int, int]],
) -> None:
    promises, picked_g = history
    groups = [group for size in range(1, len(promises) + 1) for group in combinations(promises, size)]
    fits = all(
        sum(one.mass_g for one in group) <= sum(picked_g[lot] for lot in {lot for one in group for lot in one.lots})
        for group in groups
    )
    assert (excess(promises, picked_g) == {}) is fits


@given(histories())
def test_what_is_available_can_be_certified_and_a_gram_more_cannot(
    history: tuple[list[Promise], dict[int, int]],
) -> None:
    promises, picked_g = history
    free_g = available_g(promises, picked_g, [A, B])
    before = excess(promises, picked_g)
    assert excess([*promises, Promise(9, free_g, [A, B])], picked_g) == before if free_g else True
    assert 9 in excess([*promises, Promise(9, free_g + 1, [A, B])], picked_g)


def received(**changes: Any) -> TakenIn:
    values: dict[str, Any] = {"id": 1, "crop": "茶鲜叶", "household": False, "own_member": False, **changes}
    return TakenIn(**values)


VALID = {"certificate": "C01/CQ1", "state": "valid"}


@pytest.mark.parametrize(
    "intake",
    [
        received(**VALID),
        received(household=True, tested=True),
        received(household=True, own_member=True),
        received(crop="稻谷"),
    ],
    ids=["with a certificate", "of a household that tested", "of one's own member", "of rice, which needs none"],
)
def test_leaf_is_accepted(intake: TakenIn) -> None:
    assert judge_intakes([intake]) == []


@pytest.mark.parametrize(
    ("intake", "facts"),
    [
        (received(), {"supplier": "firm"}),
        (received(certificate="C01/CQ1", state="void"), {"certificate": "C01/CQ1", "state": "void"}),
        (received(certificate="C01/CQ1", state="revoked"), {"state": "revoked"}),
        (received(**VALID, uncovered=["H2"]), {"uncovered": ["H2"]}),
        (received(household=True), {"supplier": "household", "own_test": "missing"}),
        (received(household=True, tested=False), {"own_test": "failed"}),
        (received(tested=True), {"supplier": "firm"}),
    ],
    ids=["none", "taken back", "revoked", "of other leaf", "untested", "failed its test", "a firm's own test"],
)
def test_leaf_is_weighed_and_held(intake: TakenIn, facts: dict[str, Any]) -> None:
    [finding] = judge_intakes([intake])
    assert (finding.rule, finding.severity) == ("certificate_missing", Severity.REFUSE)
    assert finding.facts.items() >= facts.items()


def test_of_leaf_whose_crop_nobody_knows_there_is_a_note() -> None:
    [finding] = judge_intakes([received(crop=None)])
    assert (finding.severity, finding.facts) == (Severity.NOTE, {"missing": "crop"})


@pytest.mark.parametrize(
    ("delivered_g", "found"), [(100_000, 0), (101_000, 0), (101_001, 1), (99_000, 0), (98_999, 1), (50_000, 1)]
)
def test_delivered_may_differ_from_certified_by_one_percent(delivered_g: int, found: int) -> None:
    findings = judge_deliveries([Delivered(1, "C01/CQ1", 100_000, delivered_g)])
    assert len(findings) == found
    assert all(one.severity is Severity.REASON for one in findings)


@pytest.mark.parametrize(("delivered_g", "found"), [(100, 0), (12_500, 0), (12_625, 0), (12_626, 1), (28_000, 1)])
def test_who_passes_leaf_on_delivers_no_more_than_it_took_in(delivered_g: int, found: int) -> None:
    findings = judge_deliveries([Delivered(1, "C01/CQ1", 28_250, delivered_g, received_g=12_500)])
    assert [one.facts["received_g"] for one in findings] == [12_500] * found


def used(used_on: date, active: str | None, product: str = "示例农药", kind: str = "pesticide") -> Used:
    actives = (active,) if active else ()
    return Used(code="U1", used_on=used_on, product=product, kind=kind, actives=actives, interval_days=7)


PICKED = {7: date(2026, 4, 18)}


@pytest.mark.parametrize(
    ("use", "lacking"),
    [
        (used(date(2026, 4, 1), "联苯菊酯"), []),
        (used(date(2026, 4, 1), "吡虫啉"), ["吡虫啉"]),
        (used(date(2026, 4, 1), "联苯菊酯+虫螨腈"), ["虫螨腈"]),
        (used(date(2026, 4, 1), "氰戊菊酯"), []),
        (used(date(2026, 4, 1), None), ["示例农药"]),
        (used(date(2026, 4, 1), None, kind="fertilizer"), []),
        (used(date(2026, 3, 19), "吡虫啉"), ["吡虫啉"]),
        (used(date(2026, 3, 18), "吡虫啉"), []),
        (used(date(2026, 4, 19), "吡虫啉"), []),
    ],
    ids=["tested", "not", "one of two", "in a sum", "unknown", "fertilizer", "thirty days", "longer ago", "later"],
)
def test_a_test_must_look_for_what_was_sprayed_shortly_before_picking(use: Used, lacking: list[str]) -> None:
    assert find_untested({7: [use]}, PICKED, ["联苯菊酯", "氰戊菊酯和S-氰戊菊酯"]) == lacking
