"""Working days leave out weekends, and holidays that somebody vouches for."""

from datetime import date

import pytest

from trace.working_days import after_working_days, made_up_days, public_holidays

FRIDAY = date(2026, 7, 3)


@pytest.mark.parametrize(
    ("count", "holidays", "day"),
    [
        (1, [], date(2026, 7, 6)),
        (5, [], date(2026, 7, 10)),
        (10, [], date(2026, 7, 17)),
        (1, [date(2026, 7, 6)], date(2026, 7, 7)),
        (1, [date(2026, 7, 4)], date(2026, 7, 6)),
    ],
)
def test_working_days_pass_from_the_day_after(count: int, holidays: list[date], day: date) -> None:
    assert after_working_days(FRIDAY, count, holidays) == day


def test_a_saturday_that_is_worked_counts() -> None:
    assert after_working_days(FRIDAY, 1, [], [date(2026, 7, 4)]) == date(2026, 7, 4)
    assert after_working_days(FRIDAY, 5, [date(2026, 7, 6)], [date(2026, 7, 11)]) == date(2026, 7, 11)


def test_a_worked_day_from_memory_makes_a_deadline_earlier_and_none_later() -> None:
    assert date(2026, 5, 9) in made_up_days()
    assert not made_up_days() & public_holidays()
    assert all(day.weekday() > FRIDAY.weekday() for day in made_up_days())


def test_a_holiday_from_memory_makes_no_deadline_later() -> None:
    assert public_holidays() == frozenset(), "the shipped rows were not read in a source"
