"""`/v1/villages`: administrative villages."""

from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields

from api import paging
from api.auth import open_to_all
from api.openapi import Blueprint
from trace.nouns import VILLAGES
from trace.records import Page, Record, get_record

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


@blueprint.route("")
class Villages(MethodView):
    """Villages."""

    @open_to_all
    @blueprint.arguments(paging.query_for(VILLAGES), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(VILLAGES, VillageSchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List villages."""
        return paging.answer(VILLAGES, page)


@blueprint.route("/<path:code>")
class OneVillage(MethodView):
    """One village."""

    @open_to_all
    @blueprint.response(200, VillageSchema)
    def get(self, code: str) -> Record:
        """Return one village."""
        return get_record(g.session, g.caller, VILLAGES, code)
