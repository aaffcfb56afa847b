"""`/v1/inputs`: uses of fertilizers, pesticides and traps on plots."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import writes
from api.fields import Code, Measure, Moment, NewCode, Text
from api.filled import OnPaperBody
from api.moments import Happened
from api.openapi import Blueprint
from trace.accounts import Role
from trace.entries.inputs import EnterInputUse, enter_input_uses
from trace.inputs import InputUse
from trace.nouns import INPUT_USES
from trace.records import Page, Record, get_record

blueprint = Blueprint("inputs", __name__, url_prefix="/v1/inputs", description="投入品使用 · inputs")


class EnterInputUseSchema(OnPaperBody):
    """A use of an input to record."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "plot": "P001",
        "product": "IP01",
        "used_at": "2026-03-20T08:00:00+08:00",
        "per_mu": "30",
        "unit": "mL",
        "area_mu": "2.4",
        "total": "72",
        "target": "茶小绿叶蝉",
        "weather": "晴",
        "dilution": "1500",
        "maker_code": "20260111-A",
    }

    code = NewCode()
    plot = Code(required=True)
    product = Code(60, required=True)
    used_at = Moment(required=True)
    per_mu = Measure()
    unit = Text(20)
    area_mu = Measure()
    total = Measure()
    target = Text(60)
    operator = Code(60, metadata={"description": "谁施用。Who carried it out."})
    supplier = Text(120)
    weather = Text(60)
    dilution = Measure(1, 1_000_000, metadata={"description": "稀释倍数。Diluted so many times."})
    maker_code = Text(60, metadata={"description": "产品生产批号。The maker's number on the pack."})
    worker = Text(60, private=True, metadata={"description": "施用人姓名，仅本单位可见。By name, for the party alone."})
    purchase = Code(metadata={"description": "来自哪次购买。The purchase it came from."})

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterInputUse:
        """Return the typed command."""
        return EnterInputUse(**data)


class InputUseSchema(Schema):
    """A use of an input."""

    code = fields.String()
    party = fields.String(attribute="owner")
    entered_by = fields.String(allow_none=True)
    plot = fields.String()
    product = fields.String()
    product_name = fields.String()
    used_on = fields.Date()
    used_at = Happened()
    per_mu = Measure(allow_none=True)
    unit = fields.String(allow_none=True)
    area_mu = Measure(allow_none=True)
    total = Measure(allow_none=True)
    target = fields.String(allow_none=True)
    operator = fields.String(allow_none=True)
    supplier = fields.String(allow_none=True)
    weather = fields.String(allow_none=True)
    registration = fields.String(allow_none=True)
    maker = fields.String(allow_none=True)
    dilution = Measure(allow_none=True)
    maker_code = fields.String(allow_none=True)
    worker = fields.String(allow_none=True)
    purchase = fields.String(allow_none=True)
    mode = fields.String()
    form_number = fields.String(allow_none=True)
    event = fields.String()


@blueprint.route("")
class InputUses(MethodView):
    """Uses of inputs."""

    @open_to_all
    @blueprint.arguments(paging.query_for(INPUT_USES), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(INPUT_USES, InputUseSchema))
    def get(self, page: Page) -> paging.Answer:
        """List the uses of inputs on plots that the caller may read."""
        return paging.answer(INPUT_USES, page)

    @open_to(Role.OPERATOR, Role.COOP, Role.BROKER, Role.PLANT)
    @writes(blueprint, INPUT_USES, EnterInputUseSchema, InputUseSchema)
    def post(self, records: Sequence[EnterInputUse]) -> list[InputUse]:
        """Record uses of inputs: one, or up to a thousand in an array."""
        return enter_input_uses(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OneInputUse(MethodView):
    """One use of an input."""

    @open_to_all
    @blueprint.response(200, InputUseSchema)
    def get(self, code: str) -> Record:
        """Return one use by `CODE`, `PARTY/CODE` or a season's own id."""
        return get_record(g.session, g.caller, INPUT_USES, code)
