"""Enter conformity certificates over lots of one's own, and take them back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from trace import clock
from trace.accounts import Caller
from trace.conformity import Certify, ConformityCertificate, VoidCertificate, record_certificates, void_certificates
from trace.entries.form import Filled, Form, new_code
from trace.entries.references import Named, check_new_codes, find_own_lots
from trace.lots import Lot
from trace.mass import Weighed
from trace.vocabulary import Scheme, ensure_terms


class IssuerForm(StrEnum):
    """Which of the two forms: of who grew the leaf, or of who bought it up."""

    PRODUCER = "producer"
    BUYER = "buyer"


@dataclass(frozen=True, kw_only=True)
class EnterCertificate(Filled):
    """A certificate as somebody types it."""

    lots: Sequence[str]
    product: str
    origin: str
    issued_at: datetime
    basis: Sequence[str]
    mass: Weighed
    code: str | None = None
    issuer_form: IssuerForm = IssuerForm.PRODUCER


@dataclass(frozen=True, kw_only=True)
class EnterVoid(Filled):
    """Why a certificate is taken back."""

    reason: str


def enter_certificates(
    session: Session, caller: Caller, records: Sequence[EnterCertificate]
) -> list[ConformityCertificate]:
    """Record certificates as issued. Raises what a form raises."""
    form = Form(session, caller, records)
    return record_certificates(session, read_certificates(form, records), form.entry)


def read_certificates(form: Form, records: Sequence[EnterCertificate]) -> list[Certify]:
    """Return what a form of certificates asks for. Raises `InvalidError` with every fault."""
    covered = _find_lots(form, records)
    codes = [record.code or new_code("CQ", record.issued_at) for record in records]
    wanted = [Named(place, "code", code) for place, code in enumerate(codes)]
    check_new_codes(form, wanted, ConformityCertificate, ConformityCertificate.issuer_id)
    for place, (record, lots) in enumerate(zip(records, covered, strict=True)):
        form.check_moment(place, "issued_at", record.issued_at)
        since = max((lot.made_on for lot in lots), default=None)
        form.check_day(place, "issued_at", record.issued_at, since=since)
    form.close()
    ensure_terms(form.session, Scheme.CROP, [record.product for record in records])
    return [
        Certify(
            code=code,
            issuer_id=party.id,
            issuer_code=party.code,
            issuer_form=record.issuer_form.value,
            product=record.product,
            origin=record.origin,
            issued_at=record.issued_at,
            basis=list(record.basis),
            mass_g=record.mass.mass_g,
            lots=[(lot.id, lot.uri) for lot in lots],
            as_typed={"mass": record.mass.as_typed()},
        )
        for record, party, lots, code in zip(records, form.principals, covered, codes, strict=True)
    ]


def _find_lots(form: Form, records: Sequence[EnterCertificate]) -> list[list[Lot]]:
    """Return the lots of each certificate; one named twice is a fault."""
    named = [
        Named(place, f"lots[{number}]", code)
        for place, record in enumerate(records)
        for number, code in enumerate(record.lots)
    ]
    covered: list[list[Lot]] = [[] for _ in records]
    seen: dict[tuple[int, int], str] = {}
    for one, lot in zip(named, find_own_lots(form, named), strict=True):
        if lot is None:
            continue
        if (one.place, lot.id) in seen:
            form.refuse(one.place, one.field, "duplicate-value", value=one.code, first=seen[one.place, lot.id])
        seen.setdefault((one.place, lot.id), one.field)
        covered[one.place].append(lot)
    return covered


def enter_void(session: Session, caller: Caller, certificate: int, command: EnterVoid) -> ConformityCertificate:
    """Take back the certificate of a row id; `party` names its issuer.

    Raises what a form raises, and `CertificateVoidError`.
    """
    form = Form(session, caller, [command])
    void = VoidCertificate(certificate=certificate, reason=command.reason, void_at=clock.now())
    return void_certificates(session, [void], form.entry)[0]
