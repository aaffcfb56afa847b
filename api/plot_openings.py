"""`/v1/plots/{code}/openings`: from which day on a plot was picked in each year."""

from http import HTTPStatus
from typing import Any

from flask import Response, g, jsonify, request
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import document_write, read_body
from api.fields import Body, Day
from api.moments import Noted
from api.openapi import Blueprint
from trace.accounts import Role
from trace.entries.plot_openings import EnterOpening, enter_opening
from trace.nouns import PLOT_OPENINGS, PLOTS, openings_of
from trace.records import Page, get_record, read_records

blueprint = Blueprint("plot-openings", __name__, url_prefix="/v1/plots", description="开园 · openings of plots")


class EnterOpeningSchema(Body):
    """The first day of picking in the day's year; of two of one year the later said counts."""

    EXAMPLE = {"opened_on": "2026-04-12"}  # noqa: RUF012 -- shown, never changed

    opened_on = Day(required=True, metadata={"description": "开园（开采）日期。The first day of picking."})

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterOpening:
        """Return the typed command."""
        return EnterOpening(**data)


class PlotOpeningSchema(Schema):
    """The opening of a plot in a year."""

    plot = fields.String(attribute="code")
    opened_on = fields.Date()
    recorded_at = Noted()


@blueprint.route("/<path:code>/openings")
class Openings(MethodView):
    """Openings of a plot."""

    @open_to_all
    @blueprint.arguments(paging.query_for(PLOT_OPENINGS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(PLOT_OPENINGS, PlotOpeningSchema))
    def get(self, page: Page, code: str) -> paging.Answer:
        """List the openings of a plot in the order in which they were said."""
        return paging.answer(openings_of(get_record(g.session, g.caller, PLOTS, code)["key"]), page)

    @open_to(Role.OPERATOR, Role.OFFICER, Role.COOP)
    @document_write(blueprint, EnterOpeningSchema, PlotOpeningSchema, many=False)
    def post(self, code: str) -> Response:
        """Say on which day a plot was opened to picking; early claims of that year are judged again."""
        command = read_body(EnterOpeningSchema())
        opening = enter_opening(g.session, g.caller, get_record(g.session, g.caller, PLOTS, code), command)
        answer = jsonify(PlotOpeningSchema().dump(read_records(g.session, g.caller, PLOT_OPENINGS, [opening.id])[0]))
        answer.status_code, answer.headers["Location"] = HTTPStatus.CREATED, request.path
        return answer
