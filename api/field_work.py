"""`/v1/field-work`: what was done or seen on plots, pests among it."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import writes
from api.fields import Code, Measure, Moment, NewCode, Text
from api.filled import FilledBody
from api.moments import Happened
from api.openapi import Blueprint
from trace.accounts import Role
from trace.entries.field_work import EnterFieldWork, enter_field_work
from trace.field_work import FieldWork
from trace.nouns import FIELD_WORK
from trace.records import Page, Record, get_record

blueprint = Blueprint("field-work", __name__, url_prefix="/v1/field-work", description="农事与病虫 · field work")


class EnterFieldWorkSchema(FilledBody):
    """A piece of work on a plot to record."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "plot": "P001",
        "kind": "病虫调查",
        "done_at": "2026-04-10T08:00:00+08:00",
        "pest": "茶小绿叶蝉",
        "per_100_leaves": "4",
        "decision": "未达指标，不防治",
        "weather": "晴",
    }

    code = NewCode()
    plot = Code(required=True)
    kind = Text(
        60, required=True, metadata={"description": "施肥、修剪、除草、灌溉、防冻、挂黄板、病虫调查等。What was done."}
    )
    done_at = Moment(required=True)
    pest = Text(60)
    per_100_leaves = Measure(metadata={"description": "百叶虫数。Counted on a hundred leaves."})
    decision = Text(metadata={"description": "防治决定。What was decided."})
    quantity = Measure()
    unit = Text(20)
    area_mu = Measure()
    weather = Text(60)
    worker = Text(60, private=True, metadata={"description": "作业人姓名，仅本单位可见。By name, for the party alone."})

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterFieldWork:
        """Return the typed command."""
        return EnterFieldWork(**data)


class FieldWorkSchema(Schema):
    """A piece of work on a plot."""

    code = fields.String()
    party = fields.String(attribute="owner")
    entered_by = fields.String(allow_none=True)
    plot = fields.String()
    kind = fields.String()
    done_on = fields.Date()
    done_at = Happened()
    pest = fields.String(allow_none=True)
    per_100_leaves = Measure(allow_none=True)
    decision = fields.String(allow_none=True)
    quantity = Measure(allow_none=True)
    unit = fields.String(allow_none=True)
    area_mu = Measure(allow_none=True)
    weather = fields.String(allow_none=True)
    worker = fields.String(allow_none=True)
    mode = fields.String()
    event = fields.String()


@blueprint.route("")
class FieldWorks(MethodView):
    """Work on plots."""

    @open_to_all
    @blueprint.arguments(paging.query_for(FIELD_WORK), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(FIELD_WORK, FieldWorkSchema))
    def get(self, page: Page) -> paging.Answer:
        """List the work on plots that the caller may read."""
        return paging.answer(FIELD_WORK, page)

    @open_to(Role.OPERATOR, Role.COOP, Role.BROKER, Role.PLANT)
    @writes(blueprint, FIELD_WORK, EnterFieldWorkSchema, FieldWorkSchema)
    def post(self, records: Sequence[EnterFieldWork]) -> list[FieldWork]:
        """Record work on plots: one, or up to a thousand in an array."""
        return enter_field_work(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OneFieldWork(MethodView):
    """A piece of work on a plot."""

    @open_to_all
    @blueprint.response(200, FieldWorkSchema)
    def get(self, code: str) -> Record:
        """Return one by `CODE` or `PARTY/CODE`."""
        return get_record(g.session, g.caller, FIELD_WORK, code)
