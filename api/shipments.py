"""`/v1/shipments`: units sold to a buyer."""

from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields

from api import paging
from api.auth import open_to_all
from api.openapi import Blueprint
from trace.nouns import SHIPMENTS
from trace.records import Page, Record, get_record

blueprint = Blueprint("shipments", __name__, url_prefix="/v1/shipments", description="发货 · shipments")


class ShippedRangeSchema(Schema):
    """Positions of one pack."""

    pack = fields.String()
    first_position = fields.Integer()
    last_position = fields.Integer()


class ShipmentSchema(Schema):
    """A shipment of ranges of positions, of one pack or of several."""

    code = fields.String()
    party = fields.String(attribute="owner")
    buyer = fields.String()
    shipped_on = fields.Date()
    delivery_note = fields.String(allow_none=True)
    units = fields.Integer()
    mass_g = fields.Integer()
    ranges = fields.List(fields.Nested(ShippedRangeSchema))


@blueprint.route("")
class Shipments(MethodView):
    """Shipments."""

    @open_to_all
    @blueprint.arguments(paging.query_for(SHIPMENTS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(SHIPMENTS, ShipmentSchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List shipments sold or bought."""
        return paging.answer(SHIPMENTS, page)


@blueprint.route("/<path:code>")
class OneShipment(MethodView):
    """One shipment."""

    @open_to_all
    @blueprint.response(200, ShipmentSchema)
    def get(self, code: str) -> Record:
        """Return one shipment."""
        return get_record(g.session, g.caller, SHIPMENTS, code)
