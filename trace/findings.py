"""Findings: what a rule says of a recorded fact. The fact stays; the permission that would follow is stopped.

What follows from a finding is read from what it holds now (`affected.py`). One that the rules no longer say, because
the record or what it rests on was corrected, is withdrawn: it holds nothing and stays readable.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.accounts import Caller, Role
from trace.db import BIG, Base, BigId, portions
from trace.descent import descents, lock_descendants, touch
from trace.errors import ConflictError, ForbiddenError, NotFoundError
from trace.holds import LotHold
from trace.parties import Party


class Severity(StrEnum):
    """What a finding does."""

    REFUSE = "refuse"  # stops what would follow
    REASON = "reason"  # holds the lot until a named person answers
    NOTE = "note"


class FindingAnsweredError(ConflictError):
    """A named person answered before; an answer is never overwritten."""

    code = "finding-answered"


class FindingWithdrawnError(ConflictError):
    """The rules no longer say so; there is nothing to answer."""

    code = "finding-withdrawn"


class NotYoursToAnswerError(ForbiddenError):
    """The officer of the area and the operator answer a finding; of its own party a named person, unless it refuses."""

    code = "not-yours-to-answer"


class Finding(Base):
    """One finding on one record."""

    __tablename__ = "finding"
    __table_args__ = (
        Index("ix_finding_rule_record", "rule", "record"),
        Index("ix_finding_noun_record_id", "noun", "record_id"),
    )
    id: Mapped[BigId]
    rule: Mapped[str] = mapped_column(String(60))
    severity: Mapped[Severity]
    noun: Mapped[str] = mapped_column(String(40))  # what kind of record was judged: `picking`, `run`, `result`
    record_id: Mapped[int] = mapped_column(BIG)  # its row
    record: Mapped[str] = mapped_column(String(60))  # what it is called: the id in its season's file, else its code
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    season_id: Mapped[int | None] = mapped_column(ForeignKey("season.id"), index=True)
    facts: Mapped[dict[str, Any]]
    table_name: Mapped[str | None] = mapped_column(String(40))  # what it was judged by (`trace/rules/tables/`)
    edition: Mapped[str | None] = mapped_column(String(120))  # of that table, or what else decided: `label`
    table_row: Mapped[str | None] = mapped_column(String(200))
    source: Mapped[str | None] = mapped_column(String(600))
    found_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(String(60))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    answer: Mapped[str | None] = mapped_column(String(400))
    withdrawn_at: Mapped[datetime | None]


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What a pure rule returns: rule, severity, the record's key, the facts it rests on."""

    rule: str
    severity: Severity
    record: int  # row id of the record judged, in the fact's own table
    facts: dict[str, Any] = field(default_factory=dict)
    table: str | None = None  # this and the next three of a row: `**row.cite()`
    edition: str | None = None
    table_row: str | None = None
    source: str | None = None


@dataclass(frozen=True, kw_only=True)
class NewFinding:
    """Ask to keep one judgement: on what kind of record, whose it is, what it is called, which lots it holds."""

    judgement: Judgement
    noun: str
    record: str
    party_id: int
    lots: Sequence[int]
    season_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A record that rules judged: whose it is, the lots it holds where they object, its name in each season or none."""

    party_id: int
    lots: Sequence[int]
    names: Sequence[tuple[int | None, str]]


@dataclass(frozen=True, kw_only=True)
class Judging:
    """All that some rules say of some records (row ids) of one noun; one that did not happen is not among `judged`."""

    noun: str
    rules: Collection[str]
    records: Collection[int]
    judged: Mapping[int, Judged]
    judgements: Iterable[Judgement]


@dataclass(frozen=True, kw_only=True)
class AnswerFinding:
    """Ask to answer one finding (row id) in a person's own words."""

    finding: int
    answer: str


def raise_findings(session: Session, news: Iterable[NewFinding]) -> list[Finding]:
    """Write findings; those above `note` hold their lots and everything made of them."""
    found_at, asked = clock.now(), list(news)
    findings = [
        Finding(
            rule=new.judgement.rule,
            severity=new.judgement.severity,
            noun=new.noun,
            record_id=new.judgement.record,
            record=new.record,
            party_id=new.party_id,
            season_id=new.season_id,
            facts=new.judgement.facts,
            table_name=new.judgement.table,
            edition=new.judgement.edition,
            table_row=new.judgement.table_row,
            source=new.judgement.source,
            found_at=found_at,
        )
        for new in asked
    ]
    session.add_all(findings)
    session.flush()
    grave = [pair for pair in zip(findings, asked, strict=True) if pair[0].severity is not Severity.NOTE]
    _hold(session, {finding.id: new.lots for finding, new in grave})
    return findings


def _hold(
    session: Session, lots_of: Mapping[int, Collection[int]], known: Mapping[int, Collection[int]] | None = None
) -> None:
    """Let findings, by row id, hold their lots and everything made of them, but for what is `known` to be held so."""
    scope = lock_descendants(session, {lot for lots in lots_of.values() for lot in lots})
    below = descents(session, {lot for lots in lots_of.values() for lot in lots})
    session.add_all(
        LotHold(lot_id=lot, finding_id=finding)
        for finding, lots in lots_of.items()
        for lot in sorted(set().union(*(below[one] for one in lots)).difference((known or {}).get(finding, ())))
    )
    session.flush()
    touch(session, scope, locked=True)


@dataclass(frozen=True)
class Difference:
    """By what the rules say now differs from what stands: what they say anew, and what they say no longer."""

    raised: Sequence[NewFinding]
    withdrawn: Sequence[Finding]


def hold_only(session: Session, lots_of: Mapping[int, Sequence[int]]) -> None:
    """Let findings that stand, by row id, hold these lots with everything made of them, and no others any more."""
    freed: set[int] = set()
    for few in portions(lots_of):
        freed.update(session.scalars(select(LotHold.lot_id).where(LotHold.finding_id.in_(few))))
        session.execute(delete(LotHold).where(LotHold.finding_id.in_(few)))
    _hold(session, lots_of)
    touch(session, freed)


def hold_more(session: Session, lots_of: Mapping[int, Collection[int]]) -> None:
    """Let findings that stand, by row id, hold some lots more, with everything made of them."""
    known: dict[int, set[int]] = {finding: set() for finding in lots_of}
    for few in portions(lock_descendants(session, {lot for lots in lots_of.values() for lot in lots})):
        held = select(LotHold.finding_id, LotHold.lot_id).where(LotHold.lot_id.in_(few))
        for finding, lot in session.execute(held):
            known.get(finding, set()).add(lot)
    _hold(session, lots_of, known)


def settle_findings(session: Session, said: Judging) -> list[Finding]:
    """Let what stands on records be what the rules say now, and return what was not said before.

    What they said before stays as it is, with its answer; what they say no longer is withdrawn.
    """
    difference = _compare(session, said)
    _withdraw(session, difference.withdrawn)
    return raise_findings(session, difference.raised)


def _compare(session: Session, said: Judging) -> Difference:
    standing = _standing(session, said)
    held = _held(session, [finding for finding in standing if finding.severity is not Severity.NOTE])
    known = {_key_of(finding): finding for finding in standing}
    kept, news = set(), {}
    for new in _expected(said):
        finding = known.get(_key(new))
        if finding is not None and (finding.severity is Severity.NOTE or held[finding.id].issuperset(new.lots)):
            kept.add(finding.id)
        else:
            news[_key(new)] = new
    return Difference(list(news.values()), [finding for finding in standing if finding.id not in kept])


_Key = tuple[object, ...]
_CITED = ("basis",)  # facts that say where a number stands, as edition and source do


def compare_findings(session: Session, said: Judging) -> Difference:
    """Return by what the rules differ from what stands, and change nothing.

    The same said of the same facts is no difference where another edition is named for it.
    """
    standing = {_told(_said_of(finding), finding.facts): finding for finding in _standing(session, said)}
    expected = {_told(_said(new), new.judgement.facts): new for new in _expected(said)}
    return Difference(
        [new for key, new in expected.items() if key not in standing],
        [finding for key, finding in standing.items() if key not in expected],
    )


def _told(said: _Key, facts: Mapping[str, Any]) -> _Key:
    """Return what is said of whom, but for where its numbers stand."""
    return (*said[:-1], json.dumps({name: facts[name] for name in facts if name not in _CITED}, sort_keys=True))


def _expected(said: Judging) -> Iterator[NewFinding]:
    for judgement in said.judgements:
        record = said.judged[judgement.record]
        for season, name in record.names:
            yield NewFinding(
                judgement=judgement,
                noun=said.noun,
                record=name,
                party_id=record.party_id,
                lots=record.lots,
                season_id=season,
            )


def _said(new: NewFinding) -> _Key:
    """Return what is said of whom, whatever table it rests on."""
    said = new.judgement
    facts = json.dumps(said.facts, sort_keys=True)
    return (new.season_id, new.record, said.record, said.rule, said.severity, facts)


def _said_of(finding: Finding) -> _Key:
    named = (finding.season_id, finding.record, finding.record_id, finding.rule, finding.severity)
    return (*named, json.dumps(finding.facts, sort_keys=True))


def _key(new: NewFinding) -> _Key:
    said = new.judgement
    return (*_said(new), said.table, said.edition, said.table_row, said.source)


def _key_of(finding: Finding) -> _Key:
    return (*_said_of(finding), finding.table_name, finding.edition, finding.table_row, finding.source)


def _standing(session: Session, said: Judging) -> list[Finding]:
    found: list[Finding] = []
    for few in portions(said.records):
        query = select(Finding).where(Finding.noun == said.noun, Finding.record_id.in_(few))
        found += session.scalars(query.where(Finding.rule.in_(said.rules), Finding.withdrawn_at.is_(None)))
    return found


def _held(session: Session, findings: Iterable[Finding]) -> dict[int, set[int]]:
    """Return the lots that findings hold, by row id of the finding."""
    held: dict[int, set[int]] = {finding.id: set() for finding in findings}
    for few in portions(held):
        query = select(LotHold.finding_id, LotHold.lot_id).where(LotHold.finding_id.in_(few))
        for finding, lot in session.execute(query):
            held[finding].add(lot)
    return held


def _withdraw(session: Session, findings: Sequence[Finding]) -> None:
    """Close findings that the rules no longer say; what they held is free of them, and its pages are made anew."""
    freed = set().union(*_held(session, findings).values()) if findings else set()
    for few in portions(finding.id for finding in findings):
        session.execute(delete(LotHold).where(LotHold.finding_id.in_(few)))
        session.execute(update(Finding).where(Finding.id.in_(few)).values(withdrawn_at=clock.now()))
    touch(session, freed)


def answer_findings(session: Session, caller: Caller, commands: Sequence[AnswerFinding]) -> list[Finding]:
    """Answer findings, each once: a named person takes the lots out of hold.

    Raises `NotFoundError`, `NotYoursToAnswerError`, `FindingAnsweredError`, `FindingWithdrawnError`.
    """
    wanted = {command.finding: command.answer for command in commands}
    query = select(Finding, Party.area_code).join(Party, Finding.party_id == Party.id).where(Finding.id.in_(wanted))
    locking = query.order_by(Finding.id).with_for_update(of=Finding).execution_options(populate_existing=True)
    found = {finding.id: (finding, area) for finding, area in session.execute(locking)}
    if wanted.keys() - found.keys():
        raise NotFoundError(what="finding", code=min(wanted.keys() - found.keys()))
    for finding, area in found.values():
        if not _may_answer(caller, finding, area):
            raise NotYoursToAnswerError(finding=f"{finding.rule}:{finding.record}")
        answer_finding(session, finding, by=caller.name, answer=wanted[finding.id])
        finding.answered_by_id = caller.account_id
    session.flush()
    return [found[command.finding][0] for command in commands]


def _may_answer(caller: Caller, finding: Finding, area_code: str) -> bool:
    """Return whether the caller is a named person who may answer for this; an auditor reads only."""
    if not caller.name or caller.role is Role.AUDITOR:
        return False
    if caller.role in (Role.OPERATOR, Role.OFFICER):
        return caller.sees(finding.party_id, area_code)
    return finding.party_id == caller.party_id and finding.severity is not Severity.REFUSE


def answer_finding(session: Session, finding: Finding, *, by: str, answer: str) -> Finding:
    """Answer a finding once: a named person takes the lot out of hold. Pages of what it held are made anew.

    Raises `FindingAnsweredError`, `FindingWithdrawnError`.
    """
    if finding.answered_at is not None:
        raise FindingAnsweredError(finding=f"{finding.rule}:{finding.record}", by=finding.answered_by)
    if finding.withdrawn_at is not None:
        raise FindingWithdrawnError(finding=f"{finding.rule}:{finding.record}")
    finding.answered_at, finding.answered_by, finding.answer = clock.now(), by, answer
    session.flush()
    touch(session, session.scalars(select(LotHold.lot_id).where(LotHold.finding_id == finding.id)))
    return finding
