"""Working days leave out weekends, and holidays that somebody vouches for."""

from datetime import date

import pytest

from trace.working_days import after_working_days, public_holidays

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


def test_a_holiday_from_memory_makes_no_deadline_later() -> None:
    assert public_holidays() == frozenset(), "the shipped rows were not read in a source"
