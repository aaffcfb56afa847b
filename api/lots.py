"""`/v1/lots`: leaf and tea, known by traceability lot codes."""

from datetime import date
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields

from api import paging
from api.auth import open_to_all
from api.openapi import Blueprint
from trace.nouns import LOTS, LOTS_TO_TRACE
from trace.records import Page, Record, get_record
from trace.tracing import Direction, Trace
from trace.visibility import names_in, trace_for

blueprint = Blueprint("lots", __name__, url_prefix="/v1/lots", description="批次 · lots")


class LotSchema(Schema):
    """A lot: what is left of it and what it came into being with; a laboratory learns only what it is."""

    code = fields.String()
    uri = fields.String()
    party = fields.String(attribute="owner")
    kind = fields.String()
    made_on = fields.Date()
    initial_g = fields.Integer(allow_none=True)
    mass_g = fields.Integer(allow_none=True)
    units = fields.Integer(allow_none=True)
    grade = fields.String(allow_none=True)
    product_kind = fields.String(allow_none=True)
    plot = fields.String(allow_none=True)
    village = fields.String(allow_none=True)
    declared_origin = fields.String(allow_none=True)
    held = fields.Boolean(allow_none=True)
    recalled = fields.Boolean(allow_none=True)


@blueprint.route("")
class Lots(MethodView):
    """Lots."""

    @open_to_all
    @blueprint.arguments(paging.query_for(LOTS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(LOTS, LotSchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List lots."""
        return paging.answer(LOTS, page)


@blueprint.route("/<path:code>")
class OneLot(MethodView):
    """One lot."""

    @open_to_all
    @blueprint.response(200, LotSchema)
    def get(self, code: str) -> Record:
        """Return one lot by `CODE` or `PARTY/CODE`."""
        return get_record(g.session, g.caller, LOTS, code)


class SourceSchema(Schema):
    """One end of a trace. `party` and `plot` are empty beyond one step from the caller's own lots."""

    lot = fields.String()
    kind = fields.String()
    date = fields.Date()
    party = fields.String(allow_none=True)
    plot = fields.String(allow_none=True)
    village = fields.String(allow_none=True)
    mass_g = fields.Integer()
    share = fields.Float()
    lower = fields.Float()
    upper = fields.Float()
    depth = fields.Integer()


class EdgeSchema(Schema):
    """So many grams of one lot that went into another, and the event that says so."""

    from_ = fields.String(data_key="from")
    to = fields.String()
    event = fields.String()
    mass_g = fields.Integer()


class TraceSchema(Schema):
    """Where a lot came from, or where it went."""

    lot = fields.String()
    direction = fields.Enum(Direction, by_value=True)
    mass_g = fields.Integer()
    sources = fields.List(fields.Nested(SourceSchema))
    edges = fields.List(fields.Nested(EdgeSchema))


class TraceQuery(Schema):
    """Which way to trace."""

    error_messages = {"unknown": "unknown-parameter"}  # noqa: RUF012 -- declared by marshmallow

    direction = fields.Enum(
        Direction, by_value=True, load_default=Direction.BACK, error_messages={"unknown": "not-allowed"}
    )


@blueprint.route("/<path:code>/trace")
class LotTrace(MethodView):
    """A lot's trace."""

    @open_to_all
    @blueprint.arguments(TraceQuery, location="query", error_status_code=400)
    @blueprint.response(200, TraceSchema)
    def get(self, query: dict[str, Direction], code: str) -> dict[str, Any]:
        """Trace a lot back to its sources or forward to its destinations."""
        row = get_record(g.session, g.caller, LOTS_TO_TRACE, code)
        return _present(trace_for(g.session, g.caller, row["key"], query["direction"]))


def _present(trace: Trace) -> dict[str, Any]:
    names = names_in(trace)
    return {
        "lot": names[trace.lot.id],
        "direction": trace.direction,
        "mass_g": trace.lot.initial_g,
        "sources": [
            {
                **{name: getattr(end, name) for name in ("mass_g", "share", "lower", "upper", "depth")},
                **{name: getattr(end.node, name) for name in ("kind", "party", "plot", "village")},
                "lot": names[end.node.id],
                "date": date.fromisoformat(end.node.made_on),
            }
            for end in trace.ends
        ],
        "edges": [
            {"from_": names[edge.parent], "to": names[edge.child], "event": edge.event, "mass_g": edge.mass_g}
            for edge in trace.edges
        ],
    }
