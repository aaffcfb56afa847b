"""`/v1/villages`: administrative villages."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import writes
from api.changes import amending, changes
from api.fields import Body, Code, Point, Text, Whole
from api.openapi import Blueprint
from trace.accounts import Role
from trace.entries.amendments import change_village
from trace.entries.places import enter_villages
from trace.nouns import VILLAGES
from trace.places import Village
from trace.records import Page, Record, get_record
from trace.villages import RegisterVillage

blueprint = Blueprint("villages", __name__, url_prefix="/v1/villages", description="村 · villages")


class VillageSchema(Schema):
    """A village."""

    code = fields.String()
    name = fields.String()
    longitude = fields.Float(allow_none=True)
    latitude = fields.Float(allow_none=True)
    households = fields.Integer(allow_none=True)
    tea_households = fields.Integer(allow_none=True)
    elevation_m = fields.Integer(allow_none=True)


class EnterVillageSchema(Body):
    """A village to register."""

    EXAMPLE = {"code": "379901101213", "name": "下茶沟村", "center": [119.17, 35.23]}  # noqa: RUF012 -- shown

    code = Code(12, required=True)
    name = Text(60, required=True)
    center = Point()
    households = Whole()
    tea_households = Whole()
    elevation_m = Whole(-200, 9000)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> RegisterVillage:
        """Return the typed command."""
        longitude, latitude = data.pop("center", (None, None))
        return RegisterVillage(longitude=longitude, latitude=latitude, **data)


AmendVillageSchema = amending(EnterVillageSchema, example={"tea_households": 120})


@blueprint.route("")
class Villages(MethodView):
    """Villages."""

    @open_to_all
    @blueprint.arguments(paging.query_for(VILLAGES), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(VILLAGES, VillageSchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List villages."""
        return paging.answer(VILLAGES, page)

    @open_to(Role.OPERATOR, Role.OFFICER)
    @writes(blueprint, VILLAGES, EnterVillageSchema, VillageSchema)
    def post(self, records: Sequence[RegisterVillage]) -> list[Village]:
        """Register villages: one, or up to a thousand in an array."""
        return enter_villages(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OneVillage(MethodView):
    """One village."""

    @open_to_all
    @blueprint.response(200, VillageSchema)
    def get(self, code: str) -> Record:
        """Return one village."""
        return get_record(g.session, g.caller, VILLAGES, code)

    @open_to(Role.OPERATOR, Role.OFFICER)
    @changes(blueprint, VILLAGES, AmendVillageSchema, VillageSchema)
    def patch(self, record: Record, values: dict[str, Any]) -> Village:
        """Change a village."""
        return change_village(g.session, g.caller, record, values)
