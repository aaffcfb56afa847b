"""`/v1/licences`: production licences and registrations of workshops."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import writes
from api.changes import amending, changes
from api.fields import Body, Code, Day, Many, Text
from api.openapi import Blueprint
from trace.accounts import Role
from trace.entries.amendments import change_licence
from trace.entries.firms import EnterLicence, enter_licences
from trace.nouns import LICENCES
from trace.parties import Licence
from trace.records import Page, Record, get_record

blueprint = Blueprint("licences", __name__, url_prefix="/v1/licences", description="许可证 · licences")


class LicenceSchema(Schema):
    """A licence."""

    code = fields.String()
    party = fields.String()
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date()
    product_kinds = fields.List(fields.String())


class EnterLicenceSchema(Body):
    """A licence to register."""

    EXAMPLE = {"number": "SC11437990100013", "valid_to": "2029-03-15", "product_kinds": ["绿茶"]}  # noqa: RUF012 -- shown, never changed

    number = Code(40, required=True)
    party = Code(60)
    valid_from = Day()
    valid_to = Day(required=True)
    product_kinds = Many(Text(60), required=True, most=50)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterLicence:
        """Return the typed command."""
        return EnterLicence(**data)


AmendLicenceSchema = amending(EnterLicenceSchema, but=("number", "party"), example={"valid_to": "2031-03-15"})


@blueprint.route("")
class Licences(MethodView):
    """Licences."""

    @open_to_all
    @blueprint.arguments(paging.query_for(LICENCES), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(LICENCES, LicenceSchema))
    def get(self, page: Page) -> paging.Answer:
        """List licences."""
        return paging.answer(LICENCES, page)

    @open_to(Role.OPERATOR, Role.OFFICER, Role.COOP, Role.PLANT, Role.BRAND)
    @writes(blueprint, LICENCES, EnterLicenceSchema, LicenceSchema)
    def post(self, records: Sequence[EnterLicence]) -> list[Licence]:
        """Register licences: one, or up to a thousand in an array."""
        return enter_licences(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OneLicence(MethodView):
    """A licence."""

    @open_to_all
    @blueprint.response(200, LicenceSchema)
    def get(self, code: str) -> Record:
        """Return one by its code."""
        return get_record(g.session, g.caller, LICENCES, code)

    @open_to(Role.OPERATOR, Role.OFFICER, Role.COOP, Role.PLANT, Role.BRAND)
    @changes(blueprint, LICENCES, AmendLicenceSchema, LicenceSchema)
    def patch(self, record: Record, values: dict[str, Any]) -> Licence:
        """Give a licence another term; the former stays on record."""
        return change_licence(g.session, g.caller, record, values)
