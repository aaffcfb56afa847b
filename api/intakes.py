"""`/v1/intakes`: leaf and tea weighed again by whoever receives it; each makes a lot of the receiver's."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import acts, writes
from api.fields import Body, Code, Day, Flag, Many, Mass, Measure, Moment, NewCode, Part, Text, Word
from api.filled import DrawBody, OnPaperBody
from api.moments import Happened
from api.openapi import Blueprint
from api.shown import shown_mass
from api.weighings import WeighingBody, WeighingSchema
from trace.accounts import Role
from trace.entries.arrivals import EnterArrival, enter_arrival
from trace.entries.certified import Exempt, Exemption
from trace.entries.intakes import EnterIntake, enter_intakes
from trace.intakes import Intake
from trace.nouns import INTAKES
from trace.records import Page, Record, get_record

blueprint = Blueprint("intakes", __name__, url_prefix="/v1/intakes", description="验收 · intakes")


class ExemptionBody(Body):
    """Why leaf comes without a certificate: a household, with a test of its own."""

    kind = Word(Exempt, required=True)
    tested_on = Day(required=True)
    method = Text(60, required=True)
    passed = Flag(required=True)

    @post_load
    def part(self, data: dict[str, Any], **_: Any) -> Exemption:
        """Return the typed part."""
        return Exemption(**data)


class EnterIntakeSchema(WeighingBody, OnPaperBody):
    """An intake to record: of what was sent, or of lots of a supplier one acts for; the net mass or its parts."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "hand_overs": ["C01/HO0001"],
        "received_at": "2026-04-18T14:00:00+08:00",
        "gross": {"value": "27.5", "unit": "jin"},
        "tare": {"value": "1.5", "unit": "jin"},
        "deduction": {"mass": {"value": "1", "unit": "jin"}, "reason": "含水"},
        "moisture_percent": "76.2",
        "price": {"value": "60", "unit": "jin"},
        "pluck_standard": "一芽一叶",
    }

    code = NewCode(
        metadata={"description": "编号，也是所收批次的代码；省略则自动编号。Also the code of the lot that is taken in."}
    )
    hand_overs = Many(Code(required=True), most=200)
    deliveries = Many(Code(required=True), most=200)
    supplier = Code(60)
    lots = Many(
        Part(DrawBody),
        most=200,
        metadata={"description": "供货者的批次，没有交付单时写。The supplier's, where no hand-over names them."},
    )
    received_at = Moment(required=True)
    mass = Mass()
    certificate = Code()
    exemption = Part(ExemptionBody)
    moisture_percent = Measure(0, 100)
    weather = Text(60)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterIntake:
        """Return the typed command."""
        return EnterIntake(**data)


class ArrivalSchema(Body):
    """What came later for leaf that was received: its certificate, or a household's own test."""

    EXAMPLE = {"certificate": "C01/CQ-260418-7K3M2P"}  # noqa: RUF012 -- shown, never changed

    certificate = Code()
    exemption = Part(ExemptionBody)


class TakenSchema(Schema):
    """So much of a lot that was taken over, by the supplier's scale."""

    lot = fields.String(metadata={"description": "供货者的批次。The lot as its supplier calls it."})
    mass_g = fields.Integer()


class IntakeSchema(WeighingSchema):
    """An intake, known by the lot that it made; `delivered_g` is the supplier's weight, `received_g` the receiver's."""

    code = fields.String()
    party = fields.String(attribute="owner")
    entered_by = fields.String(allow_none=True)
    supplier = fields.String()
    received_on = fields.Date()
    received_at = Happened()
    mass = shown_mass(grams="received_g")
    delivered_g = fields.Integer()
    received_g = fields.Integer()
    certificate = fields.String(allow_none=True)
    exemption = fields.Dict(allow_none=True)
    accepted = fields.Boolean()
    moisture_percent = Measure(allow_none=True)
    weather = fields.String(allow_none=True)
    mode = fields.String()
    form_number = fields.String(allow_none=True)
    event = fields.String()
    lots = fields.List(fields.Nested(TakenSchema))


@blueprint.route("")
class Intakes(MethodView):
    """Intakes."""

    @open_to_all
    @blueprint.arguments(paging.query_for(INTAKES), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(INTAKES, IntakeSchema))
    def get(self, page: Page) -> paging.Answer:
        """List intakes received or supplied."""
        return paging.answer(INTAKES, page)

    @open_to(Role.OPERATOR, Role.COOP, Role.BROKER, Role.PLANT, Role.BRAND)
    @writes(blueprint, INTAKES, EnterIntakeSchema, IntakeSchema)
    def post(self, records: Sequence[EnterIntake]) -> list[Intake]:
        """Take in: one weighing, or up to a thousand in an array."""
        return enter_intakes(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OneIntake(MethodView):
    """One intake."""

    @open_to_all
    @blueprint.response(200, IntakeSchema)
    def get(self, code: str) -> Record:
        """Return one intake by `CODE`, `PARTY/CODE` or a season's own id."""
        return get_record(g.session, g.caller, INTAKES, code)


@blueprint.route("/<path:code>/certificate")
class IntakeCertificate(MethodView):
    """What an intake was received without."""

    @open_to(Role.OPERATOR, Role.COOP, Role.BROKER, Role.PLANT, Role.BRAND)
    @acts(blueprint, INTAKES, ArrivalSchema, IntakeSchema)
    def post(self, record: Record, body: dict[str, Any]) -> Intake:
        """Say that the certificate, or a household's own test, has come: leaf held for lack of it is accepted."""
        return enter_arrival(g.session, g.caller, record["key"], EnterArrival(**body), record["owner"])
