"""`/v1/outside-lots`: leaf and tea from outside, with the origin that its supplier declares."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import writes
from api.fields import Code, Many, Mass, Measure, Moment, NewCode, Text, Word
from api.filled import FilledBody
from api.moments import Happened
from api.openapi import Blueprint
from api.shown import shown_mass
from trace.accounts import Role
from trace.entries.outside import EnterOutside, OutsideKind, enter_outside
from trace.nouns import OUTSIDE_LOTS
from trace.outside import OutsideReceipt
from trace.records import Page, Record, get_record

blueprint = Blueprint("outside-lots", __name__, url_prefix="/v1/outside-lots", description="外来茶 · outside lots")


class EnterOutsideSchema(FilledBody):
    """Leaf or tea to record as received from outside: of a party here (`supplier`), or of a name alone."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "party": "PL1",
        "supplier_name": "外省茶行",
        "declared_origin": "外省某县",
        "received_at": "2026-05-06T14:00:00+08:00",
        "mass": {"value": "120.5", "unit": "kg"},
        "kind": "made",
        "papers": ["产地证明 2026-118"],
        "price_yuan_per_kg": "180",
        "grade": "一级",
        "product_kind": "绿茶",
    }

    code = NewCode()
    supplier = Code(60)
    supplier_name = Text(120)
    declared_origin = Text(200, required=True)
    received_at = Moment(required=True)
    mass = Mass(required=True)
    kind = Word(OutsideKind, metadata={"description": "默认鲜叶（received）。Leaf by default."})
    papers = Many(Text(120), least=0, most=40)
    price_yuan_per_kg = Measure(0)
    grade = Text(60)
    crop = Text(60)
    product_kind = Text(60)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterOutside:
        """Return the typed command."""
        return EnterOutside(**data)


class OutsideSchema(Schema):
    """What came from outside, known by the lot that it became here."""

    code = fields.String()
    party = fields.String(attribute="owner")
    entered_by = fields.String(allow_none=True)
    supplier = fields.String(allow_none=True)
    supplier_name = fields.String(allow_none=True)
    declared_origin = fields.String()
    received_on = fields.Date()
    received_at = Happened()
    mass = shown_mass()
    mass_g = fields.Integer()
    kind = fields.String()
    papers = fields.List(fields.String())
    price_yuan_per_kg = Measure(allow_none=True)
    grade = fields.String(allow_none=True)
    crop = fields.String(allow_none=True)
    product_kind = fields.String(allow_none=True)
    mode = fields.String()
    event = fields.String()


@blueprint.route("")
class OutsideLots(MethodView):
    """Leaf and tea from outside."""

    @open_to_all
    @blueprint.arguments(paging.query_for(OUTSIDE_LOTS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(OUTSIDE_LOTS, OutsideSchema))
    def get(self, page: Page) -> paging.Answer:
        """List what came from outside."""
        return paging.answer(OUTSIDE_LOTS, page)

    @open_to(Role.OPERATOR, Role.COOP, Role.BROKER, Role.PLANT, Role.BRAND)
    @writes(blueprint, OUTSIDE_LOTS, EnterOutsideSchema, OutsideSchema)
    def post(self, records: Sequence[EnterOutside]) -> list[OutsideReceipt]:
        """Receive from outside: one lot, or up to a thousand in an array."""
        return enter_outside(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OneOutsideLot(MethodView):
    """One lot from outside."""

    @open_to_all
    @blueprint.response(200, OutsideSchema)
    def get(self, code: str) -> Record:
        """Return one by `CODE` or `PARTY/CODE`."""
        return get_record(g.session, g.caller, OUTSIDE_LOTS, code)
