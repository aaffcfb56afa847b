"""`/v1/input-products`: fertilizers, pesticides and traps, as their labels say."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import writes
from api.changes import amending, changes
from api.fields import Body, Day, Many, Measure, NewCode, Sha256, Text, Whole
from api.openapi import Blueprint
from trace.accounts import Role
from trace.entries.amendments import change_input_product, enter_input_products
from trace.input_products import RegisterInputProduct
from trace.inputs import InputProduct
from trace.nouns import INPUT_PRODUCTS
from trace.records import Page, Record, get_record

blueprint = Blueprint(
    "input-products", __name__, url_prefix="/v1/input-products", description="投入品 · input products"
)


class InputProductSchema(Schema):
    """An input product."""

    code = fields.String()
    kind = fields.String()
    name = fields.String()
    maker = fields.String(allow_none=True)
    active = fields.String(allow_none=True)
    other_actives = fields.List(fields.String(), allow_none=True)
    formulation = fields.String(allow_none=True)
    registration = fields.String(allow_none=True)
    registered_until = fields.Date(allow_none=True)
    crops = fields.List(fields.String(), allow_none=True)
    targets = fields.List(fields.String(), allow_none=True)
    interval_days = fields.Integer(allow_none=True)
    max_applications = fields.Integer(allow_none=True)
    max_per_mu = Measure(allow_none=True)
    label_sha256 = fields.String(allow_none=True)
    unit = fields.String(allow_none=True)
    note = fields.String(allow_none=True)


class EnterInputProductSchema(Body):
    """An input product to register."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "code": "IP99",
        "kind": "pesticide",
        "name": "示例农药",
        "maker": "示例农化有限公司",
        "active": "联苯菊酯",
        "formulation": "2.5% 乳油",
        "registration": "PD20990001",
        "registered_until": "2099-06-30",
        "crops": ["茶树"],
        "targets": ["茶小绿叶蝉"],
        "interval_days": 7,
        "max_applications": 1,
        "max_per_mu": "120",
        "unit": "mL",
    }

    code = NewCode(required=True)
    kind = Text(60, required=True)
    name = Text(required=True)
    maker = Text(metadata={"description": "生产企业。Who made it."})
    active = Text(60, metadata={"description": "有效成分。The active ingredient."})
    other_actives = Many(Text(60), most=10, metadata={"description": "混剂的其他有效成分。Others, of a mixture."})
    formulation = Text(60, metadata={"description": "剂型和含量。Formulation and content."})
    registration = Text(60, metadata={"description": "登记证号。The registration number on the pack."})
    registered_until = Day(metadata={"description": "登记有效期至。The last day of the registration."})
    crops = Many(Text(60), most=50, metadata={"description": "标签登记的作物。Crops named on the label."})
    targets = Many(Text(60), most=50, metadata={"description": "标签登记的防治对象。Targets named on the label."})
    interval_days = Whole(0, 366, metadata={"description": "安全间隔期（天）。Days from use to picking."})
    max_applications = Whole(1, 100, metadata={"description": "每季最多使用次数。Uses a season at most."})
    max_per_mu = Measure(metadata={"description": "标签最大亩用量，单位见 unit。The largest dose a mu, in `unit`."})
    label_sha256 = Sha256(metadata={"description": "标签照片的 SHA-256。Of a photograph of the pack."})
    unit = Text(20)
    note = Text(200)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> RegisterInputProduct:
        """Return the typed command."""
        return RegisterInputProduct(**data)


AmendInputProductSchema = amending(EnterInputProductSchema, example={"interval_days": 10})


@blueprint.route("")
class InputProducts(MethodView):
    """Input products."""

    @open_to_all
    @blueprint.arguments(paging.query_for(INPUT_PRODUCTS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(INPUT_PRODUCTS, InputProductSchema))
    def get(self, page: Page) -> paging.Answer:
        """List input products."""
        return paging.answer(INPUT_PRODUCTS, page)

    @open_to(Role.OPERATOR, Role.OFFICER, Role.COOP)
    @writes(blueprint, INPUT_PRODUCTS, EnterInputProductSchema, InputProductSchema)
    def post(self, records: Sequence[RegisterInputProduct]) -> list[InputProduct]:
        """Register input products: one, or up to a thousand in an array."""
        return enter_input_products(g.session, records)


@blueprint.route("/<path:code>")
class OneInputProduct(MethodView):
    """An input product."""

    @open_to_all
    @blueprint.response(200, InputProductSchema)
    def get(self, code: str) -> Record:
        """Return one by its code."""
        return get_record(g.session, g.caller, INPUT_PRODUCTS, code)

    @open_to(Role.OPERATOR, Role.OFFICER)
    @changes(blueprint, INPUT_PRODUCTS, AmendInputProductSchema, InputProductSchema)
    def patch(self, record: Record, values: dict[str, Any]) -> InputProduct:
        """Change an input product; pickings after its uses are judged again."""
        return change_input_product(g.session, g.caller, record, values)
