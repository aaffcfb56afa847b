"""`plant_over_capacity`: the runs from which on a day is more than the plant can work are found."""

from datetime import date

from trace.findings import Severity
from trace.rules.capacity import Worked, judge
from trace.rules.tables import shipped_tables

DAY, NEXT = date(2026, 4, 20), date(2026, 4, 21)


def worked(*leaf_kg: int, plant: int = 1, day: date = DAY, capacity_kg: int | None = 2500) -> list[Worked]:
    at = shipped_tables().on(day)
    return [
        Worked(number, plant, day, kg * 1000, capacity_kg and capacity_kg * 1000, at)
        for number, kg in enumerate(leaf_kg, start=1)
    ]


def test_a_tenth_more_than_stated_passes() -> None:
    assert judge(worked(2000, 750)) == []


def test_each_run_beyond_it_is_found_with_the_day_s_sum() -> None:
    first, second = judge(worked(2000, 751, 10))
    assert (first.record, second.record) == (2, 3)
    assert first.severity is Severity.REASON
    assert first.facts == {
        "day": "2026-04-20",
        "worked_g": 2_751_000,
        "capacity_g": 2_500_000,
        "percent": "110.0",
        "most_percent": "110",
    }


def test_days_and_plants_are_judged_apart() -> None:
    assert judge([*worked(2000), *worked(2000, day=NEXT), *worked(2000, plant=2)]) == []


def test_a_plant_that_stated_nothing_is_noted_once_a_day() -> None:
    [note] = judge(worked(9000, 9000, capacity_kg=None))
    assert (note.severity, note.facts["missing"]) == (Severity.NOTE, "capacity")
