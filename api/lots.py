"""`/v1/lots`: leaf and tea, known by traceability lot codes."""

from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields

from api import paging
from api.auth import open_to_all
from api.moments import Noted
from api.openapi import Blueprint
from trace.nouns import LOTS
from trace.records import Page, Record, get_record

blueprint = Blueprint("lots", __name__, url_prefix="/v1/lots", description="批次 · lots")


class LotSchema(Schema):
    """A lot: what is left of it and what it came into being with; a laboratory learns only what it is."""

    code = fields.String()
    uri = fields.String()
    party = fields.String(attribute="owner")
    kind = fields.String()
    made_on = fields.Date()
    initial_g = fields.Integer(allow_none=True)
    mass_g = fields.Integer(allow_none=True)
    units = fields.Integer(allow_none=True)
    grade = fields.String(allow_none=True)
    product_kind = fields.String(allow_none=True)
    plot = fields.String(allow_none=True)
    village = fields.String(allow_none=True)
    declared_origin = fields.String(allow_none=True)
    held = fields.Boolean(allow_none=True)
    recalled = fields.Boolean(allow_none=True)
    released_at = Noted(allow_none=True)
    released_by = fields.String(allow_none=True)


@blueprint.route("")
class Lots(MethodView):
    """Lots."""

    @open_to_all
    @blueprint.arguments(paging.query_for(LOTS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(LOTS, LotSchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List lots."""
        return paging.answer(LOTS, page)


@blueprint.route("/<path:code>")
class OneLot(MethodView):
    """One lot."""

    @open_to_all
    @blueprint.response(200, LotSchema)
    def get(self, code: str) -> Record:
        """Return one lot by `CODE` or `PARTY/CODE`."""
        return get_record(g.session, g.caller, LOTS, code)
