"""`/v1/me`: whom a key belongs to, and what it is good for."""

from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields

from api.auth import open_to_all
from api.moments import Noted
from api.openapi import Blueprint

blueprint = Blueprint("me", __name__, url_prefix="/v1/me", description="我是谁 · who am I")


class MeSchema(Schema):
    """The holder of the key that was shown."""

    account = fields.String(attribute="account.code")
    name = fields.String()
    role = fields.String()
    party = fields.String(attribute="party.code", dump_default=None, allow_none=True)
    key = fields.String(attribute="key.code")
    scopes = fields.List(fields.String(), attribute="key.scopes")
    expires_at = Noted(attribute="key.expires_at", allow_none=True)


@blueprint.route("")
class Me(MethodView):
    """The caller."""

    @open_to_all
    @blueprint.response(200, MeSchema)
    def get(self) -> Any:
        """Say whose key this is, and what it is good for."""
        return g.caller
