"""Open a workbook that comes in by standard input, and write its cells to standard output, as a process of its own.

Nothing of the project is needed here. Memory and time are limited before the first foreign byte is looked at; how much
may be in a workbook is told on the command line (rows, columns, cells, characters), and one with more ends here, so
that who reads the answer needs no more memory. Cells that hold an error (`#REF!`) read as empty in the library; in
Office Open XML they are found where they are marked.
"""

import gc
import io
import marshal
import re
import resource
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree import ElementTree as Tree

_BYTES, _SECONDS = 1_500_000_000, 50
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_ERROR = re.compile(rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]{1,3})([0-9]{1,7})"')


TOO_LONG, TOO_LARGE = 3, 4  # exit statuses


class _Room:
    """How much may still be in a workbook."""

    def __init__(self, rows: int, columns: int, cells: int, characters: int) -> None:
        self.rows, self.columns, self.cells, self.characters = rows, columns, cells, characters

    def take_size(self, end: tuple[int, int] | None) -> None:
        """Take what a sheet says of its size, up to its last cell with a value."""
        height, width = (end[0] + 1, end[1] + 1) if end else (0, 0)
        self.rows -= height
        self.cells -= height * width
        if self.rows < 0 or width > self.columns:
            sys.exit(TOO_LONG)
        if self.cells < 0:
            sys.exit(TOO_LARGE)

    def take_text(self, text: str) -> None:
        """Take the text of a cell."""
        self.characters -= len(text)
        if self.characters < 0:
            sys.exit(TOO_LARGE)


def _sheets(data: bytes, room: _Room) -> list[Any]:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 -- after the limits

    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    errors = _errors(data)
    found = []
    for meta in book.sheets_metadata:
        if "WorkSheet" not in str(meta.typ):
            continue
        sheet = book.get_sheet_by_name(meta.name)
        room.take_size(sheet.end)
        rows = sheet.to_python(skip_empty_area=False)
        moments = _plain(rows, room)
        while rows and not any(cell is not None for cell in rows[-1]):
            rows.pop()
        found.append((meta.name, not str(meta.visible).endswith(".Visible"), rows, errors.get(meta.name, []), moments))
    return found


def _plain(rows: list[list[Any]], room: _Room) -> list[tuple[int, int, str]]:
    """Turn days and moments into text, and say where they stand."""
    moments = []
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            kind = type(cell)
            if kind is str:
                if cell:
                    room.take_text(cell)
                else:
                    row[place] = None
            elif kind is not float and kind is not int and kind is not bool:
                told = _moment(cell)
                row[place] = told[1]
                if told[0] and number < len(rows):
                    moments.append((number, place, told[0]))
    return moments


def _moment(cell: Any) -> tuple[str, Any]:
    if isinstance(cell, datetime):
        return "m", cell.isoformat()
    if isinstance(cell, date):
        return "d", cell.isoformat()
    if isinstance(cell, time):
        return "t", cell.isoformat()
    return ("", str(cell)) if isinstance(cell, timedelta) else ("", None)


def _errors(data: bytes) -> dict[str, list[tuple[int, int]]]:
    """Return by sheet the cells that hold an error, where the file is Office Open XML."""
    with zipfile.ZipFile(io.BytesIO(data)) if data[:2] == b"PK" else zipfile.ZipFile(io.BytesIO(), "w") as archive:
        if "xl/workbook.xml" not in archive.namelist():
            return {}
        targets = {
            one.get("Id"): str(one.get("Target"))
            for one in Tree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 -- within the limits
        }
        found = {}
        for sheet in Tree.fromstring(archive.read("xl/workbook.xml")).iter(f"{_MAIN}sheet"):  # noqa: S314 -- likewise
            target = targets.get(sheet.get(f"{_OFFICE}id"), "")
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            text = archive.read(path) if path in archive.namelist() else b""
            if b't="e"' in text:
                found[str(sheet.get("name"))] = [
                    (int(row) - 1, _place(letters)) for letters, row in _ERROR.findall(text)
                ]
        return found


def _place(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place - 1


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.disable()  # all that is made lives until the end
    sys.stdout.buffer.write(marshal.dumps(_sheets(sys.stdin.buffer.read(), _Room(*map(int, sys.argv[1:])))))
