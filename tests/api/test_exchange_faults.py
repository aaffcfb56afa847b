"""What is wrong in a spreadsheet is found where it stands, all of it at once; and nothing of such a file is written."""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.api.doors import Doors, statements
from trace.exchange import letters_of
from trace.pickings import Picking

PICKINGS = "/v1/exchange/pickings"
HEADER = ("编号", "地块", "采摘时间", "重量", "重量·单位", "采摘标准", "天气", "采摘人数")
Lines = Sequence[Sequence[object]]


def table(*lines: Sequence[object], header: Sequence[str] = HEADER) -> bytes:
    """Return a table of text."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows([header, *lines])
    return buffer.getvalue().encode()


def workbook(sheets: dict[str, Lines]) -> bytes:
    """Return a workbook."""
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.worksheets[0])
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(list(line))
    book.save(buffer)
    return buffer.getvalue()


def line(doors: Doors, code: str = "", **changes: object) -> list[object]:
    """Return the line of a picking."""
    cells: dict[str, object] = {
        "code": code,
        "plot": doors.plots["own"],
        "picked_at": "2026/4/18 6:30",
        "mass": "25.5",
        "unit": "斤",
        "pluck_standard": "一芽一叶",
        "weather": "晴",
        "pickers": "6",
        **changes,
    }
    return list(cells.values())


def send(doors: Doors, file: bytes, *, dry: bool = True, path: str = PICKINGS, **headers: str) -> TestResponse:
    """Send a file as the co-operative."""
    given = {"Content_Type": "application/octet-stream", **headers}
    return doors.send(f"{path}{'?dry_run=true' if dry else ''}", file, **given)


def found(answer: TestResponse) -> list[tuple[str, str]]:
    """Return the cell and the code of each error."""
    return [(f"{one['column'] or ''}{one['row']}", one["code"]) for one in answer.json["errors"]]


def count(doors: Doors) -> int:
    """Return how many pickings there are."""
    with doors.sessions.read() as session:
        return session.scalar(select(func.count()).select_from(Picking)) or 0


def test_a_file_is_checked_without_a_trace_and_then_entered(doors: Doors) -> None:
    file = table(line(doors, "H1"), line(doors, "H2"), line(doors))
    checked = send(doors, file)
    assert (checked.status_code, checked.json["rows"], checked.json["new"]) == (200, 3, 3)
    assert (checked.json["encoding"], checked.json["errors"], count(doors)) == ("utf-8", [], 0)
    entered = send(doors, file, dry=False)
    assert (entered.status_code, entered.json["new"], count(doors)) == (201, 3, 3)
    picking = doors.get("/v1/pickings/C01/H1").json
    assert (picking["mass"], picking["picked_at"]) == ({"value": "25.5", "unit": "jin"}, "2026-04-18T06:30:00+08:00")


def test_a_file_sent_again_after_lines_were_added_enters_those_alone(doors: Doors) -> None:
    send(doors, table(line(doors, "H1"), line(doors, "H2")), dry=False)
    again = send(doors, table(line(doors, "H1"), line(doors, "H2"), line(doors, "H3")), dry=False)
    assert (again.status_code, again.json["new"], again.json["same"], count(doors)) == (201, 1, 2, 3)
    nothing = send(doors, table(line(doors, "H1")), dry=False)
    assert (nothing.status_code, nothing.json["new"], nothing.json["same"]) == (200, 0, 1)


def test_a_repeated_sending_under_its_key_is_answered_and_not_done_again(doors: Doors) -> None:
    file = table(line(doors))
    first = send(doors, file, dry=False, Idempotency_Key="april")
    again = send(doors, file, dry=False, Idempotency_Key="april")
    assert (again.json, again.headers["Idempotent-Replayed"], count(doors)) == (first.json, "true", 1)


# Row, column, what is written there, and what is said of it.
PLANTED: tuple[tuple[int, str, object, str], ...] = (
    (3, "plot", "no such plot", "differs"),
    (4, "picked_at", "昨天", "not-a-moment"),
    (5, "picked_at", datetime(2026, 4, 18).date(), "time-missing"),  # noqa: DTZ001 -- a spreadsheet's day
    (6, "mass", "很多", "not-a-number"),
    (7, "mass", 99, "differs"),
    (8, "mass.unit", "磅", "unknown-unit"),
    (9, "pluck_standard", None, "missing-field"),
    (10, "code", "H 8", "code-shape"),
    (11, "pickers", 2.5, "wrong-type"),
    (12, "weather", "张三 13800138000", "personal-number"),
    (13, "mode", "by pigeon", "not-allowed"),
    (15, "plot", "P99999", "unknown-reference"),
)


def planted(file: bytes) -> tuple[bytes, list[tuple[str, str]]]:
    """Plant twelve faults in a register that went out with twelve pickings; return it with the faults."""
    book, buffer = openpyxl.load_workbook(io.BytesIO(file)), io.BytesIO()
    sheet = book.worksheets[0]
    names = [cell.value for cell in sheet[2]]
    sheet.append([None, *(cell.value for cell in sheet[14][1:])])  # a new record
    for row, name, value, _ in PLANTED:
        sheet.cell(row, names.index(name) + 1).value = value
    book.save(buffer)
    return buffer.getvalue(), [(f"{letters_of(names.index(name))}{row}", code) for row, name, _, code in PLANTED]


def test_twelve_planted_faults_are_found_and_nothing_else(doors: Doors) -> None:
    send(doors, table(*(line(doors, f"H{number}") for number in range(1, 13))), dry=False)
    file, faults = planted(doors.get(f"{PICKINGS}?format=xlsx").data)
    answer = send(doors, file)
    assert found(answer) == faults
    assert (answer.json["rows"], answer.json["new"], answer.json["same"]) == (13, 0, 1)
    refused = send(doors, file, dry=False)
    assert (refused.status_code, found(refused), count(doors)) == (422, faults, 12)
    assert refused.json["errors"][0]["field"] == "采摘!B3"


def test_an_error_says_where_and_why_in_the_language_of_the_reader(doors: Doors) -> None:
    file = table(line(doors, mass="12.0005", unit="kg"))
    zh = send(doors, file).json["errors"]
    assert zh == [
        {
            "sheet": "",
            "row": 2,
            "column": "D",
            "header": "mass",
            "value": "12.0005",
            "code": "not-whole-grams",
            "detail": zh[0]["detail"],
        }
    ]
    en = send(doors, file, Accept_Language="en").json["errors"]
    assert zh[0]["detail"] != en[0]["detail"]


def test_the_cell_of_a_faulty_value_is_told_though_another_row_is_refused_later(doors: Doors) -> None:
    lines = [line(doors, "H1"), line(doors, "H1"), line(doors, plot="nowhere"), line(doors, pickers="many")]
    assert found(send(doors, table(*lines))) == [
        ("A3", "code-taken"),
        ("B4", "unknown-reference"),
        ("H5", "not-a-number"),
    ]


def test_an_empty_form_with_its_example_enters_nothing(doors: Doors) -> None:
    for form in ("xlsx", "csv"):
        file = doors.get(f"{PICKINGS}/template?format={form}").data
        answer = send(doors, file)
        assert (answer.json["rows"], answer.json["errors"]) == (0, [])


def test_an_empty_form_filled_in_is_entered(doors: Doors) -> None:
    book = openpyxl.load_workbook(io.BytesIO(doors.get(f"{PICKINGS}/template").data))
    sheet = book.worksheets[0]
    names = [cell.value for cell in sheet[2]]
    filled: dict[str, object] = {
        "plot": doors.plots["own"],
        "picked_at": datetime(2026, 4, 18, 6, 30),  # noqa: DTZ001 -- a spreadsheet knows no offset
        "mass": 12.1,
        "mass.unit": "公斤",
        "pluck_standard": "一芽二叶",
    }
    for name, value in filled.items():
        sheet.cell(row=4, column=names.index(name) + 1).value = value
    buffer = io.BytesIO()
    book.save(buffer)
    assert send(doors, buffer.getvalue(), dry=False).status_code == 201
    [picking] = doors.get("/v1/pickings").json["items"]
    assert (picking["mass"], picking["picked_at"]) == ({"value": "12.1", "unit": "kg"}, "2026-04-18T06:30:00+08:00")


def test_lines_of_title_other_orders_and_names_of_programs_are_understood(doors: Doors) -> None:
    plot = doors.plots["own"]
    file = workbook(
        {
            "四月": [
                ["雾峪茶叶合作社 四月采摘台账"],
                [],
                ["pluck_standard", "重量\nmass", "picked_at", "plot", "# 经手人"],
                ["一芽一叶", "12.5 斤", "2026年4月18日 6:30", plot, "小王"],
                ["# 小计", 12.5],
                ["一芽一叶", "１２．５　公斤", "2026-04-19T07:00:00+08:00", plot, "小李"],
            ]
        }
    )
    answer = send(doors, file, dry=False)
    assert answer.status_code == 201, answer.text
    assert {one["mass_g"] for one in doors.get("/v1/pickings").json["items"]} == {6_250, 12_500}


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (("地块", "采摘时间", "重量", "采摘标准", "产量"), [("E1", "column-unknown")]),
        (("地块", "采摘时间", "重量", "采摘标准", "plot"), [("E1", "column-twice")]),
        (("地块", "采摘时间", "采摘标准"), [("1", "column-missing")]),
        (("甲", "乙"), [("1", "header-missing")]),
    ],
)
def test_what_is_wrong_with_a_header_is_told_there(doors: Doors, header: Sequence[str], told: list[Any]) -> None:
    assert found(send(doors, table(["x"] * len(header), header=header))) == told


def test_a_code_that_a_spreadsheet_has_cut_is_refused(doors: Doors) -> None:
    file = workbook({"采摘": [HEADER, [*line(doors, plot=3799011012010001)]]})
    assert found(send(doors, file)) == [("B2", "digits-lost")]


def test_an_error_of_a_formula_is_refused_where_it_stands(doors: Doors) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook({"采摘": [HEADER, line(doors)]})))
    cell = book.worksheets[0]["G2"]
    cell.value, cell.data_type = "#REF!", "e"
    buffer = io.BytesIO()
    book.save(buffer)
    assert found(send(doors, buffer.getvalue())) == [("G2", "cell-error")]


def test_text_that_looks_like_a_formula_comes_back_as_that_text(doors: Doors) -> None:
    evil = '=HYPERLINK("http://example.test","晴")'
    send(doors, table(line(doors, "H1", weather=f"'{evil}")), dry=False)
    assert doors.get("/v1/pickings/C01/H1").json["weather"] == evil
    sheet = openpyxl.load_workbook(io.BytesIO(doors.get(f"{PICKINGS}?format=xlsx").data)).worksheets[0]
    cell = next(cell for cell in sheet[3] if cell.value == evil)
    assert (cell.data_type, cell.hyperlink) == ("s", None)
    text = doors.get(f"{PICKINGS}?format=csv").data.decode("utf-8-sig")
    assert evil not in {one for row in csv.reader(io.StringIO(text)) for one in row}
    for form in ("xlsx", "csv"):
        answer = send(doors, doors.get(f"{PICKINGS}?format={form}").data)
        assert (answer.json["same"], answer.json["errors"]) == (1, [])


TOGETHER = {
    "交付": [
        ["编号", "收货人", "发出时间", "批次·批次", "批次·重量", "批次·重量·单位"],
        ["HO1", "PL1", "2026-04-18 12:00", "H1", 10, "斤"],
        [None, None, None, "H2", 5, "斤"],
        ["HO2", "PL1", "2026-04-18 13:00", "H2", 20, "斤"],
    ],
    "participants": [],
}


def together(doors: Doors, **changes: object) -> bytes:
    """Return a workbook of growers, pickings and hand-overs that name each other."""
    return workbook(
        {
            "交付": TOGETHER["交付"],
            "采摘": [HEADER, line(doors, "H1", **changes), line(doors, "H2")],
            "#说明": [["请先下载空表"]],
            "parties": [["code", "name", "kind", "member_of"], ["F009", "上茶沟村 茶农 9", "grower", "C01"]],
        }
    )


def test_sheets_of_one_workbook_are_entered_in_the_order_of_what_they_name(doors: Doors) -> None:
    checked = send(doors, together(doors), path="/v1/exchange")
    assert checked.json["errors"] == []
    assert [(one["register"], one["new"]) for one in checked.json["sheets"]] == [
        ("parties", 1),
        ("pickings", 2),
        ("hand-overs", 2),
    ]
    assert count(doors) == 0
    assert send(doors, together(doors), path="/v1/exchange", dry=False).status_code == 201
    assert [part["mass_g"] for part in doors.get("/v1/hand-overs/C01/HO1").json["lots"]] == [5_000, 2_500]
    again = send(doors, together(doors), path="/v1/exchange")
    assert (again.json["same"], again.json["new"], again.json["errors"]) == (5, 0, [])


def test_what_only_follows_from_a_faulty_record_is_not_told_as_another_fault(doors: Doors) -> None:
    answer = send(doors, together(doors, pickers="many"), path="/v1/exchange")
    assert found(answer) == [("H2", "not-a-number")]


def test_the_record_that_draws_too_much_is_found_though_its_refusal_names_a_lot(doors: Doors) -> None:
    send(doors, table(*(line(doors, f"H{number}") for number in range(1, 8))), dry=False)
    header = TOGETHER["交付"][0]
    lines = [[f"HO{number}", "PL1", "2026-04-18 12:00", "H1", 10, "斤"] for number in range(1, 6)]
    lines += [[f"HO{number}", "PL1", "2026-04-18 12:00", f"H{number}", 25, "斤"] for number in range(6, 8)]
    answer = send(doors, workbook({"交付": [header, *lines]}), path="/v1/exchange/hand-overs")
    assert found(answer) == [("D4", "lot-overdrawn"), ("D5", "lot-overdrawn"), ("D6", "lot-overdrawn")]
    assert answer.json["new"] == 4


def test_a_record_for_somebody_else_is_refused_at_its_party(doors: Doors) -> None:
    header = [*HEADER, "记录单位"]
    file = workbook({"采摘": [header, line(doors, "H1"), [*line(doors, "H2"), "C02"]]})
    assert found(send(doors, file)) == [("I3", "not-for-them")]


def test_who_may_not_enter_such_records_may_not_by_a_file(doors: Doors) -> None:
    file = workbook({"采摘": [HEADER, line(doors)]})
    for path in ("/v1/exchange/pickings", "/v1/exchange"):
        answer = doors.send(f"{path}?dry_run=true", file, "laboratory", Content_Type="application/octet-stream")
        assert (answer.status_code, answer.json["code"]) == (403, "role-closed")


def test_a_file_may_come_as_a_part_of_a_form(doors: Doors) -> None:
    answer = doors.client.post(
        f"{PICKINGS}?dry_run=true",
        data={"file": (io.BytesIO(table(line(doors))), "四月.csv")},
        headers={"Authorization": f"Bearer {doors.tokens['coop']}"},
    )
    assert (answer.status_code, answer.json["new"]) == (200, 1)
    assert answer.json["sheets"][0]["sheet"] == "四月.csv"


def test_a_long_file_takes_few_statements(doors: Doors) -> None:
    rows = 10_000
    file = table(*(line(doors, f"H{number}") for number in range(rows)))
    with statements(doors) as asked:
        assert send(doors, file).json["new"] == rows
    assert len(asked) <= rows / 500 + 10


MakeFile = Callable[[Doors], bytes]
BROKEN: dict[str, tuple[MakeFile, str]] = {
    "nothing": (lambda _: b"", "file-empty"),
    "blanks": (lambda _: b"\xef\xbb\xbf\n\n", "file-empty"),
    "half a workbook": (lambda doors: workbook({"采摘": [HEADER, line(doors)]})[:900], "workbook-unreadable"),
    "a zip of nothing": (lambda _: b"PK\x05\x06" + b"\0" * 18, "workbook-unreadable"),
    "an old workbook cut off": (lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "workbook-unreadable"),
    "a password": (
        lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
        "workbook-locked",
    ),
    "two encodings": (lambda _: "编号".encode() + "地块".encode("gb18030") + b"\xff\n", "file-encoding"),
    "a quote that stays open": (lambda _: b'code,plot\n"H1,P1\n', "table-broken"),
    "half a mark": (lambda _: b"\xff\xfe\x00", "file-encoding"),
    "two sheets": (lambda _: workbook({"甲": [["a"]], "乙": [["b"]]}), "sheet-unknown"),
    "two cells far apart": (lambda _: far_apart(), "workbook-too-large"),
    "too many columns": (lambda _: b"," * 400, "file-too-long"),
    "too many lines": (lambda _: b"code\n" + b"x\n" * 60_000, "file-too-long"),
}


def far_apart() -> bytes:
    """Return a small workbook whose cells span seventeen thousand million places."""
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    book.worksheets[0]["A1"] = book.worksheets[0]["XFD1048576"] = "x"
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_cannot_be_read_is_refused_by_name(doors: Doors, name: str) -> None:
    make, code = BROKEN[name]
    answer = send(doors, make(doors))
    assert (answer.status_code, answer.json["code"]) == (422, code), answer.text
    assert answer.json["detail"]
