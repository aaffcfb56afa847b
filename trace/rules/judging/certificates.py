"""Judge certificates by the leaf they promise."""

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.certifying import find_promises
from trace.conformity import CertifiedLot, ConformityCertificate
from trace.findings import Finding, Judged, Judging, settle_findings
from trace.intakes import Intake
from trace.rules import certified
from trace.rules.judging.bringing import names_of, rows_of
from trace.rules.judging.intakes import judge_intakes
from trace.rules.tables import Tables


def judge_certificates(session: Session, certificate_ids: Iterable[int]) -> list[Finding]:
    """Judge certificates, and those that share leaf with them. Returns what was not found before."""
    return settle_findings(session, say_of_certificates(session, set(certificate_ids)))


def judge_promised(session: Session, certificate_ids: Iterable[int], formerly: Iterable[int] = ()) -> list[Finding]:
    """Judge certificates, and the leaf that was received with them.

    `formerly` are lots (row ids) that a correction took from under one.
    """
    ids = set(certificate_ids)
    beside = {id_ for (id_,) in rows_of(session, select(CertifiedLot.certificate_id), CertifiedLot.lot_id, formerly)}
    resting = [id_ for (id_,) in rows_of(session, select(Intake.id), Intake.certificate_id, ids)]
    return [*judge_certificates(session, ids | beside), *judge_intakes(session, resting)]


def say_of_certificates(session: Session, ids: Collection[int], _tables: Tables | None = None) -> Judging:
    """Say what the rules find in certificates, and in those that share leaf with them, by the leaf they promise."""
    covered = rows_of(session, select(CertifiedLot.lot_id), CertifiedLot.certificate_id, ids)
    promises, grams = find_promises(session, {lot for (lot,) in covered})
    lots = {promise.id: promise.lots for promise in promises}
    query = select(ConformityCertificate.id, ConformityCertificate.code, ConformityCertificate.issuer_id)
    rows = list(rows_of(session, query, ConformityCertificate.id, lots))
    names = names_of(session, ("certificates",), {id_: code for id_, code, _ in rows})
    return Judging(
        noun="certificate",
        rules=[certified.QUANTITY],
        records=set(ids) | lots.keys(),
        judged={id_: Judged(party_id=issuer, lots=lots[id_], names=names[id_]) for id_, _, issuer in rows},
        judgements=certified.judge_promises(promises, grams),
    )


def find_certificates_since(session: Session, since: date) -> list[int]:
    """Return the certificates of a day and later."""
    query = select(ConformityCertificate.id).where(ConformityCertificate.issued_on >= since)
    return list(session.scalars(query.order_by(ConformityCertificate.id)))
