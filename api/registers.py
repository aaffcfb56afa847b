"""`/v1/registers/…`: what a party took in and gave out, in the columns of the food law (art. 50 and 51).

As pages for programs; whole as a workbook, with a sheet of what is missing, or as CSV.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, g
from flask.views import MethodView
from marshmallow import Schema, ValidationError, fields, post_load, validate

from api import paging
from api.auth import open_to_all
from api.exports import MEDIA_TYPES, Form, write_csv
from api.fields import EARLIEST, Day
from api.languages import language
from api.openapi import Blueprint
from api.speech import Speech, column
from api.state import State, current_state
from api.workbooks import MEDIA_TYPE, Column, Kind, Sheet, answer_workbook
from trace import clock
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
    format = fields.String(load_default="json", validate=validate.OneOf(["json", "xlsx", "csv"], error="not-allowed"))

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


def _view_for(direction: Direction) -> type[MethodView]:
    class Register(MethodView):
        """One register."""

        @open_to_all
        @blueprint.arguments(RegisterQuery, location="query", error_status_code=400)
        @blueprint.doc(responses={"200": {"content": {"application/json": {"schema": RegisterPage}, **_FILES}}})
        @blueprint.response(200, RegisterPage)
        def get(self, asked: Asked) -> paging.Answer | Response:
            """Return the register of a party, by default one's own."""
            party = get_party(g.session, g.caller, asked.party)
            span = Span(party.id, asked.from_on, asked.until_on)
            if asked.form == "json":
                entries, key = list_entries(g.session, direction, span, asked.page.limit, asked.page.after)
                return paging.present([_record(entry, direction) for entry in entries], key, asked.page)
            name = f"{direction}-{party.code}-{asked.from_on}-{asked.until_on}"
            speech = Speech(current_state().catalogue, language())
            if asked.form == "xlsx":
                return answer_workbook(_sheets(speech, direction, iterate_entries(g.session, direction, span)), name)
            return _csv(current_state(), speech, direction, span, name)

    Register.__name__ = f"{direction.title()}Register"
    return Register


_FILE = {"schema": {"type": "string", "format": "binary"}}
_FILES = {"application/json": {"schema": RegisterPage}, MEDIA_TYPE: _FILE, "text/csv": _FILE}


def _record(entry: Entry, direction: Direction) -> dict[str, Any]:
    return {**vars(entry), "missing": entry.missing(direction)}


# In the order of the law; dates and parties bear the names that the register gives them.
_COLUMNS = (
    *(("name", Kind.TEXT), ("spec", Kind.TEXT), ("mass_kg", Kind.KILOGRAMS), ("units", Kind.WHOLE)),
    *(("made_on", Kind.DAY), ("lot", Kind.TEXT), ("shelf_life_months", Kind.WHOLE), ("best_before", Kind.DAY)),
    *(("certificate", Kind.TEXT), ("day", Kind.DAY), ("party_name", Kind.TEXT), ("party", Kind.TEXT)),
    *(("address", Kind.TEXT), ("contact", Kind.TEXT), ("record", Kind.TEXT)),
)


def _column(speech: Speech, direction: Direction, name: str, kind: Kind) -> Column:
    own = f"register.{direction}.{name}"
    return column(speech.catalogue, own if speech.catalogue.has(f"column.{own}", "zh") else name, kind)


def _cells(entry: Entry) -> list[object]:
    return [entry.mass_g if name == "mass_kg" else getattr(entry, name) for name, _ in _COLUMNS]


def _sheets(speech: Speech, direction: Direction, entries: Iterator[Entry]) -> Iterator[Sheet]:
    """Yield the register, and below it what is missing: noted while the register is written."""
    lacking: list[list[object]] = []

    def rows() -> Iterator[Sequence[object]]:
        for number, entry in enumerate(entries, start=2):
            if (missing := entry.missing(direction)) and len(lacking) < _LISTED:
                words = "、".join(_column(speech, direction, name, Kind.TEXT).header.split("\n")[0] for name in missing)
                lacking.append([number, entry.day, entry.lot, entry.party_name, words])
            yield _cells(entry)

    text = speech.catalogue.text
    columns = [_column(speech, direction, name, kind) for name, kind in _COLUMNS]
    yield Sheet(text(f"sheet.register.{direction}", speech.language), columns, rows())
    kinds = {"row": Kind.WHOLE, "day": Kind.DAY, "lot": Kind.TEXT, "party_name": Kind.TEXT, "missing": Kind.TEXT}
    heads = [_column(speech, direction, name, kind) for name, kind in kinds.items()]
    yield Sheet(text("sheet.register.missing", speech.language), heads, lacking)


def _csv(state: State, speech: Speech, direction: Direction, span: Span, name: str) -> Response:
    """Stream a register as CSV, in a session of its own; heads are Chinese, masses in kilograms."""
    heads = [_column(speech, direction, one, kind).header.split("\n")[0] for one, kind in _COLUMNS]

    def rows() -> Iterator[dict[str, Any]]:
        with state.sessions.read() as session:
            for entry in iterate_entries(session, direction, span):
                cells = [_plain(value, kind) for value, (_, kind) in zip(_cells(entry), _COLUMNS, strict=True)]
                yield dict(zip(heads, cells, strict=True))

    answer = Response(write_csv(rows(), heads), content_type=MEDIA_TYPES[Form.CSV])
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.csv")
    return answer


def _plain(value: Any, kind: Kind) -> Any:
    if kind is Kind.KILOGRAMS:
        return f"{value // 1000}.{value % 1000:03}"
    return value.isoformat() if isinstance(value, date) else value


for _direction in Direction:
    blueprint.route(f"/{_direction}")(_view_for(_direction))
