"""`/v1/accounts`: who may ask. The operator opens and closes them."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to
from api.bodies import ends, writes
from api.fields import Body, Code, Text, Word
from api.moments import Noted
from api.openapi import Blueprint
from trace.accounts import LONGEST_NAME, Account, OpenAccount, Role, close_account
from trace.entries.accounts import enter_accounts
from trace.nouns import ACCOUNTS
from trace.records import Page, Record, get_record

blueprint = Blueprint("accounts", __name__, url_prefix="/v1/accounts", description="账户 · accounts")


class OpenAccountSchema(Body):
    """An account to open."""

    EXAMPLE = {"name": "王芳", "role": "coop", "party": "C01"}  # noqa: RUF012 -- shown, never changed

    name = Text(LONGEST_NAME, required=True)
    role = Word(Role, required=True)
    party = Code(60)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> OpenAccount:
        """Return the typed command."""
        return OpenAccount(**data)


class AccountSchema(Schema):
    """A person or a program that may ask."""

    code = fields.String()
    name = fields.String()
    role = fields.String()
    party = fields.String(allow_none=True)
    created_at = Noted()
    closed_at = Noted(allow_none=True)


@blueprint.route("")
class Accounts(MethodView):
    """Accounts."""

    @open_to(Role.OPERATOR)
    @blueprint.arguments(paging.query_for(ACCOUNTS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(ACCOUNTS, AccountSchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List accounts."""
        return paging.answer(ACCOUNTS, page)

    @open_to(Role.OPERATOR)
    @writes(blueprint, ACCOUNTS, OpenAccountSchema, AccountSchema)
    def post(self, records: Sequence[OpenAccount]) -> list[Account]:
        """Open accounts; a key is given out at `/v1/keys`."""
        return enter_accounts(g.session, records)


@blueprint.route("/<path:code>")
class OneAccount(MethodView):
    """One account."""

    @open_to(Role.OPERATOR)
    @blueprint.response(200, AccountSchema)
    def get(self, code: str) -> Record:
        """Return one account."""
        return get_record(g.session, g.caller, ACCOUNTS, code)

    @open_to(Role.OPERATOR)
    @ends(blueprint, ACCOUNTS, AccountSchema)
    def delete(self, code: str) -> Account:
        """Close an account: none of its keys opens any more."""
        return close_account(g.session, code)
