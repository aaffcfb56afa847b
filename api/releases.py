"""`/v1/lots/{code}/release` and `…/hold`: a named person lets a lot go, or stops it; plans say what lots need."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import acts, writes
from api.fields import Body, Day, Many, NewCode, Part, Text, Whole
from api.filled import FilledBody
from api.lots import LotSchema
from api.lots import blueprint as lots
from api.moments import Noted
from api.openapi import Blueprint
from trace.accounts import Role
from trace.entries.releases import EnterPlan, EnterRelease, enter_hold, enter_plans, enter_release
from trace.lots import Lot
from trace.nouns import LOTS, RELEASE_PLANS
from trace.records import Page, Record, get_record
from trace.release_plans import MOST_LOTS, PlannedItem, ReleasePlan

plans = Blueprint("release-plans", __name__, url_prefix="/v1/release-plans", description="放行检验计划 · release plans")

_KEEPERS = (Role.OPERATOR, Role.OFFICER, Role.COOP, Role.BROKER, Role.PLANT, Role.BRAND)


class ReleaseSchema(Body):
    """What a person says when a lot is let go: needed where a person held it."""

    EXAMPLE = {"answer": "已复检，结果合格"}  # noqa: RUF012 -- shown, never changed

    answer = Text(400)


class HoldSchema(Body):
    """Why a lot is held."""

    EXAMPLE = {"reason": "客户反映有异味，待复检"}  # noqa: RUF012 -- shown, never changed

    reason = Text(200, required=True)


@lots.route("/<path:code>/release")
class LotReleases(MethodView):
    """The release of a lot."""

    @open_to(*_KEEPERS)
    @acts(lots, LOTS, ReleaseSchema, LotSchema)
    def post(self, record: Record, body: dict[str, str]) -> Lot:
        """Let a lot go, in one's own name, once its required results have passed and nothing holds it."""
        return enter_release(g.session, g.caller, record["key"], EnterRelease(**body))


@lots.route("/<path:code>/hold")
class LotHolds(MethodView):
    """The holding of a lot."""

    @open_to(*_KEEPERS)
    @acts(lots, LOTS, HoldSchema, LotSchema)
    def post(self, record: Record, body: dict[str, str]) -> Lot:
        """Hold a lot and all made of it, in one's own name, until a named person answers."""
        return enter_hold(g.session, g.caller, record["key"], body["reason"])


class PlannedItemBody(Body):
    """One item that lots need a passing result of."""

    item = Text(60, required=True)
    every_lots = Whole(
        1, MOST_LOTS, metadata={"description": "每几批检一次，默认每批。One lot in so many; every lot by default."}
    )

    @post_load
    def part(self, data: dict[str, Any], **_: Any) -> PlannedItem:
        """Return the typed part."""
        return PlannedItem(**data)


class EnterPlanSchema(FilledBody):
    """A plan: which results lots need from a day on, beside those that every lot needs."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "party": "PL1",
        "from_on": "2027-01-01",
        "product_kind": "绿茶",
        "items": [{"item": "铅(以Pb计)", "every_lots": 10}, {"item": "联苯菊酯"}],
    }

    code = NewCode()
    product_kind = Text(60)
    from_on = Day(required=True)
    items = Many(Part(PlannedItemBody), required=True, most=200)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterPlan:
        """Return the typed command."""
        return EnterPlan(**data)


class PlannedItemSchema(Schema):
    """One item of a plan."""

    item = fields.String()
    every_lots = fields.Integer()


class PlanSchema(Schema):
    """A release plan. A later one for the same kind of product takes its place."""

    code = fields.String()
    party = fields.String(attribute="owner")
    product_kind = fields.String(allow_none=True)
    from_on = fields.Date()
    entered_at = Noted()
    items = fields.List(fields.Nested(PlannedItemSchema))


@plans.route("")
class ReleasePlans(MethodView):
    """Release plans."""

    @open_to_all
    @plans.arguments(paging.query_for(RELEASE_PLANS), location="query", error_status_code=400)
    @plans.response(200, paging.page_of(RELEASE_PLANS, PlanSchema))
    def get(self, page: Page) -> paging.Answer:
        """List release plans."""
        return paging.answer(RELEASE_PLANS, page)

    @open_to(Role.OPERATOR, Role.COOP, Role.BROKER, Role.PLANT, Role.BRAND)
    @writes(plans, RELEASE_PLANS, EnterPlanSchema, PlanSchema)
    def post(self, records: Sequence[EnterPlan]) -> list[ReleasePlan]:
        """Say what lots need from a day on: one plan, or up to a thousand in an array."""
        return enter_plans(g.session, g.caller, records)


@plans.route("/<path:code>")
class OneReleasePlan(MethodView):
    """One release plan."""

    @open_to_all
    @plans.response(200, PlanSchema)
    def get(self, code: str) -> Record:
        """Return one plan by `CODE` or `PARTY/CODE`."""
        return get_record(g.session, g.caller, RELEASE_PLANS, code)
