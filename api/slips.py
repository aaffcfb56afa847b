"""`/v1/slips`: weigh slips, to be read, printed on A4 or an 80 mm roll, and shown to who has the link."""

from flask import Response, g
from flask.views import MethodView
from marshmallow import fields

from api import paging
from api.auth import open_to_all
from api.moments import Happened, Noted
from api.openapi import Blueprint
from api.papers import PDF, PaperQuery, send_paper
from api.shown import shown, shown_mass
from api.slip_values import link_of, slip_values
from api.state import current_state
from api.weighings import WeighingSchema
from trace.nouns import SLIPS
from trace.records import Page, Record, get_record

blueprint = Blueprint("slips", __name__, url_prefix="/v1/slips", description="磅单 · weigh slips")


class SlipSchema(WeighingSchema):
    """A weigh slip: what the scale said, the price and both names. It stands, or is reversed and replaced."""

    class Meta:
        """Its own number is its code."""

        exclude = ("slip",)

    code = fields.String()
    party = fields.String(attribute="owner", metadata={"description": "谁的秤。Whose scale it was."})
    kind = fields.String()
    state = fields.String()
    giver = fields.String()
    giver_name = fields.String()
    giver_person = fields.String(allow_none=True)
    receiver = fields.String()
    receiver_name = fields.String()
    weigher_person = fields.String(allow_none=True)
    hand_over_state = fields.String(
        allow_none=True, metadata={"description": "交付后来怎样。What became of a hand-over."}
    )
    record = fields.String(metadata={"description": "所属的交付或验收。The hand-over or intake."})
    weighed_on = fields.Date()
    weighed_at = Happened()
    net = shown_mass("mass", "net_g")
    net_g = fields.Integer()
    replaced_by = fields.String(allow_none=True)
    replaces = fields.String(allow_none=True)
    reversed_at = Noted(allow_none=True)
    reversal_reason = fields.String(allow_none=True)
    entered_by = fields.String(allow_none=True)
    mode = fields.String()
    issued_at = Noted()
    link = shown(lambda row: link_of(current_state().settings.public_url, row["token"]))


@blueprint.route("")
class Slips(MethodView):
    """Weigh slips."""

    @open_to_all
    @blueprint.arguments(paging.query_for(SLIPS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(SLIPS, SlipSchema))
    def get(self, page: Page) -> paging.Answer:
        """List the slips of what was given or received."""
        return paging.answer(SLIPS, page)


@blueprint.route("/<path:code>")
class OneSlip(MethodView):
    """One weigh slip."""

    @open_to_all
    @blueprint.response(200, SlipSchema)
    def get(self, code: str) -> Record:
        """Return one slip by `CODE` or `PARTY/CODE`."""
        return get_record(g.session, g.caller, SLIPS, code)


@blueprint.route("/<path:code>/print")
class SlipPrint(MethodView):
    """A slip on paper."""

    @open_to_all
    @blueprint.arguments(PaperQuery, location="query", error_status_code=400)
    @blueprint.files(PDF)
    def get(self, query: dict[str, str], code: str) -> Response:
        """Print one slip: on A4, or on a receipt of 80 mm."""
        from labels.documents.slip import draw_slip  # noqa: PLC0415 -- drawing is heavy

        record = get_record(g.session, g.caller, SLIPS, code)
        values = slip_values(record, current_state().settings.public_url)
        return send_paper(query, record["code"], lambda paper: draw_slip(paper, values))
