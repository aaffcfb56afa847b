"""`/v1/results`: reports of laboratories, with the digits as reported."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import writes
from api.fields import Body, Code, Flag, Many, Measure, Moment, NewCode, Part, Text, Word
from api.filled import FilledBody
from api.moments import Happened
from api.openapi import Blueprint
from trace.accounts import Role
from trace.entries.results import EnterResult, Item, LimitType, enter_results
from trace.nouns import RESULTS
from trace.quality import Result
from trace.records import Page, Record, get_record

blueprint = Blueprint("results", __name__, url_prefix="/v1/results", description="检验结果 · results")


class ItemBody(Body):
    """One analyte of a report; value and limit decide whether it passed, else `passed` does."""

    analyte = Text(60, required=True)
    value = Measure(None)
    words = Text(60)
    unit = Text(20)
    loq = Measure()
    limit = Measure(None)
    limit_type = Word(LimitType, metadata={"description": "限量是上限还是下限。The most, or the least."})
    basis = Text(60)
    method = Text(80, metadata={"description": "检测方法标准。The standard by which it was tested."})
    passed = Flag()

    @post_load
    def part(self, data: dict[str, Any], **_: Any) -> Item:
        """Return the typed part."""
        return Item(**data)


class EnterResultSchema(FilledBody):
    """A report to record, on a sample or on a lot; `party` is the laboratory."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "lot": "PL1/L001",
        "sampled_at": "2026-04-20T09:00:00+08:00",
        "purpose": "commissioned",
        "reported_at": "2026-04-21T15:00:00+08:00",
        "items": [{"analyte": "联苯菊酯", "value": "0.010", "unit": "mg/kg", "limit": "5", "basis": "GB 2763"}],
    }

    code = NewCode()
    sample = Code()
    lot = Code()
    sampled_at = Moment()
    purpose = Text(40)
    reported_at = Moment(required=True)
    accreditation = Text(60, private=True, metadata={"description": "CMA、CATL 编号。The laboratory's number."})
    items = Many(Part(ItemBody), required=True, most=500)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterResult:
        """Return the typed command."""
        return EnterResult(**data)


class AnalyteSchema(Schema):
    """One analyte of a report."""

    analyte = fields.String()
    value = Measure(allow_none=True)
    words = fields.String(allow_none=True)
    unit = fields.String(allow_none=True)
    loq = Measure(allow_none=True)
    limit_value = Measure(allow_none=True)
    limit_basis = fields.String(allow_none=True)
    method = fields.String(allow_none=True)
    passed = fields.Boolean()


class ResultSchema(Schema):
    """A report on one sample of a lot."""

    code = fields.String()
    laboratory = fields.String(attribute="owner")
    lot = fields.String()
    lot_party = fields.String()
    entered_by = fields.String(allow_none=True)
    sample = fields.String(allow_none=True)
    purpose = fields.String()
    sampled_on = fields.Date()
    reported_on = fields.Date()
    reported_at = Happened()
    accreditation = fields.String(allow_none=True)
    passed = fields.Boolean()
    items = fields.List(fields.Nested(AnalyteSchema))
    mode = fields.String()
    event = fields.String()


@blueprint.route("")
class Results(MethodView):
    """Results."""

    @open_to_all
    @blueprint.arguments(paging.query_for(RESULTS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(RESULTS, ResultSchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List laboratory reports."""
        return paging.answer(RESULTS, page)

    @open_to(Role.OPERATOR, Role.LABORATORY, Role.PLANT, Role.COOP, Role.BROKER, Role.BRAND)
    @writes(blueprint, RESULTS, EnterResultSchema, ResultSchema)
    def post(self, records: Sequence[EnterResult]) -> list[Result]:
        """Record reports: one, or up to a thousand in an array. A laboratory may report on any lot it tests."""
        return enter_results(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OneResult(MethodView):
    """One result."""

    @open_to_all
    @blueprint.response(200, ResultSchema)
    def get(self, code: str) -> Record:
        """Return one report."""
        return get_record(g.session, g.caller, RESULTS, code)
