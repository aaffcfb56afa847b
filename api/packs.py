"""`/v1/packs`: packing runs; units are ranges of positions."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import writes
from api.fields import Code, Day, Many, Measure, Moment, NewCode, Part, Whole
from api.filled import DrawBody, FilledBody
from api.moments import Happened
from api.openapi import Blueprint
from trace.accounts import Role
from trace.entries.packs import EnterPack, enter_packs
from trace.nouns import PACKS
from trace.packs import Pack
from trace.records import Page, Record, get_record
from trace.serials import MAX_POSITION

blueprint = Blueprint("packs", __name__, url_prefix="/v1/packs", description="包装 · packs")


class PackSchema(Schema):
    """A packing run."""

    code = fields.String()
    party = fields.String(attribute="owner")
    entered_by = fields.String(allow_none=True)
    label_lot = fields.String()
    product = fields.String()
    gtin = fields.String(allow_none=True)
    packed_on = fields.Date()
    packed_at = Happened()
    best_before = fields.Date()
    units = fields.Integer()
    units_left = fields.Integer(allow_none=True)
    printed = fields.Integer()
    mass_g = fields.Integer()
    unit_weights_grams = fields.List(fields.String(), allow_none=True)
    mode = fields.String()
    event = fields.String()


class EnterPackSchema(FilledBody):
    """A packing run to record; several lots fill a gift set."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "product": "S01",
        "inputs": [{"lot": "L001", "mass": {"value": "22.088", "unit": "kg"}}],
        "packed_at": "2026-04-26T20:00:00+08:00",
        "best_before": "2027-10-26",
        "units": 440,
    }

    code = NewCode()
    product = Code(60, required=True)
    inputs = Many(Part(DrawBody), required=True, most=200)
    packed_at = Moment(required=True)
    best_before = Day(required=True)
    units = Whole(1, MAX_POSITION, required=True)
    unit_weights_grams = Many(Measure(), least=0, most=200)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterPack:
        """Return the typed command."""
        return EnterPack(**data)


@blueprint.route("")
class Packs(MethodView):
    """Packs."""

    @open_to_all
    @blueprint.arguments(paging.query_for(PACKS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(PACKS, PackSchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List packing runs."""
        return paging.answer(PACKS, page)

    @open_to(Role.OPERATOR, Role.PLANT, Role.BRAND)
    @writes(blueprint, PACKS, EnterPackSchema, PackSchema)
    def post(self, records: Sequence[EnterPack]) -> list[Pack]:
        """Record packing runs: one, or up to a thousand in an array."""
        return enter_packs(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OnePack(MethodView):
    """One pack."""

    @open_to_all
    @blueprint.response(200, PackSchema)
    def get(self, code: str) -> Record:
        """Return one packing run."""
        return get_record(g.session, g.caller, PACKS, code)
