"""`/v1/purchases`: what was bought for the field."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import writes
from api.fields import Code, Measure, Moment, NewCode, Text
from api.filled import FilledBody
from api.moments import Happened
from api.openapi import Blueprint
from trace.accounts import Role
from trace.entries.purchases import EnterPurchase, enter_purchases
from trace.inputs import InputPurchase
from trace.nouns import PURCHASES
from trace.records import Page, Record, get_record

blueprint = Blueprint("purchases", __name__, url_prefix="/v1/purchases", description="投入品购买 · purchases of inputs")


class EnterPurchaseSchema(FilledBody):
    """A purchase of an input to record."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "product": "IP05",
        "supplier": "示例农资店",
        "quantity": "12",
        "unit": "瓶",
        "maker_code": "20260111-A",
        "bought_at": "2026-03-02T09:00:00+08:00",
    }

    code = NewCode()
    product = Code(60, required=True)
    supplier = Text(required=True, metadata={"description": "购自哪家店。The shop."})
    quantity = Measure(required=True)
    unit = Text(20, required=True)
    maker_code = Text(60, metadata={"description": "产品生产批号。The maker's number on the pack."})
    bought_at = Moment(required=True)
    worker = Text(60, private=True, metadata={"description": "购买人姓名，仅本单位可见。By name, for the party alone."})

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterPurchase:
        """Return the typed command."""
        return EnterPurchase(**data)


class InputPurchaseSchema(Schema):
    """A purchase of an input."""

    code = fields.String()
    party = fields.String(attribute="owner")
    entered_by = fields.String(allow_none=True)
    product = fields.String()
    product_name = fields.String()
    registration = fields.String(allow_none=True)
    maker = fields.String(allow_none=True)
    maker_code = fields.String(allow_none=True)
    supplier = fields.String()
    quantity = Measure()
    unit = fields.String()
    bought_on = fields.Date()
    bought_at = Happened()
    worker = fields.String(allow_none=True)
    mode = fields.String()
    event = fields.String()


@blueprint.route("")
class Purchases(MethodView):
    """Purchases of inputs."""

    @open_to_all
    @blueprint.arguments(paging.query_for(PURCHASES), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(PURCHASES, InputPurchaseSchema))
    def get(self, page: Page) -> paging.Answer:
        """List the purchases of the caller's party."""
        return paging.answer(PURCHASES, page)

    @open_to(Role.OPERATOR, Role.COOP, Role.BROKER, Role.PLANT)
    @writes(blueprint, PURCHASES, EnterPurchaseSchema, InputPurchaseSchema)
    def post(self, records: Sequence[EnterPurchase]) -> list[InputPurchase]:
        """Record purchases: one, or up to a thousand in an array."""
        return enter_purchases(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OneInputPurchase(MethodView):
    """A purchase of an input."""

    @open_to_all
    @blueprint.response(200, InputPurchaseSchema)
    def get(self, code: str) -> Record:
        """Return one by `CODE` or `PARTY/CODE`."""
        return get_record(g.session, g.caller, PURCHASES, code)
