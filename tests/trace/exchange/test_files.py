"""Files are read by their bytes: the encoding found, numbers as shown, and whatever is broken refused by name."""

import io
import zipfile
from datetime import date, datetime, time
from decimal import Decimal

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from trace.errors import TraceError
from trace.exchange import Book, CellError, FileEncodingError, Sheet, letters_of, read_file


def workbook() -> bytes:
    """Return a workbook with a value of each kind."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        day, moment, hour = (
            book.add_format({"num_format": look}) for look in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm", "hh:mm")
        )
        sheet = book.add_worksheet("采摘")
        sheet.write_row(1, 1, ["=1+1", 12.1, 0.1 + 0.2, 25])
        sheet.write_datetime(2, 1, datetime(2026, 4, 18, 6, 30), moment)  # noqa: DTZ001 -- a spreadsheet knows no offset
        sheet.write_datetime(2, 2, date(2026, 4, 18), day)
        sheet.write_datetime(2, 3, time(6, 30), hour)
        sheet.write_boolean(2, 4, True)  # noqa: FBT003 -- a cell
        sheet.write_formula(3, 1, "=B2*2", None, 50)
        sheet.write_formula(3, 2, "=#REF!", None, "#REF!")
        sheet.merge_range(4, 1, 5, 1, "合并")
        book.add_worksheet("藏").hide()
    return buffer.getvalue()


def test_a_workbook_is_read_as_it_is_shown() -> None:
    sheet, hidden = read_file(workbook()).sheets
    assert (sheet.name, sheet.hidden, hidden.hidden) == ("采摘", False, True)
    assert [list(row)[1:] for row in sheet.rows] == [
        [None] * 4,
        ["=1+1", Decimal("12.1"), Decimal("0.3"), Decimal(25)],
        [datetime(2026, 4, 18, 6, 30), date(2026, 4, 18), time(6, 30), "TRUE"],  # noqa: DTZ001 -- likewise
        [Decimal(50), CellError("#"), None, None],
        ["合并", None, None, None],
    ]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("编号,地块\nH1,P1\n".encode(), "utf-8"),
        ("编号;地块\nH1;P1\n".encode("utf-8-sig"), "utf-8"),
        ("\ufeff编号,地块\nH1,P1\n".encode("gb18030"), "gb18030"),
        ("编号,地块\nH1,P1\n".encode("gb18030"), "gb18030"),
        ("编号\t地块\nH1\tP1\n".encode("utf-16"), "utf-16-le"),
        (b"\xfe\xff" + "编号\t地块\nH1\tP1\n".encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_the_encoding_of_a_table_is_found_by_its_bytes(data: bytes, encoding: str) -> None:
    assert read_file(data, "四月") == Book((Sheet("四月", [["编号", "地块"], ["H1", "P1"]]),), encoding)


def test_a_table_in_two_encodings_is_refused_with_its_line() -> None:
    with pytest.raises(FileEncodingError) as refused:
        read_file("编号\n".encode() + "地块".encode("gb18030") + b"\xff\n")
    assert refused.value.facts["row"] == 2


BOOK = workbook()
NAMED = ("workbook-", "file-", "table-")


def refusal_of(data: bytes) -> str:
    """Return the code by which a file is refused, nothing where it is read; any other error is raised."""
    try:
        read_file(data)
    except TraceError as refusal:
        return refusal.code
    return ""


def repacked(method: int) -> bytes:
    """Return the workbook packed by another method."""
    book = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(BOOK)) as plain, zipfile.ZipFile(book, "w", method) as other:
        for name in plain.namelist():
            other.writestr(name, plain.read(name))
    return book.getvalue()


def changed(data: bytes, mark: bytes, place: int, value: bytes) -> bytes:
    """Return a file with some bytes of its first record of a kind changed."""
    at = data.index(mark) + place
    return data[:at] + value + data[at + len(value) :]


LOCAL, LISTED, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (repacked(zipfile.ZIP_STORED), ""),
        (repacked(zipfile.ZIP_LZMA), "workbook-unreadable"),
        (changed(repacked(zipfile.ZIP_LZMA), LOCAL, 80, b"\xff" * 9), "workbook-unreadable"),
        (repacked(zipfile.ZIP_BZIP2), "workbook-unreadable"),
        (changed(BOOK, LISTED, 8, b"\x01"), "workbook-locked"),  # its first file is encrypted
        (changed(BOOK, LISTED, 6, b"\xc9"), "workbook-unreadable"),  # for a reader of another century
        (changed(BOOK, LISTED, 46, b"?"), "workbook-unreadable"),  # listed under another name
        (changed(changed(BOOK, LISTED, 8, b"\x00\x08"), LISTED, 46, b"\xb9"), "workbook-unreadable"),  # no UTF-8 name
        (changed(BOOK, LOCAL, 60, b"\xff" * 9), "workbook-unreadable"),  # packed bytes that unpack to nothing
        (changed(BOOK, END, 16, b"\xff" * 4), "workbook-unreadable"),  # its list begins before the file
        (
            changed(repacked(zipfile.ZIP_STORED), LISTED, 20, b"\xff\xff\x0f\x00" * 2),
            "workbook-unreadable",
        ),  # longer than it is
        (BOOK[: len(BOOK) // 2], "workbook-unreadable"),
        (END + bytes(18), "workbook-unreadable"),  # a whole zip, and no workbook
    ],
)
def test_what_is_wrong_with_a_zip_is_said(data: bytes, code: str) -> None:
    assert refusal_of(data) == code


@given(st.lists(st.tuples(st.integers(0, len(BOOK) - 1), st.integers(0, 255)), min_size=1, max_size=20), st.booleans())
@settings(max_examples=30)
def test_a_damaged_workbook_is_read_or_refused_and_harms_nobody(changes: list[tuple[int, int]], cut: bool) -> None:
    data = bytearray(BOOK)
    for place, value in changes:
        data[place] = value
    damaged = bytes(data[: changes[0][0]] if cut else data)
    code = refusal_of(damaged)
    assert code == "" or code.startswith(NAMED)


@given(st.binary(max_size=300))
def test_whatever_bytes_come_in_they_are_read_or_refused(data: bytes) -> None:
    code = refusal_of(data)
    assert code == "" or code.startswith(NAMED)


@pytest.mark.parametrize(("place", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (16_383, "XFD")])
def test_a_column_is_called_as_spreadsheets_call_it(place: int, letters: str) -> None:
    assert letters_of(place) == letters


def packed(rows: int, columns: int, text: str) -> bytes:
    """Return a small workbook in which one text fills many cells."""
    book = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as plain, zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as full:
        for name in plain.namelist():
            content = plain.read(name)
            if name == "xl/worksheets/sheet1.xml":
                line = b"<row>" + b'<c t="s"><v>0</v></c>' * columns + b"</row>"
                content = b"<sheetData>".join([content.split(b"<sheetData")[0], line * rows])
                content += b"</sheetData></worksheet>"
            elif name == "xl/sharedStrings.xml":
                schema = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
                content = schema + b"<si><t>" + text.encode() + b"</t></si></sst>"
            full.writestr(name, content)
    return book.getvalue()


@pytest.mark.parametrize(
    ("rows", "columns", "text", "code"),
    [
        (100, 300, "晴", ""),
        (30_000, 60, "晴", "workbook-too-large"),
        (1_000, 1, "x" * 30_000, "workbook-too-large"),
        (100, 301, "晴", "file-too-long"),
        (50_001, 1, "晴", "file-too-long"),
    ],
)
def test_a_small_file_of_a_great_many_cells_is_refused_before_it_costs_memory(
    rows: int, columns: int, text: str, code: str
) -> None:
    data = packed(rows, columns, text)
    assert len(data) < 300_000
    assert refusal_of(data) == code
