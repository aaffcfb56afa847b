"""`grade_above_lot`: nobody sells a lot under a finer grade than it has."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from trace.findings import Severity
from trace.rules.grade import Filled, Packed, judge
from trace.rules.tables import shipped_tables

AT = shipped_tables().on(date(2026, 4, 26))
KIND = "绿茶（炒青，卷曲形）"


def said(claimed: str | None, *grades: str | None) -> list[tuple[Severity, Any]]:
    filled = [Filled(f"L{number}", KIND, grade) for number, grade in enumerate(grades, start=1)]
    return [(one.severity, one.facts.get("missing")) for one in judge([Packed(1, claimed, filled, AT)])]


@pytest.mark.parametrize(
    ("claimed", "grades"),
    [
        ("特级", ["特级"]),
        ("特级 ", ["特级"]),
        ("一级", ["特级"]),
        ("三级", ["特级", "二级", "三级"]),
        ("明前手工", ["明前手工"]),
        (None, ["三级"]),
        (None, [None]),
        ("特级", []),
    ],
)
def test_a_grade_that_agrees_or_is_coarser_passes(claimed: str | None, grades: Sequence[str | None]) -> None:
    assert said(claimed, *grades) == []


@pytest.mark.parametrize("grades", [["一级"], ["特级", "一级"], ["一级", None], ["三级", "没有这个级"]])
def test_a_finer_grade_than_that_of_any_lot_is_found(grades: Sequence[str | None]) -> None:
    assert said("特级", *grades) == [(Severity.REASON, None)]


@pytest.mark.parametrize(
    ("claimed", "grade", "missing"),
    [
        ("特级", None, "lot_grade"),
        ("明前手工", "一级", "grades"),
        ("特级", "毛尖", "grades"),
        ("特级", "五级", "grades"),
    ],
)
def test_what_cannot_be_compared_is_a_note(claimed: str, grade: str | None, missing: str) -> None:
    assert said(claimed, grade) == [(Severity.NOTE, missing)]


def test_a_rank_from_memory_decides_nothing_and_a_note_says_so() -> None:
    [note] = judge([Packed(1, "四级", [Filled("L1", None, "五级")], AT)])
    assert (note.severity, note.facts["from_memory"]) == (Severity.NOTE, True)
    assert said("五级", "四级") == []


def test_a_finding_names_the_lots_their_grades_and_the_row() -> None:
    filled = [Filled("L1", KIND, "特级"), Filled("L2", KIND, "一级"), Filled("L3", KIND, "二级")]
    [found] = judge([Packed(7, "特级", filled, AT)])
    assert found.facts == {"grade": "特级", "lots": ["L2", "L3"], "lot_grades": ["一级", "二级"]}
    assert (found.record, found.table, found.edition) == (7, "grades", "2026-11")
