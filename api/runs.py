"""`/v1/runs` and `/v1/blends`: leaf becomes made tea, made tea becomes a finished lot."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import writes
from api.fields import Body, Loose, Many, Mass, Measure, Moment, NewCode, Part, Text
from api.filled import DrawBody, FilledBody
from api.moments import Happened
from api.openapi import Blueprint
from trace.accounts import Role
from trace.entries.runs import EnterRun, Output, StepDone, Work, enter_runs
from trace.nouns import BLENDS, RUNS
from trace.records import Noun, Page, Record, get_record
from trace.runs import Run

runs = Blueprint("runs", __name__, url_prefix="/v1/runs", description="制茶 · runs")
blends = Blueprint("blends", __name__, url_prefix="/v1/blends", description="拼配 · blends")


class OutputBody(Body):
    """A lot that is made."""

    code = NewCode(metadata={"description": "省略则自动编号。Given when left out."})
    mass = Mass(required=True)

    @post_load
    def part(self, data: dict[str, Any], **_: Any) -> Output:
        """Return the typed part."""
        return Output(**data)


class StepBody(Body):
    """One step of the work."""

    step = Text(60, required=True)
    measured = Loose(metadata={"description": "测得的数值。What was measured, by name."})

    @post_load
    def part(self, data: dict[str, Any], **_: Any) -> StepDone:
        """Return the typed part."""
        return StepDone(**data)


class EnterRunSchema(FilledBody):
    """A run or a blend to record; what is not accounted for is the loss."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "done_at": "2026-04-18T16:00:00+08:00",
        "inputs": [{"lot": "IT0001", "mass": {"value": "33.4", "unit": "kg"}}],
        "output": {"mass": {"value": "6.85", "unit": "kg"}},
        "by_product": {"mass": {"value": "300", "unit": "g"}},
        "moisture_percent": "4.9",
        "steps": [{"step": "杀青", "measured": {"drum_temp_c": 240, "minutes": 2.1}}],
    }

    code = NewCode()
    done_at = Moment(required=True)
    inputs = Many(Part(DrawBody), required=True, most=200)
    output = Part(OutputBody, required=True)
    by_product = Part(OutputBody)
    sample = Mass()
    grade = Text(60)
    product_kind = Text(60)
    moisture_percent = Measure(0, 100)
    pluck_standard = Text(60)
    weather = Text(60)
    steps = Many(Part(StepBody), least=0, most=40)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterRun:
        """Return the typed command."""
        return EnterRun(**data)


class InputSchema(Schema):
    """So much of a lot that was taken."""

    lot = fields.String()
    party = fields.String()
    mass_g = fields.Integer()


class RunSchema(Schema):
    """A run or a blend; masses in grams."""

    code = fields.String()
    party = fields.String(attribute="owner")
    entered_by = fields.String(allow_none=True)
    done_at = Happened()
    run_on = fields.Date()
    output = fields.String()
    grade = fields.String(allow_none=True)
    product_kind = fields.String(allow_none=True)
    input_g = fields.Integer()
    output_g = fields.Integer()
    by_product_g = fields.Integer()
    sample_g = fields.Integer()
    moisture_percent = Measure(allow_none=True)
    pluck_standard = fields.String(allow_none=True)
    weather = fields.String(allow_none=True)
    mode = fields.String()
    event = fields.String()
    inputs = fields.List(fields.Nested(InputSchema))


def _views(blueprint: Blueprint, noun: Noun, work: Work) -> type[MethodView]:
    """Register the views of one kind of work; return that of the list."""

    @blueprint.route("")
    class Works(MethodView):
        """Runs, or blends."""

        @open_to_all
        @blueprint.arguments(paging.query_for(noun), location="query", error_status_code=400)
        @blueprint.response(200, paging.page_of(noun, RunSchema))
        def get(self, page: Page) -> paging.Answer:
            """List what was made."""
            return paging.answer(noun, page)

        @open_to(Role.OPERATOR, Role.PLANT)
        @writes(blueprint, noun, EnterRunSchema, RunSchema)
        def post(self, records: Sequence[EnterRun]) -> list[Run]:
            """Record what was made: one, or up to a thousand in an array."""
            return enter_runs(g.session, g.caller, records, work)

    @blueprint.route("/<path:code>")
    class OneWork(MethodView):
        """One run, or one blend."""

        @open_to_all
        @blueprint.response(200, RunSchema)
        def get(self, code: str) -> Record:
            """Return one by `CODE` or `PARTY/CODE`."""
            return get_record(g.session, g.caller, noun, code)

    return Works


Runs, Blends = _views(runs, RUNS, Work.RUN), _views(blends, BLENDS, Work.BLEND)
