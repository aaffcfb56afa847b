"""`/v1/exchange/tables/{code}`: the tables that rules judge by, as a spreadsheet out and in.

A table comes in whole, as a new edition. One that says what the edition in force says is left alone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from http import HTTPStatus
from typing import Any

from flask import Response, g, jsonify
from flask.views import MethodView
from marshmallow import ValidationError, fields

from api.auth import open_to, open_to_all
from api.bodies import faults_in
from api.catalogue import LANGUAGES
from api.exchange import values
from api.exchange.answers import (
    CSV,
    EnteredQuery,
    ReportSchema,
    WrittenQuery,
    answer_sheet,
    own_sheet,
    placed,
    report_of,
    takes,
    uploaded,
)
from api.exchange.reading import Reading, read_register
from api.exchange.slots import Form, Head, Slot
from api.exchange.values import Way
from api.exchange.writing import labels_of, sheet_name, sheet_of
from api.languages import language
from api.openapi import Blueprint
from api.rule_tables import ReplaceSchema
from api.state import current_state
from api.workbooks import MEDIA_TYPE
from trace import clock
from trace.accounts import Role
from trace.errors import Fault, InvalidError
from trace.rule_tables import ReplaceTable, check_table, get_edition, get_shape, replace_table
from trace.rules.tables import SHAPES, Edition

blueprint = Blueprint(
    "exchange-tables", __name__, url_prefix="/v1/exchange/tables", description="规则表进出 · exchange of tables"
)
_CELL = Way(values.read_text, lambda raw: raw, hint="cell")
_PATH = re.compile(r"rows\[(\d+)\]\.(\w+)")  # of a fault of a row


@dataclass(frozen=True)
class TableForm:
    """The columns of a table, all of them text: digits stay as they were published."""

    name: str
    key: str
    form: Form
    schema: None = None  # a row is its texts

    def load(self, raw: Mapping[str, Any]) -> dict[str, str]:
        """Return a row."""
        return dict(raw)


@cache
def form_of_table(code: str) -> TableForm:
    """Return the columns of a table."""
    slots = []
    for column in SHAPES[code].all_columns:
        head = Head(column.name, _CELL, required=column.required)
        slots.append(Slot(name=column.name, path=column.name, way=_CELL, head=head))
    return TableForm(code, slots[0].name, Form(slots))


class TableWrittenQuery(WrittenQuery):
    """How a table is written, and which edition."""

    edition = fields.String(load_default=None)


class TableEnteredQuery(EnteredQuery):
    """What a new edition is called, from which day it counts, and where it stands; a dry run can do without."""

    edition, valid_from, source = fields.String(), fields.String(), fields.String()


class TableReportSchema(ReportSchema):
    """What a table holds; `gone` counts rows of the edition in force that it has no more."""

    gone = fields.Integer(required=True)


@blueprint.route("/<path:code>")
class ExchangedTable(MethodView):
    """One table."""

    @open_to_all
    @blueprint.arguments(TableWrittenQuery, location="query", error_status_code=400)
    @blueprint.files(MEDIA_TYPE, CSV)
    def get(self, asked: dict[str, Any], code: str) -> Response:
        """Write the edition in force, or the one named: to be changed and sent back."""
        edition = get_edition(g.session, code, label=asked["edition"])
        form = form_of_table(edition.table)
        rows = (line for row in edition.rows for line in form.form.write(row.cells))
        return answer_sheet(sheet_of(current_state().catalogue, form, rows, language()), asked, code)

    @open_to(Role.OPERATOR, Role.OFFICER)
    @blueprint.arguments(TableEnteredQuery, location="query", error_status_code=400)
    @takes(blueprint, TableReportSchema)
    def post(self, asked: dict[str, str], code: str) -> Response:
        """Check a table, and make it the new edition unless it is a dry run."""
        dry = asked.pop("dry_run") == "true"
        catalogue, form, book = current_state().catalogue, form_of_table(get_shape(code).name), uploaded()
        names = [form.name, *(sheet_name(catalogue, form, spoken) for spoken in LANGUAGES)]
        reading = read_register(form, own_sheet(book, names), labels_of(catalogue, form))
        gone = _compare(reading, get_edition(g.session, code))
        changed = bool(reading.new or gone)
        said = _read(asked, form.name, whole=changed and not dry)
        _check(reading, said)
        if not dry:
            _replace(reading, said, changed=changed)
        report = {**report_of([reading], reading.faults, dry=dry), "encoding": book.encoding, "gone": gone}
        answer = jsonify(_REPORT.dump(report))
        answer.status_code = HTTPStatus.CREATED if changed and not dry else HTTPStatus.OK
        answer.headers["Content-Language"] = language()
        return answer


_REPORT = TableReportSchema()


def _compare(reading: Reading[TableForm], edition: Edition) -> int:
    """Count the rows that the edition in force has and has not; return how many of its own are gone."""
    left = [dict(row.cells) for row in edition.rows]
    for entry in reading.entries:
        cells = {name: text.strip() for name, text in entry.found.items()}
        if cells in left:
            left.remove(cells)
            reading.same += 1
        elif not entry.faulty:
            reading.new += 1
    return len(left)


def _read(asked: Mapping[str, str], table: str, *, whole: bool) -> ReplaceTable:
    """Return the edition that is asked for, still without rows. Raises `InvalidError`."""
    anything = {"edition": "?", "valid_from": clock.today().isoformat(), "source": "?"}
    try:
        said = ReplaceSchema().load({**({} if whole else anything), **asked, "rows": []})
    except ValidationError as error:
        raise InvalidError(list(faults_in(error.messages, ""))) from None
    return ReplaceTable(table=table, **said)


def _check(reading: Reading[TableForm], said: ReplaceTable) -> None:
    """Tell every fault of the rows. Raises `InvalidError` for what concerns the edition."""
    sound = [entry for entry in reading.entries if not entry.faulty]
    if not sound:
        return
    try:
        check_table(g.session, replace(said, rows=[entry.found for entry in sound]))
    except InvalidError as error:
        for fault in error.faults:
            found = _PATH.fullmatch(fault.path)
            if not found:
                raise
            reading.refuse_field(sound[int(found[1])], Fault(found[2], fault.code, fault.facts))


def _replace(reading: Reading[TableForm], said: ReplaceTable, *, changed: bool) -> None:
    """Enter a new edition, where there is anything new. Raises `InvalidError` with every fault."""
    if reading.faults:
        raise InvalidError([placed(fault) for fault in reading.faults])
    if changed:
        rows = [entry.found for entry in reading.entries]
        replace_table(g.session, g.caller, replace(said, rows=rows))
