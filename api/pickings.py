"""`/v1/pickings`: leaf taken from a plot; each is a lot of fresh leaf."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import writes
from api.fields import Code, Mass, Moment, NewCode, Text, Whole, Word
from api.filled import OnPaperBody
from api.moments import Happened
from api.openapi import Blueprint
from api.shown import shown_mass
from trace.accounts import Role
from trace.entries.pickings import EnterPicking, enter_pickings
from trace.nouns import PICKINGS
from trace.pickings import Picking
from trace.records import Page, Record, get_record
from trace.vocabulary import Claim

blueprint = Blueprint("pickings", __name__, url_prefix="/v1/pickings", description="采摘 · pickings")


class EnterPickingSchema(OnPaperBody):
    """A picking to record."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "plot": "P001",
        "picked_at": "2026-04-18T06:30:00+08:00",
        "mass": {"value": "25", "unit": "jin"},
        "pluck_standard": "一芽一叶",
        "method": "手采",
        "pickers": 6,
    }

    code = NewCode(
        metadata={"description": "编号，也是这批鲜叶的批次代码；省略则自动编号。Also the code of the lot of leaf."}
    )
    plot = Code(required=True)
    picked_at = Moment(required=True)
    mass = Mass(required=True)
    pluck_standard = Text(60, required=True)
    grade = Text(60)
    method = Text(60)
    weather = Text(60)
    pickers = Whole(1, 10_000)
    crop = Text(60)
    claim = Word(Claim, metadata={"description": "声称采期，明前或雨前。Picked before which day of the calendar."})

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterPicking:
        """Return the typed command."""
        return EnterPicking(**data)


class PickingSchema(Schema):
    """A picking."""

    code = fields.String()
    party = fields.String(attribute="owner")
    entered_by = fields.String(allow_none=True)
    plot = fields.String()
    village = fields.String()
    picked_on = fields.Date()
    picked_at = Happened()
    mass = shown_mass()
    mass_g = fields.Integer()
    pluck_standard = fields.String()
    grade = fields.String(allow_none=True)
    method = fields.String(allow_none=True)
    weather = fields.String(allow_none=True)
    pickers = fields.Integer(allow_none=True)
    crop = fields.String(allow_none=True)
    claim = fields.String(allow_none=True)
    mode = fields.String()
    form_number = fields.String(allow_none=True)
    event = fields.String()


@blueprint.route("")
class Pickings(MethodView):
    """Pickings."""

    @open_to_all
    @blueprint.arguments(paging.query_for(PICKINGS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(PICKINGS, PickingSchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List pickings."""
        return paging.answer(PICKINGS, page)

    @open_to(Role.OPERATOR, Role.COOP, Role.BROKER, Role.PLANT)
    @writes(blueprint, PICKINGS, EnterPickingSchema, PickingSchema)
    def post(self, records: Sequence[EnterPicking]) -> list[Picking]:
        """Record pickings: one, or up to a thousand in an array."""
        return enter_pickings(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OnePicking(MethodView):
    """One picking."""

    @open_to_all
    @blueprint.response(200, PickingSchema)
    def get(self, code: str) -> Record:
        """Return one picking by `CODE`, `PARTY/CODE` or a season's own id."""
        return get_record(g.session, g.caller, PICKINGS, code)
