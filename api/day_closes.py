"""`/v1/day-closes`: a day closed with its totals per grower and buyer; what comes later stands in a supplement."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import Response, g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import writes
from api.fields import Body, Code, Day, Measure
from api.moments import Noted
from api.openapi import Blueprint
from api.papers import PDF, PaperQuery, send_paper
from api.shown import OBJECT, shown
from trace.accounts import Role
from trace.day_closes import DayClose, Side
from trace.entries.day_closes import EnterDayClose, enter_day_closes
from trace.mass import jin_and_kilograms
from trace.nouns import DAY_CLOSES
from trace.records import Page, Record, get_record

blueprint = Blueprint("day-closes", __name__, url_prefix="/v1/day-closes", description="日结 · closings of the day")


class EnterDayCloseSchema(Body):
    """A day to close, or to close again with what came since."""

    EXAMPLE = {"day": "2026-04-18"}  # noqa: RUF012 -- shown, never changed

    party = Code(60, metadata={"description": "为谁日结，默认本单位。For whom; the caller's own party by default."})
    day = Day(required=True)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterDayClose:
        """Return the typed command."""
        return EnterDayClose(**data)


class DayTotalSchema(Schema):
    """So many slips, so much leaf, so many yuan; what was taken back since an earlier closing is subtracted."""

    slips = fields.Integer()
    reversed = fields.Integer()
    net_g = fields.Integer()
    jin = shown(lambda row: jin_and_kilograms(row["net_g"])[0])
    amount_yuan = Measure()


class DayLineSchema(DayTotalSchema):
    """What was bought from, or sold to, one party of one standard and grade."""

    side = fields.String()
    party = fields.String(attribute="other")
    name = fields.String(attribute="other_name")
    person = fields.String(allow_none=True)
    pluck_standard = fields.String(allow_none=True)
    grade = fields.String(allow_none=True)


def total_of(lines: Sequence[Record], side: Side) -> dict[str, Any]:
    """Return what the lines of one side add up to."""
    some = [line for line in lines if line["side"] == side]
    total: dict[str, Any] = {name: sum(line[name] for line in some) for name in ("slips", "reversed", "net_g")}
    return {**total, "amount_yuan": sum((line["amount_yuan"] for line in some), Decimal("0.00"))}


def _total(side: Side) -> fields.Field[Any]:
    def show(row: Mapping[str, Any]) -> Any:
        return DayTotalSchema().dump(total_of(row["lines"], side))

    return shown(show, OBJECT)


class DayCloseSchema(Schema):
    """A closing: its lines are frozen; a supplement carries only what came, or was reversed, since the one before."""

    code = fields.String()
    party = fields.String(attribute="owner")
    entered_by = fields.String(allow_none=True)
    day = fields.Date()
    supplement = shown(lambda row: row["number"] > 1, {"type": "boolean"})
    bought = _total(Side.BOUGHT)
    sold = _total(Side.SOLD)
    lines = fields.List(fields.Nested(DayLineSchema))
    open_hand_overs = fields.List(fields.String())
    closed_at = Noted()


@blueprint.route("")
class DayCloses(MethodView):
    """Closings of the day."""

    @open_to_all
    @blueprint.arguments(paging.query_for(DAY_CLOSES), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(DAY_CLOSES, DayCloseSchema))
    def get(self, page: Page) -> paging.Answer:
        """List closings of one's own days."""
        return paging.answer(DAY_CLOSES, page)

    @open_to(Role.OPERATOR, Role.COOP, Role.BROKER, Role.PLANT)
    @writes(blueprint, DAY_CLOSES, EnterDayCloseSchema, DayCloseSchema)
    def post(self, records: Sequence[EnterDayClose]) -> list[DayClose]:
        """Close days: one, or up to a thousand in an array."""
        return enter_day_closes(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OneDayClose(MethodView):
    """One closing of a day."""

    @open_to_all
    @blueprint.response(200, DayCloseSchema)
    def get(self, code: str) -> Record:
        """Return one closing by `CODE` or `PARTY/CODE`."""
        return get_record(g.session, g.caller, DAY_CLOSES, code)


@blueprint.route("/<path:code>/print")
class DayClosePrint(MethodView):
    """A closing on paper."""

    @open_to_all
    @blueprint.arguments(PaperQuery, location="query", error_status_code=400)
    @blueprint.files(PDF)
    def get(self, query: dict[str, str], code: str) -> Response:
        """Print a closing: on A4, or on a receipt of 80 mm."""
        from api.day_close_values import day_close_values  # noqa: PLC0415 -- drawing is heavy
        from labels.documents.day_close import draw_day_close  # noqa: PLC0415 -- likewise

        record = get_record(g.session, g.caller, DAY_CLOSES, code)
        values = day_close_values(record)
        return send_paper(query, record["code"], lambda paper: draw_day_close(paper, values))
