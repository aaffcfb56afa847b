"""Promises as the public may know them: a certificate by the token on its paper, and what became of its leaf.

No person and no household's telephone is among it; a firm's contact is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.clock import day_of
from trace.conformity import (
    CertificatePaper,
    CertificateState,
    CertificateTest,
    CertifiedLot,
    CollectedCertificate,
    ConformityCertificate,
    IssuerForm,
    is_token,
)
from trace.db import portions
from trace.descent import descendants
from trace.findings import Finding, Severity
from trace.holds import LotHold
from trace.lots import Lot
from trace.mass import jin_and_kilograms
from trace.packs import Pack
from trace.parties import GROWER, Party
from trace.products import TradeItem
from trace.quality import ResultItem

_MOST = 12  # packs named on a page
_PARTS = 3  # sentences of each form
_UNITS = {"kg": "kg", "jin": "斤", "g": "g"}


class Collected(NamedTuple):
    """A certificate that came with the leaf: by whom, its number, and whether it still promises something."""

    issuer: str
    code: str
    state: CertificateState


class Became(NamedTuple):
    """Packed tea that was made of the leaf, by the code on its label."""

    name: str
    gtin: str
    lot: str


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One certificate, whole."""

    code: str
    token: str
    state: CertificateState
    ended_on: date | None
    issuer: str
    household: bool
    contact: str | None
    issuer_form: str
    product: str
    origin: str
    issued_on: date
    basis: Sequence[str]
    mass_g: int
    as_typed: dict[str, Any] | None
    lots: Sequence[str]
    collected: Sequence[Collected]
    analytes: Sequence[str]
    questioned: bool  # a finding that nobody has answered holds some of the leaf
    became: Sequence[Became] = ()

    @property
    def unsupported(self) -> bool:
        """Return whether a certificate that it names was taken back or revoked."""
        return any(one.state is not CertificateState.VALID for one in self.collected)


def find_promise(session: Session, token: str) -> Promise | None:
    """Return the certificate of a token, with the packed tea that was made of its leaf."""
    if not is_token(token):
        return None
    id_ = session.scalar(select(CertificatePaper.certificate_id).where(CertificatePaper.token == token))
    return None if id_ is None else read_promise(session, id_, became=True)


def read_promise(session: Session, certificate_id: int, *, became: bool = False) -> Promise:
    """Return the certificate of a row id."""
    query = (
        select(ConformityCertificate, CertificatePaper, Party.name, Party.kind)
        .join(CertificatePaper, CertificatePaper.certificate_id == ConformityCertificate.id)
        .join(Party, Party.id == ConformityCertificate.issuer_id)
        .where(ConformityCertificate.id == certificate_id)
    )
    certificate, paper, issuer, kind = session.execute(query).one()
    covered = select(Lot.id, Lot.code).join(CertifiedLot, CertifiedLot.lot_id == Lot.id)
    lots = session.execute(covered.where(CertifiedLot.certificate_id == certificate_id).order_by(Lot.id)).all()
    ids = [id_ for id_, _ in lots]
    same = ("code", "state", "issuer_form", "product", "origin", "issued_on", "basis", "mass_g", "as_typed")
    return Promise(
        **{name: getattr(certificate, name) for name in same},
        token=paper.token,
        contact=paper.contact,
        issuer=issuer,
        household=kind == GROWER,
        ended_on=_ended_on(certificate.undone_at or certificate.revoked_at or certificate.void_at),
        lots=[code for _, code in lots],
        collected=_collected(session, certificate_id),
        analytes=_analytes(session, certificate_id),
        questioned=_is_questioned(session, ids),
        became=_became(session, ids) if became else (),
    )


def _ended_on(moment: datetime | None) -> date | None:
    return None if moment is None else day_of(moment)


def _collected(session: Session, certificate_id: int) -> list[Collected]:
    query = (
        select(Party.name, ConformityCertificate)
        .join(CollectedCertificate, CollectedCertificate.collected_id == ConformityCertificate.id)
        .join(Party, Party.id == ConformityCertificate.issuer_id)
        .where(CollectedCertificate.certificate_id == certificate_id)
        .order_by(ConformityCertificate.id)
    )
    return [Collected(name, one.code, one.state) for name, one in session.execute(query)]


def _analytes(session: Session, certificate_id: int) -> list[str]:
    """Return what the reports looked for on which it rests."""
    query = (
        select(ResultItem.analyte)
        .join(CertificateTest, CertificateTest.result_id == ResultItem.result_id)
        .where(CertificateTest.certificate_id == certificate_id, ResultItem.replaced_at.is_(None))
        .order_by(ResultItem.id)
    )
    return list(dict.fromkeys(session.scalars(query)))


def _is_questioned(session: Session, lots: Sequence[int]) -> bool:
    held = (
        select(Finding.id)
        .join(LotHold, LotHold.finding_id == Finding.id)
        .where(LotHold.lot_id.in_(lots), Finding.answered_at.is_(None), Finding.severity != Severity.NOTE)
        .limit(1)
    )
    return session.scalar(held) is not None


def _became(session: Session, lots: Sequence[int]) -> list[Became]:
    """Return the packed tea made of lots that has a public page, the latest first."""
    found: list[tuple[int, Became]] = []
    for few in portions(descendants(session, lots)):
        query = (
            select(Pack.id, TradeItem.name, TradeItem.gtin, Pack.label_lot)
            .join(TradeItem, TradeItem.id == Pack.trade_item_id)
            .where(Pack.lot_id.in_(few), TradeItem.gtin.is_not(None), Pack.undone_at.is_(None))
        )
        found += [(id_, Became(name, gtin or "", lot)) for id_, name, gtin, lot in session.execute(query)]
    return [became for _, became in sorted(found, reverse=True)[:_MOST]]


def promise_keys(form: str) -> list[str]:
    """Return the codes of what is promised under a form: the lead, then its sentences."""
    lead = "certificate.promise.lead-buyer" if form == IssuerForm.BUYER else "certificate.promise.lead"
    return [lead, *(f"certificate.promise.{form}.{number}" for number in range(1, _PARTS + 1))]


def mass_text(promise: Promise) -> str:
    """Return the quantity as it was typed, with kilograms beside any other unit."""
    by_kg = f"{jin_and_kilograms(promise.mass_g)[1]} kg"
    typed = (promise.as_typed or {}).get("mass")
    return by_kg if not typed or typed["unit"] == "kg" else f"{typed['value']} {_UNITS[typed['unit']]}（{by_kg}）"
