"""The ends of conformity certificates: taken back by their issuer, or revoked by an officer, by an event of its own."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.conformity import CertificateState, ConformityCertificate, renew_certified
from trace.db import BIG, Base
from trace.errors import ConflictError, NotFoundError
from trace.events import Entry, Event, NewEvent, documents, record
from trace.instance import Namespace, get_namespace


class CertificateVoidError(ConflictError):
    """The certificate was taken back before."""

    code = "certificate-void"


class CertificateRevokedError(ConflictError):
    """An officer revoked the certificate before."""

    code = "certificate-revoked"


class CertificateRevocation(Base):
    """Who revoked a certificate, when and why."""

    __tablename__ = "certificate_revocation"
    certificate_id: Mapped[int] = mapped_column(BIG, ForeignKey("conformity_certificate.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(200))
    revoked_by: Mapped[str] = mapped_column(String(60))  # a named person
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"))


@dataclass(frozen=True, kw_only=True)
class EndCertificate:
    """Ask to end one certificate (row id): it was issued, and counts no more."""

    certificate: int
    reason: str
    ended_at: datetime


@dataclass(frozen=True, kw_only=True)
class Revoker:
    """Who revokes: a named person, of which party (row id; the issuer's where it has none)."""

    name: str
    account_id: int | None
    party_id: int | None


def void_certificates(
    session: Session, commands: Sequence[EndCertificate], entry: Entry
) -> list[ConformityCertificate]:
    """Take certificates back. Raises `NotFoundError`, `CertificateVoidError`, `CertificateRevokedError`."""
    found = _lock(session, [command.certificate for command in commands])
    news = _news(session, commands, found, "voiding-certificate", entry)
    for command, event in zip(commands, record(session, news), strict=True):
        certificate, _ = found[command.certificate]
        certificate.void_at, certificate.void_reason = command.ended_at, command.reason
        certificate.void_event_id = event
    session.flush()
    renew_certified(session, *found)
    return [found[command.certificate][0] for command in commands]


def revoke_certificate(session: Session, command: EndCertificate, by: Revoker, entry: Entry) -> ConformityCertificate:
    """Revoke a certificate of somebody else's. Raises as `void_certificates` does."""
    found = _lock(session, [command.certificate])
    [new] = _news(session, [command], found, "revoking-certificate", entry)
    [event] = record(session, [replace(new, party_id=by.party_id or new.party_id)])
    certificate, _ = found[command.certificate]
    certificate.revoked_at = command.ended_at
    revocation = CertificateRevocation(certificate_id=certificate.id, reason=command.reason, revoked_by=by.name)
    revocation.account_id, revocation.event_id = by.account_id, event
    session.add(revocation)
    session.flush()
    renew_certified(session, certificate.id)
    return certificate


_Found = dict[int, tuple[ConformityCertificate, bytes]]


def _lock(session: Session, wanted: Sequence[int]) -> _Found:
    """Lock certificates that stand, and return them with the events by which they were issued."""
    query = (
        select(ConformityCertificate, Event.document)
        .join(Event, ConformityCertificate.event_id == Event.id)
        .where(ConformityCertificate.id.in_(wanted), ConformityCertificate.undone_at.is_(None))
        .order_by(ConformityCertificate.id)
        .with_for_update(of=ConformityCertificate)
        .execution_options(populate_existing=True)
    )
    found = {certificate.id: (certificate, document) for certificate, document in session.execute(query)}
    missing = sorted(set(wanted) - found.keys())
    if missing:
        raise NotFoundError(what="conformity-certificate", code=missing[0])
    for certificate, _ in found.values():
        refuse_ended(certificate)
    return found


def refuse_ended(certificate: ConformityCertificate) -> None:
    """Raise `CertificateVoidError` or `CertificateRevokedError` for a certificate that counts no more."""
    if certificate.state is CertificateState.REVOKED:
        raise CertificateRevokedError(certificate=certificate.code)
    if certificate.state is CertificateState.VOID:
        raise CertificateVoidError(certificate=certificate.code)


def _news(
    session: Session, commands: Sequence[EndCertificate], found: _Found, step: str, entry: Entry
) -> list[NewEvent]:
    """Return the events by which certificates end, by their issuers."""
    names, news = get_namespace(session), []
    for command in commands:
        certificate, issued = found[command.certificate]
        document = _document(names, command, json.loads(issued), step)
        news.append(NewEvent(document=document, party_id=certificate.issuer_id, entry=entry))
    return news


def _document(names: Namespace, command: EndCertificate, said: dict[str, object], step: str) -> documents.Document:
    return documents.observation(
        names,
        when=command.ended_at,
        step=names.word("step", step),
        of=said["epcList"],  # type: ignore[arg-type]  # as `trace/conformity.py` wrote it
        extra={"certificationInfo": said["certificationInfo"], "chasu:reason": command.reason},
    )
