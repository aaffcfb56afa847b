"""`/v1/recalls`: lots taken back from trade and consumers."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import writes
from api.fields import Code, Many, Moment, NewCode, Text, Whole, Word
from api.filled import FilledBody
from api.moments import Happened
from api.openapi import Blueprint
from trace.accounts import Role
from trace.entries.recalls import EnterRecall, enter_recalls
from trace.nouns import RECALLS
from trace.recalls import Recall, RecallState, Trigger
from trace.records import Page, Record, get_record

blueprint = Blueprint("recalls", __name__, url_prefix="/v1/recalls", description="召回 · recalls")


class EnterRecallSchema(FilledBody):
    """A recall to start; `party` answers for it."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "lots": ["L001"],
        "level": 2,
        "known_at": "2026-06-01T08:00:00+08:00",
        "started_at": "2026-06-01T15:00:00+08:00",
        "reason": "农残超标",
        "result": "T016",
    }

    code = NewCode()
    lots = Many(Code(), required=True, most=200)
    level = Whole(1, 3, required=True)
    known_at = Moment(required=True)
    started_at = Moment(required=True)
    reason = Text(400)
    result = Code()
    trigger = Word(Trigger, metadata={"description": "起因，默认按是否有检验结果。What set it off."})
    person = Text(60, metadata={"description": "启动人。Who starts it; the key's holder by default."})

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterRecall:
        """Return the typed command."""
        return EnterRecall(**data)


class RecallSchema(Schema):
    """A recall and the lots in its scope."""

    code = fields.String()
    party = fields.String(attribute="owner")
    level = fields.Integer()
    state = Word(RecallState)
    trigger = Word(Trigger, attribute="set_off_by")
    known_at = Happened()
    start_by = Happened()
    started_at = Happened()
    finish_by = fields.Date()
    reason = fields.String(allow_none=True)
    result = fields.String(allow_none=True)
    lots = fields.List(fields.String())


@blueprint.route("")
class Recalls(MethodView):
    """Recalls."""

    @open_to_all
    @blueprint.arguments(paging.query_for(RECALLS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(RECALLS, RecallSchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List recalls that are the caller's or reach a lot of its own."""
        return paging.answer(RECALLS, page)

    @open_to(Role.OPERATOR, Role.OFFICER, Role.PLANT, Role.BRAND)
    @writes(blueprint, RECALLS, EnterRecallSchema, RecallSchema)
    def post(self, records: Sequence[EnterRecall]) -> list[Recall]:
        """Start recalls; every code of all that was made of the lots says so from here on."""
        return enter_recalls(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OneRecall(MethodView):
    """One recall."""

    @open_to_all
    @blueprint.response(200, RecallSchema)
    def get(self, code: str) -> Record:
        """Return one recall."""
        return get_record(g.session, g.caller, RECALLS, code)
