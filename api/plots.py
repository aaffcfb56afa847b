"""`/v1/plots`: pieces of land under one holder and one cultivar."""

from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields

from api import paging
from api.auth import open_to_all
from api.fields import Measure
from api.openapi import Blueprint
from trace.nouns import PLOTS
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


@blueprint.route("")
class Plots(MethodView):
    """Plots."""

    @open_to_all
    @blueprint.arguments(paging.query_for(PLOTS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(PLOTS, PlotSchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List plots."""
        return paging.answer(PLOTS, page)


@blueprint.route("/<path:code>")
class OnePlot(MethodView):
    """One plot."""

    @open_to_all
    @blueprint.response(200, PlotSchema)
    def get(self, code: str) -> Record:
        """Return one plot, by its long code or by the id a season file gave it."""
        return get_record(g.session, g.caller, PLOTS, code)
