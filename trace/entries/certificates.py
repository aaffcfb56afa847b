"""Enter conformity certificates over lots of one's own: issued where nothing stops it, or recorded from history."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from trace.accounts import Caller
from trace.certifying import find_collected, find_forms, find_stops
from trace.conformity import (
    Basis,
    CertificatePaper,
    Certify,
    ConformityCertificate,
    IssuerForm,
    record_certificates,
)
from trace.descent import lock_descendants
from trace.entries.certificate_tests import find_tests
from trace.entries.deliveries import LEAF
from trace.entries.form import Filled, Form, new_code
from trace.entries.references import Named, check_new_codes, find_own_lots
from trace.errors import ConflictError
from trace.events import Mode
from trace.lots import Lot
from trace.mass import Weighed
from trace.rules.judging import judge_certificates
from trace.vocabulary import Scheme, ensure_terms


class CertificateNotIssuableError(ConflictError):
    """Findings that nobody has answered hold leaf that a certificate would promise; `reasons` has each of them."""

    code = "certificate-not-issuable"


@dataclass(frozen=True, kw_only=True)
class EnterCertificate(Filled):
    """A certificate as somebody types it; which of the two forms it is follows from its lots."""

    lots: Sequence[str]
    product: str
    origin: str
    issued_at: datetime
    basis: Sequence[str]
    mass: Weighed
    code: str | None = None
    issuer_form: IssuerForm | None = None
    contact: str | None = None
    results: Sequence[str] = ()


def enter_certificates(
    session: Session, caller: Caller, records: Sequence[EnterCertificate]
) -> list[ConformityCertificate]:
    """Issue certificates, or record those of history.

    Raises what a form raises, and `CertificateNotIssuableError` while a finding holds leaf of theirs.
    """
    form = Form(session, caller, records)
    commands = read_certificates(form, records)
    if form.entry.mode is not Mode.HISTORY:
        refuse_stopped(session, commands)
    certificates = record_certificates(session, commands, form.entry)
    judge_certificates(session, [certificate.id for certificate in certificates])
    return certificates


def refuse_stopped(session: Session, commands: Sequence[Certify], free: Iterable[int] = ()) -> None:
    """Raise `CertificateNotIssuableError` where a finding holds lots, but for those that are `free` to be named.

    The lots are locked first: no finding, and no other certificate, comes in between.
    """
    lots = {lot for command in commands for lot, _ in command.lots}
    lock_descendants(session, lots)
    stops = find_stops(session, lots - set(free), {command.issuer_id for command in commands})
    if stops:
        held, rules = sorted({stop.code for stop in stops}), sorted({stop.rule for stop in stops})
        raise CertificateNotIssuableError(lots=held, rules=rules, reasons=[stop.told() for stop in stops])


def read_certificates(form: Form, records: Sequence[EnterCertificate]) -> list[Certify]:
    """Return what a form of certificates asks for. Raises `InvalidError` with every fault."""
    covered = _find_lots(form, records)
    codes = [record.code or new_code("CQ", record.issued_at) for record in records]
    wanted = [Named(place, "code", code) for place, code in enumerate(codes)]
    check_new_codes(form, wanted, ConformityCertificate, ConformityCertificate.issuer_id)
    forms = _find_forms(form, records, covered)
    tests = find_tests(form, [(record.results, record.basis) for record in records], covered)
    for place, (record, lots) in enumerate(zip(records, covered, strict=True)):
        form.check_moment(place, "issued_at", record.issued_at)
        since = max((lot.made_on for lot in lots), default=None)
        form.check_day(place, "issued_at", record.issued_at, since=since)
        _check_basis(form, place, record)
    form.close()
    ensure_terms(form.session, Scheme.CROP, [record.product for record in records])
    collected = find_collected(form.session, [lot.id for lots in covered for lot in lots])
    contacts = _contacts(form)
    return [
        Certify(
            code=code,
            issuer_id=party.id,
            issuer_code=party.code,
            issuer_form=forms[place].value,
            product=record.product,
            origin=record.origin,
            issued_at=record.issued_at,
            basis=list(record.basis),
            mass_g=record.mass.mass_g,
            lots=[(lot.id, lot.uri) for lot in covered[place]],
            as_typed={"mass": record.mass.as_typed()},
            contact=record.contact or contacts.get(party.id),
            collected=sorted({one for lot in covered[place] for one in collected[lot.id]}),
            results=tests[place],
        )
        for place, (record, party, code) in enumerate(zip(records, form.principals, codes, strict=True))
    ]


def _check_basis(form: Form, place: int, record: EnterCertificate) -> None:
    """Add a fault for a basis that is none of the three; what was issued before this rule had others."""
    if record.mode is Mode.HISTORY:
        return
    allowed = [basis.value for basis in Basis]
    for number, words in enumerate(record.basis):
        if words not in allowed:
            form.refuse(place, f"basis[{number}]", "not-allowed", value=words, allowed=allowed)


def _find_lots(form: Form, records: Sequence[EnterCertificate]) -> list[list[Lot]]:
    """Return the lots of each certificate; one named twice, or no longer leaf, is a fault."""
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
        if lot.kind not in LEAF and records[one.place].mode is not Mode.HISTORY:
            form.refuse(one.place, one.field, "past-the-gate", value=one.code)
        seen.setdefault((one.place, lot.id), one.field)
        covered[one.place].append(lot)
    return covered


def _find_forms(form: Form, records: Sequence[EnterCertificate], covered: Sequence[Sequence[Lot]]) -> list[IssuerForm]:
    """Return which form each certificate is; own leaf and bought leaf under one, or another form given, is a fault."""
    forms = find_forms(form.session, [lot for lots in covered for lot in lots])
    found = []
    for place, (record, lots) in enumerate(zip(records, covered, strict=True)):
        kinds = sorted({forms[lot.id] for lot in lots})
        kind = kinds[0] if kinds else IssuerForm.PRODUCER
        if record.mode is Mode.HISTORY:
            kind = record.issuer_form or kind
        elif len(kinds) > 1:
            form.refuse(place, "lots", "own-and-bought")
        elif record.issuer_form not in (None, kind):
            form.refuse(place, "issuer_form", "disagrees", value=record.issuer_form, other=kind)
        found.append(kind)
    return found


def _contacts(form: Form) -> dict[int, str]:
    """Return the contact that each issuer gave last, so that nobody types it twice."""
    given = (
        select(func.max(CertificatePaper.certificate_id))
        .join(ConformityCertificate, CertificatePaper.certificate_id == ConformityCertificate.id)
        .where(ConformityCertificate.issuer_id.in_({party.id for party in form.principals}))
        .where(CertificatePaper.contact.is_not(None))
        .group_by(ConformityCertificate.issuer_id)
    )
    query = select(ConformityCertificate.issuer_id, CertificatePaper.contact).join(
        CertificatePaper, CertificatePaper.certificate_id == ConformityCertificate.id
    )
    found = form.session.execute(query.where(CertificatePaper.certificate_id.in_(given)))
    return {party: contact or "" for party, contact in found}
