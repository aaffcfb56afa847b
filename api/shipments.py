"""`/v1/shipments`: units sold to a buyer."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import writes
from api.fields import Code, Many, Moment, NewCode, Part, Text
from api.filled import FilledBody, RangeBody
from api.moments import Happened
from api.openapi import Blueprint
from api.shown import TEXT_OR_NONE, shown
from trace.accounts import Role
from trace.entries.shipments import EnterShipment, enter_shipments
from trace.nouns import SHIPMENTS
from trace.records import Page, Record, get_record
from trace.shipments import Shipment

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
    entered_by = fields.String(allow_none=True)
    buyer = fields.String()
    shipped_on = fields.Date()
    shipped_at = Happened()
    note_number = shown(lambda row: row["delivery_note"], TEXT_OR_NONE)
    delivery_note = fields.String(allow_none=True, metadata={"deprecated": True, "description": "同 note_number。"})
    units = fields.Integer()
    mass_g = fields.Integer()
    mode = fields.String()
    event = fields.String()
    ranges = fields.List(fields.Nested(ShippedRangeSchema))


class EnterShipmentSchema(FilledBody):
    """A shipment to record: positions of packs, whole cases, or both. Loose tea goes by mass, as `/v1/deliveries`."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "buyer": "BUY-1",
        "shipped_at": "2026-05-10T21:00:00+08:00",
        "packs": [{"pack": "PK001", "first": 77, "last": 100}],
        "note_number": "2026-0510",
    }

    code = NewCode()
    buyer = Code(60, required=True)
    shipped_at = Moment(required=True)
    packs = Many(Part(RangeBody), least=0, most=500)
    cases = Many(Code(18), least=0, most=500)
    note_number = Text(40)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterShipment:
        """Return the typed command."""
        return EnterShipment(**data)


@blueprint.route("")
class Shipments(MethodView):
    """Shipments."""

    @open_to_all
    @blueprint.arguments(paging.query_for(SHIPMENTS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(SHIPMENTS, ShipmentSchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List shipments sold or bought."""
        return paging.answer(SHIPMENTS, page)

    @open_to(Role.OPERATOR, Role.COOP, Role.BROKER, Role.PLANT, Role.BRAND)
    @writes(blueprint, SHIPMENTS, EnterShipmentSchema, ShipmentSchema)
    def post(self, records: Sequence[EnterShipment]) -> list[Shipment]:
        """Record shipments: one, or up to a thousand in an array."""
        return enter_shipments(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OneShipment(MethodView):
    """One shipment."""

    @open_to_all
    @blueprint.response(200, ShipmentSchema)
    def get(self, code: str) -> Record:
        """Return one shipment."""
        return get_record(g.session, g.caller, SHIPMENTS, code)
