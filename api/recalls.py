"""`/v1/recalls`: lots taken back from trade and consumers."""

from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields

from api import paging
from api.auth import open_to_all
from api.openapi import Blueprint
from trace.nouns import RECALLS
from trace.records import Page, Record, get_record

blueprint = Blueprint("recalls", __name__, url_prefix="/v1/recalls", description="召回 · recalls")


class RecallSchema(Schema):
    """A recall and the lots in its scope."""

    code = fields.String()
    party = fields.String(attribute="owner")
    level = fields.Integer()
    known_at = fields.AwareDateTime()
    start_by = fields.AwareDateTime()
    started_at = fields.AwareDateTime()
    result = fields.String(allow_none=True)
    lots = fields.List(fields.String())


@blueprint.route("")
class Recalls(MethodView):
    """Recalls."""

    @open_to_all
    @blueprint.arguments(paging.query_for(RECALLS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(RECALLS, RecallSchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List recalls that are the caller's or reach a lot of its own."""
        return paging.answer(RECALLS, page)


@blueprint.route("/<path:code>")
class OneRecall(MethodView):
    """One recall."""

    @open_to_all
    @blueprint.response(200, RecallSchema)
    def get(self, code: str) -> Record:
        """Return one recall."""
        return get_record(g.session, g.caller, RECALLS, code)
