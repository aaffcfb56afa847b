"""`/v1/cases`: cases and pallets, known by SSCC, put together and taken apart."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import acts, writes
from api.fields import Code, Many, Moment, Part
from api.filled import FilledBody, RangeBody
from api.moments import Happened
from api.openapi import Blueprint
from trace.accounts import Role
from trace.entries.cases import EnterCase, EnterUnpacking, enter_cases, enter_unpacking
from trace.logistic_units import LogisticUnit
from trace.nouns import CASES
from trace.records import Page, Record, get_record

blueprint = Blueprint("cases", __name__, url_prefix="/v1/cases", description="装箱 · cases")
_PACKERS = (Role.OPERATOR, Role.PLANT, Role.BRAND)


class EnterCaseSchema(FilledBody):
    """A case to record: positions of packs, other cases, or both; its SSCC, where the party has no company prefix."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "party": "PL1",
        "sscc": "069012340000000016",
        "packed_at": "2026-06-25T09:00:00+08:00",
        "packs": [{"pack": "PK001", "first": 201, "last": 240}],
    }

    sscc = Code(18)
    packed_at = Moment(required=True)
    packs = Many(Part(RangeBody), least=0, most=500)
    cases = Many(Code(18), least=0, most=500)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterCase:
        """Return the typed command."""
        return EnterCase(**data)


class UnpackSchema(FilledBody):
    """When a case was taken apart: what was in it may go its own way."""

    EXAMPLE = {"opened_at": "2026-06-26T09:00:00+08:00"}  # noqa: RUF012 -- shown, never changed

    opened_at = Moment(required=True)

    @post_load
    def values(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Return what a command needs beside the party that holds the case."""
        return data


class ContentSchema(Schema):
    """What is straight in a case: positions of one pack, or another case."""

    pack = fields.String(allow_none=True)
    first_position = fields.Integer(allow_none=True)
    last_position = fields.Integer(allow_none=True)
    case = fields.String(allow_none=True)


class CaseSchema(Schema):
    """A case or pallet: packed, shipped or opened."""

    code = fields.String()
    sscc = fields.String()
    party = fields.String(attribute="owner")
    entered_by = fields.String(allow_none=True)
    state = fields.String()
    packed_on = fields.Date()
    packed_at = Happened()
    shipment = fields.String(allow_none=True)
    buyer = fields.String(allow_none=True)
    opened_at = Happened(offset="opened_offset", allow_none=True)
    mode = fields.String()
    event = fields.String()
    contents = fields.List(fields.Nested(ContentSchema))


@blueprint.route("")
class Cases(MethodView):
    """Cases."""

    @open_to_all
    @blueprint.arguments(paging.query_for(CASES), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(CASES, CaseSchema))
    def get(self, page: Page) -> paging.Answer:
        """List cases put together, or bought."""
        return paging.answer(CASES, page)

    @open_to(*_PACKERS)
    @writes(blueprint, CASES, EnterCaseSchema, CaseSchema)
    def post(self, records: Sequence[EnterCase]) -> list[LogisticUnit]:
        """Put cases together: one, or up to a thousand in an array."""
        return enter_cases(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OneCase(MethodView):
    """One case."""

    @open_to_all
    @blueprint.response(200, CaseSchema)
    def get(self, code: str) -> Record:
        """Return one case by its SSCC."""
        return get_record(g.session, g.caller, CASES, code)


@blueprint.route("/<path:code>/unpack")
class Unpacking(MethodView):
    """The taking apart of a case."""

    @open_to(*_PACKERS)
    @acts(blueprint, CASES, UnpackSchema, CaseSchema)
    def post(self, record: Record, body: dict[str, Any]) -> LogisticUnit:
        """Take a case apart, one's own or one that was bought; a case within stays whole."""
        command = EnterUnpacking(**{"party": None if g.caller.party else record["owner"], **body})
        return enter_unpacking(g.session, g.caller, record["key"], command)
