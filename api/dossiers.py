"""`/v1/lots/{code}/dossier`: the whole story of a lot, on paper for an inspector or as JSON for a program."""

from typing import Any

from flask import Response, g, request
from flask.views import MethodView
from marshmallow import Schema, fields
from werkzeug.exceptions import NotAcceptable

from api.auth import open_to_all
from api.certificates import CertificateSchema
from api.destructions import DestructionSchema
from api.findings import FindingSchema
from api.inputs import InputUseSchema
from api.intakes import IntakeSchema
from api.languages import language
from api.lots import LotSchema
from api.moments import Happened
from api.openapi import Blueprint
from api.outside import OutsideSchema
from api.packs import PackSchema
from api.papers import PDF, send_paper
from api.parameters import OneOf
from api.pickings import PickingSchema
from api.recalls import RecallSchema
from api.results import ResultSchema
from api.returns import ReturnSchema
from api.runs import RunSchema
from api.samples import SampleSchema
from api.shipments import ShipmentSchema
from api.speech import Speech
from api.state import current_state
from api.traces import TraceSchema, present_trace
from trace import clock
from trace.digital_link.uri import build_link
from trace.dossiers import Dossier, open_dossier
from trace.visibility import names_in

blueprint = Blueprint("dossiers", __name__, url_prefix="/v1/lots", description="批次档案 · dossiers")
_JSON = "application/json"


class UsedInputSchema(InputUseSchema):
    """A use of an input, with the interval of its label and the day on which the interval ended."""

    interval_days = fields.Integer(allow_none=True)
    free_on = fields.Date(allow_none=True)


class StepSchema(Schema):
    """One step of a run, with what was measured."""

    step = fields.String()
    measured = fields.Dict(keys=fields.String())


class WorkSchema(RunSchema):
    """A run or blend with its steps, and how many grams went in for each that came out."""

    steps = fields.List(fields.Nested(StepSchema))
    ratio = fields.Float(allow_none=True)


class HappeningSchema(Schema):
    """What happened to a lot of the chain; by whom is told where the caller may know the lot."""

    noun = fields.String()
    code = fields.String(allow_none=True)
    lot = fields.String()
    event = fields.String()
    event_time = Happened()
    mode = fields.String(allow_none=True)
    party = fields.String(allow_none=True)


class DossierSchema(Schema):
    """A lot, its sources and destinations, and all records of its story that the caller may read."""

    lot = fields.Nested(LotSchema)
    signs = fields.List(fields.String())
    back = fields.Nested(TraceSchema)
    forward = fields.Nested(TraceSchema)
    pickings = fields.List(fields.Nested(PickingSchema))
    inputs = fields.List(fields.Nested(UsedInputSchema))
    certificates = fields.List(fields.Nested(CertificateSchema))
    intakes = fields.List(fields.Nested(IntakeSchema))
    outside_lots = fields.List(fields.Nested(OutsideSchema))
    runs = fields.List(fields.Nested(WorkSchema))
    blends = fields.List(fields.Nested(WorkSchema))
    samples = fields.List(fields.Nested(SampleSchema))
    results = fields.List(fields.Nested(ResultSchema))
    findings = fields.List(fields.Nested(FindingSchema))
    packs = fields.List(fields.Nested(PackSchema))
    shipments = fields.List(fields.Nested(ShipmentSchema))
    returns = fields.List(fields.Nested(ReturnSchema))
    destructions = fields.List(fields.Nested(DestructionSchema))
    recalls = fields.List(fields.Nested(RecallSchema))
    happenings = fields.List(fields.Nested(HappeningSchema))


class DossierQuery(Schema):
    """In which form; it may be left to `Accept`."""

    error_messages = {"unknown": "unknown-parameter"}  # noqa: RUF012 -- declared by marshmallow

    format = fields.String(load_default=None, validate=OneOf(["pdf", "json"]))


_CONTENT = {_JSON: {"schema": DossierSchema}, PDF: {"schema": {"type": "string", "format": "binary"}}}


@blueprint.route("/<path:code>/dossier")
class LotDossier(MethodView):
    """A lot's dossier."""

    @open_to_all
    @blueprint.arguments(DossierQuery, location="query", error_status_code=400)
    @blueprint.doc(responses={"200": {"content": _CONTENT}})
    @blueprint.refuses(406)
    @blueprint.response(200, DossierSchema)
    def get(self, query: dict[str, str | None], code: str) -> tuple[dict[str, Any], int, dict[str, str]] | Response:
        """Return the dossier of a lot: a PDF on A4, or JSON where that is asked for."""
        form = query["format"] or _accepted()
        dossier = open_dossier(g.session, g.caller, code)
        return (_present(dossier), 200, {"Vary": "Accept"}) if form == "json" else _paper(dossier)


def _accepted() -> str:
    """Return the form that `Accept` asks for, paper where it asks for none. Raises `NotAcceptable`."""
    best = request.accept_mimetypes.best_match([PDF, _JSON]) if request.accept_mimetypes else PDF
    if best is None:
        raise NotAcceptable
    return "json" if best == _JSON else "pdf"


def _present(dossier: Dossier) -> dict[str, Any]:
    names = {**names_in(dossier.back), **names_in(dossier.forward)}
    return {
        "lot": dossier.lot,
        "signs": [mark.value for mark in dossier.marks.get(dossier.lot["key"], ())],
        "back": present_trace(dossier.back),
        "forward": present_trace(dossier.forward),
        "happenings": [{**row._asdict(), "lot": names[row.lot]} for row in dossier.happenings],
        **dossier.parts,
    }


def _paper(dossier: Dossier) -> Response:
    from api.dossier_words import Asked, dossier_values  # noqa: PLC0415 -- drawing is heavy
    from labels.documents.dossier import draw_dossier  # noqa: PLC0415

    state = current_state()
    asked = Asked(who=_who(), at=clock.now(), link=_link(dossier, state.settings.public_url))
    values = dossier_values(dossier, asked, Speech(state.catalogue, language()))
    answer = send_paper({}, f"dossier-{dossier.lot['code']}", lambda paper: draw_dossier(paper, values))
    answer.vary.update(("Accept", "Accept-Language"))
    return answer


def _who() -> str:
    """Return who asks: the account, and the party acted for."""
    party = g.caller.party.code if g.caller.party else ""
    return " · ".join(filter(None, (g.caller.name, party))) or str(g.caller.role.value)


def _link(dossier: Dossier, public_url: str) -> str | None:
    """Return the address of the lot's page: of a pack that bears a GTIN."""
    own = [pack for pack in dossier.parts["packs"] if pack["code"] == dossier.lot["code"]]
    if len(own) != 1 or not own[0]["gtin"]:
        return None
    return build_link(public_url, own[0]["gtin"], own[0]["label_lot"])
