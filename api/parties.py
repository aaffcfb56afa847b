"""`/v1/parties`: who acts in the chain."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import acts, writes
from api.changes import MergeBody, amending, changes
from api.fields import Body, Code, Day, Flag, NewCode, Part, Text
from api.openapi import Blueprint
from trace.accounts import Role
from trace.entries.amendments import EnterMerge, change_party, merge_party
from trace.entries.parties import EnterParty, enter_parties
from trace.nouns import PARTIES
from trace.parties import Party
from trace.persons import Private
from trace.records import Page, Record, get_record

blueprint = Blueprint("parties", __name__, url_prefix="/v1/parties", description="参与者 · parties")


class PartySchema(Schema):
    """A party."""

    code = fields.String()
    name = fields.String()
    kind = fields.String()
    uscc = fields.String(allow_none=True)
    area_code = fields.String()
    member_of = fields.String(allow_none=True)
    led_by_village = fields.Boolean(allow_none=True)
    registered_on = fields.Date(allow_none=True)
    gs1_prefix = fields.String(allow_none=True)
    address = fields.String(allow_none=True)
    contact = fields.String(allow_none=True)
    revision = fields.Integer(
        metadata={"description": "第几版：改动一次加一，也算不显示的。Counts changes, also of what is not shown."}
    )


class PrivateBody(Body):
    """What is a person's own; it is never shown again."""

    name = Text(60, required=True, private=True)
    phone = Text(30, private=True)

    @post_load
    def part(self, data: dict[str, Any], **_: Any) -> Private:
        """Return the typed part."""
        return Private(**data)


class EnterPartySchema(Body):
    """A party to register; of a grower, `name` is the label that the public sees."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "code": "F101",
        "name": "上茶沟村 茶农 101",
        "kind": "grower",
        "member_of": "C01",
        "private": {"name": "示例茶农", "phone": "10000000001"},
    }

    code = NewCode(required=True)
    name = Text(required=True)
    kind = Text(60, required=True)
    area_code = Code(12)
    uscc = Code(18)
    member_of = Code(60)
    led_by_village = Flag()
    registered_on = Day()
    gs1_prefix = Code(12, metadata={"pattern": "^[0-9]{4,12}$"})
    address = Text(200, metadata={"description": "经营地址，不用于农户。Of a firm's business; not of a grower."})
    contact = Text(60, private=True, metadata={"description": "联系方式，不用于农户。How a firm is reached."})
    private = Part(PrivateBody)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterParty:
        """Return the typed command."""
        return EnterParty(**data)


AmendPartySchema = amending(
    EnterPartySchema, but=("code", "kind"), kept=("area_code",), example={"name": "雾峪茶叶合作社（更名）"}
)


class MergePartiesSchema(MergeBody):
    """Of which grower this one is a duplicate."""

    EXAMPLE = {"into": "F024", "reason": "同一户登记了两次"}  # noqa: RUF012 -- shown, never changed


@blueprint.route("")
class Parties(MethodView):
    """Parties."""

    @open_to_all
    @blueprint.arguments(paging.query_for(PARTIES), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(PARTIES, PartySchema))
    def get(self, page: Page) -> tuple[dict[str, Any], int, dict[str, str]]:
        """List the parties the caller deals with."""
        return paging.answer(PARTIES, page)

    @open_to(Role.OPERATOR, Role.OFFICER, Role.COOP, Role.PLANT)
    @writes(blueprint, PARTIES, EnterPartySchema, PartySchema)
    def post(self, records: Sequence[EnterParty]) -> list[Party]:
        """Register parties: one, or up to a thousand in an array."""
        return enter_parties(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OneParty(MethodView):
    """One party."""

    @open_to_all
    @blueprint.response(200, PartySchema)
    def get(self, code: str) -> Record:
        """Return one party."""
        return get_record(g.session, g.caller, PARTIES, code)

    @open_to(Role.OPERATOR, Role.OFFICER, Role.COOP, Role.BROKER, Role.PLANT, Role.BRAND, Role.LABORATORY)
    @changes(blueprint, PARTIES, AmendPartySchema, PartySchema)
    def patch(self, record: Record, values: dict[str, Any]) -> Party:
        """Change a party; its code and kind stay."""
        return change_party(g.session, g.caller, record, values)


@blueprint.route("/<path:code>/merges")
class Merges(MethodView):
    """A grower that is another."""

    @open_to(Role.OPERATOR, Role.OFFICER, Role.COOP)
    @acts(blueprint, PARTIES, MergePartiesSchema, PartySchema)
    def post(self, record: Record, command: EnterMerge) -> Party:
        """Say that a grower is a duplicate of another; the answer is that one."""
        return merge_party(g.session, g.caller, record, command)
