"""`/v1/facilities`: plants, stations and stores."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import writes
from api.changes import amending, changes
from api.fields import Body, Code, Day, Mass, NewCode, Point, Text
from api.openapi import Blueprint
from trace.accounts import Role
from trace.entries.amendments import change_facility
from trace.entries.firms import EnterFacility, enter_facilities
from trace.nouns import FACILITIES
from trace.parties import Facility
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


class EnterFacilitySchema(Body):
    """A plant, station or store to register."""

    EXAMPLE = {"code": "PL1-2", "name": "二车间", "location": [119.22, 35.25]}  # noqa: RUF012 -- shown

    code = NewCode(required=True)
    party = Code(60)
    name = Text(required=True)
    location = Point()
    capacity = Mass(metadata={"description": "每天加工的鲜叶。Leaf a day."})

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterFacility:
        """Return the typed command."""
        longitude, latitude = data.pop("location", (None, None))
        return EnterFacility(longitude=longitude, latitude=latitude, **data)


AmendFacilitySchema = amending(
    EnterFacilitySchema, but=("code", "party"), example={"name": "二号仓库"}, more={"from_on": Day()}
)


@blueprint.route("")
class Facilities(MethodView):
    """Facilities."""

    @open_to_all
    @blueprint.arguments(paging.query_for(FACILITIES), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(FACILITIES, FacilitySchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List facilities."""
        return paging.answer(FACILITIES, page)

    @open_to(Role.OPERATOR, Role.OFFICER, Role.COOP, Role.PLANT, Role.BRAND)
    @writes(blueprint, FACILITIES, EnterFacilitySchema, FacilitySchema)
    def post(self, records: Sequence[EnterFacility]) -> list[Facility]:
        """Register facilities: one, or up to a thousand in an array."""
        return enter_facilities(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OneFacility(MethodView):
    """One facility."""

    @open_to_all
    @blueprint.response(200, FacilitySchema)
    def get(self, code: str) -> Record:
        """Return one facility."""
        return get_record(g.session, g.caller, FACILITIES, code)

    @open_to(Role.OPERATOR, Role.OFFICER, Role.COOP, Role.PLANT, Role.BRAND)
    @changes(blueprint, FACILITIES, AmendFacilitySchema, FacilitySchema)
    def patch(self, record: Record, values: dict[str, Any]) -> Facility:
        """Say what a facility is from a day on, today where none is named."""
        return change_facility(g.session, g.caller, record, values)
