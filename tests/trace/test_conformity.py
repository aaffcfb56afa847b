"""Conformity certificates: issued over leaf, taken back with a reason, corrected."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import PICKED_AT, make_certificate, make_leaf
from trace.certificate_endings import CertificateVoidError, EndCertificate, void_certificates
from trace.conformity import (
    CertifiedLot,
    Certify,
    ConformityCertificate,
    correct_certificate,
)
from trace.errors import NotFoundError
from trace.events import LIVE, Event
from trace.events.correct import AlreadyCorrectedError
from trace.lots import Lot
from trace.parties import Party


def void(certificate: ConformityCertificate) -> EndCertificate:
    return EndCertificate(certificate=certificate.id, reason="数量开错", ended_at=PICKED_AT + timedelta(days=1))


def say_again(session: Session, certificate: ConformityCertificate, lots: list[Lot], **overrides: Any) -> Certify:
    issuer = session.get_one(Party, certificate.issuer_id)
    values: dict[str, Any] = {"mass_g": certificate.mass_g, **overrides}
    return Certify(
        code=certificate.code,
        issuer_id=issuer.id,
        issuer_code=issuer.code,
        issuer_form="producer",
        product="茶鲜叶",
        origin="上茶沟村",
        issued_at=PICKED_AT + timedelta(hours=4),
        basis=["质量安全控制符合要求"],
        lots=[(lot.id, lot.uri) for lot in lots],
        **values,
    )


def covered(session: Session, certificate: ConformityCertificate) -> set[int]:
    query = select(CertifiedLot.lot_id).where(CertifiedLot.certificate_id == certificate.id)
    return set(session.scalars(query))


def test_a_certificate_keeps_its_mass_as_it_was_typed(session: Session) -> None:
    typed = {"mass": {"value": "12.5", "unit": "jin"}}
    certificate = make_certificate(session, mass_g=6_250, as_typed=typed)
    assert certificate.as_typed == typed


def test_a_certificate_is_taken_back_once_with_a_reason_and_by_an_event(session: Session) -> None:
    certificate = make_certificate(session)
    void_certificates(session, [void(certificate)], LIVE)
    assert (certificate.void_reason, certificate.void_at) == ("数量开错", PICKED_AT + timedelta(days=1))
    event = session.get_one(Event, certificate.void_event_id)
    assert (event.party_id, "数量开错".encode() in event.document) == (certificate.issuer_id, True)
    with pytest.raises(CertificateVoidError):
        void_certificates(session, [void(certificate)], LIVE)


def test_what_was_never_issued_is_not_taken_back(session: Session) -> None:
    certificate = make_certificate(session)
    correct_certificate(session, certificate, None, "did_not_occur", LIVE)
    assert certificate.undone_at is not None
    with pytest.raises(NotFoundError):
        void_certificates(session, [void(certificate)], LIVE)
    with pytest.raises(AlreadyCorrectedError):
        correct_certificate(session, certificate, None, "did_not_occur", LIVE)


def test_a_corrected_certificate_covers_the_right_lots(session: Session) -> None:
    kept, wrong, right = make_leaf(session), make_leaf(session), make_leaf(session)
    certificate = make_certificate(session, lots=[kept, wrong])
    command = say_again(session, certificate, [kept, right], mass_g=18_000)
    correct_certificate(session, certificate, command, "incorrect_data", LIVE)
    assert covered(session, certificate) == {kept.id, right.id}
    assert certificate.mass_g == 18_000
