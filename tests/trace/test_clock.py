"""The day in the country begins eight hours before that of UTC."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from trace import clock


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 4, 5, 15, 59, tzinfo=UTC), date(2026, 4, 5)),
        (datetime(2026, 4, 5, 16, 0, tzinfo=UTC), date(2026, 4, 6)),
        (datetime(2026, 4, 6, 1, 0, tzinfo=timezone(timedelta(hours=9))), date(2026, 4, 6)),
    ],
)
def test_leaf_picked_at_dawn_is_of_that_day(moment: datetime, day: date) -> None:
    assert clock.day_of(moment) == day


def test_today_is_the_day_of_now() -> None:
    assert clock.today() in {clock.day_of(clock.now()), clock.day_of(clock.now() - timedelta(seconds=5))}
