"""`/v1/packs`: packing runs; units are ranges of positions."""

from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields

from api import paging
from api.auth import open_to_all
from api.openapi import Blueprint
from trace.nouns import PACKS
from trace.records import Page, Record, get_record

blueprint = Blueprint("packs", __name__, url_prefix="/v1/packs", description="包装 · packs")


class PackSchema(Schema):
    """A packing run."""

    code = fields.String()
    party = fields.String(attribute="owner")
    label_lot = fields.String()
    product = fields.String()
    gtin = fields.String(allow_none=True)
    packed_on = fields.Date()
    best_before = fields.Date()
    units = fields.Integer()
    units_left = fields.Integer(allow_none=True)
    printed = fields.Integer()
    mass_g = fields.Integer()


@blueprint.route("")
class Packs(MethodView):
    """Packs."""

    @open_to_all
    @blueprint.arguments(paging.query_for(PACKS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(PACKS, PackSchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List packing runs."""
        return paging.answer(PACKS, page)


@blueprint.route("/<path:code>")
class OnePack(MethodView):
    """One pack."""

    @open_to_all
    @blueprint.response(200, PackSchema)
    def get(self, code: str) -> Record:
        """Return one packing run."""
        return get_record(g.session, g.caller, PACKS, code)
