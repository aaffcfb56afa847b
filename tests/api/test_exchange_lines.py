"""Records of several lines: a fault is told in the line it stands in, and what else is wrong there beside it."""

from collections.abc import Iterable, Sequence

from tests.api.doors import Doors
from tests.api.moving import pick
from tests.api.test_exchange_faults import found, send, workbook

PATH = "/v1/exchange/hand-overs"
HEADER = (
    *("code", "receiver", "sent_at", "price", "price.unit", "gross", "gross.unit", "tare", "tare.unit"),
    *("deduction.mass", "deduction.mass.unit", "lots.lot", "lots.mass", "lots.mass.unit"),
)
Part = tuple[object, object, object]
ONE: Part = ("H2", 1, "kg")


def hand_over(code: str, *lots: Part, **cells: object) -> list[list[object]]:
    """Return the lines of a hand-over, a lot on each."""
    named = {"code": code, "receiver": "PL1", "sent_at": "2026-04-20 12:00", **cells}
    own = [named.get(name.replace(".", "_")) for name in HEADER[:-3]]
    return [[*(own if place == 0 else [None] * len(own)), *lot] for place, lot in enumerate(lots or (ONE,))]


def file_of(records: Iterable[Sequence[Sequence[object]]]) -> bytes:
    """Return a workbook of hand-overs."""
    return workbook({"交付": [HEADER, *(line for record in records for line in record)]})


# A record with one thing wrong, or two, and where that is told: in which of its lines, from 0 on, and in which column.
PLANTED = (
    (hand_over("A1", ("H1", 1, "kg"), ("NONE", 1, "kg")), [(1, "L", "unknown-reference")]),
    (hand_over("A2", ("H1", 1, "kg"), ("H2", "x", "kg")), [(1, "M", "not-a-number")]),
    (hand_over("A3", ("H1", 1, "kg"), ("H1", 1, "kg")), [(1, "L", "duplicate-value")]),
    (hand_over("A4", ("H1", 1, "kg"), ("H3", 100, "kg")), [(1, "L", "lot-overdrawn")]),
    (hand_over("A5", ("H2", 1, None)), [(0, "N", "unknown-unit")]),
    (hand_over("A6", gross=3, gross_unit="kg", tare=0.5, tare_unit="kg"), [(0, "M", "disagrees")]),
    (hand_over("A7", receiver="C01"), [(0, "B", "not-itself")]),
    (hand_over("A8", tare=1, tare_unit="kg"), [(0, "F", "missing-field")]),
    (hand_over("A9", price="六十", price_unit="斤"), [(0, "D", "not-a-number")]),
    (hand_over("B1", price=60, price_unit="袋"), [(0, "E", "unknown-unit")]),
    (hand_over("B2", sent_at="2026-04-19 12:00"), [(0, "C", "before-its-source")]),
    (hand_over("B3", receiver="NONE", sent_at="?"), [(0, "B", "unknown-reference"), (0, "C", "not-a-moment")]),
)


def test_twelve_faults_of_other_kinds_are_told_each_in_its_cell_and_nothing_else(doors: Doors) -> None:
    for code in ("H1", "H2", "H3"):
        pick(doors, code)
    expected, row = [], 2
    for lines, faults in PLANTED:
        expected += [(f"{column}{row + place}", code) for place, column, code in faults]
        row += len(lines)
    answer = send(doors, file_of([*(lines for lines, _ in PLANTED), hand_over("Z1")]), path=PATH)
    assert found(answer) == expected
    assert (answer.json["rows"], answer.json["new"]) == (len(PLANTED) + 1, 1)


def test_another_cell_is_named_as_a_spreadsheet_calls_it(doors: Doors) -> None:
    pick(doors, "H1")
    answer = send(doors, file_of([hand_over("A1", ("H1", 1, "kg"), ("H1", 1, "kg"))]), path=PATH)
    assert [error["detail"] for error in answer.json["errors"]] == ["H1 与 L2 重复"]
