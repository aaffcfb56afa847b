"""`/v1/facilities`: plants, stations and stores."""

from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields

from api import paging
from api.auth import open_to_all
from api.openapi import Blueprint
from trace.nouns import FACILITIES
from trace.records import Page, Record, get_record

blueprint = Blueprint("facilities", __name__, url_prefix="/v1/facilities", description="场所 · facilities")


class FacilitySchema(Schema):
    """A place where a party works."""

    code = fields.String()
    party = fields.String()
    name = fields.String()
    longitude = fields.Float(allow_none=True)
    latitude = fields.Float(allow_none=True)
    capacity_g_per_day = fields.Integer(allow_none=True)


@blueprint.route("")
class Facilities(MethodView):
    """Facilities."""

    @open_to_all
    @blueprint.arguments(paging.query_for(FACILITIES), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(FACILITIES, FacilitySchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List facilities."""
        return paging.answer(FACILITIES, page)


@blueprint.route("/<path:code>")
class OneFacility(MethodView):
    """One facility."""

    @open_to_all
    @blueprint.response(200, FacilitySchema)
    def get(self, code: str) -> Record:
        """Return one facility."""
        return get_record(g.session, g.caller, FACILITIES, code)
