"""`labels_exceed_units`: labels beyond the units and their waste."""

from datetime import date

import pytest

from trace.findings import Severity
from trace.rules.label_count import Labelled, judge
from trace.rules.tables import shipped_tables

AT = shipped_tables().on(date(2026, 4, 26))


@pytest.mark.parametrize(
    ("units", "labels", "passes"), [(440, 453, True), (440, 454, False), (33, 33, True), (33, 34, False)]
)
def test_three_in_a_hundred_may_be_waste(units: int, labels: int, passes: bool) -> None:
    found = judge([Labelled(1, units, labels, AT)])
    assert [one.severity for one in found] == ([] if passes else [Severity.REFUSE])
