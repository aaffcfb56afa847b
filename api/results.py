"""`/v1/results`: reports of laboratories, with the digits as reported."""

from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields

from api import paging
from api.auth import open_to_all
from api.fields import Measure
from api.openapi import Blueprint
from trace.nouns import RESULTS
from trace.records import Page, Record, get_record

blueprint = Blueprint("results", __name__, url_prefix="/v1/results", description="检验结果 · results")


class AnalyteSchema(Schema):
    """One analyte of a report."""

    analyte = fields.String()
    value = Measure(allow_none=True)
    words = fields.String(allow_none=True)
    unit = fields.String(allow_none=True)
    loq = Measure(allow_none=True)
    limit_value = Measure(allow_none=True)
    limit_basis = fields.String(allow_none=True)
    passed = fields.Boolean()


class ResultSchema(Schema):
    """A report on one sample of a lot."""

    code = fields.String()
    laboratory = fields.String(attribute="owner")
    lot = fields.String()
    lot_party = fields.String()
    purpose = fields.String()
    sampled_on = fields.Date()
    reported_on = fields.Date()
    passed = fields.Boolean()
    items = fields.List(fields.Nested(AnalyteSchema))


@blueprint.route("")
class Results(MethodView):
    """Results."""

    @open_to_all
    @blueprint.arguments(paging.query_for(RESULTS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(RESULTS, ResultSchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List laboratory reports."""
        return paging.answer(RESULTS, page)


@blueprint.route("/<path:code>")
class OneResult(MethodView):
    """One result."""

    @open_to_all
    @blueprint.response(200, ResultSchema)
    def get(self, code: str) -> Record:
        """Return one report."""
        return get_record(g.session, g.caller, RESULTS, code)
