"""Files on their way in: what kind one is, in which encoding; workbooks are opened by a process of their own.

What a file claims about itself (name, media type) is not asked: its first bytes tell. A workbook is foreign input to a
large library: it is opened in a child with little memory and time (`trace/exchange/opener.py`), so that a hostile one
ends that child and nothing else.
"""

import codecs
import io
import marshal
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from trace.errors import TraceError
from trace.exchange.opener import TOO_LARGE, TOO_LONG
from trace.exchange.sheets import MOST_COLUMNS, Cell, CellError, Sheet, TableBrokenError, read_table

__all__ = ["TableBrokenError"]
MOST_ROWS = 50_000  # of all sheets
MOST_UNPACKED = 150_000_000  # bytes; a sheet of 50,000 rows and 20 columns unpacks to some 60 MB
MOST_CELLS = 1_500_000  # of all sheets, empty ones among them
MOST_CHARACTERS = 20_000_000  # in all cells; four times a file of text as long as may be sent
_SECONDS = 60
_ZIPS, _OLE = (b"PK\x03\x04", b"PK\x05\x06"), b"\xd0\xcf\x11\xe0"  # the second: a zip without a file
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # a stream that only a workbook with a password has
_MARKS = (
    *((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")),
    ("\ufeff".encode("gb18030"), "gb18030"),
)
_METHODS, _LOCKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED), 0x1  # those of Office Open XML; APPNOTE 4.4.4, bit 0
# What `zipfile` raises of such an archive that is broken: its list, its bytes, their end; a version of another century;
# a place before the file, and a name that is no text (`tests/trace/exchange/test_files.py` has a file for each).
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError)
_OPENER = Path(__file__).with_name("opener.py")


class WorkbookUnreadableError(TraceError):
    """What looks like a workbook is none, or is damaged."""

    code = "workbook-unreadable"


class WorkbookLockedError(TraceError):
    """A workbook with a password."""

    code = "workbook-locked"


class WorkbookTooLargeError(TraceError):
    """A workbook that unpacks to more than can be read."""

    code = "workbook-too-large"


class FileEncodingError(TraceError):
    """Text in none of the encodings that are read, or in two of them."""

    code = "file-encoding"


class FileTooLongError(TraceError):
    """More rows, or more columns, than are read at once."""

    code = "file-too-long"


class FileEmptyError(TraceError):
    """A file, or a form without one, in which nothing stands."""

    code = "file-empty"


class SheetUnknownError(TraceError):
    """Sheets of which nobody can say what they hold: `sheets` names them."""

    code = "sheet-unknown"


@dataclass(frozen=True)
class Book:
    """A file as it was read: its sheets, and the encoding of a table of text."""

    sheets: tuple[Sheet, ...]
    encoding: str | None = None


def read_file(data: bytes, name: str = "") -> Book:
    """Return the sheets of a workbook (xlsx, xls, ods), or the one of a table of text; `name` is for the latter.

    Raises `WorkbookUnreadableError`, `WorkbookLockedError`, `WorkbookTooLargeError`, `FileEncodingError`,
    `FileTooLongError`, `TableBrokenError`.
    """
    if data.startswith((*_ZIPS, _OLE)):
        book = Book(_open_workbook(data))
    else:
        text, encoding = _decode(data)
        book = Book((read_table(text, name),), encoding)
    rows = sum(len(sheet.rows) for sheet in book.sheets)
    widest = max((len(row) for sheet in book.sheets for row in sheet.rows), default=0)
    if rows > MOST_ROWS or widest > MOST_COLUMNS:
        raise FileTooLongError(rows=MOST_ROWS, columns=MOST_COLUMNS)
    return book


def _decode(data: bytes) -> tuple[str, str]:
    """Return the text and its encoding: by its mark, else UTF-8 where it is that throughout, else GB18030."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], encoding), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _strictly(data, "gb18030"), "gb18030"


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise FileEncodingError(encoding=encoding, row=data.count(b"\n", 0, error.start) + 1) from None


def _too_large() -> WorkbookTooLargeError:
    return WorkbookTooLargeError(most=MOST_UNPACKED // 1_000_000, cells=MOST_CELLS)


def _check_archive(data: bytes) -> None:
    """Refuse what is locked, packed by a method that no spreadsheet uses, broken, or unpacks to too much."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if any(entry.flag_bits & _LOCKED for entry in archive.infolist()):
                raise WorkbookLockedError
            if any(entry.compress_type not in _METHODS for entry in archive.infolist()):
                raise WorkbookUnreadableError
            unpacked = sum(map(len, _unpacked(archive)))
    except _BROKEN as error:
        raise WorkbookUnreadableError from error
    if unpacked > MOST_UNPACKED:
        raise _too_large()


def _unpacked(archive: zipfile.ZipFile) -> Iterator[bytes]:
    """Yield what is in an archive, whatever it says of its size, up to a little more than can be read."""
    left = MOST_UNPACKED
    for entry in archive.infolist():
        with archive.open(entry) as opened:
            while left >= 0 and (some := opened.read(1 << 20)):
                left -= len(some)
                yield some


def _open_workbook(data: bytes) -> tuple[Sheet, ...]:
    if data.startswith(_ZIPS):
        _check_archive(data)
    elif _ENCRYPTED in data:
        raise WorkbookLockedError
    try:
        child = subprocess.run(  # noqa: S603 -- our own interpreter and file
            [sys.executable, "-I", str(_OPENER), *map(str, (MOST_ROWS, MOST_COLUMNS, MOST_CELLS, MOST_CHARACTERS))],
            input=data,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _too_large() from None
    if child.returncode:
        raise _refusal(child.returncode, child.stderr[-2000:].lower())
    found: list[Any] = marshal.loads(child.stdout)  # noqa: S302 -- of our own child, plain values only
    return tuple(Sheet(name, _cells(rows, errors, moments), hidden) for name, hidden, rows, errors, moments in found)


def _refusal(status: int, told: bytes) -> TraceError:
    """Return why a workbook could not be opened: a signal ends who takes too much memory or time."""
    if status == TOO_LONG:
        return FileTooLongError(rows=MOST_ROWS, columns=MOST_COLUMNS)
    if status == TOO_LARGE or status < 0 or b"memoryerror" in told:
        return _too_large()
    return WorkbookLockedError() if b"password" in told else WorkbookUnreadableError()


_MOMENTS: Mapping[str, Any] = {"d": date.fromisoformat, "m": datetime.fromisoformat, "t": time.fromisoformat}


def _cells(
    rows: list[list[Any]], errors: list[tuple[int, int]], moments: list[tuple[int, int, str]]
) -> list[list[Cell]]:
    """Return the rows of a sheet with numbers as decimals, days and moments as such, errors where they stand."""
    for row, column, kind in moments:
        rows[row][column] = _MOMENTS[kind](rows[row][column])
    for row, column in errors:
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = CellError("#")
    numbers: dict[float, Decimal] = {}
    for cells in rows:
        for place, cell in enumerate(cells):
            if type(cell) is bool:
                cells[place] = "TRUE" if cell else "FALSE"  # equal to no number
            elif type(cell) is float or type(cell) is int:
                known = numbers.get(cell)
                if known is None:
                    known = numbers[cell] = _shown(cell)
                cells[place] = known
    return rows


def _shown(number: float) -> Decimal:
    """Return a number as a spreadsheet shows it: with 15 digits at most, and no trace of how it is kept."""
    found = Decimal(format(number, ".15g"))
    return found.quantize(Decimal(1)) if found == found.to_integral_value() and abs(found) < 10**15 else found
