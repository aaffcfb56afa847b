"""Conformity certificates in a form: those of one's own, and those that came with lots one may read."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import exists, or_, select

from trace import visibility
from trace.conformity import CertifiedLot, ConformityCertificate
from trace.db import portions
from trace.entries.form import Form
from trace.errors import AmbiguousCodeError
from trace.parties import Party

_Issued = tuple[str, ConformityCertificate]  # by whom (code)


def find_certificates(
    form: Form, wanted: Sequence[tuple[int, str | None]], issuers: Sequence[Party]
) -> list[ConformityCertificate | None]:
    """Return the certificate for each (place, code), as `PARTY/CODE` or `CODE`; one taken back is a fault.

    `issuers` are parties whose certificates may be named beside these: those acted for, those who handed over.
    Raises `AmbiguousCodeError`.
    """
    codes = {code.rpartition("/")[2] for _, code in wanted if code is not None}
    known = _certificates_by_code(form, codes, {party.id for party in issuers})
    return [None if code is None else _only(form, place, code, known) for place, code in wanted]


def _only(form: Form, place: int, code: str, known: dict[str, list[_Issued]]) -> ConformityCertificate | None:
    issuer, _, bare = code.rpartition("/")
    seen = [one for one in known[bare] if issuer in ("", one[0])]
    if len(seen) > 1:
        candidates = [f"{party}/{bare}" for party, _ in seen]
        raise AmbiguousCodeError(what="conformity-certificate", code=code, candidates=candidates)
    if not seen:
        form.refuse(place, "certificate", "unknown-reference", value=code, array="conformity-certificate")
        return None
    if seen[0][1].void_at is not None:
        form.refuse(place, "certificate", "certificate-void", certificate=code)
    return seen[0][1]


def _certificates_by_code(form: Form, codes: set[str], issuers: set[int]) -> dict[str, list[_Issued]]:
    mine = visibility.own(form.caller, ConformityCertificate.issuer_id)
    covers = exists().where(
        CertifiedLot.certificate_id == ConformityCertificate.id,
        visibility.lots_by_id(form.caller, CertifiedLot.lot_id),
    )
    found: dict[str, list[_Issued]] = defaultdict(list)
    for few in portions(codes):
        query = (
            select(Party.code, ConformityCertificate)
            .join(Party, ConformityCertificate.issuer_id == Party.id)
            .where(ConformityCertificate.code.in_(few), ConformityCertificate.undone_at.is_(None))
            .where(or_(ConformityCertificate.issuer_id.in_(issuers), mine, covers))
            .order_by(Party.code)
        )
        for issuer, certificate in form.session.execute(query):
            found[certificate.code].append((issuer, certificate))
    return found
