"""`/v1/deliveries`: loose tea, or leaf, by mass on its way to another party, which weighs it again (`/v1/intakes`)."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import writes
from api.fields import Code, Many, Measure, Moment, NewCode, Part, Text
from api.filled import DrawBody, FilledBody
from api.hand_overs import SentSchema, add_refusals
from api.openapi import Blueprint
from trace.accounts import Role
from trace.deliveries import Delivery, DeliveryKind
from trace.entries.deliveries import EnterDelivery, enter_deliveries
from trace.nouns import DELIVERIES
from trace.records import Page, Record, get_record

blueprint = Blueprint("deliveries", __name__, url_prefix="/v1/deliveries", description="散装发货 · deliveries")


class EnterDeliverySchema(FilledBody):
    """Loose tea or leaf to send by mass, with its delivery note: the grams leave the lots at once."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "party": "PL1",
        "receiver": "PL2",
        "sent_at": "2026-06-20T09:00:00+08:00",
        "lots": [{"lot": "L021", "mass": {"value": "40", "unit": "kg"}}],
        "note_number": "SJ-20260620-1",
        "price_yuan_per_kg": "260",
        "carrier": "示例物流",
        "vehicle": "示A12345",
    }

    code = NewCode()
    receiver = Code(60, required=True)
    sent_at = Moment(required=True)
    lots = Many(Part(DrawBody), required=True, most=200)
    note_number = Text(60)
    price_yuan_per_kg = Measure(0)
    carrier = Text(60)
    vehicle = Text(20)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterDelivery:
        """Return the typed command."""
        return EnterDelivery(**data)


class DeliverySchema(SentSchema):
    """A delivery: on its way, received by an intake with a weight of its own, or returned."""

    price_yuan_per_kg = Measure(allow_none=True)
    carrier = fields.String(allow_none=True)
    vehicle = fields.String(allow_none=True)


@blueprint.route("")
class Deliveries(MethodView):
    """Deliveries."""

    @open_to_all
    @blueprint.arguments(paging.query_for(DELIVERIES), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(DELIVERIES, DeliverySchema))
    def get(self, page: Page) -> paging.Answer:
        """List deliveries sent or to be received."""
        return paging.answer(DELIVERIES, page)

    @open_to(Role.OPERATOR, Role.COOP, Role.BROKER, Role.PLANT, Role.BRAND)
    @writes(blueprint, DELIVERIES, EnterDeliverySchema, DeliverySchema)
    def post(self, records: Sequence[EnterDelivery]) -> list[Delivery]:
        """Send by mass: one delivery, or up to a thousand in an array."""
        return enter_deliveries(g.session, g.caller, records, DeliveryKind.SHIPMENT)


@blueprint.route("/<path:code>")
class OneDelivery(MethodView):
    """One delivery."""

    @open_to_all
    @blueprint.response(200, DeliverySchema)
    def get(self, code: str) -> Record:
        """Return one delivery by `CODE` or `PARTY/CODE`."""
        return get_record(g.session, g.caller, DELIVERIES, code)


add_refusals(blueprint, DELIVERIES, DeliverySchema)
