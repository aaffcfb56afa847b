"""`/v1/events`: the record itself, in the one order."""

import json
import threading
import time
from typing import Any, NamedTuple

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to_all
from api.moments import Happened, Noted
from api.openapi import Blueprint
from api.parameters import Count
from api.shown import OBJECT, shown
from trace.nouns import EVENTS
from trace.records import Page, Record, get_record, list_records

LONGEST_S = 30  # a proxy may close what is silent for a minute
_PAUSE_S = 0.5
_places = threading.BoundedSemaphore(4)  # of the eight threads of a process (`api/server.py`); the rest must answer

blueprint = Blueprint("events", __name__, url_prefix="/v1/events", description="事件 · events")


class EventSchema(Schema):
    """An event with its EPCIS 2.0 document."""

    position = fields.Integer()
    event_id = fields.String()
    type = fields.String()
    step = fields.String(attribute="biz_step", allow_none=True)
    event_time = Happened()
    utc_offset = fields.String()
    recorded_at = Noted()
    mode = fields.String()
    party = fields.String()
    declares_error = fields.Boolean()
    document = shown(lambda row: json.loads(row["document"]), OBJECT)


class Waiting(NamedTuple):
    """A page of events, and for how many seconds to wait for it."""

    page: Page
    seconds: int | None


class EventsQuery(paging.query_for(EVENTS)):  # type: ignore[misc]  # made from the noun's filters
    """Which part of the record, and how long to wait for what comes next."""

    wait = Count(0, LONGEST_S, load_default=None)

    @post_load
    def page(self, data: dict[str, Any], **_: Any) -> Waiting:
        """Return the typed question. Tokens are the same with and without waiting."""
        seconds = data.pop("wait")
        return Waiting(super().page(data), seconds)


@blueprint.route("")
class Events(MethodView):
    """Events."""

    @open_to_all
    @blueprint.arguments(EventsQuery, location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(EVENTS, EventSchema))
    def get(self, asked: Waiting) -> paging.Answer:
        """List events in the order of their positions; `wait` seconds for the next one where there is none yet."""
        return paging.answer(EVENTS, asked.page) if asked.seconds is None else _await_events(asked.page, asked.seconds)


def _await_events(page: Page, seconds: int) -> paging.Answer:
    """Return the next events as soon as there are any; `next` always says where to go on, also with none."""
    rows, _ = list_records(g.session, g.caller, EVENTS, page)
    if not rows and _places.acquire(blocking=False):
        try:
            rows = _poll(page, time.monotonic() + seconds)
        finally:
            _places.release()
    return paging.present(rows, rows[-1]["key"] if rows else page.after, page)


def _poll(page: Page, until: float) -> list[Record]:
    rows: list[Record] = []
    while not rows and time.monotonic() < until:
        g.session.rollback()  # or the same picture would be seen for ever
        time.sleep(_PAUSE_S)
        rows, _ = list_records(g.session, g.caller, EVENTS, page)
    return rows


@blueprint.route("/<path:code>")
class OneEvent(MethodView):
    """One event."""

    @open_to_all
    @blueprint.response(200, EventSchema)
    def get(self, code: str) -> Record:
        """Return one event by its position or its event id."""
        return get_record(g.session, g.caller, EVENTS, code)
