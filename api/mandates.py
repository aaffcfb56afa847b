"""`/v1/mandates`: one party lets another enter records for it. Members of a co-operative need none."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import ends, writes
from api.fields import Body, Code, Day
from api.moments import Noted
from api.openapi import Blueprint
from trace.accounts import Role
from trace.entries.mandates import EnterMandate, enter_mandates
from trace.mandates import Mandate, end_mandate
from trace.nouns import MANDATES
from trace.records import Page, Record, get_record

blueprint = Blueprint("mandates", __name__, url_prefix="/v1/mandates", description="委托 · mandates")
_PRINCIPALS = (Role.OPERATOR, Role.COOP, Role.BROKER, Role.PLANT, Role.BRAND, Role.LABORATORY)


class EnterMandateSchema(Body):
    """A mandate to give."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "agent": "PL1",
        "from_on": "2026-04-01",
        "until_on": "2026-10-31",
    }

    principal = Code(
        60, metadata={"description": "谁委托，默认本单位。Who gives it; the caller's own party by default."}
    )
    agent = Code(60, required=True)
    from_on = Day(required=True)
    until_on = Day()

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterMandate:
        """Return the typed command."""
        return EnterMandate(**data)


class MandateSchema(Schema):
    """A mandate."""

    code = fields.String()
    principal = fields.String()
    agent = fields.String()
    from_on = fields.Date()
    until_on = fields.Date(allow_none=True)
    ended_at = Noted(allow_none=True)


@blueprint.route("")
class Mandates(MethodView):
    """Mandates."""

    @open_to_all
    @blueprint.arguments(paging.query_for(MANDATES), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(MANDATES, MandateSchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List the mandates given by the caller's party, and those given to it."""
        return paging.answer(MANDATES, page)

    @open_to(*_PRINCIPALS)
    @writes(blueprint, MANDATES, EnterMandateSchema, MandateSchema)
    def post(self, records: Sequence[EnterMandate]) -> list[Mandate]:
        """Let another party enter records for one's own; the operator may do so for any."""
        return enter_mandates(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OneMandate(MethodView):
    """One mandate."""

    @open_to_all
    @blueprint.response(200, MandateSchema)
    def get(self, code: str) -> Record:
        """Return one mandate."""
        return get_record(g.session, g.caller, MANDATES, code)

    @open_to(*_PRINCIPALS)
    @ends(blueprint, MANDATES, MandateSchema)
    def delete(self, code: str) -> Mandate:
        """End a mandate at once; who gave it may, and the operator."""
        return end_mandate(g.session, g.caller, code)
