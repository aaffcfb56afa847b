"""Findings: what a rule says of a recorded fact. The fact stays; the permission that would follow is stopped."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import Base, BigId
from trace.descent import lock_descendants, touch
from trace.errors import ConflictError
from trace.holds import LotHold


class Severity(StrEnum):
    """What a finding does."""

    REFUSE = "refuse"  # stops what would follow
    REASON = "reason"  # holds the lot until a named person answers
    NOTE = "note"


class FindingAnsweredError(ConflictError):
    """A named person answered before; an answer is never overwritten."""

    code = "finding-answered"


class Finding(Base):
    """One finding on one record."""

    __tablename__ = "finding"
    __table_args__ = (Index("ix_finding_rule_record", "rule", "record"),)
    id: Mapped[BigId]
    rule: Mapped[str] = mapped_column(String(60))
    severity: Mapped[Severity]
    record: Mapped[str] = mapped_column(String(60))  # code of the record judged
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    season_id: Mapped[int | None] = mapped_column(ForeignKey("season.id"), index=True)
    affects: Mapped[list[str]]  # codes of what follows from it
    facts: Mapped[dict[str, Any]]
    edition: Mapped[str | None] = mapped_column(String(120))  # of the table used
    source: Mapped[str | None] = mapped_column(String(600))
    found_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(String(60))
    answer: Mapped[str | None] = mapped_column(String(400))


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What a pure rule returns: rule, severity, the record's key, the facts it rests on."""

    rule: str
    severity: Severity
    record: int  # row id of the record judged, in the fact's own table
    facts: dict[str, Any] = field(default_factory=dict)
    edition: str | None = None
    source: str | None = None


@dataclass(frozen=True, kw_only=True)
class NewFinding:
    """Ask to keep one judgement: whose record it is, what it is called, which lots it holds."""

    judgement: Judgement
    record: str
    party_id: int
    lots: Sequence[int]
    season_id: int | None = None
    also: Sequence[str] = ()  # codes of certificates, recalls and the like that it touches


def raise_findings(session: Session, news: Iterable[NewFinding], codes: Mapping[int, Sequence[str]]) -> list[Finding]:
    """Write findings; those above `note` hold their lots and everything made of them.

    `codes` names lots: each by its run, where it has one, and its own code.
    """
    findings = []
    for new in news:
        scope = lock_descendants(session, new.lots) if new.judgement.severity is not Severity.NOTE else []
        finding = Finding(
            rule=new.judgement.rule,
            severity=new.judgement.severity,
            record=new.record,
            party_id=new.party_id,
            season_id=new.season_id,
            affects=_affected(new, scope, codes),
            facts=new.judgement.facts,
            edition=new.judgement.edition,
            source=new.judgement.source,
            found_at=clock.now(),
        )
        session.add(finding)
        session.flush()
        session.add_all(LotHold(lot_id=lot, finding_id=finding.id) for lot in scope)
        if scope:
            touch(session, scope)
        findings.append(finding)
    session.flush()
    return findings


def _affected(new: NewFinding, scope: Sequence[int], codes: Mapping[int, Sequence[str]]) -> list[str]:
    named = [code for lot in scope for code in codes.get(lot, ())]
    return [code for code in dict.fromkeys([*new.also, *named]) if code != new.record]


def answer_finding(session: Session, finding: Finding, *, by: str, answer: str) -> Finding:
    """Answer a finding once: a named person takes the lot out of hold. Pages of what it held are made anew.

    Raises `FindingAnsweredError`.
    """
    if finding.answered_at is not None:
        raise FindingAnsweredError(finding=f"{finding.rule}:{finding.record}", by=finding.answered_by)
    finding.answered_at, finding.answered_by, finding.answer = clock.now(), by, answer
    session.flush()
    touch(session, session.scalars(select(LotHold.lot_id).where(LotHold.finding_id == finding.id)))
    return finding
