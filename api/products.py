"""`/v1/products`: trade items as they stand in the shop."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import writes
from api.changes import amending, changes
from api.fields import Body, Code, Many, Mass, Measure, NewCode, Text, Whole, Word
from api.openapi import Blueprint
from trace.accounts import Role
from trace.entries.amendments import change_product
from trace.entries.firms import EnterProduct, enter_products
from trace.nouns import PRODUCTS
from trace.products import Claim, TradeItem
from trace.records import Page, Record, get_record

blueprint = Blueprint("products", __name__, url_prefix="/v1/products", description="商品 · products")


class ProductSchema(Schema):
    """A trade item."""

    code = fields.String()
    gtin = fields.String(allow_none=True)
    brand = fields.String()
    brand_name = fields.String()
    party = fields.String()
    name = fields.String()
    grade = fields.String(allow_none=True)
    net_g = fields.Integer()
    packaging = fields.String(allow_none=True)
    shelf_life_months = fields.Integer(allow_none=True)
    standard = fields.String(allow_none=True)
    ingredients = fields.String(allow_none=True)
    storage = fields.String(allow_none=True)
    price_yuan = Measure(allow_none=True)
    packaging_cost_yuan = Measure(allow_none=True)
    packaging_layers = fields.Integer(allow_none=True)
    gross_g = fields.Integer(allow_none=True)
    volume_ml = Measure(allow_none=True)
    packaging_form = fields.String(allow_none=True)
    claims = fields.List(fields.String(), allow_none=True)


class EnterProductSchema(Body):
    """A trade item to register."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "code": "S99",
        "brand": "BR1",
        "name": "示例·雾峪青 绿茶 一级 100g",
        "grade": "一级",
        "net": {"value": "100", "unit": "g"},
        "gtin": "9520000010997",
        "shelf_life_months": 18,
    }

    code = NewCode(required=True)
    brand = Code(60, required=True)
    name = Text(required=True)
    grade = Text(60)
    net = Mass(required=True)
    gross = Mass()
    gtin = Code(14)
    packaging = Text(60)
    shelf_life_months = Whole(1, 1200)
    standard = Text(60)
    ingredients = Text(200)
    storage = Text(200)
    price_yuan = Measure()
    packaging_cost_yuan = Measure()
    packaging_layers = Whole(0, 100)
    volume_ml = Measure()
    packaging_form = Text(60)
    claims = Many(Word(Claim), least=0, most=2)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterProduct:
        """Return the typed command."""
        return EnterProduct(**data)


AmendProductSchema = amending(EnterProductSchema, but=("code", "brand"), example={"name": "雾峪青 明前特级"})


@blueprint.route("")
class Products(MethodView):
    """Products."""

    @open_to_all
    @blueprint.arguments(paging.query_for(PRODUCTS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(PRODUCTS, ProductSchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List trade items."""
        return paging.answer(PRODUCTS, page)

    @open_to(Role.OPERATOR, Role.OFFICER, Role.PLANT, Role.BRAND)
    @writes(blueprint, PRODUCTS, EnterProductSchema, ProductSchema)
    def post(self, records: Sequence[EnterProduct]) -> list[TradeItem]:
        """Register trade items: one, or up to a thousand in an array."""
        return enter_products(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OneProduct(MethodView):
    """One product."""

    @open_to_all
    @blueprint.response(200, ProductSchema)
    def get(self, code: str) -> Record:
        """Return one trade item, by its code or GTIN."""
        return get_record(g.session, g.caller, PRODUCTS, code)

    @open_to(Role.OPERATOR, Role.OFFICER, Role.PLANT, Role.BRAND)
    @changes(blueprint, PRODUCTS, AmendProductSchema, ProductSchema)
    def patch(self, record: Record, values: dict[str, Any]) -> TradeItem:
        """Change a trade item; of one that was packed, net content and GTIN stay."""
        return change_product(g.session, g.caller, record, values)
