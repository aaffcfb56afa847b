"""`picker_day`: what one person picks by hand in a day."""

from datetime import date

import pytest

from trace.findings import Severity
from trace.rules.picker_day import PickedByHand, by_hand, judge
from trace.rules.tables import TEA, shipped_tables

AT = shipped_tables().on(date(2026, 4, 20))


@pytest.mark.parametrize(
    ("standard", "most"), [("单芽", 4), ("一芽一叶初展", 6), ("一芽一叶", 10), ("一芽二叶", 20), ("一芽二三叶", 40)]
)
def test_so_much_of_each_standard_passes_and_a_gram_more_is_a_note(standard: str, most: int) -> None:
    def pick(mass_g: int) -> PickedByHand:
        return PickedByHand(id=1, crop=TEA, pluck_standard=standard, mass_g=mass_g, pickers=3, at=AT)

    assert judge([pick(most * 3000)]) == []
    [note] = judge([pick(most * 3000 + 1)])
    assert (note.severity, note.table, note.facts["most"]) == (Severity.NOTE, "picker-days", str(most))


def test_a_standard_that_the_table_does_not_know_is_not_judged() -> None:
    assert judge([PickedByHand(id=1, crop=TEA, pluck_standard="对夹叶", mass_g=10**6, pickers=1, at=AT)]) == []


def test_a_machine_is_no_picker() -> None:
    assert [by_hand(method) for method in (None, "手采", "机采", "machine")] == [True, True, False, False]
