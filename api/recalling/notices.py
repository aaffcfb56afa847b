"""`/v1/recalls/{code}/notices` writes notices, `/v1/recall-notices` tells what became of them and takes the outcome."""

from http import HTTPStatus
from typing import Any

from flask import Response, g, jsonify
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import document_write, read_body
from api.fields import Body, Code, Flag, Many, Part, Text, Word
from api.moments import Noted
from api.openapi import Blueprint
from api.recalling.texts import notice_texts
from api.state import current_state
from trace.entries.recalling import EnterNotices, Told, enter_notices, settle
from trace.nouns.recalling import RECALL_NOTICES
from trace.recalling.contacts import Channel
from trace.recalling.notices import NoticeState
from trace.records import Page, Record, get_record, read_records

from .contacts import KEEPERS

blueprint = Blueprint("recall-notices", __name__, url_prefix="/v1", description="召回通知 · recall notices")


class RecallToldSchema(Body):
    """Somebody to be told who is no buyer on record."""

    name = Text(120, required=True)
    channel = Word(Channel, required=True)
    address = Text(400, private=True)

    @post_load
    def part(self, data: dict[str, Any], **_: Any) -> Told:
        """Return the typed part."""
        return Told(**data)


class EnterRecallNoticesSchema(Body):
    """Whom to tell. Empty, it is every buyer with units who was not told yet, by the fastest contact known."""

    EXAMPLE = {"buyers": ["BUY-1"], "others": [{"name": "县市场监管局", "channel": "print"}]}  # noqa: RUF012

    buyers = Many(Code(60))
    others = Many(Part(RecallToldSchema))

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterNotices:
        """Return the typed command."""
        return EnterNotices(**data)


class RecallNoticeSchema(Schema):
    """A notice, its words, and what became of it."""

    code = fields.String()
    recall = fields.String()
    recalled_by = fields.String()
    recipient = fields.String()
    buyer = fields.String(allow_none=True)
    units = fields.Integer()
    channel = Word(Channel)
    address = fields.String(allow_none=True)
    text_zh = fields.String()
    text_en = fields.String()
    state = Word(NoticeState)
    tries = fields.Integer()
    last_error = fields.String(allow_none=True)
    created_at = Noted()
    sent_at = Noted(allow_none=True)
    settled_at = Noted(allow_none=True)
    settled_by = fields.String(allow_none=True)
    outcome = fields.String(allow_none=True)


class RecallNoticesSchema(Schema):
    """The notices written."""

    notices = fields.List(fields.Nested(RecallNoticeSchema))


class NoticeOutcomeSchema(Body):
    """Whether the holder knows, by whose word; if not, why."""

    EXAMPLE = {"reached": True, "person": "王芳", "outcome": "电话确认，已下架"}  # noqa: RUF012

    reached = Flag(required=True)
    person = Text(60, required=True)
    outcome = Text(400)


@blueprint.route("/recalls/<path:code>/notices")
class WriteNotices(MethodView):
    """The notices of a recall."""

    @open_to(*KEEPERS)
    @document_write(blueprint, EnterRecallNoticesSchema, RecallNoticesSchema, many=False)
    def post(self, code: str) -> Response:
        """Write notices: sent at once where their channel is open, else for paper and telephone."""
        state = current_state()
        edge = notice_texts(state.catalogue), state.settings.open_channels
        rows = enter_notices(g.session, g.caller, code, read_body(EnterRecallNoticesSchema()), edge)
        records = read_records(g.session, g.caller, RECALL_NOTICES, [row.id for row in rows])
        answer = jsonify(RecallNoticesSchema().dump({"notices": records}))
        answer.status_code = HTTPStatus.CREATED
        answer.headers["Location"] = "/v1/recall-notices"
        return answer


@blueprint.route("/recall-notices")
class Notices(MethodView):
    """Notices."""

    @open_to_all
    @blueprint.arguments(paging.query_for(RECALL_NOTICES), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(RECALL_NOTICES, RecallNoticeSchema))
    def get(self, page: Page) -> paging.Answer:
        """List notices of the caller's recalls, and those to the caller."""
        return paging.answer(RECALL_NOTICES, page)


@blueprint.route("/recall-notices/<path:code>")
class OneNotice(MethodView):
    """One notice."""

    @open_to_all
    @blueprint.response(200, RecallNoticeSchema)
    def get(self, code: str) -> Record:
        """Return one notice by its delivery id."""
        return get_record(g.session, g.caller, RECALL_NOTICES, code)


@blueprint.route("/recall-notices/<path:code>/outcomes")
class NoticeOutcomes(MethodView):
    """Whether a notice reached anybody."""

    @open_to(*KEEPERS)
    @document_write(blueprint, NoticeOutcomeSchema, RecallNoticeSchema, many=False)
    def post(self, code: str) -> Response:
        """Say, in a person's name, whether the holder knows; if not, why."""
        row = settle(g.session, g.caller, code, read_body(NoticeOutcomeSchema()))
        answer = jsonify(RecallNoticeSchema().dump(read_records(g.session, g.caller, RECALL_NOTICES, [row.id])[0]))
        answer.status_code = HTTPStatus.CREATED
        answer.headers["Location"] = f"/v1/recall-notices/{row.code}"
        return answer
