"""Judge again what happened since a day, by the tables as they are known now, and tell by what that differs.

Nothing is changed: what was judged when it was recorded stays so, whatever is learnt later.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.db import portions
from trace.findings import Difference, Finding, NewFinding, Severity, compare_findings
from trace.parties import Party
from trace.rule_tables import load_tables
from trace.rules.judging import EVERY

_RAISED, _WITHDRAWN = "raised", "withdrawn"


@dataclass(frozen=True)
class Change:
    """A finding that would be `raised`, or `withdrawn`, if its record were recorded today."""

    change: str
    rule: str
    severity: Severity
    noun: str
    record: str
    party: str  # code of whose it is
    facts: dict[str, Any]
    table: str | None
    edition: str | None
    table_row: str | None
    source: str | None


def check_rules(session: Session, since: date) -> list[Change]:
    """Return every finding that differs, of records of a day and later: first what would be raised, kind by kind."""
    found = [pair for difference in _differences(session, since) for pair in _changes(difference)]
    parties = sorted({party for party, _ in found})
    codes: dict[int, str] = {}
    for few in portions(parties):
        rows = session.execute(select(Party.id, Party.code).where(Party.id.in_(few)))
        codes |= {row.id: row.code for row in rows}
    return [replace(change, party=codes[party]) for party, change in found]


def _differences(session: Session, since: date) -> Iterator[Difference]:
    tables = load_tables(session).latest()
    for kind in EVERY:
        for few in portions(kind.since(session, since)):
            yield compare_findings(session, kind.say(session, few, tables))


def _changes(difference: Difference) -> Sequence[tuple[int, Change]]:
    raised = [(new.party_id, _raised(new)) for new in difference.raised]
    return [*raised, *((finding.party_id, _withdrawn(finding)) for finding in difference.withdrawn)]


def _raised(new: NewFinding) -> Change:
    said = new.judgement
    named = (said.facts, said.table, said.edition, said.table_row, said.source)
    return Change(_RAISED, said.rule, said.severity, new.noun, new.record, "", *named)


def _withdrawn(finding: Finding) -> Change:
    named = (finding.facts, finding.table_name, finding.edition, finding.table_row, finding.source)
    return Change(_WITHDRAWN, finding.rule, finding.severity, finding.noun, finding.record, "", *named)
