"""`/v1/paper-forms`: numbered blank forms to print and fill in by hand; which are open, used and void."""

from collections.abc import Sequence
from typing import Any

from flask import Response, g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import acts, writes
from api.fields import Body, Code, Text, Whole, Word
from api.moments import Noted
from api.openapi import Blueprint
from api.papers import PDF, send_paper
from api.shown import shown
from trace.accounts import Role
from trace.entries.paper_forms import EnterForms, enter_forms, enter_void
from trace.nouns import FORM_RUNS, PAPER_FORMS
from trace.nouns.paper_forms import numbers_of
from trace.paper_forms import MOST, FormKind, PaperForm, PaperFormRun
from trace.records import Page, Record, get_record

blueprint = Blueprint("paper-forms", __name__, url_prefix="/v1/paper-forms", description="纸质表 · paper forms")
runs = Blueprint("form-runs", __name__, url_prefix="/v1/form-runs", description="纸质表批 · runs of paper forms")
_WRITERS = (Role.OPERATOR, Role.COOP, Role.BROKER, Role.PLANT)


class EnterFormsSchema(Body):
    """A run of blank forms: for pickings, uses of inputs or intakes."""

    EXAMPLE = {"kind": "pickings", "count": 20}  # noqa: RUF012 -- shown, never changed

    party = Code(60, metadata={"description": "为谁印表，默认本单位。For whom; the caller's own party by default."})
    kind = Word(FormKind, required=True)
    count = Whole(1, MOST, required=True)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterForms:
        """Return the typed command."""
        return EnterForms(**data)


class FormRunSchema(Schema):
    """A run of forms, with the numbers of its first and last."""

    code = fields.String()
    party = fields.String(attribute="owner")
    entered_by = fields.String(allow_none=True)
    kind = fields.String()
    count = fields.Integer()
    first = shown(lambda run: numbers_of(run)[0])
    last = shown(lambda run: numbers_of(run)[-1])
    issued_at = Noted()


class FormUseSchema(Schema):
    """A line of a form that was typed in."""

    line = fields.Integer()
    record = fields.String()
    written_by = fields.String(allow_none=True)
    used_at = Noted()


class PaperFormSchema(Schema):
    """A form: open, used by the records that stand on its lines, or void with a reason."""

    code = fields.String()
    party = fields.String()
    kind = fields.String()
    run = fields.String()
    state = fields.String()
    uses = fields.List(fields.Nested(FormUseSchema))
    void_reason = fields.String(allow_none=True)
    voided_at = Noted(allow_none=True)
    issued_at = Noted()


class FormVoidSchema(Body):
    """Why a form will not be typed in: lost, spoiled."""

    EXAMPLE = {"reason": "淋湿，字迹不清"}  # noqa: RUF012 -- shown, never changed

    party = Code(60)
    reason = Text(200, required=True)

    @post_load
    def values(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Return what is said."""
        return data


@blueprint.route("")
class PaperForms(MethodView):
    """Paper forms."""

    @open_to_all
    @blueprint.arguments(paging.query_for(PAPER_FORMS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(PAPER_FORMS, PaperFormSchema))
    def get(self, page: Page) -> paging.Answer:
        """List forms, open, used and void."""
        return paging.answer(PAPER_FORMS, page)

    @open_to(*_WRITERS)
    @writes(blueprint, FORM_RUNS, EnterFormsSchema, FormRunSchema, at="/v1/form-runs")
    def post(self, records: Sequence[EnterForms]) -> list[PaperFormRun]:
        """Issue runs of forms: one, or several in an array."""
        return enter_forms(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OnePaperForm(MethodView):
    """One paper form."""

    @open_to_all
    @blueprint.response(200, PaperFormSchema)
    def get(self, code: str) -> Record:
        """Return one form by its number."""
        return get_record(g.session, g.caller, PAPER_FORMS, code)


@blueprint.route("/<path:code>/voids")
class Voids(MethodView):
    """Forms declared void."""

    @open_to(*_WRITERS)
    @acts(blueprint, PAPER_FORMS, FormVoidSchema, PaperFormSchema)
    def post(self, record: Record, body: dict[str, Any]) -> PaperForm:
        """Declare a form lost or spoiled."""
        return enter_void(g.session, g.caller, record, body["reason"])


@runs.route("")
class FormRuns(MethodView):
    """Runs of forms."""

    @open_to_all
    @runs.arguments(paging.query_for(FORM_RUNS), location="query", error_status_code=400)
    @runs.response(200, paging.page_of(FORM_RUNS, FormRunSchema))
    def get(self, page: Page) -> paging.Answer:
        """List runs of forms."""
        return paging.answer(FORM_RUNS, page)


@runs.route("/<path:code>")
class OneFormRun(MethodView):
    """One run of forms."""

    @open_to_all
    @runs.response(200, FormRunSchema)
    def get(self, code: str) -> Record:
        """Return one run by `CODE` or `PARTY/CODE`."""
        return get_record(g.session, g.caller, FORM_RUNS, code)


@runs.route("/<path:code>/print")
class FormRunPrint(MethodView):
    """The sheets of a run."""

    @open_to_all
    @runs.files(PDF)
    def get(self, code: str) -> Response:
        """Print the sheets of a run on A4, one page each; the same numbers however often."""
        from api.form_values import form_values  # noqa: PLC0415 -- drawing is heavy
        from labels.documents.form import draw_forms  # noqa: PLC0415 -- likewise

        run = get_record(g.session, g.caller, FORM_RUNS, code)
        values = form_values(g.session, run)
        return send_paper({}, run["code"], lambda paper: draw_forms(paper, values))
