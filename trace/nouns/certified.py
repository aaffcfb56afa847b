"""Conformity certificates as their readers see them: what is promised of which leaf, on what, and if it counts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, case, literal, or_, select
from sqlalchemy.orm import Session, aliased

from trace import visibility
from trace.accounts import Caller
from trace.certificate_endings import CertificateRevocation
from trace.conformity import (
    CertificatePaper,
    CertificateState,
    CertificateTest,
    CertifiedLot,
    CollectedCertificate,
    ConformityCertificate,
)
from trace.events.tables import Event
from trace.lots import Lot
from trace.parties import Party
from trace.quality import Result
from trace.records import Filter, Noun, Parts, equal, plain

_AGENT = aliased(Party, name="agent")
_STATES = (CertificateState.VALID, CertificateState.VOID, CertificateState.REVOKED)


def _state() -> ColumnElement[str]:
    """Return whether a certificate still promises something."""
    certificate = ConformityCertificate
    return case(
        (certificate.revoked_at.is_not(None), literal(CertificateState.REVOKED.value)),
        (certificate.void_at.is_not(None), literal(CertificateState.VOID.value)),
        else_=literal(CertificateState.VALID.value),
    )


def _certificates(caller: Caller) -> Select[*tuple[Any, ...]]:
    certificate, revocation = ConformityCertificate, CertificateRevocation
    contact = case((visibility.own(caller, certificate.issuer_id), CertificatePaper.contact), else_=None)
    return (
        select(
            *(certificate.code, Party.code.label("owner"), certificate.issuer_form, certificate.product),
            *(certificate.origin, certificate.issued_on, certificate.basis, certificate.mass_g, certificate.as_typed),
            *(certificate.void_at, certificate.void_reason, _AGENT.code.label("entered_by"), _state().label("state")),
            *(certificate.revoked_at, revocation.revoked_by, revocation.reason.label("revoked_reason")),
            *(CertificatePaper.token, contact.label("contact")),
            *(Event.event_time.label("issued_at"), Event.utc_offset, Event.mode, Event.event_id.label("event")),
        )
        .select_from(certificate)
        .join(Party, certificate.issuer_id == Party.id)
        .join(Event, certificate.event_id == Event.id)
        .join(CertificatePaper, CertificatePaper.certificate_id == certificate.id)
        .outerjoin(revocation, revocation.certificate_id == certificate.id)
        .outerjoin(_AGENT, Event.entered_by_id == _AGENT.id)
        .where(certificate.undone_at.is_(None))
    )


def _covered(session: Session, caller: Caller, certificates: Sequence[int]) -> dict[int, list[str]]:
    """Return the lots that each certificate covers: all for its issuer, for others those that they may read."""
    query = (
        select(CertifiedLot.certificate_id, Lot.code)
        .join(Lot, CertifiedLot.lot_id == Lot.id)
        .join(ConformityCertificate, CertifiedLot.certificate_id == ConformityCertificate.id)
        .where(CertifiedLot.certificate_id.in_(certificates))
        .where(or_(visibility.own(caller, ConformityCertificate.issuer_id), visibility.lots(caller)))
        .order_by(Lot.id)
    )
    return _grouped(session.execute(query))


def _collected(session: Session, _caller: Caller, certificates: Sequence[int]) -> dict[int, list[str]]:
    """Return the certificates that each buyer's certificate names."""
    query = (
        select(CollectedCertificate.certificate_id, Party.code + "/" + ConformityCertificate.code)
        .join(ConformityCertificate, CollectedCertificate.collected_id == ConformityCertificate.id)
        .join(Party, ConformityCertificate.issuer_id == Party.id)
        .where(CollectedCertificate.certificate_id.in_(certificates))
        .order_by(ConformityCertificate.id)
    )
    return _grouped(session.execute(query))


def _tests(session: Session, _caller: Caller, certificates: Sequence[int]) -> dict[int, list[str]]:
    """Return the reports that each certificate rests on."""
    query = (
        select(CertificateTest.certificate_id, Party.code + "/" + Result.code)
        .join(Result, CertificateTest.result_id == Result.id)
        .join(Party, Result.laboratory_id == Party.id)
        .where(CertificateTest.certificate_id.in_(certificates))
        .order_by(Result.id)
    )
    return _grouped(session.execute(query))


def _grouped(rows: Iterable[Any]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for key, code in rows:
        found[key].append(code)
    return found


CERTIFICATES = Noun(
    name="conformity-certificate",
    key=ConformityCertificate.id,
    query=_certificates,
    visible=visibility.certificates,
    code=plain(ConformityCertificate.code),
    owner=Party.code.expression,
    aliases="certificates",
    filters={
        "product": equal(ConformityCertificate.product),
        "party": equal(Party.code),
        "state": Filter(lambda state: _state() == state, _STATES),
    },
    parts=(Parts("lots", _covered), Parts("collected", _collected), Parts("results", _tests)),
)
