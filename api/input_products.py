"""`/v1/input-products`: fertilizers, pesticides and traps, as their labels say."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import writes
from api.changes import amending, changes
from api.fields import Body, NewCode, Text, Whole
from api.openapi import Blueprint
from trace.accounts import Role
from trace.entries.amendments import change_input_product
from trace.input_products import RegisterInputProduct, register_input_products
from trace.inputs import InputProduct
from trace.nouns import INPUT_PRODUCTS
from trace.records import Page, Record, get_record

blueprint = Blueprint(
    "input-products", __name__, url_prefix="/v1/input-products", description="投入品 · input products"
)


class InputProductSchema(Schema):
    """An input product."""

    code = fields.String()
    kind = fields.String()
    name = fields.String()
    active = fields.String(allow_none=True)
    registration = fields.String(allow_none=True)
    interval_days = fields.Integer(allow_none=True)
    max_applications = fields.Integer(allow_none=True)
    unit = fields.String(allow_none=True)
    note = fields.String(allow_none=True)


class EnterInputProductSchema(Body):
    """An input product to register."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "code": "IP99",
        "kind": "pesticide",
        "name": "示例农药",
        "registration": "PD20990001",
        "interval_days": 7,
    }

    code = NewCode(required=True)
    kind = Text(60, required=True)
    name = Text(required=True)
    active = Text(60)
    registration = Text(60)
    interval_days = Whole(0, 366)
    max_applications = Whole(1, 100)
    unit = Text(20)
    note = Text(200)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> RegisterInputProduct:
        """Return the typed command."""
        return RegisterInputProduct(**data)


AmendInputProductSchema = amending(EnterInputProductSchema, example={"interval_days": 10})


@blueprint.route("")
class InputProducts(MethodView):
    """Input products."""

    @open_to_all
    @blueprint.arguments(paging.query_for(INPUT_PRODUCTS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(INPUT_PRODUCTS, InputProductSchema))
    def get(self, page: Page) -> paging.Answer:
        """List input products."""
        return paging.answer(INPUT_PRODUCTS, page)

    @open_to(Role.OPERATOR, Role.OFFICER, Role.COOP)
    @writes(blueprint, INPUT_PRODUCTS, EnterInputProductSchema, InputProductSchema)
    def post(self, records: Sequence[RegisterInputProduct]) -> list[InputProduct]:
        """Register input products: one, or up to a thousand in an array."""
        return register_input_products(g.session, records)


@blueprint.route("/<path:code>")
class OneInputProduct(MethodView):
    """An input product."""

    @open_to_all
    @blueprint.response(200, InputProductSchema)
    def get(self, code: str) -> Record:
        """Return one by its code."""
        return get_record(g.session, g.caller, INPUT_PRODUCTS, code)

    @open_to(Role.OPERATOR, Role.OFFICER)
    @changes(blueprint, INPUT_PRODUCTS, AmendInputProductSchema, InputProductSchema)
    def patch(self, record: Record, values: dict[str, Any]) -> InputProduct:
        """Change an input product; pickings after its uses are judged again."""
        return change_input_product(g.session, g.caller, record, values)
