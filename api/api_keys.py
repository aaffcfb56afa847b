"""`/v1/keys`: the keys of accounts. A token is shown once, when it is made; no repeated request shows it again."""

from http import HTTPStatus
from typing import Any

from flask import Response, g, jsonify, url_for
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all, require_scopes
from api.bodies import document_write, ends, read_body
from api.fields import Body, Code, Many, Moment, Word
from api.idempotency import keep_instead
from api.moments import Noted
from api.openapi import Blueprint
from trace.accounts import USUAL, ApiKey, NewKey, Role, Scope, revoke_key, rotate_key
from trace.entries.accounts import enter_key
from trace.nouns import API_KEYS
from trace.records import Page, Record, get_record, read_records

blueprint = Blueprint("keys", __name__, url_prefix="/v1/keys", description="密钥 · keys")


class NewKeySchema(Body):
    """A key to give out."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "account": "6f1c0a52-8f5b-4f0e-9a53-0a3f7f1f2d11",
        "scopes": ["read", "write"],
        "expires_at": "2027-03-31T00:00:00+08:00",
    }

    account = Code(60, required=True)
    scopes = Many(Word(Scope), least=1, most=len(Scope))
    expires_at = Moment()

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> NewKey:
        """Return the typed command."""
        return NewKey(**{**data, "scopes": tuple(dict.fromkeys(data.get("scopes", USUAL)))})


class KeySchema(Schema):
    """A key, without its token."""

    code = fields.String()
    account = fields.String()
    name = fields.String()
    role = fields.String()
    party = fields.String(allow_none=True)
    scopes = fields.List(fields.String())
    created_at = Noted()
    expires_at = Noted(allow_none=True)
    revoked_at = Noted(allow_none=True)
    last_used_at = Noted(allow_none=True)


class GivenKeySchema(KeySchema):
    """A key with its token, which is empty when the request is repeated."""

    token = fields.String(allow_none=True)


_given = GivenKeySchema()


def _give(key: ApiKey, token: str) -> Response:
    """Show a key and its token; what is kept for a repeated request has none."""
    shown = _given.dump(read_records(g.session, g.caller, API_KEYS, [key.id])[0])
    keep_instead(jsonify({**shown, "token": None}).get_data())
    response = jsonify({**shown, "token": token})
    response.status_code = HTTPStatus.CREATED
    response.headers["Location"] = url_for("keys.OneKey", code=key.code)
    return response


@blueprint.route("")
class Keys(MethodView):
    """Keys."""

    @open_to_all
    @blueprint.arguments(paging.query_for(API_KEYS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(API_KEYS, KeySchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List the keys of one's own account; the operator lists all."""
        return paging.answer(API_KEYS, page)

    @open_to(Role.OPERATOR)
    @document_write(blueprint, NewKeySchema, GivenKeySchema, many=False)
    def post(self) -> Response:
        """Give out a key of an account."""
        return _give(*enter_key(g.session, read_body(NewKeySchema())))


@blueprint.route("/<path:code>")
class OneKey(MethodView):
    """One key."""

    @open_to_all
    @blueprint.response(200, KeySchema)
    def get(self, code: str) -> Record:
        """Return one key by its code, which is not its token."""
        return get_record(g.session, g.caller, API_KEYS, code)

    @open_to_all
    @ends(blueprint, API_KEYS, KeySchema)
    def delete(self, code: str) -> ApiKey:
        """Revoke a key: it opens nothing any more."""
        return revoke_key(g.session, code)


@blueprint.route("/<path:code>/rotate")
class KeyRotation(MethodView):
    """The replacement of a key."""

    @open_to_all
    @document_write(blueprint, None, GivenKeySchema, many=False)
    def post(self, code: str) -> Response:
        """Replace a key by a new one of the same scopes and expiry; the former opens for seven days more."""
        former = get_record(g.session, g.caller, API_KEYS, code)
        require_scopes(former["scopes"])
        return _give(*rotate_key(g.session, former["code"]))
