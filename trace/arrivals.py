"""Arrivals: what leaf was received without, and came later: its certificate, or a household's own test."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.conformity import CertificateState, ConformityCertificate, identifier, renew_certified
from trace.db import BIG, Base, BigId
from trace.errors import ConflictError
from trace.events import Entry, NewEvent, documents, record
from trace.instance import Namespace, get_namespace
from trace.intakes import Intake
from trace.lots import Lot
from trace.parties import Party


class IntakeCertifiedError(ConflictError):
    """The intake has a certificate that stands; another one is said by correcting the intake."""

    code = "intake-certified"


class CertificateArrival(Base):
    """When a certificate, or a household's own test, came for leaf that was received without."""

    __tablename__ = "certificate_arrival"
    id: Mapped[BigId]
    intake_id: Mapped[int] = mapped_column(BIG, ForeignKey("intake.id"), index=True)
    certificate_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("conformity_certificate.id"), index=True)
    exemption: Mapped[dict[str, Any] | None]
    arrived_at: Mapped[datetime]
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"))


@dataclass(frozen=True, kw_only=True)
class Arrive:
    """Say that something came for an intake."""

    intake: Intake
    certificate: ConformityCertificate | None
    exemption: dict[str, Any] | None
    arrived_at: datetime


def record_arrival(session: Session, command: Arrive, entry: Entry) -> Intake:
    """Link what came to the intake. The rules are to judge it again. Raises `IntakeCertifiedError`."""
    intake = command.intake
    former = session.get(ConformityCertificate, intake.certificate_id) if intake.certificate_id else None
    if former is not None and former.state is CertificateState.VALID and command.certificate is not None:
        raise IntakeCertifiedError(certificate=former.code)
    lot = session.get_one(Lot, intake.lot_id)
    [event] = record(session, [_event(session, get_namespace(session), command, lot, entry)])
    if command.certificate is not None:
        intake.certificate_id = command.certificate.id
        session.flush()
        renew_certified(session, command.certificate.id)
    if command.exemption is not None:
        intake.exemption = command.exemption
    session.add(
        CertificateArrival(
            intake_id=intake.id,
            certificate_id=command.certificate.id if command.certificate else None,
            exemption=command.exemption,
            arrived_at=command.arrived_at,
            event_id=event,
        )
    )
    session.flush()
    return intake


def _event(session: Session, names: Namespace, command: Arrive, lot: Lot, entry: Entry) -> NewEvent:
    extra: dict[str, Any] = {}
    if command.certificate is not None:
        issuer = session.get_one(Party, command.certificate.issuer_id)
        extra["certificationInfo"] = [identifier(names, f"{issuer.code}/{command.certificate.code}")]
    if command.exemption is not None:
        extra["chasu:exemption"] = command.exemption
    document = documents.observation(
        names, when=command.arrived_at, step=names.word("step", "collecting-certificate"), of=[lot.uri], extra=extra
    )
    return NewEvent(document=document, party_id=lot.party_id, entry=entry)
