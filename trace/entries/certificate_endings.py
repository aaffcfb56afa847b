"""End conformity certificates: their issuer takes one back, an officer of the area revokes one in the own name."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from trace import clock
from trace.accounts import Caller
from trace.certificate_endings import EndCertificate, Revoker, revoke_certificate, void_certificates
from trace.conformity import ConformityCertificate
from trace.entries.form import Filled, Form
from trace.errors import ForbiddenError
from trace.events import Agent, Entry, Mode
from trace.instance import get_namespace
from trace.parties import Party
from trace.rules.judging import judge_promised


class NotYoursToRevokeError(ForbiddenError):
    """A named person revokes a certificate: the officer of the area, or the operator."""

    code = "not-yours-to-revoke"


@dataclass(frozen=True, kw_only=True)
class EnterVoid(Filled):
    """Why a certificate is taken back."""

    reason: str


def enter_void(session: Session, caller: Caller, certificate: int, command: EnterVoid) -> ConformityCertificate:
    """Take back the certificate of a row id; `party` names its issuer. Leaf received with it is held again.

    Raises what a form raises, `CertificateVoidError` and `CertificateRevokedError`.
    """
    form = Form(session, caller, [command])
    void = EndCertificate(certificate=certificate, reason=command.reason, ended_at=clock.now())
    [ended] = void_certificates(session, [void], form.entry)
    judge_promised(session, [ended.id])
    return ended


def enter_revocation(session: Session, caller: Caller, certificate: int, reason: str) -> ConformityCertificate:
    """Revoke the certificate of a row id, one that the caller may read, of an issuer in the caller's area.

    Leaf received with it is held again.
    Raises `NotYoursToRevokeError`, `CertificateVoidError` and `CertificateRevokedError`.
    """
    issuer = session.get_one(Party, session.get_one(ConformityCertificate, certificate).issuer_id)
    if not caller.name or not caller.sees(issuer.id, issuer.area_code):
        raise NotYoursToRevokeError
    party = caller.party
    agent = Agent(party.id, get_namespace(session).party(party.code)) if party else None
    by = Revoker(name=caller.name, account_id=caller.account_id, party_id=caller.party_id)
    command = EndCertificate(certificate=certificate, reason=reason, ended_at=clock.now())
    ended = revoke_certificate(session, command, by, Entry(Mode.LIVE, agent, caller.account_id))
    judge_promised(session, [ended.id])
    return ended
