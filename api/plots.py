"""`/v1/plots`: pieces of land under one holder and one cultivar."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import writes
from api.fields import Body, Code, Day, Flag, Measure, NewCode, Outline, Text, Whole
from api.openapi import Blueprint
from trace.accounts import Role
from trace.entries.places import EnterPlot, enter_plots
from trace.nouns import PLOTS
from trace.places import Plot
from trace.records import Page, Record, get_record

blueprint = Blueprint("plots", __name__, url_prefix="/v1/plots", description="地块 · plots")


class PlotSchema(Schema):
    """A plot; the outline is GeoJSON in WGS-84."""

    code = fields.String()
    village = fields.String()
    village_name = fields.String()
    cooperative = fields.String(allow_none=True)
    holder = fields.String(allow_none=True)
    cultivar = fields.String()
    clonal = fields.Boolean(allow_none=True)
    planted_year = fields.Integer(allow_none=True)
    area_mu = Measure()
    area_m2 = fields.Float()
    certification = fields.String(allow_none=True)
    crs = fields.String()
    outline = fields.Dict(keys=fields.String())
    from_on = fields.Date(allow_none=True)
    until_on = fields.Date(allow_none=True)


class EnterPlotSchema(Body):
    """A plot to register; its outline is a GeoJSON polygon in the system that `crs` names."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "code": "3799011012010099",
        "village": "379901101201",
        "cooperative": "C01",
        "cultivar": "中茶108",
        "planted_year": 2019,
        "area_mu": "1.1",
        "crs": "WGS-84",
        "outline": {
            "type": "Polygon",
            "coordinates": [
                [[119.17, 35.23], [119.1703, 35.23], [119.1703, 35.2303], [119.17, 35.2303], [119.17, 35.23]]
            ],
        },
    }

    code = NewCode(required=True)
    village = Code(12, required=True)
    cooperative = Code(60)
    holder = Code(60)
    cultivar = Text(60, required=True)
    clonal = Flag()
    planted_year = Whole(1800, 2200)
    area_mu = Measure(0, 100_000, required=True)
    crs = Code(20, required=True)
    outline = Outline(required=True)
    certification = Text(60)
    from_on = Day()

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterPlot:
        """Return the typed command."""
        return EnterPlot(**data)


@blueprint.route("")
class Plots(MethodView):
    """Plots."""

    @open_to_all
    @blueprint.arguments(paging.query_for(PLOTS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(PLOTS, PlotSchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List plots."""
        return paging.answer(PLOTS, page)

    @open_to(Role.OPERATOR, Role.OFFICER, Role.COOP)
    @writes(blueprint, PLOTS, EnterPlotSchema, PlotSchema)
    def post(self, records: Sequence[EnterPlot]) -> list[Plot]:
        """Register plots: one, or up to a thousand in an array."""
        return enter_plots(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OnePlot(MethodView):
    """One plot."""

    @open_to_all
    @blueprint.response(200, PlotSchema)
    def get(self, code: str) -> Record:
        """Return one plot, by its long code or by the id a season file gave it."""
        return get_record(g.session, g.caller, PLOTS, code)
