"""`/v1/corrections`: what a record really was, or that it never was; several are corrected in order, or none is."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from flask import g
from flask.views import MethodView
from marshmallow import Schema, ValidationError, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import faults_in, writes
from api.cases import EnterCaseSchema, UnpackSchema
from api.certificates import EnterCertificateSchema
from api.deliveries import EnterDeliverySchema
from api.destructions import EnterDestructionSchema
from api.field_work import EnterFieldWorkSchema
from api.fields import Body, Code, Text, refusal
from api.hand_overs import EnterHandOverSchema, RefusalSchema
from api.inputs import EnterInputUseSchema
from api.intakes import EnterIntakeSchema
from api.marks import EnterMarkSchema
from api.moments import Happened, Noted
from api.openapi import Blueprint
from api.outside import EnterOutsideSchema
from api.packs import EnterPackSchema
from api.pickings import EnterPickingSchema
from api.purchases import EnterPurchaseSchema
from api.results import EnterResultSchema
from api.returns import EnterReturnSchema
from api.reworks import EnterReworkSchema
from api.runs import EnterRunSchema
from api.samples import EnterSampleSchema
from api.shipments import EnterShipmentSchema
from api.shown import TEXT_OR_NONE, shown
from trace.accounts import Role
from trace.entries.cases import EnterUnpacking
from trace.entries.corrections import EnterCorrection, correct_records
from trace.entries.form import Filled
from trace.entries.returns import EnterRefusal
from trace.entries.shipments import EnterMark
from trace.errors import InvalidError
from trace.events import Event
from trace.nouns import CORRECTIONS
from trace.records import Page, Record, get_record

blueprint = Blueprint("corrections", __name__, url_prefix="/v1/corrections", description="更正 · corrections")

# What says what is right: the body by which a record of that kind is made.
BODIES: dict[str, type[Body]] = {
    "pickings": EnterPickingSchema,
    "inputs": EnterInputUseSchema,
    "purchases": EnterPurchaseSchema,
    "field-work": EnterFieldWorkSchema,
    "certificates": EnterCertificateSchema,
    "hand-overs": EnterHandOverSchema,
    "intakes": EnterIntakeSchema,
    "runs": EnterRunSchema,
    "blends": EnterRunSchema,
    "packs": EnterPackSchema,
    "shipments": EnterShipmentSchema,
    "samples": EnterSampleSchema,
    "results": EnterResultSchema,
    "marks": EnterMarkSchema,
    "deliveries": EnterDeliverySchema,
    "outside-lots": EnterOutsideSchema,
    "destructions": EnterDestructionSchema,
    "refusals": RefusalSchema,
    "returns": EnterReturnSchema,
    "reworks": EnterReworkSchema,
    "cases": EnterCaseSchema,
    "unpackings": UnpackSchema,
}
# Bodies of what is done to a record that an address names: they hold all but that record.
_ACTS: dict[str, Callable[..., Filled]] = {
    "marks": lambda **values: EnterMark(pack="", **values),
    "refusals": EnterRefusal,
    "unpackings": EnterUnpacking,
}
_READERS = {name: body() for name, body in BODIES.items()}


class Instead(fields.Field[Callable[[str], Filled]]):
    """What is right: a body whose kind is that of the record, so that it is read once the record is known."""

    described: ClassVar[dict[str, Any]] = {
        "anyOf": [
            *(
                {"$ref": f"#/components/schemas/{body.__name__.removesuffix('Schema')}"}
                for body in dict.fromkeys(BODIES.values())
            ),
            {"type": "null"},
        ]
    }

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Callable[[str], Filled]:
        if not isinstance(value, dict):
            raise refusal("wrong-type", expected="object")
        return lambda kind: _read(kind, value)


def _read(kind: str, value: Mapping[str, Any]) -> Filled:
    """Return the record that a body says is right. Raises `InvalidError`."""
    try:
        found = _READERS[kind].load(value)
    except ValidationError as error:
        raise InvalidError(list(faults_in(error.messages, ""))) from None
    return _ACTS[kind](**found) if kind in _ACTS else found


class EnterCorrectionSchema(Body):
    """A correction: without `instead`, the record never was."""

    MOST = 100  # each waits for the one before it, and no other may write meanwhile
    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "event": "inputs/C01/IN0111",
        "reason": "用量抄错了一位",
        "instead": {
            "plot": "P031",
            "product": "IP02",
            "used_at": "2026-03-05T08:00:00+08:00",
            "per_mu": "32",
            "unit": "kg",
            "area_mu": "3.8",
            "total": "121.6",
        },
    }

    event = Code(
        300,
        required=True,
        metadata={
            "description": "事件编号、序号，或记录的地址，如 pickings/C01/H0142。"
            "The event's id or position, or the record's address."
        },
    )
    reason = Text(200, required=True)
    instead = Instead(
        allow_none=True,
        metadata={"description": "正确的内容；不填表示这件事没有发生。What is right; without it, it never happened."},
    )

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterCorrection:
        """Return the typed command."""
        return EnterCorrection(**data)


def _declared(name: str) -> Callable[[Record], Any]:
    """Return the function that shows a part of what an event declares."""
    return lambda row: json.loads(row["document"])["errorDeclaration"].get(name)


_IDS = {"type": ["array", "null"], "items": {"type": "string"}}


class CorrectionSchema(Schema):
    """A correction: the event that was declared wrong, why, and what stands instead."""

    code = fields.String(metadata={"description": "被更正的事件。The event declared wrong."})
    party = fields.String()
    entered_by = fields.String(allow_none=True)
    step = fields.String(attribute="biz_step", allow_none=True)
    event_time = Happened()
    reason = shown(_declared("chasu:remark"), TEXT_OR_NONE)
    error = shown(_declared("reason"), TEXT_OR_NONE)
    instead = shown(_declared("correctiveEventIDs"), _IDS)
    mode = fields.String()
    recorded_at = Noted()


@blueprint.route("")
class Corrections(MethodView):
    """Corrections."""

    @open_to_all
    @blueprint.arguments(paging.query_for(CORRECTIONS), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(CORRECTIONS, CorrectionSchema))
    def get(self, page: Page) -> paging.Answer:
        """List corrections."""
        return paging.answer(CORRECTIONS, page)

    @open_to(Role.OPERATOR, Role.OFFICER, Role.COOP, Role.BROKER, Role.PLANT, Role.BRAND, Role.LABORATORY)
    @writes(blueprint, CORRECTIONS, EnterCorrectionSchema, CorrectionSchema)
    def post(self, records: Sequence[EnterCorrection]) -> list[Event]:
        """Correct records in order: one, or up to a hundred in an array."""
        return correct_records(g.session, g.caller, records)


@blueprint.route("/<path:code>")
class OneCorrection(MethodView):
    """One correction."""

    @open_to_all
    @blueprint.response(200, CorrectionSchema)
    def get(self, code: str) -> Record:
        """Return the correction of the event of this id."""
        return get_record(g.session, g.caller, CORRECTIONS, code)
