"""`/v1/exchange/…`: each register out (`GET`), its empty form (`…/template`), and in (`POST`), a dry run first.

`POST /v1/exchange` takes a workbook with a sheet for each of several registers, named by them.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Response, g, jsonify, request
from flask.views import MethodView
from marshmallow import Schema, fields, validate

from api.auth import open_to, open_to_all
from api.bodies import REPEAT_HEADER
from api.catalogue import LANGUAGES
from api.exchange.entering import enter_sheets
from api.exchange.reading import REMARK, Reading, SheetFault, read_register
from api.exchange.registers import REGISTERS, Register
from api.exchange.writing import Encoding, example_rows, labels_of, rows_of, sheet_name, sheet_of, table_of
from api.languages import language
from api.openapi import Blueprint
from api.paging import filters_of
from api.problems import PlacedFault
from api.state import current_state
from api.workbooks import MEDIA_TYPE, answer_workbook
from trace.accounts import Role
from trace.errors import InvalidError
from trace.exchange import Book, FileEmptyError, Sheet, SheetUnknownError, read_file
from trace.records import iterate_records

blueprint = Blueprint("exchange", __name__, url_prefix="/v1/exchange", description="表格进出 · exchange")
_CSV = "text/csv"
_FILE = {"schema": {"type": "string", "format": "binary"}}
_OUT = {MEDIA_TYPE: _FILE, _CSV: _FILE}
_FORM = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"]}
_IN = {"multipart/form-data": {"schema": _FORM}, MEDIA_TYPE: _FILE, _CSV: _FILE}
_REFUSED = (400, 401, 403, 409, 413, 422, 429)


class WrittenQuery(Schema):
    """How a register is written."""

    error_messages = {"unknown": "unknown-parameter"}  # noqa: RUF012 -- declared by marshmallow

    format = fields.String(load_default="xlsx", validate=validate.OneOf(["xlsx", "csv"], error="not-allowed"))
    encoding = fields.String(
        load_default=Encoding.UTF_8.value,
        validate=validate.OneOf([one.value for one in Encoding], error="not-allowed"),
    )


class EnteredQuery(Schema):
    """Whether what comes in is only to be checked."""

    error_messages = {"unknown": "unknown-parameter"}  # noqa: RUF012 -- declared by marshmallow

    dry_run = fields.String(load_default="false", validate=validate.OneOf(["true", "false"], error="not-allowed"))


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


_REPORT = ReportSchema()


def _uploaded() -> Book:
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


def _named(sheet: Sheet) -> Register | None:
    """Return the register that a sheet is named by."""
    catalogue = current_state().catalogue
    for register in REGISTERS.values():
        if sheet.name.strip().casefold() in {
            register.name,
            *(sheet_name(catalogue, register, spoken).casefold() for spoken in LANGUAGES),
        }:
            return register
    return None


def _sheets_of(book: Book, register: Register | None) -> list[tuple[Register, Sheet]]:
    """Return the sheets to read: of one register its own, or the only one there is. Raises `SheetUnknownError`."""
    shown = [
        sheet
        for sheet in book.sheets
        if not sheet.hidden and not sheet.name.startswith(REMARK) and any(any(row) for row in sheet.rows)
    ]
    if not shown:
        raise FileEmptyError
    if register is not None:
        own = [sheet for sheet in shown if _named(sheet) is register] or (shown if len(shown) == 1 else [])
        if len(own) != 1:
            raise SheetUnknownError(sheets=[sheet.name for sheet in shown])
        return [(register, own[0])]
    named = [(_named(sheet), sheet) for sheet in shown]
    unknown = [sheet.name for found, sheet in named if found is None]
    if unknown:
        raise SheetUnknownError(sheets=unknown)
    order = list(REGISTERS)
    known = [(found, sheet) for found, sheet in named if found is not None]
    return sorted(known, key=lambda pair: order.index(pair[0].name))


def _enter(register: Register | None, *, dry: bool) -> Response:
    """Check a file, and unless it is a dry run enter it: all of it or nothing. Raises `InvalidError`."""
    catalogue, book = current_state().catalogue, _uploaded()
    readings = [read_register(one, sheet, labels_of(catalogue, one)) for one, sheet in _sheets_of(book, register)]
    with _trial(keep=not dry):
        enter_sheets(g.session, g.caller, readings, dry=dry)
    faults = sorted(
        (fault for reading in readings for fault in reading.faults), key=lambda one: (one.row, one.place or 0)
    )
    if faults and not dry:
        raise InvalidError([_placed(fault) for fault in faults])
    report = _report(readings, faults, dry=dry)
    answer = jsonify(_REPORT.dump({**report, "encoding": book.encoding}))
    answer.status_code = HTTPStatus.OK if dry or not report["new"] else HTTPStatus.CREATED
    answer.headers["Content-Language"] = language()
    return answer


@contextlib.contextmanager
def _trial(*, keep: bool) -> Iterator[None]:
    """Let what is written inside stay, or take it back."""
    trial = g.session.begin_nested()
    yield
    if keep:
        trial.commit()
    else:
        trial.rollback()


def _report(readings: Sequence[Reading], faults: Sequence[SheetFault], *, dry: bool) -> dict[str, Any]:
    sheets = [
        {
            "sheet": reading.sheet.name,
            "register": reading.register.name,
            "rows": len(reading.entries),
            "new": reading.new,
            "same": reading.same,
        }
        for reading in readings
    ]
    sums = {name: sum(sheet[name] for sheet in sheets) for name in ("rows", "new", "same")}  # type: ignore[misc]  # counts
    spoken, catalogue = language(), current_state().catalogue
    errors = [
        {
            **_place(fault),
            "code": fault.fault.code,
            "detail": catalogue.sentence(fault.fault.code, fault.fault.facts, spoken),
        }
        for fault in faults
    ]
    return {**sums, "dry_run": dry, "sheets": sheets, "errors": errors}


def _place(fault: SheetFault) -> dict[str, Any]:
    return {
        "sheet": fault.sheet,
        "row": fault.row,
        "column": fault.letters,
        "header": fault.column,
        "value": fault.value,
    }


def _placed(fault: SheetFault) -> PlacedFault:
    """Return a fault as a problem tells it: its path is that of the cell."""
    cell = f"{fault.sheet}!{fault.letters or ''}{fault.row}"
    return PlacedFault(path=cell, code=fault.fault.code, facts=fault.fault.facts, place=_place(fault))


def _write(register: Register, query: Mapping[str, str], *, template: bool = False) -> Response:
    """Answer with a register, or with its empty form and an example in it."""
    state, spoken = current_state(), language()
    filters = {name: value for name, value in query.items() if name not in {"format", "encoding"}}
    if template:
        rows = example_rows(state.catalogue, register, spoken)
    elif query["format"] == "xlsx":
        records = iterate_records(g.session, g.caller, register.noun, filters)
        rows = rows_of(register.form, (register.tell(record) for record in records))
    else:
        rows = _streamed(register, filters)
    sheet = sheet_of(state.catalogue, register, rows, spoken)
    if query["format"] == "xlsx":
        return answer_workbook([sheet], register.name)
    encoding = Encoding(query["encoding"])
    answer = Response(table_of(sheet, encoding), content_type=f"{_CSV}; charset={encoding}")
    answer.headers["Content-Disposition"] = f'attachment; filename="{register.name}.csv"'
    return answer


def _streamed(register: Register, filters: Mapping[str, str]) -> Iterator[Sequence[object]]:
    """Yield the lines of a register from a session of its own, which lasts as long as they are read."""
    state, caller = current_state(), g.caller

    def lines() -> Iterator[Sequence[object]]:
        with state.sessions.read() as session:
            records = iterate_records(session, caller, register.noun, filters)
            yield from rows_of(register.form, (register.tell(record) for record in records))

    return lines()


def _takes(view: Any) -> Any:
    """Describe a write of a file."""
    for code in _REFUSED:
        view = blueprint.alt_response(code, HTTPStatus(code).name)(view)
    done = {"description": "Created", "content": {"application/json": {"schema": ReportSchema}}}
    parts = {"requestBody": {"required": True, "content": _IN}, "parameters": [REPEAT_HEADER]}
    return blueprint.doc(**parts, responses={"201": done})(blueprint.response(200, ReportSchema)(view))


def _gives(view: Any) -> Any:
    """Describe an answer that is a file."""
    documented = blueprint.response(200, description="OK")(view)
    return blueprint.doc(responses={"200": {"description": "OK", "content": _OUT}})(documented)


def _views_for(register: Register) -> tuple[type[MethodView], type[MethodView]]:
    """Return the views of a register: itself, and its empty form."""
    query: type[Schema] = type(
        f"{register.name.title().replace('-', '')}WrittenQuery", (WrittenQuery,), filters_of(register.noun)
    )

    class Written(MethodView):
        """A register."""

        @open_to_all
        @blueprint.arguments(query, location="query", error_status_code=400)
        @_gives
        def get(self, asked: dict[str, str]) -> Response:
            """Write every record the caller may read, as a workbook or a table of text."""
            return _write(register, asked)

        @open_to(*register.roles)
        @blueprint.arguments(EnteredQuery, location="query", error_status_code=400)
        @_takes
        def post(self, asked: dict[str, str]) -> Response:
            """Check a workbook or a table of text, and enter all of it unless it is a dry run."""
            return _enter(register, dry=asked["dry_run"] == "true")

    class Template(MethodView):
        """The empty form of a register."""

        @open_to_all
        @blueprint.arguments(WrittenQuery, location="query", error_status_code=400)
        @_gives
        def get(self, asked: dict[str, str]) -> Response:
            """Write the columns with an example that is ignored when the form comes in."""
            return _write(register, asked, template=True)

    Written.__name__ = f"Exchange{register.name.title()}"
    Template.__name__ = f"ExchangeTemplate{register.name.title()}"
    return Written, Template


_WRITERS: frozenset[Role] = frozenset().union(*(register.roles for register in REGISTERS.values()))


@blueprint.route("")
class Workbook(MethodView):
    """Several registers at once."""

    @open_to(*_WRITERS)
    @blueprint.arguments(EnteredQuery, location="query", error_status_code=400)
    @_takes
    def post(self, asked: dict[str, str]) -> Response:
        """Check a workbook of several registers, and enter all of it unless it is a dry run."""
        return _enter(None, dry=asked["dry_run"] == "true")


for _register in REGISTERS.values():
    _written, _template = _views_for(_register)
    blueprint.route(f"/{_register.name}")(_written)
    blueprint.route(f"/{_register.name}/template")(_template)
