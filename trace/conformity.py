"""Conformity certificates (承诺达标合格证): a promise for a quantity of leaf, by who grew it or who bought it up.

Rule: 农产品质量安全承诺达标合格证管理办法 (order 4 of 2025 of the ministry of agriculture, from 2026-02-01).
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, String, UniqueConstraint, and_, delete, select, union
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import BIG, Base, BigId, Grams
from trace.descent import lock_descendants, touch
from trace.events import Entry, NewEvent, documents, record
from trace.events.correct import Correction, correct_events
from trace.instance import Namespace, get_namespace
from trace.intakes import Intake
from trace.keys import ALPHABET

_TOKEN = 26  # symbols of five bits: 130 bits, so that nobody guesses another's page


class IssuerForm(StrEnum):
    """Which of the two forms: of who grew the leaf, or of who bought it up."""

    PRODUCER = "producer"
    BUYER = "buyer"


class Basis(StrEnum):
    """What a promise rests on, in the words of the rule: one or more of three."""

    CONTROL = "质量安全控制符合要求"
    OWN_TEST = "自检合格"
    CONTRACTED_TEST = "委托检测合格"


TESTS = (Basis.OWN_TEST, Basis.CONTRACTED_TEST)


class CertificateState(StrEnum):
    """Whether a certificate still promises something."""

    VALID = "valid"
    VOID = "void"  # taken back by its issuer
    REVOKED = "revoked"  # by an officer of the area
    UNDONE = "undone"  # said never to have been issued


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
    revoked_at: Mapped[datetime | None]  # by an officer: `CertificateRevocation`
    undone_at: Mapped[datetime | None]  # said never to have been issued

    @property
    def state(self) -> CertificateState:
        """Return whether it still promises something."""
        return state_of(self.undone_at, self.revoked_at, self.void_at)


def state_of(undone_at: datetime | None, revoked_at: datetime | None, void_at: datetime | None) -> CertificateState:
    """Return whether a certificate that ended at these moments, or did not, still promises something."""
    if undone_at is not None:
        return CertificateState.UNDONE
    if revoked_at is not None:
        return CertificateState.REVOKED
    return CertificateState.VALID if void_at is None else CertificateState.VOID


def stands() -> ColumnElement[bool]:
    """Hold for certificates that promise something."""
    ends = (ConformityCertificate.void_at, ConformityCertificate.revoked_at, ConformityCertificate.undone_at)
    return and_(*(moment.is_(None) for moment in ends))


class CertificatePaper(Base):
    """What the paper of a certificate carries beside its facts: the token of its public page, and a contact.

    A grower's contact is personal: it stands here alone, in no event and on no public page.
    """

    __tablename__ = "certificate_paper"
    certificate_id: Mapped[int] = mapped_column(BIG, ForeignKey("conformity_certificate.id"), primary_key=True)
    token: Mapped[str] = mapped_column(String(_TOKEN), unique=True)
    contact: Mapped[str | None] = mapped_column(String(60))


class CertifiedLot(Base):
    """A lot that a certificate covers."""

    __tablename__ = "certified_lot"
    certificate_id: Mapped[int] = mapped_column(BIG, ForeignKey("conformity_certificate.id"), primary_key=True)
    lot_id: Mapped[int] = mapped_column(BIG, ForeignKey("lot.id"), primary_key=True, index=True)


class CollectedCertificate(Base):
    """A certificate that came with leaf, and that a buyer's certificate over that leaf names."""

    __tablename__ = "collected_certificate"
    certificate_id: Mapped[int] = mapped_column(BIG, ForeignKey("conformity_certificate.id"), primary_key=True)
    collected_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("conformity_certificate.id"), primary_key=True, index=True
    )


class CertificateTest(Base):
    """A report of a laboratory that a certificate rests on."""

    __tablename__ = "certificate_test"
    certificate_id: Mapped[int] = mapped_column(BIG, ForeignKey("conformity_certificate.id"), primary_key=True)
    result_id: Mapped[int] = mapped_column(BIG, ForeignKey("result.id"), primary_key=True, index=True)


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
    contact: str | None = None
    collected: Sequence[tuple[int, str]] = ()  # certificates as (row id, `PARTY/CODE`)
    results: Sequence[int] = ()  # reports (row ids)


_KEPT = ("code", "issuer_id", "issuer_form", "product", "origin", "basis", "mass_g", "as_typed")


def _event(names: Namespace, command: Certify, entry: Entry) -> NewEvent:
    collected = [identifier(names, code) for _, code in command.collected]
    document = documents.observation(
        names,
        when=command.issued_at,
        step=names.word("step", "certifying"),
        of=[uri for _, uri in command.lots],
        extra={
            "certificationInfo": [identifier(names, f"{command.issuer_code}/{command.code}")],
            **({"chasu:collected": collected} if collected else {}),
        },
    )
    return NewEvent(document=document, party_id=command.issuer_id, entry=entry)


def identifier(names: Namespace, code: str) -> str:
    """Return the identifier of the certificate called `PARTY/CODE`."""
    return names.record("conformity-certificate", code)


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
    issued = list(zip(certificates, commands, strict=True))
    session.add_all(
        CertificatePaper(certificate_id=certificate.id, token=new_token(), contact=command.contact)
        for certificate, command in issued
    )
    _cover(session, issued)
    return certificates


def new_token() -> str:
    """Return what nobody guesses: the part of a public page's address that says which certificate."""
    return "".join(secrets.choice(ALPHABET) for _ in range(_TOKEN))


def is_token(text: str) -> bool:
    """Return whether a text could be a token; others are not asked for, since no column would take them all."""
    return len(text) == _TOKEN and set(text) <= set(ALPHABET)


def _cover(session: Session, issued: Iterable[tuple[ConformityCertificate, Certify]]) -> None:
    """Write what certificates cover, and what they rest on."""
    for certificate, command in issued:
        own = {"certificate_id": certificate.id}
        session.add_all(CertifiedLot(**own, lot_id=lot) for lot, _ in command.lots)
        session.add_all(CollectedCertificate(**own, collected_id=collected) for collected, _ in command.collected)
        session.add_all(CertificateTest(**own, result_id=result) for result in command.results)
    session.flush()


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
        for table in (CertifiedLot, CollectedCertificate, CertificateTest):
            session.execute(delete(table).where(table.certificate_id == certificate.id))
        session.get_one(CertificatePaper, certificate.id).contact = command.contact
        _cover(session, [(certificate, command)])
    session.flush()
    renew_certified(session, certificate.id)
    return certificate


def renew_certified(session: Session, *certificates: int) -> None:
    """Renew the pages of all that was made of leaf certified or received with some certificates (row ids).

    What the rules then say of them may hold the same lots: all are locked here, in id order.
    """
    covered = select(CertifiedLot.lot_id).where(CertifiedLot.certificate_id.in_(certificates))
    received = select(Intake.lot_id).where(Intake.certificate_id.in_(certificates))
    touch(session, lock_descendants(session, session.scalars(union(covered, received))), locked=True)
