"""`/v1/products`: trade items as they stand in the shop."""

from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields

from api import paging
from api.auth import open_to_all
from api.fields import Measure
from api.openapi import Blueprint
from trace.nouns import PRODUCTS
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


@blueprint.route("")
class Products(MethodView):
    """Products."""

    @open_to_all
    @blueprint.arguments(paging.query_for(PRODUCTS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(PRODUCTS, ProductSchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List trade items."""
        return paging.answer(PRODUCTS, page)


@blueprint.route("/<path:code>")
class OneProduct(MethodView):
    """One product."""

    @open_to_all
    @blueprint.response(200, ProductSchema)
    def get(self, code: str) -> Record:
        """Return one trade item, by its code or GTIN."""
        return get_record(g.session, g.caller, PRODUCTS, code)
