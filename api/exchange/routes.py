"""`/v1/exchange/…`: each register out (`GET`), its empty form (`…/template`), and in (`POST`), a dry run first.

`POST /v1/exchange` takes a workbook with a sheet for each of several registers, named by them.
"""

import contextlib
import gc
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus

from flask import Response, g, jsonify
from flask.views import MethodView
from marshmallow import Schema

from api.auth import open_to, open_to_all
from api.catalogue import LANGUAGES
from api.exchange.answers import (
    CSV,
    EnteredQuery,
    ReportSchema,
    WrittenQuery,
    answer_sheet,
    own_sheet,
    placed,
    report_of,
    shown_sheets,
    takes,
    uploaded,
)
from api.exchange.entering import enter_sheets
from api.exchange.reading import read_register
from api.exchange.registers import REGISTERS, Register
from api.exchange.writing import example_rows, labels_of, rows_of, sheet_name, sheet_of
from api.languages import language
from api.openapi import Blueprint
from api.paging import filters_of
from api.state import current_state
from api.workbooks import MEDIA_TYPE
from trace.accounts import Role
from trace.errors import InvalidError
from trace.exchange import Book, Sheet, SheetUnknownError
from trace.records import iterate_records

blueprint = Blueprint("exchange", __name__, url_prefix="/v1/exchange", description="表格进出 · exchange")
_REPORT = ReportSchema()


def _names(register: Register) -> list[str]:
    """Return what a sheet of a register may be called."""
    catalogue = current_state().catalogue
    return [register.name, *(sheet_name(catalogue, register, spoken) for spoken in LANGUAGES)]


def _sheets_of(book: Book, register: Register | None) -> list[tuple[Register, Sheet]]:
    """Return the sheets to read, with their registers, in the order of these. Raises `SheetUnknownError`."""
    if register is not None:
        return [(register, own_sheet(book, _names(register)))]
    named = {name.casefold(): one for one in REGISTERS.values() for name in _names(one)}
    shown = shown_sheets(book)
    unknown = [sheet.name for sheet in shown if sheet.name.strip().casefold() not in named]
    if unknown:
        raise SheetUnknownError(sheets=unknown)
    order = list(REGISTERS)
    known = [(named[sheet.name.strip().casefold()], sheet) for sheet in shown]
    return sorted(known, key=lambda pair: order.index(pair[0].name))


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no cycles meanwhile: a long file is hundreds of thousands of values that all live until it is done."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_uncollected()
def _enter(register: Register | None, *, dry: bool) -> Response:
    """Check a file, and unless it is a dry run enter it: all of it or nothing. Raises `InvalidError`."""
    catalogue, book = current_state().catalogue, uploaded()
    readings = [read_register(one, sheet, labels_of(catalogue, one)) for one, sheet in _sheets_of(book, register)]
    with _trial(keep=not dry):
        enter_sheets(g.session, g.caller, readings, dry=dry)
    faults = sorted(
        (fault for reading in readings for fault in reading.faults), key=lambda one: (one.row, one.place or 0)
    )
    if faults and not dry:
        raise InvalidError([placed(fault) for fault in faults])
    report = report_of(readings, faults, dry=dry)
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
    return answer_sheet(sheet, query, register.name)


def _streamed(register: Register, filters: Mapping[str, str]) -> Iterator[Sequence[object]]:
    """Yield the lines of a register from a session of its own, which lasts as long as they are read."""
    sessions, caller = g.sessions, g.caller

    def lines() -> Iterator[Sequence[object]]:
        with sessions() as session:
            records = iterate_records(session, caller, register.noun, filters)
            yield from rows_of(register.form, (register.tell(record) for record in records))

    return lines()


def _views_for(register: Register) -> tuple[type[MethodView], type[MethodView]]:
    """Return the views of a register: itself, and its empty form."""
    query: type[Schema] = type(
        f"{register.name.title().replace('-', '')}WrittenQuery", (WrittenQuery,), filters_of(register.noun)
    )

    class Written(MethodView):
        """A register."""

        @open_to_all
        @blueprint.arguments(query, location="query", error_status_code=400)
        @blueprint.files(MEDIA_TYPE, CSV)
        def get(self, asked: dict[str, str]) -> Response:
            """Write every record the caller may read, as a workbook or a table of text."""
            return _write(register, asked)

        @open_to(*register.roles)
        @blueprint.arguments(EnteredQuery, location="query", error_status_code=400)
        @takes(blueprint, ReportSchema)
        def post(self, asked: dict[str, str]) -> Response:
            """Check a workbook or a table of text, and enter all of it unless it is a dry run."""
            return _enter(register, dry=asked["dry_run"] == "true")

    class Template(MethodView):
        """The empty form of a register."""

        @open_to_all
        @blueprint.arguments(WrittenQuery, location="query", error_status_code=400)
        @blueprint.files(MEDIA_TYPE, CSV)
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
    @takes(blueprint, ReportSchema)
    def post(self, asked: dict[str, str]) -> Response:
        """Check a workbook of several registers, and enter all of it unless it is a dry run."""
        return _enter(None, dry=asked["dry_run"] == "true")


for _register in REGISTERS.values():
    _written, _template = _views_for(_register)
    blueprint.route(f"/{_register.name}")(_written)
    blueprint.route(f"/{_register.name}/template")(_template)
