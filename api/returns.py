"""`/v1/returns`: units that a buyer sends back. A delivery refused at the gate is told where it was sent."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import writes
from api.fields import Code, Moment, NewCode, Text, Whole
from api.filled import FilledBody
from api.moments import Happened
from api.openapi import Blueprint
from trace.accounts import Role
from trace.entries.returns import EnterReturn, enter_returns
from trace.nouns import RETURNS
from trace.records import Page, Record, get_record
from trace.returns import UnitReturn
from trace.serials import MAX_POSITION

blueprint = Blueprint("returns", __name__, url_prefix="/v1/returns", description="退货 · returns")


class EnterReturnSchema(FilledBody):
    """A return to record: positions of a pack that were shipped to this buyer; they may be shipped again."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "party": "PL1",
        "buyer": "BUY-1",
        "pack": "PK001",
        "first": 70,
        "last": 76,
        "returned_at": "2026-05-20T10:00:00+08:00",
        "reason": "外包装破损",
    }

    code = NewCode()
    buyer = Code(60, required=True)
    pack = Code(required=True)
    first = Whole(1, MAX_POSITION, required=True)
    last = Whole(1, MAX_POSITION, required=True)
    returned_at = Moment(required=True)
    reason = Text(120, required=True)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterReturn:
        """Return the typed command."""
        return EnterReturn(**data)


class ReturnSchema(Schema):
    """Units that came back."""

    code = fields.String()
    party = fields.String(attribute="owner")
    entered_by = fields.String(allow_none=True)
    buyer = fields.String()
    pack = fields.String()
    first_position = fields.Integer()
    last_position = fields.Integer()
    units = fields.Integer()
    mass_g = fields.Integer()
    returned_on = fields.Date()
    returned_at = Happened()
    reason = fields.String()
    mode = fields.String()
    event = fields.String()


@blueprint.route("")
class Returns(MethodView):
    """Returns."""

    @open_to_all
    @blueprint.arguments(paging.query_for(RETURNS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(RETURNS, ReturnSchema))
    def get(self, page: Page) -> paging.Answer:
        """List returns received or sent."""
        return paging.answer(RETURNS, page)

    @open_to(Role.OPERATOR, Role.COOP, Role.BROKER, Role.PLANT, Role.BRAND)
    @writes(blueprint, RETURNS, EnterReturnSchema, ReturnSchema)
    def post(self, records: Sequence[EnterReturn]) -> list[UnitReturn]:
        """Record units that came back: one range, or up to a thousand in an array."""
        return enter_returns(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OneReturn(MethodView):
    """One return."""

    @open_to_all
    @blueprint.response(200, ReturnSchema)
    def get(self, code: str) -> Record:
        """Return one return by `CODE` or `PARTY/CODE`."""
        return get_record(g.session, g.caller, RETURNS, code)
