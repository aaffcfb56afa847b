"""Conformity certificates in a form: those of one's own, and those that came with lots one may read.

A household need give none: its leaf is received with a test of its own.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import exists, or_, select

from trace import clock, visibility
from trace.conformity import CertificateState, CertifiedLot, ConformityCertificate
from trace.db import portions
from trace.entries.form import Form
from trace.errors import AmbiguousCodeError
from trace.parties import GROWER, Party

_Issued = tuple[str, ConformityCertificate]  # by whom (code)


class Exempt(StrEnum):
    """Who need not give a certificate."""

    HOUSEHOLD = "household"


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """Why leaf comes without a certificate, and the own test that stands in its place."""

    kind: Exempt
    tested_on: date
    method: str
    passed: bool

    def kept(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {**vars(self), "kind": self.kind.value, "tested_on": self.tested_on.isoformat()}


def check_exemption(form: Form, place: int, exemption: Exemption | None, supplier: Party) -> None:
    """Add a fault for a firm that would pass for a household, and for a test that was not made yet."""
    if exemption is None:
        return
    if supplier.kind != GROWER:
        form.refuse(place, "exemption", "not-a-household", value=supplier.code)
    if exemption.tested_on > clock.today():
        facts = {"value": str(exemption.tested_on), "today": str(clock.today())}
        form.refuse(place, "exemption.tested_on", "in-the-future", **facts)


def find_certificates(
    form: Form, wanted: Sequence[tuple[int, str | None]], issuers: Sequence[Party]
) -> list[ConformityCertificate | None]:
    """Return the certificate for each (place, code), as `PARTY/CODE` or `CODE`; one that counts no more is a fault.

    A record that is corrected may go on naming the one it named. `issuers` are parties whose certificates may be
    named beside these: those acted for, those who handed over.
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
    certificate = seen[0][1]
    if certificate.state is not CertificateState.VALID and certificate.id != form.certificate:
        form.refuse(place, "certificate", f"certificate-{certificate.state}", certificate=code)
    return certificate


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
