"""`/v1/brands`: names under which tea is sold, and who may supply them."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import writes
from api.changes import amending, changes
from api.fields import Body, Code, Many, NewCode, Text
from api.openapi import Blueprint
from trace.accounts import Role
from trace.entries.amendments import change_brand
from trace.entries.firms import EnterBrand, enter_brands
from trace.nouns import BRANDS
from trace.parties import Brand
from trace.records import Page, Record, get_record

blueprint = Blueprint("brands", __name__, url_prefix="/v1/brands", description="品牌 · brands")


class BrandSchema(Schema):
    """A brand."""

    code = fields.String()
    name = fields.String()
    owner = fields.String(attribute="party")
    gi_mark_holder = fields.String(allow_none=True)
    suppliers = fields.List(fields.String())


class EnterBrandSchema(Body):
    """A brand to register."""

    EXAMPLE = {"code": "BR9", "name": "示例·雾峪青", "suppliers": ["PL1"]}  # noqa: RUF012 -- shown, never changed

    code = NewCode(required=True)
    name = Text(required=True)
    owner = Code(60)
    gi_mark_holder = Code(18)
    suppliers = Many(Code(60), least=0, most=500)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterBrand:
        """Return the typed command."""
        return EnterBrand(**data)


AmendBrandSchema = amending(EnterBrandSchema, but=("code", "owner"), kept=("suppliers",), example={"name": "雾峪青"})


@blueprint.route("")
class Brands(MethodView):
    """Brands."""

    @open_to_all
    @blueprint.arguments(paging.query_for(BRANDS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(BRANDS, BrandSchema))
    def get(self, page: Page) -> paging.Answer:
        """List brands."""
        return paging.answer(BRANDS, page)

    @open_to(Role.OPERATOR, Role.OFFICER, Role.PLANT, Role.BRAND)
    @writes(blueprint, BRANDS, EnterBrandSchema, BrandSchema)
    def post(self, records: Sequence[EnterBrand]) -> list[Brand]:
        """Register brands: one, or up to a thousand in an array."""
        return enter_brands(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OneBrand(MethodView):
    """A brand."""

    @open_to_all
    @blueprint.response(200, BrandSchema)
    def get(self, code: str) -> Record:
        """Return one by its code."""
        return get_record(g.session, g.caller, BRANDS, code)

    @open_to(Role.OPERATOR, Role.OFFICER, Role.PLANT, Role.BRAND)
    @changes(blueprint, BRANDS, AmendBrandSchema, BrandSchema)
    def patch(self, record: Record, values: dict[str, Any]) -> Brand:
        """Change a brand."""
        return change_brand(g.session, g.caller, record, values)
