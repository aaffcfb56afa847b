"""`late_entry`: a day later is late."""

from datetime import UTC, datetime, timedelta

from trace.findings import Severity
from trace.rules.late_entry import Entered, judge

THEN = datetime(2026, 4, 20, 6, tzinfo=UTC)


def test_a_day_to_the_second_passes_and_a_second_more_is_a_note() -> None:
    day = timedelta(hours=24)
    assert judge([Entered(1, THEN, THEN + day)]) == []
    [note] = judge([Entered(1, THEN, THEN + day + timedelta(seconds=1))])
    assert (note.rule, note.severity, note.facts["hours"]) == ("late_entry", Severity.NOTE, 24)
    assert note.facts["happened_at"] == "2026-04-20 14:00+08:00"  # by the country's clock, whoever reads it
