"""`/v1/recall-drills`: a recall tried on real data, which changes no page and tells nobody; timed, scored, kept."""

from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from flask import Response, g, jsonify
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import document_write, read_body
from api.fields import Body, Code, Many, Text
from api.moments import Noted
from api.openapi import Blueprint
from api.papers import PDF, send_paper
from api.recalling.papers import drill_values
from api.state import current_state
from trace import clock
from trace.entries.recall_drills import EnterDrill, hold_drill
from trace.nouns.recalling import RECALL_DRILLS
from trace.records import Page, Record, get_record, read_records

from .contacts import KEEPERS

blueprint = Blueprint("recall-drills", __name__, url_prefix="/v1/recall-drills", description="召回演练 · recall drills")


class EnterRecallDrillSchema(Body):
    """With what a drill begins: lots, or one plot, input's use or result."""

    EXAMPLE = {"lots": ["L001"], "person": "王芳"}  # noqa: RUF012 -- shown, never changed

    party = Code(60, metadata={"description": "为谁演练，默认本单位。For whom; the caller's own party by default."})
    lots = Many(Code(), most=200)
    plot = Code()
    input = Code()
    result = Code()
    person = Text(60)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterDrill:
        """Return the typed command."""
        return EnterDrill(**data)


class RecallDrillSchema(Schema):
    """A drill: milliseconds from `known_at`, when it was asked, until scope, codes and buyers were there."""

    code = fields.String()
    party = fields.String(attribute="owner")
    person = fields.String()
    begun_with = fields.List(fields.String())
    known_at = Noted()
    scope_ms = fields.Integer()
    codes_ms = fields.Integer()
    buyers_ms = fields.Integer()
    figures = fields.Dict(keys=fields.String())
    score = fields.Integer()


@blueprint.route("")
class Drills(MethodView):
    """Drills."""

    @open_to_all
    @blueprint.arguments(paging.query_for(RECALL_DRILLS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(RECALL_DRILLS, RecallDrillSchema))
    def get(self, page: Page) -> paging.Answer:
        """List the drills that the caller's party held."""
        return paging.answer(RECALL_DRILLS, page)

    @open_to(*KEEPERS)
    @document_write(blueprint, EnterRecallDrillSchema, RecallDrillSchema, many=False)
    def post(self) -> Response:
        """Hold a drill: scope, every code, buyers and their contacts; the clock runs from here."""
        known_at = clock.now()
        drill = hold_drill(
            g.session, g.caller, read_body(EnterRecallDrillSchema()), current_state().keys.ring, known_at
        )
        record = read_records(g.session, g.caller, RECALL_DRILLS, [drill.id])[0]
        answer = jsonify(RecallDrillSchema().dump(record))
        answer.status_code = HTTPStatus.CREATED
        answer.headers["Location"] = f"/v1/recall-drills/{quote(record['owner'])}/{quote(record['code'])}"
        return answer


@blueprint.route("/<path:code>")
class OneDrill(MethodView):
    """One drill."""

    @open_to_all
    @blueprint.response(200, RecallDrillSchema)
    def get(self, code: str) -> Record:
        """Return one drill."""
        return get_record(g.session, g.caller, RECALL_DRILLS, code)


@blueprint.route("/<path:code>/print")
class DrillPrint(MethodView):
    """A drill on paper."""

    @open_to_all
    @blueprint.files(PDF)
    def get(self, code: str) -> Response:
        """Print the sheet of a drill on A4."""
        from labels.documents.recall import draw_drill  # noqa: PLC0415 -- drawing is heavy

        record = get_record(g.session, g.caller, RECALL_DRILLS, code)
        return send_paper({}, record["code"], lambda paper: draw_drill(paper, drill_values(record)))
