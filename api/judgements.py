"""`/v1/results/{code}/judgements`: what a report means to a market."""

from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields

from api.auth import open_to_all
from api.fields import Code, Measure
from api.results import blueprint as results
from trace.nouns import RESULTS
from trace.records import get_record
from trace.rules.judging.markets import Judged, judge_by_market

blueprint = results  # its address is below that of a report


class JudgementQuery(Schema):
    """Which market: `CN`, `EU`, or the party code of a buyer with limits of its own; without one, all there are."""

    error_messages = {"unknown": "unknown-parameter"}  # noqa: RUF012 -- declared by marshmallow

    market = Code(60, load_default=None)


class JudgedItemSchema(Schema):
    """What one market's limit says of one analyte; `why` it was not judged."""

    analyte = fields.String()
    value = Measure(allow_none=True)
    words = fields.String(allow_none=True)
    unit = fields.String(allow_none=True)
    loq = Measure(allow_none=True)
    outcome = fields.String()
    why = fields.String(allow_none=True)
    limit_mg_per_kg = Measure(allow_none=True)
    basis = fields.String(allow_none=True)
    is_default = fields.Boolean()
    edition = fields.String(allow_none=True)
    table_row = fields.String(allow_none=True)
    source = fields.String(allow_none=True)


class MarketJudgementSchema(Schema):
    """A report by the limits of one market; `passed` is empty where none failed and some could not be judged."""

    market = fields.String()
    passed = fields.Boolean(allow_none=True)
    items = fields.List(fields.Nested(JudgedItemSchema))


class MarketJudgementsSchema(Schema):
    """A report by the limits of every market asked for."""

    result = fields.String()
    items = fields.List(fields.Nested(MarketJudgementSchema))


@results.route("/<path:code>/judgements")
class ResultJudgements(MethodView):
    """What a report means to markets."""

    @open_to_all
    @results.arguments(JudgementQuery, location="query", error_status_code=400)
    @results.response(200, MarketJudgementsSchema)
    def get(self, query: dict[str, Any], code: str) -> dict[str, Any]:
        """Judge a report by the limits of a market on the day of sampling, as they were known when it was recorded."""
        record = get_record(g.session, g.caller, RESULTS, code)
        judged = judge_by_market(g.session, [record["id"]], query["market"])
        return {"result": record["code"], "items": [_shown(one) for one in judged]}


def _shown(judged: Judged) -> dict[str, Any]:
    """Return a report by one market, as it is shown."""
    items = [
        {
            **{name: getattr(item, name) for name in ("analyte", "value", "words", "unit", "loq")},
            **{name: getattr(verdict, name) for name in ("outcome", "why", "basis", "is_default")},
            "limit_mg_per_kg": verdict.limit,
            **(verdict.row or {}),
        }
        for item, verdict in judged.items
    ]
    return {"market": judged.market, "passed": judged.passed, "items": items}
