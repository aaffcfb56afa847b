"""`/v1/destructions`: grams of a lot, or units of a pack by position, that are no more."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import writes
from api.fields import Code, Mass, Moment, NewCode, Text, Whole
from api.filled import FilledBody
from api.moments import Happened
from api.openapi import Blueprint
from api.shown import shown_mass
from trace.accounts import Role
from trace.destructions import Destruction
from trace.entries.destructions import EnterDestruction, enter_destructions
from trace.nouns import DESTRUCTIONS
from trace.records import Page, Record, get_record
from trace.serials import MAX_POSITION

blueprint = Blueprint("destructions", __name__, url_prefix="/v1/destructions", description="销毁 · destructions")


class EnterDestructionSchema(FilledBody):
    """A destruction to record: `lot` with its `mass`, or `pack` with positions `first` to `last`."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "party": "PL1",
        "lot": "L001-BP",
        "mass": {"value": "600", "unit": "g"},
        "destroyed_at": "2026-06-30T10:00:00+08:00",
        "reason": "霉变",
        "method": "焚烧",
    }

    code = NewCode()
    lot = Code()
    mass = Mass()
    pack = Code()
    first = Whole(1, MAX_POSITION)
    last = Whole(1, MAX_POSITION)
    destroyed_at = Moment(required=True)
    reason = Text(120, required=True)
    method = Text(120, required=True)
    witness = Text(60, metadata={"description": "见证人，只存档，不显示。Kept, and shown to nobody."})

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterDestruction:
        """Return the typed command."""
        return EnterDestruction(**data)


class DestructionSchema(Schema):
    """Grams of a lot, or units of a pack, that are no more."""

    code = fields.String()
    party = fields.String(attribute="owner")
    entered_by = fields.String(allow_none=True)
    lot = fields.String(allow_none=True)
    pack = fields.String(allow_none=True)
    first_position = fields.Integer(allow_none=True)
    last_position = fields.Integer(allow_none=True)
    mass = shown_mass()
    mass_g = fields.Integer()
    destroyed_on = fields.Date()
    destroyed_at = Happened()
    reason = fields.String()
    method = fields.String()
    mode = fields.String()
    event = fields.String()


@blueprint.route("")
class Destructions(MethodView):
    """Destructions."""

    @open_to_all
    @blueprint.arguments(paging.query_for(DESTRUCTIONS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(DESTRUCTIONS, DestructionSchema))
    def get(self, page: Page) -> paging.Answer:
        """List destructions."""
        return paging.answer(DESTRUCTIONS, page)

    @open_to(Role.OPERATOR, Role.COOP, Role.BROKER, Role.PLANT, Role.BRAND)
    @writes(blueprint, DESTRUCTIONS, EnterDestructionSchema, DestructionSchema)
    def post(self, records: Sequence[EnterDestruction]) -> list[Destruction]:
        """Record destructions: one, or up to a thousand in an array."""
        return enter_destructions(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OneDestruction(MethodView):
    """One destruction."""

    @open_to_all
    @blueprint.response(200, DestructionSchema)
    def get(self, code: str) -> Record:
        """Return one destruction by `CODE` or `PARTY/CODE`."""
        return get_record(g.session, g.caller, DESTRUCTIONS, code)
