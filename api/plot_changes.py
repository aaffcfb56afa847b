"""`/v1/plots/{code}/versions`: what a plot was and is; `…/surveys`, `…/holders`, `…/splits`, `…/joins`, `…/merges`."""

from collections.abc import Mapping
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any

from flask import Response, g, jsonify
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import acts, document_write, read_body, unnumbered
from api.changes import MergeBody
from api.fields import Body, Code, Day, Flag, Many, Measure, NewCode, Outline, Part, Text, Whole
from api.moments import Noted
from api.openapi import Blueprint
from api.plots import PlotSchema
from api.shown import TEXT_OR_NONE, shown
from trace.accounts import Role
from trace.entries.amendments import EnterMerge
from trace.entries.plot_changes import (
    EnterHolder,
    EnterJoin,
    EnterPart,
    EnterSplit,
    EnterSurvey,
    enter_holder,
    enter_join,
    enter_plot_merge,
    enter_split,
    enter_survey,
)
from trace.nouns import PLOT_VERSIONS, PLOTS, versions_of
from trace.places import Plot
from trace.records import Page, Record, get_record, read_records

blueprint = Blueprint("plot-changes", __name__, url_prefix="/v1/plots", description="地块变更 · changes of plots")
_KEEPERS = (Role.OPERATOR, Role.OFFICER, Role.COOP)
_GROWS = ("cultivar", "clonal", "planted_year", "certification")


class ChangeBody(Body):
    """What every change of a plot says."""

    from_on = Day(metadata={"description": "自哪天起，默认今天。From which day on, today by default."})
    reason = Text(200)


class SurveySchema(ChangeBody):
    """What a plot is from a day on; what is left out stays."""

    EXAMPLE = {"from_on": "2026-07-01", "area_mu": "3.7", "certification": "绿色食品", "reason": "复测"}  # noqa: RUF012 -- shown

    crs = Code(20)
    outline = Outline()
    area_mu = Measure(0, 100_000)
    cultivar = Text(60)
    clonal = Flag(allow_none=True)
    planted_year = Whole(1800, 2200, allow_none=True)
    certification = Text(60, allow_none=True)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterSurvey:
        """Return the typed command."""
        return EnterSurvey(from_on=data.pop("from_on", None), reason=data.pop("reason", None), values=data)


class HolderSchema(ChangeBody):
    """Who holds a plot from a day on, and in which co-operative, where that changes too."""

    EXAMPLE = {"holder": "F023", "from_on": "2026-07-01", "reason": "流转"}  # noqa: RUF012 -- shown, never changed

    holder = Code(60, required=True, allow_none=True)
    cooperative = Code(60, allow_none=True)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterHolder:
        """Return the typed command."""
        return EnterHolder(moves="cooperative" in data, **data)


class PartSchema(Body):
    """A plot that takes the place of others; what it does not say it has of the first of them."""

    code = NewCode(required=True)
    area_mu = Measure(0, 100_000, required=True)
    crs = Code(20, required=True)
    outline = Outline(required=True)
    holder = Code(60)
    cultivar = Text(60)
    clonal = Flag()
    planted_year = Whole(1800, 2200)
    certification = Text(60)

    @post_load
    def part(self, data: dict[str, Any], **_: Any) -> EnterPart:
        """Return the typed part."""
        values = {name: data.pop(name) for name in _GROWS if name in data}
        return EnterPart(values=values, **data)


def _strip(west: float, east: float) -> dict[str, Any]:
    """Return an outline between two meridians, within the first plot of the demonstration or beside it."""
    south, north = 35.2323, 35.2326
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def _example(code: str, west: float, east: float) -> dict[str, Any]:
    return {"code": code, "area_mu": "1.1", "crs": "WGS-84", "outline": _strip(west, east)}


class SplitSchema(ChangeBody):
    """The plots into which one is split; together they are no more than it was."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "from_on": "2026-07-01",
        "parts": [_example("3799011012010101", 119.1679, 119.1681), _example("3799011012010102", 119.1681, 119.1683)],
        "reason": "分户",
    }

    parts = Many(Part(PartSchema), required=True, least=2, most=50)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterSplit:
        """Return the typed command."""
        return EnterSplit(**data)


class JoinSchema(ChangeBody):
    """The neighbours with which a plot is joined, and what they are together."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "with": ["3799011012010102"],
        "from_on": "2026-07-02",
        "plot": {**_example("3799011012010103", 119.1679, 119.1683), "area_mu": "2.2"},
    }

    others = Many(Code(60), required=True, most=50, data_key="with")
    plot = Part(PartSchema, required=True)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterJoin:
        """Return the typed command."""
        return EnterJoin(**data)


class MergePlotsSchema(MergeBody):
    """Of which plot this one is a duplicate."""

    EXAMPLE = {"into": "P032", "reason": "同一块地登记了两次"}  # noqa: RUF012 -- shown, never changed


class SplitPlotsSchema(Schema):
    """The plots into which one was split."""

    plots = fields.List(fields.Nested(PlotSchema))


def _replaced(row: Mapping[str, Any]) -> bool:
    return row["following_on"] is not None and row["following_on"] == row["from_on"]


def _until_on(row: Mapping[str, Any]) -> str | None:
    """Return the last day of a version: the eve of the next, or the end of the plot."""
    following: date | None = row["following_on"]
    until = row["ended_on"] if following is None else following - timedelta(days=1)
    return None if until is None or _replaced(row) else until.isoformat()


class PlotVersionSchema(Schema):
    """What a plot was from a day on; the outline is GeoJSON in WGS-84."""

    from_on = fields.Date(allow_none=True, metadata={"description": "空：一直如此。Empty: always so."})
    until_on = shown(_until_on, {**TEXT_OR_NONE, "format": "date", "description": "最后一天。The last day."})
    replaced = shown(
        _replaced, {"type": "boolean", "description": "同一天又有新的说法，以后者为准。Another of the same day counts."}
    )
    cooperative = fields.String(allow_none=True)
    holder = fields.String(allow_none=True)
    cultivar = fields.String()
    planted_year = fields.Integer(allow_none=True)
    area_mu = Measure()
    area_m2 = fields.Float()
    certification = fields.String(allow_none=True)
    outline = fields.Dict(keys=fields.String())
    reason = fields.String(allow_none=True)
    recorded_at = Noted()


@blueprint.route("/<path:code>/versions")
class Versions(MethodView):
    """Versions of a plot."""

    @open_to_all
    @blueprint.arguments(paging.query_for(PLOT_VERSIONS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(PLOT_VERSIONS, PlotVersionSchema))
    def get(self, page: Page, code: str) -> paging.Answer:
        """List what a plot was, the first version first; who may read the plot reads them."""
        return paging.answer(versions_of(get_record(g.session, g.caller, PLOTS, code)["key"]), page)


@blueprint.route("/<path:code>/surveys")
class Surveys(MethodView):
    """Surveys of a plot."""

    @open_to(*_KEEPERS)
    @acts(blueprint, PLOTS, SurveySchema, PlotSchema)
    def post(self, record: Record, command: EnterSurvey) -> Plot:
        """Say what a plot is from a day on: outline, area, what grows there."""
        return enter_survey(g.session, g.caller, record, command)


@blueprint.route("/<path:code>/holders")
class Holders(MethodView):
    """Holders of a plot."""

    @open_to(*_KEEPERS)
    @acts(blueprint, PLOTS, HolderSchema, PlotSchema)
    def post(self, record: Record, command: EnterHolder) -> Plot:
        """Say who holds a plot from a day on."""
        return enter_holder(g.session, g.caller, record, command)


@blueprint.route("/<path:code>/splits")
class Splits(MethodView):
    """The splitting of a plot."""

    @open_to(*_KEEPERS)
    @document_write(blueprint, SplitSchema, SplitPlotsSchema, many=False)
    def post(self, code: str) -> Response:
        """Split a plot into several from a day on; the answer is those."""
        command = read_body(SplitSchema())
        with unnumbered():
            plots = enter_split(g.session, g.caller, get_record(g.session, g.caller, PLOTS, code), command)
        shown = read_records(g.session, g.caller, PLOTS, [plot.id for plot in plots])
        answer = jsonify(SplitPlotsSchema().dump({"plots": shown}))
        answer.status_code, answer.headers["Location"] = HTTPStatus.CREATED, f"/v1/plots/{plots[0].code}"
        return answer


@blueprint.route("/<path:code>/joins")
class Joins(MethodView):
    """The joining of plots."""

    @open_to(*_KEEPERS)
    @acts(blueprint, PLOTS, JoinSchema, PlotSchema)
    def post(self, record: Record, command: EnterJoin) -> Plot:
        """Join a plot with neighbours from a day on; the answer is the plot that takes their place."""
        return enter_join(g.session, g.caller, record, command)


@blueprint.route("/<path:code>/merges")
class Merges(MethodView):
    """A plot that is another."""

    @open_to(*_KEEPERS)
    @acts(blueprint, PLOTS, MergePlotsSchema, PlotSchema)
    def post(self, record: Record, command: EnterMerge) -> Plot:
        """Say that a plot is a duplicate of another; the answer is that one."""
        return enter_plot_merge(g.session, g.caller, record, command)
