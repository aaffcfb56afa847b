"""Conformity certificates (承诺达标合格证): a producer's promise for a quantity of leaf, by picking."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import BIG, Base, BigId, Grams
from trace.errors import ConflictError, NotFoundError
from trace.events import Entry, Event, NewEvent, documents, record
from trace.events.correct import Correction, correct_events
from trace.instance import Namespace, get_namespace


class CertificateVoidError(ConflictError):
    """The certificate was taken back before."""

    code = "certificate-void"


class ConformityCertificate(Base):
    """One certificate, with its basis in the words of the 2026 rule."""

    __tablename__ = "conformity_certificate"
    __table_args__ = (UniqueConstraint("issuer_id", "code"),)
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(String(40))
    issuer_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    issuer_form: Mapped[str] = mapped_column(String(20))  # producer or buyer form
    product: Mapped[str] = mapped_column(String(60))  # a term of the scheme crop
    origin: Mapped[str] = mapped_column(String(120))
    issued_on: Mapped[date]
    basis: Mapped[list[str]]
    mass_g: Mapped[Grams]
    as_typed: Mapped[dict[str, Any] | None]  # the mass with its unit, as somebody typed it
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"), index=True)
    void_at: Mapped[datetime | None]  # taken back by its issuer
    void_reason: Mapped[str | None] = mapped_column(String(200))
    void_event_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("event.id"))
    undone_at: Mapped[datetime | None]  # said never to have been issued


class CertifiedLot(Base):
    """A lot that a certificate covers."""

    __tablename__ = "certified_lot"
    certificate_id: Mapped[int] = mapped_column(BIG, ForeignKey("conformity_certificate.id"), primary_key=True)
    lot_id: Mapped[int] = mapped_column(BIG, ForeignKey("lot.id"), primary_key=True, index=True)


@dataclass(frozen=True, kw_only=True)
class Certify:
    """Ask to record one certificate over lots given as (row id, identifier)."""

    code: str
    issuer_id: int
    issuer_code: str
    issuer_form: str
    product: str
    origin: str
    issued_at: datetime
    basis: list[str]
    mass_g: int
    lots: Sequence[tuple[int, str]]
    as_typed: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class VoidCertificate:
    """Ask to take back one certificate (row id): it was issued, and counts no more."""

    certificate: int
    reason: str
    void_at: datetime


_KEPT = ("code", "issuer_id", "issuer_form", "product", "origin", "basis", "mass_g", "as_typed")


def _event(names: Namespace, command: Certify, entry: Entry) -> NewEvent:
    document = documents.observation(
        names,
        when=command.issued_at,
        step=names.word("step", "certifying"),
        of=[uri for _, uri in command.lots],
        extra={"certificationInfo": [names.record("conformity-certificate", f"{command.issuer_code}/{command.code}")]},
    )
    return NewEvent(document=document, party_id=command.issuer_id, entry=entry)


def record_certificates(session: Session, commands: Sequence[Certify], entry: Entry) -> list[ConformityCertificate]:
    """Record certificates as issued. Whether one might have been issued is for the findings to say."""
    names = get_namespace(session)
    events = record(session, [_event(names, command, entry) for command in commands])
    certificates = [
        ConformityCertificate(
            issued_on=command.issued_at.date(), event_id=event, **{name: getattr(command, name) for name in _KEPT}
        )
        for command, event in zip(commands, events, strict=True)
    ]
    session.add_all(certificates)
    session.flush()
    _cover(session, zip(certificates, commands, strict=True))
    return certificates


def _cover(session: Session, issued: Iterable[tuple[ConformityCertificate, Certify]]) -> None:
    session.add_all(
        CertifiedLot(certificate_id=certificate.id, lot_id=lot)
        for certificate, command in issued
        for lot, _ in command.lots
    )
    session.flush()


def void_certificates(
    session: Session, commands: Sequence[VoidCertificate], entry: Entry
) -> list[ConformityCertificate]:
    """Take certificates back. Raises `NotFoundError`, `CertificateVoidError`."""
    wanted = [command.certificate for command in commands]
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
        if certificate.void_at is not None:
            raise CertificateVoidError(certificate=certificate.code)
    names = get_namespace(session)
    news = [_void_event(names, command, *found[command.certificate], entry) for command in commands]
    for command, event in zip(commands, record(session, news), strict=True):
        certificate, _ = found[command.certificate]
        certificate.void_at, certificate.void_reason = command.void_at, command.reason
        certificate.void_event_id = event
    session.flush()
    return [found[one][0] for one in wanted]


def _void_event(
    names: Namespace, command: VoidCertificate, certificate: ConformityCertificate, issued: bytes, entry: Entry
) -> NewEvent:
    said = json.loads(issued)
    document = documents.observation(
        names,
        when=command.void_at,
        step=names.word("step", "voiding-certificate"),
        of=said["epcList"],
        extra={"certificationInfo": said["certificationInfo"], "chasu:reason": command.reason},
    )
    return NewEvent(document=document, party_id=certificate.issuer_id, entry=entry)


def correct_certificate(
    session: Session, certificate: ConformityCertificate, command: Certify | None, reason: str, entry: Entry
) -> ConformityCertificate:
    """Say what a certificate really said, or with None that none was issued. Raises what `correct_events` raises."""
    right = [_event(get_namespace(session), command, entry)] if command else []
    correction = Correction(
        wrong=[certificate.event_id], right=right, reason=reason, party_id=certificate.issuer_id, entry=entry
    )
    events = correct_events(session, correction)
    if command is None:
        certificate.undone_at = clock.now()
    else:
        [certificate.event_id] = events
        certificate.issued_on = command.issued_at.date()
        for name in _KEPT:
            setattr(certificate, name, getattr(command, name))
        session.execute(delete(CertifiedLot).where(CertifiedLot.certificate_id == certificate.id))
        _cover(session, [(certificate, command)])
    session.flush()
    return certificate
