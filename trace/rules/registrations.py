"""Judge registered parties and licences: note every code whose check character is wrong."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.findings import Finding, NewFinding, raise_findings
from trace.parties import Licence, Party
from trace.rules import codes


def judge_registrations(session: Session, parties: Sequence[int]) -> list[Finding]:
    """Judge the codes of parties, by row id, and keep what the rule finds: notes, which hold nothing."""
    numbers = defaultdict(list)
    licences = select(Licence.party_id, Licence.number).where(Licence.party_id.in_(parties)).order_by(Licence.number)
    for party, number in session.execute(licences):
        numbers[party].append(number)
    rows = session.execute(select(Party.id, Party.uscc, Party.code).where(Party.id.in_(parties)).order_by(Party.id))
    names, facts = {}, []
    for party, uscc, code in rows:
        names[party] = code
        facts.append(codes.Registered(party, uscc, numbers[party]))
    found = [
        NewFinding(judgement=judgement, record=names[judgement.record], party_id=judgement.record, lots=[])
        for judgement in codes.judge(facts)
    ]
    return raise_findings(session, found, {})
