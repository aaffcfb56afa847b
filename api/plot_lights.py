"""`/v1/plots/{code}/light`, `/v1/villages/{code}/lights`: whether leaf may be picked on a day, and why not."""

from dataclasses import replace
from datetime import date
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to_all
from api.fields import Day, Word
from api.openapi import Blueprint
from trace import clock
from trace.nouns import PLOTS, VILLAGES, plots_of
from trace.plot_lights import read_lights
from trace.records import Page, get_record, list_records
from trace.rules.light import Colour, Light

plots = Blueprint("plot-light", __name__, url_prefix="/v1/plots", description="地块红绿灯 · lights of plots")
villages = Blueprint(
    "village-lights", __name__, url_prefix="/v1/villages", description="全村红绿灯 · lights of a village"
)


class LightQuery(Schema):
    """On which day."""

    error_messages = {"unknown": "unknown-parameter"}  # noqa: RUF012 -- declared by marshmallow

    on = Day(metadata={"description": "哪一天，默认今天。On which day; today by default."})


class LightsQuery(LightQuery, paging.PageQuery):
    """On which day, and which part of the list."""

    @post_load
    def page(self, data: dict[str, Any], **more: Any) -> Page:
        """Return the typed question; a token is good for its day."""
        day: date = data.pop("on", None) or clock.today()
        page: Page = super().page({**data, "on": day.isoformat()}, **more)
        return page


class ReasonSchema(Schema):
    """Why a plot is red: a use within its interval, or one on which a finding stands that nobody has answered."""

    rule = fields.String()
    severity = fields.String()
    input = fields.String()
    product = fields.String()
    used_on = fields.Date()
    interval_days = fields.Integer(allow_none=True)
    basis = fields.String(
        allow_none=True,
        metadata={"description": "标签或表中最长。The pack's `label`, or the `table`'s largest."},
    )
    free_on = fields.Date(allow_none=True, metadata={"description": "空：须先答复。Empty: not until answered."})


class UnjudgedSchema(Schema):
    """A pesticide of which no interval is known."""

    input = fields.String(attribute="code")
    product = fields.String()
    used_on = fields.Date()


class LightSchema(Schema):
    """The light of a plot on a day: green, or red until a day, or red until somebody answers."""

    plot = fields.String()
    light = Word(Colour)
    until = fields.Date(allow_none=True, metadata={"description": "哪天转绿；空：未知。The day it turns green."})
    reasons = fields.List(fields.Nested(ReasonSchema))
    unjudged = fields.List(
        fields.Nested(UnjudgedSchema),
        metadata={"description": "间隔期未知的农药。Without a known interval."},
    )
    on = fields.Date()


def _shown(plot: str, light: Light) -> dict[str, Any]:
    return {"plot": plot, **vars(light)}


@plots.route("/<path:code>/light")
class OneLight(MethodView):
    """The light of a plot."""

    @open_to_all
    @plots.arguments(LightQuery, location="query", error_status_code=400)
    @plots.response(200, LightSchema)
    def get(self, query: dict[str, date], code: str) -> dict[str, Any]:
        """Say whether leaf picked on a day would be held for what was used on the plot, and until when."""
        record = get_record(g.session, g.caller, PLOTS, code)
        lights = read_lights(g.session, [record["key"]], query.get("on") or clock.today())
        return _shown(record["code"], lights[record["key"]])


@villages.route("/<path:code>/lights")
class Lights(MethodView):
    """The lights of a village."""

    @open_to_all
    @villages.arguments(LightsQuery, location="query", error_status_code=400)
    @villages.response(200, paging.page_of(replace(PLOTS, name="plot-light"), LightSchema))
    def get(self, page: Page, code: str) -> paging.Answer:
        """List the lights of those plots of a village that the caller may read and that are there on a day."""
        day = date.fromisoformat(page.filters["on"])
        noun = plots_of(get_record(g.session, g.caller, VILLAGES, code)["key"], day)
        rows, key = list_records(g.session, g.caller, noun, Page(limit=page.limit, after=page.after))
        lights = read_lights(g.session, [row["key"] for row in rows], day)
        return paging.present([_shown(row["code"], lights[row["key"]]) for row in rows], key, page)
