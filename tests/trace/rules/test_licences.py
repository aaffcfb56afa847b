"""`licence_invalid`: the licence of the day decides, and only for the kinds that stand on it."""

from collections.abc import Sequence
from datetime import date

import pytest

from trace.findings import Severity
from trace.rules.licences import Packed, Term, judge
from trace.rules.tables import shipped_tables

TERM = Term("SC11437990100013", date(2024, 3, 16), date(2029, 3, 15), ["绿茶"])
AT = shipped_tables().on(date(2026, 4, 26))
GREEN = "绿茶（炒青，卷曲形）"


def said(day: date, kind: str | None, terms: Sequence[Term]) -> list[Severity]:
    return [finding.severity for finding in judge([Packed(1, day, kind, terms, AT)])]


@pytest.mark.parametrize("day", [date(2024, 3, 16), date(2026, 4, 26), date(2029, 3, 15)])
def test_tea_of_its_kind_is_packed_from_the_first_day_of_a_licence_to_its_last(day: date) -> None:
    assert said(day, GREEN, [TERM]) == []


@pytest.mark.parametrize("day", [date(2024, 3, 15), date(2029, 3, 16)])
def test_before_a_licence_and_after_it_nothing_may_be_packed(day: date) -> None:
    assert said(day, GREEN, [TERM]) == [Severity.REFUSE]


def test_a_kind_that_is_not_on_the_licence_may_not_be_packed() -> None:
    [finding] = judge([Packed(1, date(2026, 4, 26), "红茶", [TERM], AT)])
    assert finding.severity is Severity.REFUSE
    named = {"kind": "红茶", "licences": [TERM.number], "kinds": ["绿茶"]}
    assert finding.facts == {"packed_on": "2026-04-26", "why": "kind-not-covered", **named}


def test_a_second_licence_may_cover_what_the_first_does_not() -> None:
    workshop = Term("鲁作坊登字 0042", None, date(2027, 1, 1), ["红茶"])
    assert said(date(2026, 4, 26), "红茶", [TERM, workshop]) == []


def test_a_licence_for_a_class_covers_what_stands_under_it() -> None:
    rice = Term("SC10137990200013", None, date(2028, 6, 30), ["大米"])
    assert said(date(2026, 4, 26), "粳米", [rice]) == []
    tea = Term("SC11437990100013", None, date(2028, 6, 30), ["茶叶"])
    assert said(date(2026, 4, 26), "红茶（条形）", [tea]) == []


@pytest.mark.parametrize(("kind", "terms"), [(GREEN, []), (None, [TERM]), ("苹果脆片", [TERM])])
def test_what_is_not_known_is_noted(kind: str | None, terms: Sequence[Term]) -> None:
    assert said(date(2026, 4, 26), kind, terms) == [Severity.NOTE]
