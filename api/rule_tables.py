"""`/v1/tables`: the dated, sourced tables that rules judge by; a new edition replaces one, and the former are kept."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from flask import Response, g, jsonify, request
from flask.views import MethodView
from marshmallow import Schema, fields, post_load, validate

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import document_write, read_body
from api.catalogue import LANGUAGES
from api.fields import Body, Day, Text, refusal
from api.moments import Noted
from api.openapi import Blueprint
from api.shown import OBJECT, shown
from api.state import current_state
from trace.accounts import Role
from trace.records import Page
from trace.rule_tables import ReplaceTable, get_edition, get_shape, load_tables, replace_table
from trace.rules.tables import SHAPES, Edition

blueprint = Blueprint("tables", __name__, url_prefix="/v1/tables", description="规则表 · tables of rules")

_NAMES = {"type": "object", "additionalProperties": {"type": "string"}}


def _names(scheme: str, name: str) -> dict[str, str]:
    """Return what people call a table or a column, by language."""
    catalogue = current_state().catalogue
    return {language: catalogue.text(f"{scheme}.{name}", language) for language in LANGUAGES}


class EditionSchema(Schema):
    """One edition of a table. The shipped one was always known: it has no moment and nobody entered it."""

    code = fields.String(attribute="table")
    names = shown(lambda edition: _names("table", edition.table), _NAMES)
    edition = fields.String(attribute="label")
    valid_from = fields.Date()
    source = fields.String()
    recorded_at = Noted(allow_none=True)
    recorded_by = fields.String(allow_none=True)
    row_count = shown(lambda edition: len(edition.rows), {"type": "integer"})


class ColumnSchema(Schema):
    """A column of a table: its name in rows, and its name for people."""

    name = fields.String()
    names = shown(lambda column: _names("table-column", column.name), _NAMES)
    required = fields.Boolean()


class TableSchema(EditionSchema):
    """A table, with its columns and the rows of one edition."""

    columns = shown(
        lambda edition: ColumnSchema(many=True).dump(SHAPES[edition.table].all_columns),
        {"type": "array", "items": OBJECT},
    )
    rows = shown(
        lambda edition: [dict(row.cells) for row in edition.rows],
        {"type": "array", "items": {"type": "object", "additionalProperties": {"type": "string"}}},
    )


class EditionsPage(Schema):
    """A page of editions."""

    items = fields.List(fields.Nested(EditionSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class TableQuery(Schema):
    """Which edition: by its name, or the one in force on a day."""

    error_messages = {"unknown": "unknown-parameter"}  # noqa: RUF012 -- declared by marshmallow

    on = Day(load_default=None)
    edition = fields.String(load_default=None, validate=validate.Length(1, 80, error="empty"))


class Cells(fields.Field[dict[str, str]]):
    """A row: the text of each column, numbers also as numbers; a column may be left out or empty."""

    described = {"type": "object", "additionalProperties": {"type": ["string", "number", "null"]}}  # noqa: RUF012

    default_error_messages = {"required": "missing-field", "null": "wrong-type"}  # noqa: RUF012 -- as declared

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> dict[str, str]:
        if not isinstance(value, Mapping):
            raise refusal("wrong-type", expected="object")
        return {str(name): _cell(one) for name, one in value.items() if one is not None}


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise refusal("wrong-type", expected="text")
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


class ReplaceSchema(Body):
    """A new edition of a table, whole."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "edition": "2027-01",
        "valid_from": "2027-01-01",
        "source": "打印中心损耗统计，2026 年",
        "rows": [{"stock": "*", "percent": "2.5", "confidence": "judgement", "source": "2026 年全年损耗 2.3%"}],
    }

    edition = Text(80, required=True)
    valid_from = Day(required=True)
    source = Text(600, required=True)
    rows = fields.List(Cells(), required=True, error_messages={"required": "missing-field", "invalid": "wrong-type"})

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Return what the command says, but for the table, which the address names."""
        return data


@blueprint.route("")
class Tables(MethodView):
    """Tables."""

    @open_to_all
    @blueprint.arguments(paging.PageQuery, location="query", error_status_code=400)
    @blueprint.response(200, EditionsPage)
    def get(self, page: Page) -> paging.Answer:
        """List the tables, each with the edition in force today."""
        return _page([get_edition(g.session, name) for name in sorted(SHAPES)], page)


@blueprint.route("/<path:code>")
class OneTable(MethodView):
    """One table."""

    @open_to_all
    @blueprint.arguments(TableQuery, location="query", error_status_code=400)
    @blueprint.response(200, TableSchema)
    def get(self, question: dict[str, Any], code: str) -> Edition:
        """Return the rows of a table: of the edition named, else of the one in force on a day, else today."""
        day: date | None = question["on"]
        return get_edition(g.session, code, on=day, label=question["edition"])


@blueprint.route("/<path:code>/editions")
class Editions(MethodView):
    """Editions of one table."""

    @open_to_all
    @blueprint.arguments(paging.PageQuery, location="query", error_status_code=400)
    @blueprint.response(200, EditionsPage)
    def get(self, page: Page, code: str) -> paging.Answer:
        """List every edition of a table, as they were entered; the shipped one is the first."""
        return _page(load_tables(g.session).editions[get_shape(code).name], page)

    @open_to(Role.OPERATOR, Role.OFFICER)
    @document_write(blueprint, ReplaceSchema, EditionSchema, many=False)
    def post(self, code: str) -> Response:
        """Replace a table by a new edition, whole. What was recorded before stays judged as it was."""
        command = ReplaceTable(table=get_shape(code).name, **read_body(ReplaceSchema()))
        replace_table(g.session, g.caller, command)
        response = jsonify(EditionSchema().dump(get_edition(g.session, code, label=command.edition)))
        response.status_code = HTTPStatus.CREATED
        table = request.path.removesuffix("/editions")
        response.headers["Location"] = f"{table}?{urlencode({'edition': command.edition})}"
        return response


def _page(editions: Sequence[Edition], page: Page) -> paging.Answer:
    """Return a part of a list that only grows at its end."""
    shown = list(editions[page.after : page.after + page.limit])
    more = page.after + len(shown)
    return paging.present(shown, more if more < len(editions) else None, page)  # type: ignore[arg-type]  # rows of any kind
