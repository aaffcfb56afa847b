"""What a certificate over lots of leaf would rest on: their grams, what is promised of them, what stops it, what came.

Read from the tables whenever it is asked for, by the preview and by the issue alike.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.conformity import CertifiedLot, ConformityCertificate, IssuerForm, stands
from trace.db import portions
from trace.descent import ascents
from trace.findings import Finding, Severity
from trace.holds import LotHold
from trace.intakes import Intake
from trace.lots import Lot, LotKind
from trace.parties import GROWER, Party
from trace.pickings import Picking
from trace.rules.certified import Promise

_TOLD = ("product", "used_on", "picked_on", "free_on", "input", "substance")  # of the facts of a finding


@dataclass(frozen=True)
class Stop:
    """A finding that nobody has answered and that holds a lot; `facts` are told to whose record it is on."""

    lot: int
    code: str  # of the lot
    rule: str
    severity: Severity
    record: str | None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """Return it as facts of a refusal."""
        named = {"record": self.record} if self.record else {}
        return {"lot": self.code, "rule": self.rule, "severity": self.severity.value, **named, **self.facts}


def find_stops(session: Session, lots: Iterable[int], parties: Iterable[int]) -> list[Stop]:
    """Return what holds lots (row ids), worst first; what it rests on only for findings on records of `parties`."""
    own, stops = set(parties), []
    for few in portions(sorted(set(lots))):
        query = (
            select(LotHold.lot_id, Lot.code, Finding)
            .join(Lot, Lot.id == LotHold.lot_id)
            .join(Finding, Finding.id == LotHold.finding_id)
            .where(LotHold.lot_id.in_(few), Finding.answered_at.is_(None), Finding.severity != Severity.NOTE)
            .order_by(LotHold.lot_id, Finding.severity != Severity.REFUSE, Finding.id)
        )
        for lot, code, finding in session.execute(query):
            mine = finding.party_id in own
            facts = {name: finding.facts[name] for name in _TOLD if name in finding.facts} if mine else {}
            record = finding.record if mine else None
            stops.append(Stop(lot, code, finding.rule, finding.severity, record, facts))
    return stops


def find_promises(session: Session, lots: Iterable[int]) -> tuple[list[Promise], dict[int, int]]:
    """Return the certificates that stand over lots, and over all lots these share with others, with those lots' grams.

    Certificates are in the order in which they were issued.
    """
    wanted, lots_of = set(lots), defaultdict[int, set[int]](set)
    known: set[int] = set()
    while wanted - known:
        new, known = wanted - known, known | wanted
        certificates = _covering(session, new) - lots_of.keys()
        for few in portions(certificates):
            covered = select(CertifiedLot.certificate_id, CertifiedLot.lot_id)
            for certificate, lot in session.execute(covered.where(CertifiedLot.certificate_id.in_(few))):
                lots_of[certificate].add(lot)
                wanted.add(lot)
    grams = {
        lot: mass_g
        for few in portions(wanted)
        for lot, mass_g in session.execute(select(Lot.id, Lot.initial_g).where(Lot.id.in_(few)))
    }
    promises = [
        Promise(id_, mass_g, sorted(lots_of[id_]))
        for few in portions(lots_of)
        for id_, mass_g in session.execute(
            select(ConformityCertificate.id, ConformityCertificate.mass_g).where(ConformityCertificate.id.in_(few))
        )
    ]
    return sorted(promises, key=lambda promise: promise.id), grams


def _covering(session: Session, lots: Iterable[int]) -> set[int]:
    """Return the certificates that stand and cover any of some lots."""
    query = select(CertifiedLot.certificate_id).join(ConformityCertificate).where(stands())
    return {id_ for few in portions(lots) for id_ in session.scalars(query.where(CertifiedLot.lot_id.in_(few)))}


def find_pickings_behind(session: Session, lots: Iterable[int]) -> dict[int, list[Any]]:
    """Return for each lot the pickings it is of, itself or what was mixed into it: (plot, day, crop, standard)."""
    behind = ascents(session, set(lots))
    picked: dict[int, Any] = {}
    for few in portions(set().union(*behind.values())):
        columns = (Picking.lot_id, Picking.plot_id, Picking.picked_on, Lot.crop, Picking.pluck_standard)
        query = select(*columns).join(Lot, Lot.id == Picking.lot_id).where(Picking.undone_at.is_(None))
        picked.update((row.lot_id, row) for row in session.execute(query.where(Picking.lot_id.in_(few))))
    return {root: [picked[lot] for lot in sorted(found) if lot in picked] for root, found in behind.items()}


def last_days(pickings: Iterable[Any]) -> dict[int, date]:
    """Return the last day on which each plot was picked."""
    days: dict[int, date] = {}
    for row in pickings:
        days[row.plot_id] = max(row.picked_on, days.get(row.plot_id, row.picked_on))
    return days


def find_collected(session: Session, lots: Iterable[int]) -> dict[int, list[tuple[int, str]]]:
    """Return for each received lot the certificates that came with it and stand, as (row id, `PARTY/CODE`)."""
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for few in portions(set(lots)):
        query = (
            select(Intake.lot_id, ConformityCertificate.id, Party.code + "/" + ConformityCertificate.code)
            .join(ConformityCertificate, Intake.certificate_id == ConformityCertificate.id)
            .join(Party, ConformityCertificate.issuer_id == Party.id)
            .where(Intake.lot_id.in_(few), Intake.undone_at.is_(None), stands())
            .order_by(ConformityCertificate.id)
        )
        for lot, certificate, code in session.execute(query):
            found[lot].append((certificate, code))
    return found


def find_forms(session: Session, lots: Iterable[Lot]) -> dict[int, IssuerForm]:
    """Return by lot which form its holder signs: as who grew it (as its own members did), or who bought it."""
    known = {lot.id: lot for lot in lots}
    forms = {id_: IssuerForm.PRODUCER if lot.kind is LotKind.LEAF else IssuerForm.BUYER for id_, lot in known.items()}
    for few in portions(known):
        query = select(Intake.lot_id, Party.kind, Party.member_of_id).join(Party, Intake.supplier_id == Party.id)
        for lot, kind, member_of in session.execute(query.where(Intake.lot_id.in_(few))):
            if kind == GROWER and member_of == known[lot].party_id:
                forms[lot] = IssuerForm.PRODUCER
    return forms
