"""Judge the registrations of parties."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.findings import Finding, Judged, Judging, settle_findings
from trace.parties import Licence, Party
from trace.rules import codes
from trace.rules.judging.bringing import names_of, rows_of
from trace.rules.tables import Tables


def judge_parties(session: Session, party_ids: Iterable[int]) -> list[Finding]:
    """Judge the registrations of parties. Returns what was not found before."""
    return settle_findings(session, say_of_parties(session, set(party_ids)))


def say_of_parties(session: Session, ids: Collection[int], _tables: Tables | None = None) -> Judging:
    """Say what the rules find in the registrations of parties; no table speaks of them."""
    numbers = defaultdict(list)
    licences = select(Licence.party_id, Licence.number).order_by(Licence.number)
    for party, number in rows_of(session, licences, Licence.party_id, ids):
        numbers[party].append(number)
    query = select(Party.id, Party.code, Party.uscc).order_by(Party.id)
    parties = list(rows_of(session, query, Party.id, ids))
    names = names_of(session, ("cooperatives", "plants"), {id_: code for id_, code, _ in parties})
    return Judging(
        noun="party",
        rules=[codes.RULE],
        records=ids,
        judged={id_: Judged(party_id=id_, lots=[], names=names[id_]) for id_, _, _ in parties},
        judgements=codes.judge([codes.Registered(id_, uscc, numbers[id_]) for id_, _, uscc in parties]),
    )


def find_parties_since(session: Session, _since: date) -> list[int]:
    """Return every party: what its codes are has no day."""
    return list(session.scalars(select(Party.id).order_by(Party.id)))
