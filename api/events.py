"""`/v1/events`: the record itself, in the one order."""

import json
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields

from api import paging
from api.auth import open_to_all
from api.openapi import Blueprint
from trace.nouns import EVENTS
from trace.records import Page, Record, get_record

blueprint = Blueprint("events", __name__, url_prefix="/v1/events", description="事件 · events")


class EventSchema(Schema):
    """An event with its EPCIS 2.0 document."""

    position = fields.Integer()
    event_id = fields.String()
    type = fields.String()
    step = fields.String(attribute="biz_step", allow_none=True)
    event_time = fields.AwareDateTime()
    utc_offset = fields.String()
    recorded_at = fields.AwareDateTime()
    mode = fields.String()
    party = fields.String()
    declares_error = fields.Boolean()
    document = fields.Function(lambda row: json.loads(row["document"]))


@blueprint.route("")
class Events(MethodView):
    """Events."""

    @open_to_all
    @blueprint.arguments(paging.query_for(EVENTS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(EVENTS, EventSchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List events in the order of their positions."""
        return paging.answer(EVENTS, page)


@blueprint.route("/<path:code>")
class OneEvent(MethodView):
    """One event."""

    @open_to_all
    @blueprint.response(200, EventSchema)
    def get(self, code: str) -> Record:
        """Return one event by its position or its event id."""
        return get_record(g.session, g.caller, EVENTS, code)
