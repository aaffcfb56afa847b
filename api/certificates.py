"""`/v1/certificates`: conformity certificates (承诺达标合格证) over lots of leaf, and their taking back."""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from marshmallow import Schema, fields, post_load

from api import paging
from api.auth import open_to, open_to_all
from api.bodies import acts, writes
from api.fields import Body, Code, Many, Mass, Moment, NewCode, Text, Word, shown_mass
from api.filled import FilledBody
from api.moments import local
from api.openapi import Blueprint
from trace.accounts import Role
from trace.conformity import ConformityCertificate
from trace.entries.certificates import EnterCertificate, EnterVoid, IssuerForm, enter_certificates, enter_void
from trace.events import Mode
from trace.nouns import CERTIFICATES
from trace.records import Page, Record, get_record

blueprint = Blueprint("certificates", __name__, url_prefix="/v1/certificates", description="合格证 · certificates")
_ISSUERS = (Role.OPERATOR, Role.COOP, Role.BROKER, Role.PLANT)


class EnterCertificateSchema(FilledBody):
    """A certificate to record."""

    EXAMPLE = {  # noqa: RUF012 -- shown, never changed
        "lots": ["PK-260418-7K3M2P"],
        "product": "茶鲜叶",
        "origin": "上茶沟村",
        "issued_at": "2026-04-18T10:00:00+08:00",
        "basis": ["自我承诺"],
        "mass": {"value": "25", "unit": "jin"},
    }

    code = NewCode()
    lots = Many(Code(), required=True, most=200)
    product = Text(60, required=True)
    origin = Text(120, required=True)
    issued_at = Moment(required=True)
    basis = Many(Text(120), required=True, most=10)
    mass = Mass(required=True)
    issuer_form = Word(IssuerForm)

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnterCertificate:
        """Return the typed command."""
        return EnterCertificate(**data)


class VoidSchema(Body):
    """Why a certificate is taken back."""

    EXAMPLE = {"reason": "填错了重量"}  # noqa: RUF012 -- shown, never changed

    reason = Text(200, required=True)
    mode = Word(Mode)


class CertificateSchema(Schema):
    """A certificate, and the lots it covers."""

    code = fields.String()
    party = fields.String(attribute="owner")
    entered_by = fields.String(allow_none=True)
    issuer_form = fields.String()
    product = fields.String()
    origin = fields.String()
    issued_on = fields.Date()
    issued_at = fields.Function(local("issued_at"))
    basis = fields.List(fields.String())
    mass = shown_mass()
    mass_g = fields.Integer()
    lots = fields.List(fields.String())
    void_at = fields.AwareDateTime(allow_none=True)
    void_reason = fields.String(allow_none=True)
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
        """Record certificates: one, or up to a thousand in an array."""
        return enter_certificates(g.session, g.caller, records)


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
