"""Workbooks: what is text stays text, what is a number is one, and a long sheet goes on in a further one."""

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from api.workbooks import CellError, Column, Kind, Sheet, write_workbook

_FORMULAS = ('=HYPERLINK("http://x","y")', "+1+1", "-2", "@SUM(A1)", "\tx", "{=1}", "http://x.cn", " 007")


def _read(*sheets: Sheet) -> list[Worksheet]:
    return list(load_workbook(io.BytesIO(write_workbook(sheets, "检查").read())).worksheets)


def _column(page: Worksheet, letter: str = "A") -> list[Cell]:
    return list(page[letter][1:])


def test_text_stays_text_whatever_it_begins_with() -> None:
    [page] = _read(Sheet("批次", [Column("代码")], [[text] for text in _FORMULAS]))
    assert [(cell.value, cell.data_type) for cell in _column(page)] == [(text, "s") for text in _FORMULAS]


def test_no_workbook_holds_a_formula_or_a_link() -> None:
    file = zipfile.ZipFile(write_workbook([Sheet("批次", [Column("代码")], [[text] for text in _FORMULAS])]))
    written = "".join(file.read(name).decode() for name in file.namelist() if name.endswith((".xml", ".rels")))
    assert "<f>" not in written
    assert "hyperlink" not in written.lower().replace("=hyperlink", "").replace("hyperlinkbase", "").replace(
        "hyperlinkschanged", ""
    )


def test_grams_are_shown_in_kilograms_with_three_decimals() -> None:
    [page] = _read(Sheet("s", [Column("千克\nkg", Kind.KILOGRAMS), Column("克\ng", Kind.WHOLE)], [[12_345, 12_345]]))
    assert [cell.value for cell in page[2]] == [12.345, 12_345]
    assert page["A2"].number_format == "#,##0.000"


def test_days_moments_shares_and_measurements_are_values_and_not_words() -> None:
    columns = [Column(kind, kind) for kind in (Kind.DAY, Kind.MOMENT, Kind.SHARE, Kind.NUMBER)]
    at = datetime(2026, 4, 18, 22, 30, tzinfo=UTC)
    [page] = _read(Sheet("s", columns, [[date(2026, 4, 18), at, 0.25, Decimal("0.05")]]))
    day, moment, share, number = (cell.value for cell in page[2])
    assert (day, moment) == (datetime(2026, 4, 18), datetime(2026, 4, 19, 6, 30))  # noqa: DTZ001 -- a cell has no zone
    assert (share, number) == (0.25, 0.05)


def test_what_is_missing_is_an_empty_cell() -> None:
    [page] = _read(Sheet("s", [Column("a"), Column("b", Kind.WHOLE)], [[None, 1], ["", None]]))
    assert [[cell.value for cell in row] for row in page["A2:B3"]] == [[None, 1], [None, None]]


def test_the_header_stays_in_sight_and_its_columns_are_wide_enough() -> None:
    [page] = _read(Sheet("s", [Column("追溯批次代码\nTraceability lot code")], [["L008"]]))
    assert page.freeze_panes == "A2"
    assert page.column_dimensions["A"].width >= len("Traceability lot code")


def test_a_sheet_without_rows_keeps_its_header() -> None:
    [page] = _read(Sheet("空", [Column("代码")], []))
    assert [[cell.value for cell in row] for row in page.rows] == [["代码"]]


def test_rows_that_do_not_fit_go_on_in_a_further_sheet() -> None:
    file = write_workbook([Sheet("批次", [Column("n", Kind.WHOLE)], _counted(7))], most_rows=3)
    pages = load_workbook(io.BytesIO(file.read())).worksheets
    assert [page.title for page in pages] == ["批次", "批次 (2)", "批次 (3)"]
    assert [[cell.value for cell in _column(page)] for page in pages] == [[0, 1, 2], [3, 4, 5], [6]]


def _counted(count: int) -> Iterator[list[int]]:
    return ([number] for number in range(count))


def test_a_text_too_long_for_a_cell_is_cut_and_not_lost() -> None:
    [page] = _read(Sheet("s", [Column("a")], [["茶" * 40_000]]))
    assert page["A2"].value == "茶" * 32_767


def test_what_is_no_value_of_a_cell_is_refused() -> None:
    with pytest.raises(CellError):
        write_workbook([Sheet("s", [Column("a")], [[["list"]]])])
