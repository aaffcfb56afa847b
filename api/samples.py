"""`/v1/samples`: what was taken from a lot to be tested."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import writes
from api.fields import Code, Mass, Moment, NewCode, Text
from api.filled import FilledBody
from api.moments import Happened
from api.openapi import Blueprint
from api.shown import shown_mass
from trace.accounts import Role
from trace.entries.samples import EnterSample, enter_samples
from trace.nouns import SAMPLES
from trace.quality import Sample
from trace.records import Page, Record, get_record

blueprint = Blueprint("samples", __name__, url_prefix="/v1/samples", description="样品 · samples")


class EnterSampleSchema(FilledBody):
    """A sample to record; `party` took it."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "lot": "L001",
        "sampled_at": "2026-04-20T09:00:00+08:00",
        "purpose": "commissioned",
        "mass": {"value": "200", "unit": "g"},
    }

    code = NewCode()
    lot = Code(required=True)
    sampled_at = Moment(required=True)
    purpose = Text(40, required=True)
    mass = Mass()
    laboratory = Code(60, metadata={"description": "送检机构。The laboratory that is to test it."})

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterSample:
        """Return the typed command."""
        return EnterSample(**data)


class SampleSchema(Schema):
    """A sample."""

    code = fields.String()
    party = fields.String(attribute="owner")
    entered_by = fields.String(allow_none=True)
    lot = fields.String()
    lot_party = fields.String()
    laboratory = fields.String(allow_none=True)
    sampled_on = fields.Date()
    sampled_at = Happened()
    purpose = fields.String()
    mass = shown_mass()
    mass_g = fields.Integer(allow_none=True)
    mode = fields.String()
    event = fields.String()


@blueprint.route("")
class Samples(MethodView):
    """Samples."""

    @open_to_all
    @blueprint.arguments(paging.query_for(SAMPLES), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(SAMPLES, SampleSchema))
    def get(self, page: Page) -> paging.Answer:
        """List samples that were recorded by themselves."""
        return paging.answer(SAMPLES, page)

    @open_to(*(role for role in Role if role is not Role.AUDITOR))
    @writes(blueprint, SAMPLES, EnterSampleSchema, SampleSchema)
    def post(self, records: Sequence[EnterSample]) -> list[Sample]:
        """Record samples: one, or up to a thousand in an array."""
        return enter_samples(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OneSample(MethodView):
    """One sample."""

    @open_to_all
    @blueprint.response(200, SampleSchema)
    def get(self, code: str) -> Record:
        """Return one sample by `CODE` or `PARTY/CODE`."""
        return get_record(g.session, g.caller, SAMPLES, code)
