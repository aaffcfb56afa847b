"""Quality: samples of a lot and results of laboratory work, each analyte with its digits as reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.db import BIG, Base, BigId
from trace.descent import descendants, touch
from trace.events import Entry, NewEvent, documents, record
from trace.instance import Namespace, get_namespace


class Sample(Base):
    """What was taken from a lot to be tested."""

    __tablename__ = "sample"
    id: Mapped[BigId]
    lot_id: Mapped[int] = mapped_column(BIG, ForeignKey("lot.id"), index=True)
    sampled_on: Mapped[date]
    purpose: Mapped[str] = mapped_column(String(40))  # factory, commissioned, supervision


class Result(Base):
    """One report of a laboratory on one sample."""

    __tablename__ = "result"
    __table_args__ = (UniqueConstraint("laboratory_id", "code"),)
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(String(40), index=True)
    sample_id: Mapped[int] = mapped_column(BIG, ForeignKey("sample.id"), index=True)
    laboratory_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    reported_on: Mapped[date]
    passed: Mapped[bool]
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"))


class ResultItem(Base):
    """One analyte of a report: a value, or words such as 未检出 and 符合; judged by the limit in force."""

    __tablename__ = "result_item"
    __table_args__ = (Index("ix_result_item_result_id", "result_id"),)
    id: Mapped[BigId]
    result_id: Mapped[int] = mapped_column(BIG, ForeignKey("result.id"))
    analyte: Mapped[str] = mapped_column(String(60))
    value: Mapped[Decimal | None]
    words: Mapped[str | None] = mapped_column(String(60))
    unit: Mapped[str | None] = mapped_column(String(20))
    loq: Mapped[Decimal | None]
    limit_value: Mapped[Decimal | None]
    limit_basis: Mapped[str | None] = mapped_column(String(60))
    passed: Mapped[bool]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One analyte as reported."""

    analyte: str
    value: Decimal | None
    words: str | None
    unit: str | None
    loq: Decimal | None
    limit_value: Decimal | None
    limit_basis: str | None
    passed: bool


@dataclass(frozen=True, kw_only=True)
class Report:
    """Ask to record one report on one lot, given as (row id, identifier)."""

    code: str
    lot: tuple[int, str]
    laboratory_id: int
    laboratory_code: str
    purpose: str
    sampled_at: datetime
    reported_at: datetime
    items: Sequence[Measured]

    @property
    def passed(self) -> bool:
        """Return whether every item passed."""
        return all(item.passed for item in self.items)


def _event(names: Namespace, command: Report, entry: Entry) -> NewEvent:
    document = documents.observation(
        names,
        when=command.reported_at,
        step="inspecting",
        of=[command.lot[1]],
        extra={
            "disposition": "conformant" if command.passed else "non_conformant",
            "chasu:result": f"{command.laboratory_code}/{command.code}",
        },
    )
    return NewEvent(document=document, party_id=command.laboratory_id, entry=entry)


def _samples(session: Session, commands: Sequence[Report]) -> list[Sample]:
    samples = [
        Sample(lot_id=command.lot[0], sampled_on=command.sampled_at.date(), purpose=command.purpose)
        for command in commands
    ]
    session.add_all(samples)
    session.flush()
    return samples


def record_results(session: Session, commands: Sequence[Report], entry: Entry) -> list[Result]:
    """Record samples and their reports; the pages of all that was made of the lots are made anew."""
    names = get_namespace(session)
    events = record(session, [_event(names, command, entry) for command in commands])
    results = [
        Result(
            code=command.code,
            sample_id=sample.id,
            laboratory_id=command.laboratory_id,
            reported_on=command.reported_at.date(),
            passed=command.passed,
            event_id=event,
        )
        for command, sample, event in zip(commands, _samples(session, commands), events, strict=True)
    ]
    session.add_all(results)
    session.flush()
    session.add_all(
        ResultItem(result_id=result.id, **vars(item))
        for result, command in zip(results, commands, strict=True)
        for item in command.items
    )
    session.flush()
    touch(session, descendants(session, {command.lot[0] for command in commands}))
    return results
