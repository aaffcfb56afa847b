"""What comes in and goes out under `/v1/exchange`: the file, its report, and how both are described."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flask import Response, request
from marshmallow import Schema, fields

from api.bodies import REPEAT_HEADER
from api.exchange.reading import REMARK, Reading, SheetFault
from api.exchange.writing import Encoding, table_of
from api.fields import Word
from api.languages import language
from api.openapi import Blueprint
from api.parameters import OneOf
from api.problems import PlacedFault
from api.state import current_state
from api.workbooks import MEDIA_TYPE, Sheet, answer_workbook
from trace import exchange
from trace.exchange import Book, FileEmptyError, SheetUnknownError, read_file

CSV = "text/csv"
_FILE = {"schema": {"type": "string", "format": "binary"}}
_FORM = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"]}
_IN = {"multipart/form-data": {"schema": _FORM}, MEDIA_TYPE: _FILE, CSV: _FILE}
_REFUSED = (400, 401, 403, 409, 413, 422, 429)


class WrittenQuery(Schema):
    """How a register is written."""

    error_messages = {"unknown": "unknown-parameter"}  # noqa: RUF012 -- declared by marshmallow

    format = fields.String(load_default="xlsx", validate=OneOf(["xlsx", "csv"]))
    encoding = Word(Encoding, load_default=Encoding.UTF_8)


class EnteredQuery(Schema):
    """Whether what comes in is only to be checked."""

    error_messages = {"unknown": "unknown-parameter"}  # noqa: RUF012 -- declared by marshmallow

    dry_run = fields.String(load_default="false", validate=OneOf(["true", "false"]))


class CellFaultSchema(Schema):
    """What is wrong in a cell."""

    sheet = fields.String(required=True)
    row = fields.Integer(required=True)
    column = fields.String(required=True, allow_none=True, metadata={"description": "列的字母。Its letters."})
    header = fields.String(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)
    value = fields.String(required=True, allow_none=True)


class SheetReportSchema(Schema):
    """What a sheet holds: new records, and those that are there already."""

    sheet = fields.String(required=True)
    register = fields.String(required=True)
    rows = fields.Integer(required=True)
    new = fields.Integer(required=True)
    same = fields.Integer(required=True)


class ReportSchema(SheetReportSchema):
    """What a file holds; `rows` counts records, `encoding` is that of a table of text."""

    class Meta:
        """The sheets say which they are."""

        exclude = ("sheet", "register")

    dry_run = fields.Boolean(required=True)
    encoding = fields.String(required=True, allow_none=True)
    sheets = fields.List(fields.Nested(SheetReportSchema), required=True)
    errors = fields.List(fields.Nested(CellFaultSchema), required=True)


def uploaded() -> Book:
    """Return the file that came in, as the body itself or as a part of a form."""
    name = ""
    if request.mimetype == "multipart/form-data":
        file = next(iter(request.files.values()), None)
        data = file.read() if file else b""
        name = (file.filename or "") if file else ""
    else:
        data = request.get_data()
    if not data:
        raise FileEmptyError
    return read_file(data, name)


def shown_sheets(book: Book) -> list[exchange.Sheet]:
    """Return the sheets to read: not the hidden or empty ones, nor remarks. Raises `FileEmptyError`."""
    shown = [
        sheet
        for sheet in book.sheets
        if not sheet.hidden and not sheet.name.startswith(REMARK) and any(any(row) for row in sheet.rows)
    ]
    if not shown:
        raise FileEmptyError
    return shown


def own_sheet(book: Book, names: Iterable[str]) -> exchange.Sheet:
    """Return the sheet that bears one of some names, or the only one there is. Raises `SheetUnknownError`."""
    shown, called = shown_sheets(book), {name.casefold() for name in names}
    own = [sheet for sheet in shown if sheet.name.strip().casefold() in called] or (shown if len(shown) == 1 else [])
    if len(own) != 1:
        raise SheetUnknownError(sheets=[sheet.name for sheet in shown])
    return own[0]


def report_of(readings: Sequence[Reading[Any]], faults: Sequence[SheetFault], *, dry: bool) -> dict[str, Any]:
    """Return what a file holds, and what is wrong with it in the language asked for."""
    sheets: list[dict[str, Any]] = [
        {
            "sheet": reading.sheet.name,
            "register": reading.register.name,
            "rows": len(reading.entries),
            "new": reading.new,
            "same": reading.same,
        }
        for reading in readings
    ]
    sums = {name: sum(sheet[name] for sheet in sheets) for name in ("rows", "new", "same")}
    spoken, catalogue = language(), current_state().catalogue
    errors = [
        {
            **place_of(fault),
            "code": fault.fault.code,
            "detail": catalogue.sentence(fault.fault.code, fault.fault.facts, spoken),
        }
        for fault in faults
    ]
    return {**sums, "dry_run": dry, "sheets": sheets, "errors": errors}


def place_of(fault: SheetFault) -> dict[str, Any]:
    """Return where a fault stands."""
    return {
        "sheet": fault.sheet,
        "row": fault.row,
        "column": fault.letters,
        "header": fault.column,
        "value": fault.value,
    }


def placed(fault: SheetFault) -> PlacedFault:
    """Return a fault as a problem tells it: its path is that of the cell."""
    cell = f"{fault.sheet}!{fault.letters or ''}{fault.row}"
    return PlacedFault(path=cell, code=fault.fault.code, facts=fault.fault.facts, place=place_of(fault))


def answer_sheet(sheet: Sheet, asked: Mapping[str, Any], name: str) -> Response:
    """Answer with a sheet, as the question asks for it: a workbook, or a table of text in an encoding."""
    if asked["format"] == "xlsx":
        return answer_workbook([sheet], name)
    answer = Response(table_of(sheet, asked["encoding"]), content_type=f"{CSV}; charset={asked['encoding']}")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def takes(blueprint: Blueprint, report: type[Schema]) -> Callable[[Any], Any]:
    """Describe a write of a file."""

    def decorate(view: Any) -> Any:
        view = blueprint.refuses(*_REFUSED)(view)
        done = {"description": "Created", "content": {"application/json": {"schema": report}}}
        parts = {"requestBody": {"required": True, "content": _IN}, "parameters": [REPEAT_HEADER]}
        return blueprint.doc(**parts, responses={"201": done})(blueprint.response(200, report)(view))

    return decorate
