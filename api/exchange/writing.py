"""Registers on their way out: a workbook, or a table of text in the encoding that a spreadsheet of the reader's opens.

The first line says the columns in words, the second as the interface calls them; reading takes either.
"""

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from itertools import chain

from api.catalogue import LANGUAGES, Catalogue
from api.exchange.reading import REMARK
from api.exchange.registers import Register
from api.exchange.slots import Columned, Form, Head
from api.exchange.values import UNITS_SHOWN, WORDS_SHOWN
from api.workbooks import Column, Sheet
from trace.clock import COUNTRY
from trace.exchange import escape_formula


class Encoding(StrEnum):
    """The encodings of tables of text."""

    UTF_8 = "utf-8"
    GB18030 = "gb18030"
    UTF_16 = "utf-16"


# The mark by which a spreadsheet knows the encoding, and what divides cells there: of UTF-16 it expects tabs.
_MARKS: Mapping[Encoding, tuple[bytes, str, str]] = {
    Encoding.UTF_8: (codecs.BOM_UTF8, "utf-8", ","),
    Encoding.GB18030: (b"", "gb18030", ","),
    Encoding.UTF_16: (codecs.BOM_UTF16_LE, "utf-16-le", "\t"),
}
_PLAIN = {shown: word for word, shown in {**UNITS_SHOWN, **WORDS_SHOWN}.items()}
_WIDE = 28  # characters of a column that holds several things, or long ones
_LONGEST_NAME = 31  # of a sheet
Row = Sequence[object]


def labels_of(catalogue: Catalogue, register: Columned) -> Callable[[str], list[str]]:
    """Return what the columns of a register may be called: by name, and in every language."""
    return lambda name: [name, *(label_of(catalogue, register, name, language) for language in LANGUAGES)]


def label_of(catalogue: Catalogue, register: Columned, name: str, language: str) -> str:
    """Return what a column is called in a language: `lots.mass` is 批次·重量."""
    for own in (f"exchange.column.{register.name}.{name}", f"exchange.column.{name}"):
        if catalogue.has(own, language):
            return catalogue.text(own, language)
    return "·".join(_word(catalogue, part, language) for part in name.split("."))


def _word(catalogue: Catalogue, part: str, language: str) -> str:
    code = f"exchange.column.{part}"
    return catalogue.text(code, language) if catalogue.has(code, language) else part


def sheet_name(catalogue: Catalogue, register: Columned, language: str) -> str:
    """Return the name of a register's sheet."""
    code = f"exchange.register.{register.name}"
    return (catalogue.text(code, language) if catalogue.has(code, language) else register.name)[:_LONGEST_NAME]


def sheet_of(catalogue: Catalogue, register: Columned, rows: Iterable[Row], language: str) -> Sheet:
    """Return the sheet of a register."""
    columns = [
        Column(
            header=f"{label_of(catalogue, register, head.name, language)}{' *' if head.required else ''}",
            kind=head.way.kind,
            width=_WIDE if head.way.hint in {"outline", "measured", "texts"} else None,
            name=head.name,
            note=_note(catalogue, head, language),
            choices=[_said(choice, head, language) for choice in head.choices],
        )
        for head in register.form.heads
    ]
    said = ([_told(cell, head, language) for cell, head in zip(row, register.form.heads, strict=True)] for row in rows)
    return Sheet(sheet_name(catalogue, register, language), columns, said)


def _note(catalogue: Catalogue, head: Head, language: str) -> str:
    """Return how a column is filled in."""
    parts = [
        catalogue.text("exchange.hint.required" if head.required else "exchange.hint.optional", language),
        catalogue.sentence(f"exchange.hint.{head.way.hint}", {"most": head.most}, language),
        catalogue.text("exchange.hint.lines", language) if head.in_lines else "",
    ]
    return "\n".join(part for part in parts if part)


def _said(choice: str, head: Head, language: str) -> str:
    return str(_told(head.way.write(choice), head, language))


def _told(cell: object, head: Head, language: str) -> object:
    """Return a cell in the words of a language: units, few words, yes and no are written in the reader's."""
    if language == "zh" or not isinstance(cell, str):
        return cell
    if head.way.hint == "flag":
        return "yes" if cell == "是" else "no"
    return _PLAIN.get(cell, cell) if head.way.hint in {"unit", "word"} else cell


def rows_of(form: Form, raws: Iterable[Mapping[str, object]]) -> Iterator[Row]:
    """Yield the lines of records, each told as its body."""
    for raw in raws:
        yield from form.write(raw)


def example_rows(catalogue: Catalogue, register: Register, language: str) -> Iterator[Row]:
    """Yield the lines of an example, marked as one, so that nobody enters it."""
    example: Mapping[str, object] = register.body.EXAMPLE  # type: ignore[attr-defined]  # every body has one
    for line in register.form.write(example):
        yield [f"{REMARK} {catalogue.text('exchange.hint.example', language)}", *line[1:]]


def table_of(sheet: Sheet, encoding: Encoding) -> Iterator[bytes]:
    """Yield a sheet as a table of text, line by line."""
    mark, codec, delimiter = _MARKS[encoding]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter)
    yield mark
    headers = ([column.header for column in sheet.columns], [column.name for column in sheet.columns])
    for row in chain(headers, sheet.rows):
        writer.writerow([_text(cell) for cell in row])
        yield buffer.getvalue().encode(codec)
        buffer.seek(0)
        buffer.truncate()


def _text(cell: object) -> str:
    """Return a cell as text that no spreadsheet takes for a formula."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return escape_formula(cell)
    if isinstance(cell, datetime):
        local = cell.astimezone(COUNTRY)
        return f"{local:%Y-%m-%d %H:%M:%S}" if local.second else f"{local:%Y-%m-%d %H:%M}"
    return cell.isoformat() if isinstance(cell, date) else str(cell)
