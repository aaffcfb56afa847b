"""`/v1/registers/…`: what a party took in and gave out (food law, art. 50 and 51), and what was done on its land.

As pages for programs; whole as a workbook, with a sheet of what is missing, or as CSV.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any

from flask import Response, g
from flask.views import MethodView
from marshmallow import Schema, ValidationError, fields, post_load, validate
from sqlalchemy.orm import Session

from api import paging
from api.auth import open_to_all
from api.exports import MEDIA_TYPES, Form, write_csv
from api.fields import EARLIEST, Day, Measure, Word
from api.languages import language
from api.openapi import Blueprint
from api.parameters import OneOf
from api.speech import Speech, column
from api.state import current_state
from api.workbooks import MEDIA_TYPE, Column, Kind, Sheet, answer_workbook
from trace import clock
from trace.growing_register import Doing, iterate_growing, list_growing
from trace.records import Page
from trace.registers import Direction, Entry, Span, get_party, iterate_entries, list_entries

blueprint = Blueprint("registers", __name__, url_prefix="/v1/registers", description="进销台账 · registers")
_LISTED = 20_000  # lines with something missing, named in the workbook


class EntrySchema(Schema):
    """One line of a register; `missing` names what the law asks for and nobody recorded."""

    date = fields.Date(attribute="day")
    record = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    spec = fields.String(allow_none=True)
    mass_g = fields.Integer()
    units = fields.Integer(allow_none=True)
    lot = fields.String()
    made_on = fields.Date(allow_none=True)
    shelf_life_months = fields.Integer(allow_none=True)
    best_before = fields.Date(allow_none=True)
    certificate = fields.String(allow_none=True)
    party = fields.String(allow_none=True)
    party_name = fields.String(allow_none=True)
    address = fields.String(allow_none=True)
    contact = fields.String(allow_none=True)
    missing = fields.List(fields.String())


class RegisterPage(Schema):
    """A page of a register, oldest first."""

    items = fields.List(fields.Nested(EntrySchema), required=True)
    next = fields.String(required=True, allow_none=True)


class GrowingEntrySchema(Schema):
    """A line of the register of growing; `missing` names what the law asks for and nobody recorded."""

    date = fields.Date(attribute="day")
    doing = Word(Doing)
    record = fields.String()
    plot = fields.String()
    village = fields.String()
    name = fields.String()
    kind = fields.String(allow_none=True)
    registration = fields.String(allow_none=True)
    maker = fields.String(allow_none=True)
    maker_code = fields.String(allow_none=True)
    source = fields.String(allow_none=True)
    target = fields.String(allow_none=True)
    dilution = Measure(allow_none=True)
    per_mu = Measure(allow_none=True)
    total = Measure(allow_none=True)
    unit = fields.String(allow_none=True)
    area_mu = Measure(allow_none=True)
    weather = fields.String(allow_none=True)
    interval_days = fields.Integer(allow_none=True)
    free_on = fields.Date(allow_none=True)
    pest = fields.String(allow_none=True)
    per_100_leaves = Measure(allow_none=True)
    decision = fields.String(allow_none=True)
    pluck_standard = fields.String(allow_none=True)
    mass_g = fields.Integer(allow_none=True)
    operator = fields.String(allow_none=True)
    missing = fields.List(fields.String())


class GrowingPage(Schema):
    """A page of the register of growing, oldest first."""

    items = fields.List(fields.Nested(GrowingEntrySchema), required=True)
    next = fields.String(required=True, allow_none=True)


@dataclass(frozen=True)
class Asked:
    """A register as it is asked for."""

    page: Page
    party: str
    from_on: date
    until_on: date
    form: str


class RegisterQuery(paging.PageQuery):
    """Whose register, from which day until and with which, and as what: `json` in pages, `xlsx` and `csv` whole."""

    party = fields.String(load_default=None, validate=validate.Length(1, 200, error="too-long"))
    from_ = Day(load_default=None, data_key="from")
    to = Day(load_default=None)
    format = fields.String(load_default="json", validate=OneOf(["json", "xlsx", "csv"]))

    @post_load
    def page(self, data: dict[str, Any], **_: Any) -> Asked:
        """Return the typed question."""
        party = data["party"] or (g.caller.party.code if g.caller.party else None)
        if party is None:
            raise ValidationError("missing-field", "party")
        from_on, until_on = data["from_"] or EARLIEST, data["to"] or clock.today()
        filters = {"party": party, "from": from_on.isoformat(), "to": until_on.isoformat()}
        page = super().page({**filters, "limit": data["limit"], "after": data["after"]})
        return Asked(page, party, from_on, until_on, data["format"])


@dataclass(frozen=True)
class Register:
    """A register: what it is called, its columns in the order of the law, how it is read and what a line lacks."""

    name: str
    page: type[Schema]
    columns: Sequence[tuple[str, Kind]]
    page_of: Callable[[Session, Span, int, int], tuple[list[Any], int | None]]
    whole_of: Callable[[Session, Span], Iterator[Any]]
    missing: Callable[[Any], list[str]]
    told_by: Sequence[str]  # the columns by which a line is known again where something is missing

    def column(self, speech: Speech, name: str, kind: Kind) -> Column:
        """Return a column, by the register's own word for it where it has one."""
        own = f"register.{self.name}.{name}"
        return column(speech.catalogue, own if speech.catalogue.has(f"column.{own}", "zh") else name, kind)

    def cells(self, entry: Any, speech: Speech) -> list[object]:
        """Return what stands in the columns of a line."""
        return [_cell(entry, name, speech) for name, _ in self.columns]


def _cell(entry: Any, name: str, speech: Speech) -> object:
    value = entry.mass_g if name == "mass_kg" else getattr(entry, name)
    return speech.word("what", value) if isinstance(value, StrEnum) else value


def _view_for(register: Register) -> type[MethodView]:
    class RegisterView(MethodView):
        """One register."""

        @open_to_all
        @blueprint.arguments(RegisterQuery, location="query", error_status_code=400)
        @blueprint.doc(responses={"200": {"content": {"application/json": {"schema": register.page}, **_FILES}}})
        @blueprint.response(200, register.page)
        def get(self, asked: Asked) -> paging.Answer | Response:
            """Return the register of a party, by default one's own."""
            party = get_party(g.session, g.caller, asked.party)
            span = Span(party.id, asked.from_on, asked.until_on)
            if asked.form == "json":
                entries, key = register.page_of(g.session, span, asked.page.limit, asked.page.after)
                return paging.present([_record(entry, register) for entry in entries], key, asked.page)
            name = f"{register.name}-{party.code}-{asked.from_on}-{asked.until_on}"
            speech = Speech(current_state().catalogue, language())
            if asked.form == "xlsx":
                return answer_workbook(_sheets(speech, register, register.whole_of(g.session, span)), name)
            return _csv(speech, register, span, name)

    RegisterView.__name__ = f"{register.name.title()}Register"
    return RegisterView


_FILE = {"schema": {"type": "string", "format": "binary"}}
_FILES = {MEDIA_TYPE: _FILE, "text/csv": _FILE}


def _record(entry: Any, register: Register) -> dict[str, Any]:
    return {**vars(entry), "missing": register.missing(entry)}


def _sheets(speech: Speech, register: Register, entries: Iterator[Any]) -> Iterator[Sheet]:
    """Yield the register, and below it what is missing: noted while the register is written."""
    lacking: list[list[object]] = []

    def rows() -> Iterator[Sequence[object]]:
        for number, entry in enumerate(entries, start=2):
            if (missing := register.missing(entry)) and len(lacking) < _LISTED:
                words = "、".join(register.column(speech, name, Kind.TEXT).header.split("\n")[0] for name in missing)
                lacking.append([number, *(_cell(entry, name, speech) for name in register.told_by), words])
            yield register.cells(entry, speech)

    text = speech.catalogue.text
    columns = [register.column(speech, name, kind) for name, kind in register.columns]
    yield Sheet(text(f"sheet.register.{register.name}", speech.language), columns, rows())
    kinds = {"row": Kind.WHOLE, **{name: _KINDS.get(name, Kind.TEXT) for name in register.told_by}}
    heads = [register.column(speech, name, kind) for name, kind in {**kinds, "missing": Kind.TEXT}.items()]
    yield Sheet(text("sheet.register.missing", speech.language), heads, lacking)


def _csv(speech: Speech, register: Register, span: Span, name: str) -> Response:
    """Stream a register as CSV, in a session of its own; heads are Chinese, masses in kilograms."""
    heads = [register.column(speech, one, kind).header.split("\n")[0] for one, kind in register.columns]
    sessions = g.sessions

    def rows() -> Iterator[dict[str, Any]]:
        with sessions() as session:
            for entry in register.whole_of(session, span):
                cells = zip(register.cells(entry, speech), register.columns, strict=True)
                yield dict(zip(heads, (_plain(value, kind) for value, (_, kind) in cells), strict=True))

    answer = Response(write_csv(rows(), heads), content_type=MEDIA_TYPES[Form.CSV])
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.csv")
    return answer


def _plain(value: Any, kind: Kind) -> Any:
    if kind is Kind.KILOGRAMS and value is not None:
        return f"{value // 1000}.{value % 1000:03}"
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, Decimal) else value


_KINDS = {"day": Kind.DAY}
_TRADED = (
    *(("name", Kind.TEXT), ("spec", Kind.TEXT), ("mass_kg", Kind.KILOGRAMS), ("units", Kind.WHOLE)),
    *(("made_on", Kind.DAY), ("lot", Kind.TEXT), ("shelf_life_months", Kind.WHOLE), ("best_before", Kind.DAY)),
    *(("certificate", Kind.TEXT), ("day", Kind.DAY), ("party_name", Kind.TEXT), ("party", Kind.TEXT)),
    *(("address", Kind.TEXT), ("contact", Kind.TEXT), ("record", Kind.TEXT)),
)
_GROWN = (
    *(("day", Kind.DAY), ("doing", Kind.TEXT), ("village", Kind.TEXT), ("plot", Kind.TEXT), ("name", Kind.TEXT)),
    *(("registration", Kind.TEXT), ("maker", Kind.TEXT), ("maker_code", Kind.TEXT), ("source", Kind.TEXT)),
    *(("target", Kind.TEXT), ("dilution", Kind.NUMBER), ("per_mu", Kind.NUMBER), ("total", Kind.NUMBER)),
    *(("unit", Kind.TEXT), ("area_mu", Kind.NUMBER), ("weather", Kind.TEXT), ("interval_days", Kind.WHOLE)),
    *(("free_on", Kind.DAY), ("pest", Kind.TEXT), ("per_100_leaves", Kind.NUMBER), ("decision", Kind.TEXT)),
    *(("pluck_standard", Kind.TEXT), ("mass_kg", Kind.KILOGRAMS), ("operator", Kind.TEXT), ("record", Kind.TEXT)),
)
REGISTERS = (
    *(
        Register(
            name=direction.value,
            page=RegisterPage,
            columns=_TRADED,
            page_of=partial(list_entries, direction),
            whole_of=partial(iterate_entries, direction),
            missing=partial(Entry.missing, direction=direction),
            told_by=("day", "lot", "party_name"),
        )
        for direction in Direction
    ),
    Register(
        name="growing",
        page=GrowingPage,
        columns=_GROWN,
        page_of=list_growing,
        whole_of=iterate_growing,
        missing=lambda entry: list(entry.missing),
        told_by=("day", "plot", "name"),
    ),
)
for _register in REGISTERS:
    blueprint.route(f"/{_register.name}")(_view_for(_register))
