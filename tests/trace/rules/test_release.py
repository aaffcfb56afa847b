"""`required_results`: what every tea needs, what a plan adds, and which of several results counts."""

from dataclasses import replace
from datetime import date

import pytest

from trace.findings import Severity
from trace.rules.release import RULE, Planned, Released, Reported, find_lacking, judge
from trace.rules.tables import TEA, shipped_tables

DAY = date(2026, 4, 21)
EVERY = ("感官", "水分", "粉末", "净含量")


def reported(*analytes: str, passed: bool = True, on: date = DAY, order: int = 1) -> list[Reported]:
    """Return results of one day."""
    return [Reported(analyte, passed, on, order) for analyte in analytes]


def tea(results: list[Reported], planned: tuple[Planned, ...] = (), crop: str | None = TEA) -> Released:
    """Return a lot with what was reported on it."""
    return Released(7, crop, "绿茶", shipped_tables().on(DAY), planned, results)


def test_a_tea_with_all_that_every_tea_needs_lacks_nothing() -> None:
    assert not find_lacking(tea(reported(*EVERY)))
    assert judge([tea(reported(*EVERY))]) == []


@pytest.mark.parametrize("item", EVERY)
def test_each_item_is_needed(item: str) -> None:
    others = reported(*(one for one in EVERY if one != item))
    assert find_lacking(tea(others)).missing == [item]
    assert find_lacking(tea([*others, *reported(item, passed=False)])).failed == [item]


def test_an_item_counts_under_every_name_that_reports_give_it() -> None:
    assert not find_lacking(tea(reported("感官品质", "moisture", "碎茶和粉末", "净含量偏差")))


def test_the_latest_of_several_results_counts() -> None:
    wet = reported("水分", passed=False)
    dried = reported("水分", on=date(2026, 4, 23))
    rest = reported("感官", "粉末", "净含量")
    assert not find_lacking(tea([*rest, *dried, *wet]))
    same_day = [*reported("水分", order=1), *reported("水分", passed=False, order=2)]
    assert find_lacking(tea([*rest, *same_day])).failed == ["水分"]


def test_a_plan_adds_what_no_lot_before_covers() -> None:
    lead = Planned("铅(以Pb计)")
    assert find_lacking(tea(reported(*EVERY), (lead,))).missing == ["铅(以Pb计)"]
    assert not find_lacking(tea(reported(*EVERY, "铅(以Pb计)"), (lead,)))
    assert not find_lacking(tea(reported(*EVERY), (Planned("铅(以Pb计)", is_covered=True),)))


def test_a_plan_takes_nothing_away() -> None:
    assert find_lacking(tea([], (Planned("水分", is_covered=True),))).missing == sorted(EVERY)


def test_what_was_let_go_before_this_record_is_judged_by_what_failed_alone() -> None:
    before = replace(tea([]), is_from_before=True)
    assert judge([before]) == []
    [found] = judge([replace(before, reported=reported("水分", passed=False))])
    assert found.facts["failed"] == ["水分"]


def test_what_every_tea_needs_rice_does_not() -> None:
    assert not find_lacking(tea([], crop="稻谷"))
    assert find_lacking(tea([], crop=None))


def test_the_finding_names_what_is_lacking_and_the_row_that_asks_for_it() -> None:
    [found] = judge([tea(reported("感官", "粉末", "净含量"))])
    assert (found.rule, found.severity, found.record) == (RULE, Severity.REFUSE, 7)
    assert found.facts == {"missing": ["水分"], "failed": []}
    assert (found.table, bool(found.source)) == ("required-results", True)
