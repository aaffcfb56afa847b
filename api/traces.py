"""`/v1/lots/{code}/trace`: where a lot came from and where it went, as `?format=` or `Accept` asks for it."""

from datetime import date
from enum import StrEnum
from typing import Any

from flask import Response, g, jsonify, request
from flask.views import MethodView
from marshmallow import Schema, fields
from werkzeug.exceptions import NotAcceptable

from api.auth import open_to_all
from api.fields import Word
from api.languages import language
from api.openapi import Blueprint
from api.speech import Speech
from api.state import current_state
from api.workbooks import MEDIA_TYPE as WORKBOOK
from api.workbooks import answer_workbook
from trace.chains import find_marks, find_party_names, list_happenings
from trace.nouns import LOTS_TO_TRACE
from trace.records import get_record
from trace.tracing import Direction, Trace
from trace.trees import grow_tree
from trace.visibility import names_in, trace_for

blueprint = Blueprint("traces", __name__, url_prefix="/v1/lots", description="追溯 · traces")


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
    direction = Word(Direction)
    mass_g = fields.Integer()
    sources = fields.List(fields.Nested(SourceSchema))
    edges = fields.List(fields.Nested(EdgeSchema))


class BranchSchema(Schema):
    """A lot of the tree and those below it. A lot that is `repeated` is unfolded elsewhere, and only named here."""

    lot = fields.String()
    kind = fields.String()
    date = fields.Date()
    party = fields.String(allow_none=True)
    party_name = fields.String(allow_none=True)
    plot = fields.String(allow_none=True)
    village = fields.String(allow_none=True)
    mass_g = fields.Integer()
    signs = fields.List(fields.String())
    event = fields.String(allow_none=True)
    drawn_g = fields.Integer(allow_none=True)
    repeated = fields.Boolean()
    not_shown = fields.Integer()
    share = fields.Float()
    lower = fields.Float()
    upper = fields.Float()
    depth = fields.Integer()
    branches = fields.List(fields.Nested("BranchSchema"))


class TreeSchema(Schema):
    """A trace as a tree of at most 1,000 lots: so many are `shown` of all `lots` that were met."""

    lot = fields.String()
    direction = Word(Direction)
    lots = fields.Integer()
    shown = fields.Integer()
    tree = fields.Nested(BranchSchema)


class Form(StrEnum):
    """In which form a trace is told."""

    JSON = "json"
    TREE = "tree"
    SVG = "svg"
    XLSX = "xlsx"


MEDIA_TYPES = {
    Form.JSON: "application/json",
    Form.TREE: "application/vnd.chasu.tree+json",
    Form.SVG: "image/svg+xml",
    Form.XLSX: WORKBOOK,
}


class TraceQuery(Schema):
    """Which way to trace, and in which form to tell it; the form may be left to `Accept`."""

    error_messages = {"unknown": "unknown-parameter"}  # noqa: RUF012 -- declared by marshmallow

    direction = Word(Direction, load_default=Direction.BACK)
    format = Word(Form, load_default=None)


_TEXT = {"schema": {"type": "string"}}
_CONTENT = {
    MEDIA_TYPES[Form.JSON]: {"schema": TraceSchema},
    MEDIA_TYPES[Form.TREE]: {"schema": TreeSchema},
    MEDIA_TYPES[Form.SVG]: _TEXT,
    MEDIA_TYPES[Form.XLSX]: {"schema": {"type": "string", "format": "binary"}},
}


@blueprint.route("/<path:code>/trace")
class LotTrace(MethodView):
    """A lot's trace."""

    @open_to_all
    @blueprint.arguments(TraceQuery, location="query", error_status_code=400)
    @blueprint.doc(responses={"200": {"content": {**_CONTENT, "application/json": {"schema": TraceSchema}}}})
    @blueprint.refuses(406)
    @blueprint.response(200, TraceSchema)
    def get(self, query: dict[str, Any], code: str) -> tuple[dict[str, Any], int, dict[str, str]] | Response:
        """Trace a lot back to its sources or forward to its destinations: as JSON, tree, drawing or workbook."""
        form = query["format"] or accepted()
        row = get_record(g.session, g.caller, LOTS_TO_TRACE, code)
        trace = trace_for(g.session, g.caller, row["key"], query["direction"])
        return (present_trace(trace), 200, {"Vary": "Accept"}) if form is Form.JSON else _told(trace, form)


def accepted() -> Form:
    """Return the form that `Accept` asks for, JSON where it asks for none. Raises `NotAcceptable`."""
    offered = {media: form for form, media in MEDIA_TYPES.items()}
    if not request.accept_mimetypes:
        return Form.JSON
    best = request.accept_mimetypes.best_match(list(offered))
    if best is None:
        raise NotAcceptable
    return offered[best]


def _told(trace: Trace, form: Form) -> Response:
    """Return a trace drawn, unfolded, or written into sheets."""
    from api import trace_forms  # noqa: PLC0415 -- drawing is heavy
    from labels.graphs.folding import fold  # noqa: PLC0415
    from labels.graphs.svg import draw_svg  # noqa: PLC0415

    telling = trace_forms.Telling(
        trace=trace,
        marks=find_marks(g.session, trace),
        parties=find_party_names(g.session, trace),
        speech=Speech(current_state().catalogue, language()),
    )
    name = f"{names_in(trace)[trace.lot.id]}-{trace.direction}".replace("/", "-")
    if form is Form.XLSX:
        happenings = list_happenings(g.session, g.caller, trace)
        answer = answer_workbook(trace_forms.sheets_of(telling, happenings), name)
    elif form is Form.TREE:
        answer = jsonify(trace_forms.present_tree(grow_tree(trace), telling))
        answer.mimetype = MEDIA_TYPES[form]
    else:
        words = trace_forms.words_of(telling)
        drawn = draw_svg(fold(trace_forms.graph_of(telling), words.several), words)
        answer = Response(drawn, content_type=MEDIA_TYPES[form])
        answer.headers.set("Content-Disposition", "inline", filename=f"{name}.svg")
    answer.vary.update(("Accept", "Accept-Language"))
    return answer


def present_trace(trace: Trace) -> dict[str, Any]:
    """Return a trace as the contract has it."""
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
