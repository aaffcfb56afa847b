"""`/v1/parties`: who acts in the chain."""

from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields

from api import paging
from api.auth import open_to_all
from api.openapi import Blueprint
from trace.nouns import PARTIES
from trace.records import Page, Record, get_record

blueprint = Blueprint("parties", __name__, url_prefix="/v1/parties", description="参与者 · parties")


class PartySchema(Schema):
    """A party."""

    code = fields.String()
    name = fields.String()
    kind = fields.String()
    uscc = fields.String(allow_none=True)
    area_code = fields.String()
    member_of = fields.String(allow_none=True)
    led_by_village = fields.Boolean(allow_none=True)
    registered_on = fields.Date(allow_none=True)


@blueprint.route("")
class Parties(MethodView):
    """Parties."""

    @open_to_all
    @blueprint.arguments(paging.query_for(PARTIES), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(PARTIES, PartySchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List the parties the caller deals with."""
        return paging.answer(PARTIES, page)


@blueprint.route("/<path:code>")
class OneParty(MethodView):
    """One party."""

    @open_to_all
    @blueprint.response(200, PartySchema)
    def get(self, code: str) -> Record:
        """Return one party."""
        return get_record(g.session, g.caller, PARTIES, code)
