"""`/v1/reworks`: packs opened again; their tea is a bulk lot, to be packed anew."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import writes
from api.fields import Body, Many, Mass, Moment, NewCode, Part, Text
from api.filled import FilledBody, RangeBody
from api.moments import Happened
from api.openapi import Blueprint
from api.shipments import ShippedRangeSchema
from trace.accounts import Role
from trace.entries.reworks import EnterRework, Loss, enter_reworks
from trace.nouns import REWORKS
from trace.records import Page, Record, get_record
from trace.reworks import Rework

blueprint = Blueprint("reworks", __name__, url_prefix="/v1/reworks", description="返工 · reworks")


class LossBody(Body):
    """So much that is lost, and why."""

    reason = Text(60, required=True)
    mass = Mass(required=True)

    @post_load
    def part(self, data: dict[str, Any], **_: Any) -> Loss:
        """Return the typed part."""
        return Loss(**data)


class EnterReworkSchema(FilledBody):
    """A rework to record: positions opened again; what is not lost becomes a bulk lot under `code`."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "party": "PL1",
        "packs": [{"pack": "PK001", "first": 301, "last": 340}],
        "reworked_at": "2026-06-25T10:00:00+08:00",
        "losses": [{"reason": "sorting", "mass": {"value": "12", "unit": "g"}}],
    }

    code = NewCode()
    packs = Many(Part(RangeBody), required=True, most=500)
    reworked_at = Moment(required=True)
    losses = Many(Part(LossBody), least=0, most=20)
    grade = Text(60)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterRework:
        """Return the typed command."""
        return EnterRework(**data)


class ReworkSchema(Schema):
    """A rework, known by the bulk lot that it made; masses in grams."""

    code = fields.String()
    party = fields.String(attribute="owner")
    entered_by = fields.String(allow_none=True)
    reworked_on = fields.Date()
    reworked_at = Happened()
    units = fields.Integer()
    mass_g = fields.Integer()
    lost_g = fields.Integer()
    grade = fields.String(allow_none=True)
    mode = fields.String()
    event = fields.String()
    packs = fields.List(fields.Nested(ShippedRangeSchema))


@blueprint.route("")
class Reworks(MethodView):
    """Reworks."""

    @open_to_all
    @blueprint.arguments(paging.query_for(REWORKS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(REWORKS, ReworkSchema))
    def get(self, page: Page) -> paging.Answer:
        """List reworks."""
        return paging.answer(REWORKS, page)

    @open_to(Role.OPERATOR, Role.PLANT, Role.BRAND)
    @writes(blueprint, REWORKS, EnterReworkSchema, ReworkSchema)
    def post(self, records: Sequence[EnterRework]) -> list[Rework]:
        """Open packs again: one rework, or up to a thousand in an array."""
        return enter_reworks(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OneRework(MethodView):
    """One rework."""

    @open_to_all
    @blueprint.response(200, ReworkSchema)
    def get(self, code: str) -> Record:
        """Return one rework by `CODE` or `PARTY/CODE` of its lot."""
        return get_record(g.session, g.caller, REWORKS, code)
