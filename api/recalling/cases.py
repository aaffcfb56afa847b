"""`/v1/recalls/{code}/steps`, `…/progress`, `…/reports`: how a case is run and ended; `/v1/recall-reports`."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from flask import Response, g, jsonify
from flask.views import MethodView
from marshmallow import Schema, fields, post_load
from sqlalchemy import select

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import document_write, read_body
from api.fields import Body, Text, Word
from api.moments import Noted
from api.openapi import Blueprint
from api.recalls import RecallSchema
from trace.entries.recall_scopes import find_case
from trace.entries.recalling import EnterReport, enter_report, enter_step, figures_of
from trace.nouns import RECALLS
from trace.nouns.recalling import RECALL_REPORTS
from trace.recalling.progress import find_progress
from trace.recalling.reports import ReportKind
from trace.recalls import RecallState, RecallStep
from trace.records import Page, Record, get_record, read_records

from .contacts import KEEPERS

blueprint = Blueprint("recall-reports", __name__, url_prefix="/v1", description="召回进展与报告 · recall reports")


class EnterRecallStepSchema(Body):
    """To which state a case comes, by whom."""

    EXAMPLE = {"state": "planned", "person": "王芳", "note": "召回计划已报县市场监管局"}  # noqa: RUF012

    state = Word(RecallState, required=True)
    person = Text(60, required=True)
    note = Text(400)


class RecallStepSchema(Schema):
    """A step that was taken."""

    state = Word(RecallState)
    person = fields.String()
    note = fields.String(allow_none=True)
    taken_at = Noted()


class RecallProgressSchema(Schema):
    """How far a recall is: `recovered` of `shipped`, by buyer and by product, and what is still open."""

    recall = fields.String()
    level = fields.Integer()
    state = fields.String()
    finish_by = fields.String()
    totals = fields.Dict(keys=fields.String(), values=fields.Integer())
    recovered_share = fields.Float()
    products = fields.List(fields.Dict(keys=fields.String()))
    buyers = fields.List(fields.Dict(keys=fields.String()))
    open_items = fields.List(fields.Dict(keys=fields.String()))
    steps = fields.List(fields.Nested(RecallStepSchema))


class EnterRecallReportSchema(Body):
    """A report; a final one wants cause and measures, and where units stay out, why."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "kind": "final",
        "person": "王芳",
        "cause": "吡虫啉残留超标",
        "measures": "追回产品全部焚烧；停用该农药",
        "unrecovered": "已被消费者饮用",
    }

    kind = Word(ReportKind, required=True)
    person = Text(60, required=True)
    cause = Text(400)
    measures = Text(1000)
    unrecovered = Text(400)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterReport:
        """Return the typed command."""
        return EnterReport(**data)


class RecallReportSchema(Schema):
    """A report, with the figures of the moment at which it was made."""

    code = fields.String()
    party = fields.String(attribute="owner")
    recall = fields.String()
    number = fields.Integer()
    kind = Word(ReportKind)
    person = fields.String()
    cause = fields.String(allow_none=True)
    measures = fields.String(allow_none=True)
    unrecovered = fields.String(allow_none=True)
    figures = fields.Dict(keys=fields.String())
    made_at = Noted()


def _created(shown: Schema, record: Mapping[str, Any], place: str) -> Response:
    answer = jsonify(shown.dump(record))
    answer.status_code = HTTPStatus.CREATED
    answer.headers["Location"] = place
    return answer


@blueprint.route("/recalls/<path:code>/steps")
class RecallSteps(MethodView):
    """The steps of a recall."""

    @open_to(*KEEPERS)
    @document_write(blueprint, EnterRecallStepSchema, RecallSchema, many=False)
    def post(self, code: str) -> Response:
        """Bring a case forward: its plan is with the regulator, its goods come back."""
        recall = enter_step(g.session, g.caller, code, read_body(EnterRecallStepSchema()))
        record = read_records(g.session, g.caller, RECALLS, [recall.id])[0]
        return _created(RecallSchema(), record, f"/v1/recalls/{quote(record['owner'])}/{quote(recall.code)}")


@blueprint.route("/recalls/<path:code>/progress")
class RecallProgress(MethodView):
    """How far a recall is."""

    @open_to_all
    @blueprint.response(200, RecallProgressSchema)
    def get(self, code: str) -> dict[str, Any]:
        """Return what came back, was destroyed or reworked, by buyer and product, and what is still open."""
        recall = find_case(g.session, g.caller, code)
        steps = select(RecallStep).where(RecallStep.recall_id == recall.id).order_by(RecallStep.id)
        return {**figures_of(find_progress(g.session, recall)), "steps": list(g.session.scalars(steps))}


@blueprint.route("/recalls/<path:code>/reports")
class MakeReports(MethodView):
    """The reports of a recall."""

    @open_to(*KEEPERS)
    @document_write(blueprint, EnterRecallReportSchema, RecallReportSchema, many=False)
    def post(self, code: str) -> Response:
        """Make a progress or the final report; the final one closes the case, and not while anything is open."""
        report = enter_report(g.session, g.caller, code, read_body(EnterRecallReportSchema()))
        record = read_records(g.session, g.caller, RECALL_REPORTS, [report.id])[0]
        place = f"/v1/recall-reports/{quote(record['owner'])}/{quote(record['code'])}"
        return _created(RecallReportSchema(), record, place)


@blueprint.route("/recall-reports")
class Reports(MethodView):
    """Reports."""

    @open_to_all
    @blueprint.arguments(paging.query_for(RECALL_REPORTS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(RECALL_REPORTS, RecallReportSchema))
    def get(self, page: Page) -> paging.Answer:
        """List reports of the caller's recalls."""
        return paging.answer(RECALL_REPORTS, page)


@blueprint.route("/recall-reports/<path:code>")
class OneReport(MethodView):
    """One report."""

    @open_to_all
    @blueprint.response(200, RecallReportSchema)
    def get(self, code: str) -> Record:
        """Return one report by `RECALL:NUMBER`."""
        return get_record(g.session, g.caller, RECALL_REPORTS, code)
