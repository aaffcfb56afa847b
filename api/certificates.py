"""`/v1/certificates`: conformity certificates (承诺达标合格证): asked for, issued, taken back, revoked."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Response, g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load, validate

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import acts, unnumbered, writes
from api.catalogue import DEFAULT_LANGUAGE
from api.certificate_values import certificate_values, link_of
from api.fields import Body, Code, Many, Mass, Moment, NewCode, Text, Word
from api.filled import FilledBody
from api.moments import Happened, Noted
from api.openapi import Blueprint
from api.papers import PDF, BasketQuery, send_paper
from api.shown import TEXT_OR_NONE, shown, shown_mass
from api.state import current_state
from trace import clock
from trace.accounts import Role
from trace.conformity import Basis, ConformityCertificate, IssuerForm
from trace.entries.certificate_endings import EnterVoid, enter_revocation, enter_void
from trace.entries.certificates import EnterCertificate, enter_certificates
from trace.entries.issuable import preview_certificate
from trace.events import Mode
from trace.nouns import CERTIFICATES, UNCERTIFIED
from trace.promises import read_promise
from trace.records import Page, Record, get_record

blueprint = Blueprint("certificates", __name__, url_prefix="/v1/certificates", description="合格证 · certificates")
_ISSUERS = (Role.OPERATOR, Role.COOP, Role.BROKER, Role.PLANT)


class EnterCertificateSchema(FilledBody):
    """A certificate to issue. Which form it is follows from its lots; a basis is one or more of three."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "lots": ["PK-260418-7K3M2P"],
        "product": "茶鲜叶",
        "origin": "上茶沟村",
        "issued_at": "2026-04-18T10:00:00+08:00",
        "basis": ["质量安全控制符合要求"],
        "mass": {"value": "25", "unit": "jin"},
        "contact": "0633-5550123",
    }

    code = NewCode()
    lots = Many(Code(), required=True, most=200)
    product = Text(60, required=True)
    origin = Text(120, required=True)
    issued_at = Moment(required=True)
    basis = Many(
        Text(120),
        required=True,
        most=10,
        metadata={"description": f"承诺依据，一项或多项。One or more of: {'、'.join(Basis)}."},
    )
    mass = Mass(required=True)
    issuer_form = Word(IssuerForm)
    contact = Text(60, private=True)
    results = Many(Code(), most=50)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterCertificate:
        """Return the typed command."""
        return EnterCertificate(**data)


class VoidSchema(Body):
    """Why a certificate is taken back."""

    EXAMPLE = {"reason": "填错了重量"}  # noqa: RUF012 -- shown, never changed

    reason = Text(200, required=True)
    mode = Word(Mode)


class RevocationSchema(Body):
    """Why an officer revokes a certificate."""

    EXAMPLE = {"reason": "抽检不合格"}  # noqa: RUF012 -- shown, never changed

    reason = Text(200, required=True)


def _link(row: dict[str, Any]) -> str:
    """Return the address that the QR code on the certificate leads to."""
    return link_of(current_state().settings.public_url, row["token"])


class CertificateSchema(Schema):
    """A certificate, the lots it covers, what it rests on, and whether it still counts; its contact is its issuer's."""

    code = fields.String()
    party = fields.String(attribute="owner")
    entered_by = fields.String(allow_none=True)
    issuer_form = fields.String()
    product = fields.String()
    origin = fields.String()
    issued_on = fields.Date()
    issued_at = Happened()
    basis = fields.List(fields.String())
    mass = shown_mass()
    mass_g = fields.Integer()
    lots = fields.List(fields.String())
    contact = fields.String(allow_none=True)
    collected = fields.List(fields.String())
    results = fields.List(fields.String())
    state = fields.String()
    link = shown(_link)
    void_at = Noted(allow_none=True)
    void_reason = fields.String(allow_none=True)
    revoked_at = Noted(allow_none=True)
    revoked_by = fields.String(allow_none=True)
    revoked_reason = fields.String(allow_none=True)
    mode = fields.String()
    event = fields.String()


@blueprint.route("")
class Certificates(MethodView):
    """Certificates."""

    @open_to_all
    @blueprint.arguments(paging.query_for(CERTIFICATES), location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(CERTIFICATES, CertificateSchema))
    def get(self, page: Page) -> paging.Answer:
        """List certificates."""
        return paging.answer(CERTIFICATES, page)

    @open_to(*_ISSUERS)
    @writes(blueprint, CERTIFICATES, EnterCertificateSchema, CertificateSchema)
    def post(self, records: Sequence[EnterCertificate]) -> list[ConformityCertificate]:
        """Issue certificates: one, or up to a thousand in an array. Leaf that a finding holds gets none."""
        return enter_certificates(g.session, g.caller, records)


class StopSchema(Schema):
    """A finding that nobody has answered. What it rests on is told to whose record it is on."""

    lot = fields.String()
    rule = fields.String()
    severity = fields.String()
    record = fields.String()
    product = fields.String()
    substance = fields.String()
    input = fields.String()
    used_on = fields.String()
    picked_on = fields.String()
    free_on = fields.String()


class IssuableLotSchema(Schema):
    """What stands for and against one lot."""

    lot = fields.String()
    issuable = fields.Boolean()
    mass_g = fields.Integer()
    available_g = fields.Integer()
    reasons = fields.List(fields.Nested(StopSchema))


class IssuableSchema(Schema):
    """Whether a certificate could be issued now, as which form, for how many grams, and what a test must look for."""

    issuable = fields.Boolean()
    issuer_form = fields.String(allow_none=True)
    mass_g = fields.Integer()
    available_g = fields.Integer()
    tests_for = fields.List(fields.String())
    collected = fields.List(fields.String())
    lots = fields.List(fields.Nested(IssuableLotSchema))


class IssuableQuery(Schema):
    """For which lots, by code with commas between them, and for which party, the caller's own by default."""

    error_messages = {"unknown": "unknown-parameter"}  # noqa: RUF012 -- declared by marshmallow

    lots = fields.String(
        required=True,
        validate=[paging.refuse_unstorable, validate.Length(1, 4000, error="too-long")],
        error_messages={"required": "missing-field"},
    )
    party = fields.String(
        load_default=None, validate=[paging.refuse_unstorable, validate.Length(1, 60, error="too-long")]
    )


@blueprint.route("/issuable")
class Issuable(MethodView):
    """What a certificate would rest on."""

    @open_to(*_ISSUERS)
    @blueprint.arguments(IssuableQuery, location="query", error_status_code=400)
    @blueprint.refuses(409, 422)
    @blueprint.response(200, IssuableSchema)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """Say whether a certificate over some lots could be issued now, or why not."""
        codes = [code.strip() for code in query["lots"].split(",") if code.strip()]
        with unnumbered():
            return preview_certificate(g.session, g.caller, codes, query["party"])


class UncertifiedSchema(Schema):
    """Leaf without a certificate: of a picking, a hand-over or an intake; `other` is who received it or supplied it."""

    kind = fields.String()
    code = fields.String()
    party = fields.String(attribute="owner")
    other = shown(lambda row: None if row["other"] == row["owner"] else row["other"], TEXT_OR_NONE)
    on = fields.Date(attribute="on_day")
    mass_g = fields.Integer()


class MissingQuery(paging.query_for(UNCERTIFIED)):  # type: ignore[misc]  # made from the noun's filters
    """Of which day, today by default."""

    on = fields.String(
        load_default=lambda: clock.today().isoformat(),
        validate=[paging.refuse_unstorable, paging.refuse_no_day],
        metadata={"format": "date"},
    )


@blueprint.route("/missing")
class Missing(MethodView):
    """Leaf of a day without a certificate."""

    @open_to_all
    @blueprint.arguments(MissingQuery, location="query", error_status_code=400)
    @blueprint.response(200, paging.page_of(UNCERTIFIED, UncertifiedSchema))
    def get(self, page: Page) -> paging.Answer:
        """List what lacks a certificate on a day, today by default: one's own, an officer's of the area."""
        return paging.answer(UNCERTIFIED, page)


@blueprint.route("/<path:code>/print")
class CertificatePrint(MethodView):
    """A certificate on paper."""

    @open_to(*_ISSUERS, Role.OFFICER)
    @blueprint.arguments(BasketQuery, location="query", error_status_code=400)
    @blueprint.files(PDF)
    def get(self, query: dict[str, str], code: str) -> Response:
        """Print one certificate: on A4, on a receipt of 80 mm, or on a label for a basket."""
        from labels.documents.certificate import draw_certificate  # noqa: PLC0415 -- drawing is heavy

        record = get_record(g.session, g.caller, CERTIFICATES, code)
        promise, state = read_promise(g.session, record["key"]), current_state()
        shown = replace(promise, contact=record["contact"])
        values = certificate_values(
            shown, lambda key: state.catalogue.text(key, DEFAULT_LANGUAGE), state.settings.public_url
        )
        return send_paper(query, record["code"], lambda paper: draw_certificate(paper, values))


@blueprint.route("/<path:code>")
class OneCertificate(MethodView):
    """One certificate."""

    @open_to_all
    @blueprint.response(200, CertificateSchema)
    def get(self, code: str) -> Record:
        """Return one certificate by `CODE`, `PARTY/CODE` or a season's own id."""
        return get_record(g.session, g.caller, CERTIFICATES, code)


@blueprint.route("/<path:code>/void")
class CertificateVoid(MethodView):
    """The taking back of a certificate."""

    @open_to(*_ISSUERS)
    @acts(blueprint, CERTIFICATES, VoidSchema, CertificateSchema)
    def post(self, record: Record, body: dict[str, Any]) -> ConformityCertificate:
        """Take a certificate back: it was issued, and counts no more."""
        return enter_void(g.session, g.caller, record["key"], EnterVoid(party=record["owner"], **body))


@blueprint.route("/<path:code>/revocation")
class CertificateRevocation(MethodView):
    """The revocation of a certificate."""

    @open_to(Role.OPERATOR, Role.OFFICER)
    @acts(blueprint, CERTIFICATES, RevocationSchema, CertificateSchema)
    def post(self, record: Record, body: dict[str, str]) -> ConformityCertificate:
        """Revoke a certificate of the area, in one's own name: leaf received with it is held again."""
        return enter_revocation(g.session, g.caller, record["key"], body["reason"])
