"""`/v1/recall-contacts`: how the holders of one's goods are reached. Personal data, kept by who would call."""

import contextlib
from collections.abc import Sequence
from typing import Any

from flask import Response, g, jsonify
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import created, document_write, ends, read_commands, unnumbered
from api.fields import Code, Text, Word
from api.filled import FilledBody
from api.moments import Noted
from api.openapi import Blueprint
from api.state import current_state
from trace.accounts import Role
from trace.entries.recalling import EnterContact, enter_contacts, erase
from trace.nouns.recalling import RECALL_CONTACTS
from trace.recalling.contacts import Channel, RecallContact
from trace.records import Page, Record, get_record, read_records

blueprint = Blueprint(
    "recall-contacts", __name__, url_prefix="/v1/recall-contacts", description="召回联系人 · contacts"
)
KEEPERS = (Role.OPERATOR, Role.OFFICER, Role.PLANT, Role.BRAND)


class EnterRecallContactSchema(FilledBody):
    """How a party is reached; `party` keeps it."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "of": "BUY-1",
        "channel": "email",
        "address": "quality@buyer.example",
        "person": "李经理",
    }

    of = Code(60, required=True)
    channel = Word(Channel, required=True)
    address = Text(400, required=True, private=True)
    person = Text(60, private=True)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterContact:
        """Return the typed command."""
        return EnterContact(**data)


class RecallContactSchema(Schema):
    """A contact. The secret that signs what a webhook brings is shown once, when it is kept."""

    code = fields.String()
    keeper = fields.String()
    of = fields.String()
    person = fields.String(allow_none=True)
    channel = Word(Channel)
    address = fields.String(allow_none=True)
    created_at = Noted()
    erased_at = Noted(allow_none=True)
    secret = fields.String()


@blueprint.route("")
class Contacts(MethodView):
    """Contacts."""

    @open_to_all
    @blueprint.arguments(paging.query_for(RECALL_CONTACTS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(RECALL_CONTACTS, RecallContactSchema))
    def get(self, page: Page) -> paging.Answer:
        """List the contacts that the caller keeps."""
        return paging.answer(RECALL_CONTACTS, page)

    @open_to(*KEEPERS)
    @document_write(blueprint, EnterRecallContactSchema, RecallContactSchema)
    def post(self) -> Response:
        """Keep contacts: one, or up to a thousand in an array. A webhook's secret is in this answer alone."""
        commands, single = read_commands(EnterRecallContactSchema())
        private = current_state().settings.private_webhooks
        with unnumbered() if single else contextlib.nullcontext():
            rows = enter_contacts(g.session, g.caller, commands, private=private)
        return created(RECALL_CONTACTS, RecallContactSchema(), _with_secrets(rows), single=single)


def _with_secrets(rows: Sequence[RecallContact]) -> list[Record]:
    records = read_records(g.session, g.caller, RECALL_CONTACTS, [row.id for row in rows])
    return [
        {**record, **({"secret": row.secret} if row.secret else {})} for record, row in zip(records, rows, strict=True)
    ]


@blueprint.route("/<path:code>")
class OneContact(MethodView):
    """One contact."""

    @open_to_all
    @blueprint.response(200, RecallContactSchema)
    def get(self, code: str) -> Response:
        """Return one contact."""
        return jsonify(RecallContactSchema().dump(get_record(g.session, g.caller, RECALL_CONTACTS, code)))

    @open_to(*KEEPERS)
    @ends(blueprint, RECALL_CONTACTS, RecallContactSchema)
    def delete(self, code: str) -> RecallContact:
        """Erase a contact: person, address and secret are gone."""
        return erase(g.session, g.caller, code)
