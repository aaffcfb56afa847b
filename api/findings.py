"""`/v1/findings`: what rules say of recorded facts."""

from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import acts
from api.fields import Body, Text
from api.moments import Noted
from api.openapi import Blueprint
from api.sayings import Said
from trace.accounts import Role
from trace.findings import AnswerFinding, Finding, answer_findings
from trace.nouns import FINDINGS
from trace.records import Page, Record, get_record

blueprint = Blueprint("findings", __name__, url_prefix="/v1/findings", description="判定 · findings")


class FindingSchema(Schema):
    """A finding. On another's record it says only that it holds one's own lot."""

    code = fields.String(allow_none=True)
    rule = fields.String()
    severity = fields.String()
    record = fields.String(allow_none=True)
    party = fields.String(allow_none=True)
    affects = fields.List(fields.String(), allow_none=True)
    detail = Said(allow_none=True, dump_only=True)
    facts = fields.Dict(keys=fields.String(), allow_none=True)
    table = fields.String(allow_none=True)
    edition = fields.String(allow_none=True)
    table_row = fields.String(allow_none=True)
    source = fields.String(allow_none=True)
    found_at = Noted()
    answered_at = Noted(allow_none=True)
    answered_by = fields.String(allow_none=True)
    answer = fields.String(allow_none=True)
    withdrawn_at = Noted(allow_none=True)


class AnswerSchema(Body):
    """What a named person says to a finding."""

    EXAMPLE = {"answer": "已复测，结果合格"}  # noqa: RUF012 -- shown, never changed

    answer = Text(400, required=True)


@blueprint.route("")
class Findings(MethodView):
    """Findings."""

    @open_to_all
    @blueprint.arguments(paging.query_for(FINDINGS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(FINDINGS, FindingSchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List findings."""
        return paging.answer(FINDINGS, page)


@blueprint.route("/<path:code>")
class OneFinding(MethodView):
    """One finding."""

    @open_to_all
    @blueprint.response(200, FindingSchema)
    def get(self, code: str) -> Record:
        """Return one finding by `rule:record`."""
        return get_record(g.session, g.caller, FINDINGS, code)


@blueprint.route("/<path:code>/answers")
class FindingAnswers(MethodView):
    """The answer to a finding."""

    @open_to(*(role for role in Role if role is not Role.AUDITOR))
    @acts(blueprint, FINDINGS, AnswerSchema, FindingSchema)
    def post(self, record: Record, body: dict[str, str]) -> Finding:
        """Answer a finding, once, in one's own name: what it held is free of it."""
        return answer_findings(g.session, g.caller, [AnswerFinding(finding=record["key"], **body)])[0]
