"""Conformity certificates (承诺达标合格证): a producer's promise for a quantity of leaf, by picking."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.db import BIG, Base, BigId, Grams
from trace.events import Entry, NewEvent, documents, record
from trace.instance import get_namespace


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
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"))


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


_KEPT = ("code", "issuer_id", "issuer_form", "product", "origin", "basis", "mass_g")


def record_certificates(session: Session, commands: Sequence[Certify], entry: Entry) -> list[ConformityCertificate]:
    """Record certificates as issued. Whether one might have been issued is for the findings to say."""
    names = get_namespace(session)
    news = [
        NewEvent(
            document=documents.observation(
                names,
                when=command.issued_at,
                step=names.word("step", "certifying"),
                of=[uri for _, uri in command.lots],
                extra={
                    "certificationInfo": [
                        names.record("conformity-certificate", f"{command.issuer_code}/{command.code}")
                    ]
                },
            ),
            party_id=command.issuer_id,
            entry=entry,
        )
        for command in commands
    ]
    certificates = [
        ConformityCertificate(
            issued_on=command.issued_at.date(), event_id=event, **{name: getattr(command, name) for name in _KEPT}
        )
        for command, event in zip(commands, record(session, news), strict=True)
    ]
    session.add_all(certificates)
    session.flush()
    session.add_all(
        CertifiedLot(certificate_id=certificate.id, lot_id=lot)
        for certificate, command in zip(certificates, commands, strict=True)
        for lot, _ in command.lots
    )
    session.flush()
    return certificates
