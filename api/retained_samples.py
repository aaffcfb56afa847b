"""`/v1/retained-samples`: what is kept of samples, until when, and what became of it."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import acts, writes
from api.fields import Body, Code, Day, Mass, NewCode, Text
from api.filled import FilledBody
from api.openapi import Blueprint
from trace.accounts import Role
from trace.entries.retained_samples import EnterRetained, enter_disposal, enter_retained
from trace.nouns import RETAINED_SAMPLES
from trace.records import Page, Record, get_record
from trace.retained_samples import RetainedSample

blueprint = Blueprint("retained-samples", __name__, url_prefix="/v1/retained-samples", description="留样 · retained")

_KEEPERS = (Role.OPERATOR, Role.COOP, Role.BROKER, Role.PLANT, Role.BRAND, Role.LABORATORY)


class EnterRetainedSchema(FilledBody):
    """What is kept of a sample that was taken: not more than left the lot for it."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "sample": "SA1",
        "mass": {"value": "100", "unit": "g"},
        "place": "留样室 A-03",
    }

    code = NewCode()
    sample = Code(required=True)
    mass = Mass(required=True)
    place = Text(120, required=True)
    kept_from = Day()
    keep_until = Day(metadata={"description": "默认保质期满后六个月，没有的两年。As long as the law asks by default."})

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterRetained:
        """Return the typed command."""
        return EnterRetained(**data)


class DisposalSchema(Body):
    """How what was kept is disposed of."""

    EXAMPLE = {"disposal": "到期销毁"}  # noqa: RUF012 -- shown, never changed

    disposal = Text(200, required=True)


class RetainedSchema(Schema):
    """What is kept of a sample."""

    code = fields.String()
    party = fields.String(attribute="owner")
    sample = fields.String()
    lot = fields.String()
    mass_g = fields.Integer()
    place = fields.String()
    kept_from = fields.Date()
    keep_until = fields.Date()
    disposed_on = fields.Date(allow_none=True)
    disposed_by = fields.String(allow_none=True)
    disposal = fields.String(allow_none=True)


@blueprint.route("")
class RetainedSamples(MethodView):
    """Retained samples."""

    @open_to_all
    @blueprint.arguments(paging.query_for(RETAINED_SAMPLES), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(RETAINED_SAMPLES, RetainedSchema))
    def get(self, page: Page) -> paging.Answer:
        """List what is kept; `due` lists what is still kept and may be disposed of after that day."""
        return paging.answer(RETAINED_SAMPLES, page)

    @open_to(*_KEEPERS)
    @writes(blueprint, RETAINED_SAMPLES, EnterRetainedSchema, RetainedSchema)
    def post(self, records: Sequence[EnterRetained]) -> list[RetainedSample]:
        """Keep parts of samples: one, or up to a thousand in an array."""
        return enter_retained(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OneRetainedSample(MethodView):
    """One retained sample."""

    @open_to_all
    @blueprint.response(200, RetainedSchema)
    def get(self, code: str) -> Record:
        """Return one by `CODE` or `PARTY/CODE`."""
        return get_record(g.session, g.caller, RETAINED_SAMPLES, code)


@blueprint.route("/<path:code>/disposals")
class RetainedDisposals(MethodView):
    """The disposal of what was kept."""

    @open_to(*_KEEPERS)
    @acts(blueprint, RETAINED_SAMPLES, DisposalSchema, RetainedSchema)
    def post(self, record: Record, body: dict[str, str]) -> RetainedSample:
        """Dispose of what was kept, in one's own name, once its day has gone by."""
        return enter_disposal(g.session, g.caller, record["key"], body["disposal"])
