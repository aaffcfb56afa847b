"""Sheets: rows of cells as a file has them. A number is the decimal a spreadsheet shows, not its binary neighbour.

In a table of text a cell that a spreadsheet would take for a formula stands behind an apostrophe (OWASP, CSV
injection); reading takes that one apostrophe away, so that text comes back as it was.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import NamedTuple

from trace.errors import TraceError

MOST_COLUMNS = 300
_DELIMITERS = (",", "\t", ";")
_BEGINS = "=+\\-@\t\r\n＝＋－＠"  # also as the keyboards of East Asia write them
_FORMULA = re.compile(f"'*[{_BEGINS}]")
_ESCAPED = re.compile(f"'+[{_BEGINS}]")


class CellError(NamedTuple):
    """A cell that holds an error, such as `#REF!`, instead of a value."""

    shown: str


Cell = str | Decimal | date | datetime | time | CellError | None


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, and its rows from the first on; all that is empty is None."""

    name: str
    rows: Sequence[Sequence[Cell]]
    hidden: bool = False


class TableBrokenError(TraceError):
    """A table of text whose quotes do not close."""

    code = "table-broken"


def letters_of(place: int) -> str:
    """Return what a spreadsheet calls the column at a place: A, B, … Z, AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def escape_formula(text: str) -> str:
    """Return text that no spreadsheet takes for a formula; reading a table gives it back."""
    return f"'{text}" if _FORMULA.match(text) else text


def _delimiter(text: str) -> str:
    """Return what divides the cells of the first line."""
    line = re.sub(r'"[^"]*"', "", text.split("\n", 1)[0])
    return max(_DELIMITERS, key=line.count)


def read_table(text: str, name: str) -> Sheet:
    """Return the one sheet of a table of text. Raises `TableBrokenError`."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows: list[list[Cell]] = []
    try:
        for line in reader:
            rows.append([_unescaped(cell) if cell[:1] == "'" else cell or None for cell in line])  # noqa: PERF401 -- counted
    except csv.Error as error:
        raise TableBrokenError(row=len(rows) + 1) from error
    return Sheet(name, rows)


def _unescaped(cell: str) -> str:
    return cell[1:] if _ESCAPED.match(cell) else cell
