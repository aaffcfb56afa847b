"""`early_date`: 明前 and 雨前 by the days of the calendar, the opening of the plot, and when it was written down."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from trace.clock import COUNTRY
from trace.findings import Severity
from trace.rules.early_date import Claimed, judge
from trace.rules.tables import shipped_tables


def claim(day: date, word: str = "明前", late: timedelta | None = timedelta(hours=1), **changes: Any) -> Claimed:
    picked_at = datetime(day.year, day.month, day.day, 6, tzinfo=COUNTRY)
    facts: dict[str, Any] = {"opened_on": date(2026, 3, 28), **changes}
    return Claimed(
        id=1,
        claim=word,
        plot="P1",
        picked_on=day,
        picked_at=picked_at,
        recorded_at=None if late is None else picked_at + late,
        at=shipped_tables().on(day),
        **facts,
    )


def why(one: Claimed) -> str | None:
    found = judge([one])
    return found[0].facts.get("why") if found else None


@pytest.mark.parametrize(
    ("word", "day", "reason"),
    [
        ("明前", date(2026, 4, 4), None),
        ("明前", date(2026, 4, 5), None),
        ("明前", date(2026, 4, 6), "after-the-date"),
        ("雨前", date(2026, 4, 20), None),
        ("雨前", date(2026, 4, 21), "after-the-date"),
    ],
)
def test_the_day_itself_passes_and_the_day_after_does_not(word: str, day: date, reason: str | None) -> None:
    assert why(claim(day, word)) == reason


def test_leaf_is_not_early_before_its_plot_was_opened() -> None:
    assert why(claim(date(2026, 3, 27))) == "before-the-opening"
    assert why(claim(date(2026, 3, 28))) is None


def test_a_claim_entered_two_days_later_is_found_where_it_was_entered_live() -> None:
    day = date(2026, 4, 2)
    assert why(claim(day, late=timedelta(hours=48))) is None
    assert why(claim(day, late=timedelta(hours=48, seconds=1))) == "entered-late"
    assert why(claim(day, late=None)) is None  # history, paper: its lateness says nothing


def test_what_is_missing_is_a_note_and_hides_no_finding() -> None:
    [note] = judge([claim(date(2026, 4, 2), opened_on=None)])
    assert (note.severity, note.facts["missing"]) == (Severity.NOTE, "opening")
    [note] = judge([claim(date(2012, 4, 2), opened_on=None)])
    assert (note.severity, note.facts["missing"]) == (Severity.NOTE, "early-date")
    assert why(claim(date(2026, 4, 6), opened_on=None)) == "after-the-date"
