"""Judge intakes of leaf by what came with them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from trace.conformity import CertifiedLot, ConformityCertificate
from trace.findings import Finding, Judged, Judging, settle_findings
from trace.intakes import Intake
from trace.lineage import LineageEdge
from trace.lots import Lot, LotKind
from trace.parties import GROWER, Party
from trace.rules import certified
from trace.rules.judging.bringing import names_of, rows_of
from trace.rules.judging.crops import crops_of_lots
from trace.rules.tables import Tables


def judge_intakes(session: Session, intake_ids: Iterable[int]) -> list[Finding]:
    """Judge intakes of leaf, with all others under the same certificates. Returns what was not found before."""
    return settle_findings(session, say_of_intakes(session, set(intake_ids)))


def say_of_intakes(session: Session, ids: Collection[int], _tables: Tables | None = None) -> Judging:
    """Say what the rules find in intakes of leaf, and in all others under the same certificates."""
    named = {id_ for (id_,) in rows_of(session, select(Intake.certificate_id), Intake.id, ids) if id_ is not None}
    under = {id_ for (id_,) in rows_of(session, select(Intake.id), Intake.certificate_id, named)} | set(ids)
    rows = _received(session, under)
    names = names_of(session, ("intakes",), {row.id: row.code for row in rows})
    return Judging(
        noun="intake",
        rules=certified.RULES,
        records=under,
        judged={row.id: Judged(party_id=row.party_id, lots=[row.lot_id], names=names[row.id]) for row in rows},
        judgements=[
            *certified.judge_intakes(_taken_in(session, rows)),
            *certified.judge_deliveries(_delivered(rows)),
        ],
    )


def find_intakes_since(session: Session, since: date) -> list[int]:
    """Return the intakes of a day and later."""
    return list(session.scalars(select(Intake.id).where(Intake.received_on >= since).order_by(Intake.id)))


_ISSUER = aliased(Party, name="issuer")


def _received(session: Session, ids: Iterable[int]) -> list[Any]:
    """Return intakes of leaf that happened, with who supplied them and what they name."""
    columns = (Intake.id, Intake.lot_id, Intake.event_id, Intake.supplier_id, Intake.exemption)
    query = (
        select(
            *columns,
            Intake.delivered_g,
            Intake.received_g,
            Lot.code,
            Lot.party_id,
            Lot.crop,
            Party.kind,
            Party.member_of_id,
            ConformityCertificate,
        )
        .add_columns((_ISSUER.code + "/" + ConformityCertificate.code).label("certificate"))
        .join(Lot, Intake.lot_id == Lot.id)
        .join(Party, Intake.supplier_id == Party.id)
        .outerjoin(ConformityCertificate, Intake.certificate_id == ConformityCertificate.id)
        .outerjoin(_ISSUER, ConformityCertificate.issuer_id == _ISSUER.id)
        .where(Intake.undone_at.is_(None), Lot.kind == LotKind.RECEIVED)
        .order_by(Intake.id)
    )
    return list(rows_of(session, query, Intake.id, ids))


def _taken_in(session: Session, rows: Sequence[Any]) -> list[certified.TakenIn]:
    crops = crops_of_lots(session, {row.lot_id: row.crop for row in rows})
    uncovered = _uncovered(session, rows)
    return [
        certified.TakenIn(
            id=row.id,
            crop=crops[row.lot_id],
            household=row.kind == GROWER,
            own_member=row.kind == GROWER and row.member_of_id == row.party_id,
            certificate=row.certificate,
            state=row.ConformityCertificate.state.value if row.ConformityCertificate else None,
            uncovered=uncovered[row.id],
            tested=bool(row.exemption["passed"]) if row.exemption else None,
        )
        for row in rows
    ]


def _uncovered(session: Session, rows: Sequence[Any]) -> Mapping[int, list[str]]:
    """Return for each intake the lots of which its certificate does not speak.

    It speaks of the lots it covers, and of leaf received with it that goes on as it came.
    """
    event_of = {row.event_id: row for row in rows if row.ConformityCertificate is not None}
    query = select(LineageEdge.event_id, Lot.id, Lot.code, Intake.certificate_id).join(
        Lot, Lot.id == LineageEdge.parent_id
    )
    taken = list(
        rows_of(
            session,
            query.outerjoin(Intake, Intake.lot_id == Lot.id).order_by(Lot.id),
            LineageEdge.child_id,
            {row.lot_id for row in event_of.values()},
        )
    )
    pairs = set(
        rows_of(
            session,
            select(CertifiedLot.certificate_id, CertifiedLot.lot_id),
            CertifiedLot.certificate_id,
            {row.ConformityCertificate.id for row in event_of.values()},
        )
    )
    covered = {tuple(pair) for pair in pairs}
    found: dict[int, list[str]] = defaultdict(list)
    for event, lot, code, through in taken:
        row = event_of.get(event)
        if row is None:
            continue
        certificate = row.ConformityCertificate.id
        if (certificate, lot) not in covered and through != certificate:
            found[row.id].append(code)
    return found


def _delivered(rows: Sequence[Any]) -> list[certified.Delivered]:
    """Return what each supplier delivered under each certificate that stands, told at the last of its intakes."""
    groups: dict[tuple[int, int], list[Any]] = defaultdict(list)
    received: dict[tuple[int, int], int] = defaultdict(int)  # by certificate and receiver
    for row in rows:
        certificate = row.ConformityCertificate
        if certificate is not None and certificate.state == "valid":
            groups[certificate.id, row.supplier_id].append(row)
            received[certificate.id, row.party_id] += row.received_g
    return [
        certified.Delivered(
            id=few[-1].id,
            certificate=few[-1].certificate,
            certified_g=few[-1].ConformityCertificate.mass_g,
            delivered_g=sum(row.delivered_g for row in few),
            received_g=received.get(pair) if pair[1] != few[-1].ConformityCertificate.issuer_id else None,
        )
        for pair, few in groups.items()
    ]
