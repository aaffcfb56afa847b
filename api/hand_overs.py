"""`/v1/hand-overs`: leaf on its way from one party to another."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import acts, writes
from api.fields import Code, Many, Moment, NewCode, Part, Text
from api.filled import DrawBody, FilledBody
from api.moments import Happened
from api.openapi import Blueprint
from api.shown import shown_mass
from api.weighings import WeighingBody, WeighingSchema
from trace.accounts import Role
from trace.deliveries import Delivery, DeliveryKind
from trace.entries.deliveries import EnterDelivery, enter_deliveries
from trace.entries.returns import EnterRefusal, enter_refusal
from trace.nouns import HAND_OVERS
from trace.records import Noun, Page, Record, get_record

blueprint = Blueprint("hand-overs", __name__, url_prefix="/v1/hand-overs", description="交付 · hand-overs")


class EnterHandOverSchema(WeighingBody):
    """A hand-over to record: its grams leave the lots at once; the masses of the lots are the net weight."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "receiver": "PL1",
        "sent_at": "2026-04-18T12:00:00+08:00",
        "lots": [{"lot": "H0001", "mass": {"value": "25", "unit": "jin"}}],
        "gross": {"value": "27.5", "unit": "jin"},
        "tare": {"value": "1.5", "unit": "jin"},
        "deduction": {"mass": {"value": "1", "unit": "jin"}, "reason": "含水"},
        "price": {"value": "60", "unit": "jin"},
        "note_number": "20260418-03",
    }

    code = NewCode()
    receiver = Code(60, required=True)
    sent_at = Moment(required=True)
    lots = Many(Part(DrawBody), required=True, most=200)
    note_number = Text(60)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterDelivery:
        """Return the typed command."""
        return EnterDelivery(**data)


class CarriedSchema(Schema):
    """So much of a lot that is carried."""

    lot = fields.String()
    mass = shown_mass()
    mass_g = fields.Integer()


class SentSchema(Schema):
    """What is on its way, received by an intake, or returned."""

    code = fields.String()
    party = fields.String(attribute="owner")
    entered_by = fields.String(allow_none=True)
    receiver = fields.String()
    state = fields.String()
    sent_on = fields.Date()
    sent_at = Happened()
    note_number = fields.String(allow_none=True)
    mass_g = fields.Integer()
    intake = fields.String(allow_none=True)
    returned_on = fields.Date(allow_none=True)
    return_reason = fields.String(allow_none=True)
    mode = fields.String()
    event = fields.String()
    lots = fields.List(fields.Nested(CarriedSchema))


class HandOverSchema(SentSchema, WeighingSchema):
    """A hand-over: on its way, received by an intake, or returned."""


class RefusalSchema(FilledBody):
    """Why a delivery was refused at the gate, and when: all of it is its giver's again."""

    EXAMPLE = {"returned_at": "2026-06-20T15:00:00+08:00", "reason": "含水过高"}  # noqa: RUF012 -- shown

    returned_at = Moment(required=True)
    reason = Text(120, required=True)

    @post_load
    def values(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Return what a command needs beside the receiver, who alone refuses."""
        return data


@blueprint.route("")
class HandOvers(MethodView):
    """Hand-overs."""

    @open_to_all
    @blueprint.arguments(paging.query_for(HAND_OVERS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(HAND_OVERS, HandOverSchema))
    def get(self, page: Page) -> paging.Answer:
        """List hand-overs given or to be received."""
        return paging.answer(HAND_OVERS, page)

    @open_to(Role.OPERATOR, Role.COOP, Role.BROKER, Role.PLANT)
    @writes(blueprint, HAND_OVERS, EnterHandOverSchema, HandOverSchema)
    def post(self, records: Sequence[EnterDelivery]) -> list[Delivery]:
        """Hand leaf over: one delivery, or up to a thousand in an array."""
        return enter_deliveries(g.session, g.caller, records, DeliveryKind.HAND_OVER)


@blueprint.route("/<path:code>")
class OneHandOver(MethodView):
    """One hand-over."""

    @open_to_all
    @blueprint.response(200, HandOverSchema)
    def get(self, code: str) -> Record:
        """Return one hand-over by `CODE` or `PARTY/CODE`."""
        return get_record(g.session, g.caller, HAND_OVERS, code)


def add_refusals(to: Blueprint, noun: Noun, shown: type[Schema]) -> None:
    """Let the receiver refuse deliveries of one kind at the gate."""

    @to.route("/<path:code>/refusals")
    class Refusals(MethodView):
        """Refusals at the gate."""

        @open_to(Role.OPERATOR, Role.COOP, Role.BROKER, Role.PLANT, Role.BRAND)
        @acts(to, noun, RefusalSchema, shown)
        def post(self, record: Record, body: dict[str, Any]) -> Delivery:
            """Refuse a delivery at the gate, which only its receiver can."""
            command = EnterRefusal(**{"party": record["receiver"], **body})
            return enter_refusal(g.session, g.caller, record["key"], command)


add_refusals(blueprint, HAND_OVERS, HandOverSchema)
