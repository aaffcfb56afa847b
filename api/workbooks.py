"""Workbooks (Office Open XML): sheets of typed columns in, one file out, with a header that stays in sight.

What is text is written as text: no cell of data ever becomes a formula, a link or a number, whatever it begins with.
Rows may be an iterator: they are written as they come, so that a long sheet needs no more memory than a short one.
"""

import itertools
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import IO

import xlsxwriter
from flask import Response, send_file
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from trace import clock
from trace.clock import COUNTRY

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_048_575  # of a sheet, below its header; more go on in a further sheet
_MOST_CHARACTERS = 32_767  # of a cell
_IN_MEMORY = 4_000_000  # bytes; a larger file lies on disk until it is sent
_WIDEST, _NARROWEST = 60, 8  # characters


class Kind(StrEnum):
    """What stands in a column, and so how its numbers look."""

    TEXT = "text"
    WHOLE = "whole"  # a count, or grams
    KILOGRAMS = "kilograms"  # given in grams
    SHARE = "share"  # a fraction of 1, shown in per cent
    NUMBER = "number"  # a measurement; one whose digits must stay as reported (0.010) is text
    DAY = "day"
    MOMENT = "moment"  # shown in the country's time


_LOOKS: Mapping[Kind, str] = {
    Kind.TEXT: "@",
    Kind.WHOLE: "#,##0",
    Kind.KILOGRAMS: "#,##0.000",
    Kind.SHARE: "0.00%",
    Kind.NUMBER: "General",
    Kind.DAY: "yyyy-mm-dd",
    Kind.MOMENT: "yyyy-mm-dd hh:mm",
}
_WIDTHS = {Kind.TEXT: 16, Kind.DAY: 12, Kind.MOMENT: 18}
_CELL = {"font_size": 10, "valign": "top"}


@dataclass(frozen=True)
class Column:
    """A column: its header (a line break divides Chinese from English), what it holds, its width in characters.

    Where columns have a `name`, as programs call them, the names stand on a second line of the header. A `note` is
    shown beside the header; `choices` are offered in each cell.
    """

    header: str
    kind: Kind = Kind.TEXT
    width: int | None = None
    name: str = ""
    note: str = ""
    choices: Sequence[str] = ()


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name (at most 31 characters), columns, and rows of as many values as there are columns."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[object]]


class CellError(ValueError):
    """A value that has no place in a cell of its column."""


def write_workbook(sheets: Iterable[Sheet], title: str = "", *, most_rows: int = MOST_ROWS) -> IO[bytes]:
    """Return a workbook as a file at its beginning; who asked for it closes it."""
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 -- the answer closes it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"title": title, "created": clock.now().replace(tzinfo=None)})
        formats = {kind: book.add_format({**_CELL, "num_format": look}) for kind, look in _LOOKS.items()}
        shown = {"bold": True, "text_wrap": True, "bg_color": "#DDEBDC", "bottom": 1}
        header = book.add_format({**_CELL, **shown})
        for sheet in sheets:
            for name, rows in _parts(sheet, most_rows):
                _write_sheet(book.add_worksheet(name), sheet.columns, rows, (header, formats))
    file.seek(0)
    return file


def answer_workbook(sheets: Iterable[Sheet], name: str) -> Response:
    """Answer with a workbook to be kept under a name, without its ending."""
    file = write_workbook(sheets, title=name)
    answer = send_file(
        file, mimetype=MEDIA_TYPE, as_attachment=True, download_name=f"{name}.xlsx", etag=False, conditional=False
    )
    answer.content_length = file.seek(0, 2)
    file.seek(0)
    del answer.headers["Cache-Control"]  # what a key opened nobody keeps
    return answer


def _parts(sheet: Sheet, most_rows: int) -> Iterator[tuple[str, Iterator[Sequence[object]]]]:
    """Yield a sheet, and further ones where its rows do not fit."""
    rows = iter(sheet.rows)
    for number in itertools.count(1):
        first = next(rows, None)
        if first is None and number > 1:
            return
        some = itertools.islice(rows, most_rows - 1)
        yield (
            f"{sheet.name[:26]} ({number})" if number > 1 else sheet.name,
            itertools.chain([] if first is None else [first], some),
        )


def _write_sheet(
    page: Worksheet,
    columns: Sequence[Column],
    rows: Iterable[Sequence[object]],
    formats: tuple[Format, Mapping[Kind, Format]],
) -> None:
    header, by_kind = formats
    heads = 2 if any(column.name for column in columns) else 1
    page.freeze_panes(heads, 0)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(0, heads - 1)
    for place, column in enumerate(columns):
        page.set_column(place, place, _width(column), by_kind[column.kind])
    lines = max((column.header.count("\n") + 1 for column in columns), default=1)
    page.set_row(0, 15 * lines)
    for place, column in enumerate(columns):
        page.write_string(0, place, column.header, header)
        _guide(page, place, column, heads)
    if heads > 1:
        for place, column in enumerate(columns):
            page.write_string(1, place, column.name, header)
    last = heads - 1
    for last, row in enumerate(rows, start=heads):
        for place, (column, value) in enumerate(zip(columns, row, strict=True)):
            if value is not None and value != "":
                _write_cell(page, (last, place), value, (column.kind, by_kind[column.kind]))
    if columns:
        page.autofilter(heads - 1, 0, last, len(columns) - 1)


def _guide(page: Worksheet, place: int, column: Column, heads: int) -> None:
    """Tell how a column is filled in, and offer what may be chosen; other words are left to whoever reads the file."""
    if column.note:
        page.write_comment(0, place, column.note, {"x_scale": 1.6, "y_scale": 0.8, "font_size": 9})
    if column.choices:
        offered = {"validate": "list", "source": list(column.choices), "error_type": "warning"}
        page.data_validation(heads, place, MOST_ROWS, place, offered)


def _write_cell(page: Worksheet, at: tuple[int, int], value: object, shown: tuple[Kind, Format]) -> None:
    """Write a value as its column says: text as text, numbers and days as such."""
    kind, look = shown
    if isinstance(value, str):
        page.write_string(*at, value[:_MOST_CHARACTERS], look)
    elif isinstance(value, bool):
        page.write_boolean(*at, value, look)
    elif isinstance(value, datetime):
        page.write_datetime(*at, value.astimezone(COUNTRY).replace(tzinfo=None), look)
    elif isinstance(value, date):
        page.write_datetime(*at, value, look)
    elif isinstance(value, int | float | Decimal):
        page.write_number(*at, Decimal(value) / 1000 if kind is Kind.KILOGRAMS else value, look)
    else:
        raise CellError(type(value).__name__)


def _width(column: Column) -> int:
    """Return how wide a column is: as said, else enough for its header and for what such columns hold."""
    if column.width:
        return column.width
    widest = max(map(_columns_of, column.header.split("\n"))) + 4  # and the arrow of the filter
    return min(_WIDEST, max(_NARROWEST, widest, _WIDTHS.get(column.kind, 0)))


def _columns_of(text: str) -> int:
    """Return how many columns of a terminal a text takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
