"""Quality: samples of a lot and results of laboratory work, each analyte with its digits as reported."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import BIG, Base, BigId, Grams
from trace.descent import descendants, touch
from trace.events import Entry, Event, NewEvent, documents, record
from trace.events.correct import Correction, CorrectionBlockedError, correct_events
from trace.instance import Namespace, get_namespace


class Sample(Base):
    """What was taken from a lot to be tested. One that came with its report has neither a code nor an event of its own.

    Recorded by itself it may have several reports, and what is kept of it left the lot.
    """

    __tablename__ = "sample"
    __table_args__ = (Index("ix_sample_taken_by_id_code", "taken_by_id", "code", unique=True),)
    id: Mapped[BigId]
    code: Mapped[str | None] = mapped_column(String(40))
    lot_id: Mapped[int] = mapped_column(BIG, ForeignKey("lot.id"), index=True)
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    laboratory_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)  # that is to test it
    sampled_on: Mapped[date]
    purpose: Mapped[str] = mapped_column(String(40))  # factory, commissioned, supervision
    mass_g: Mapped[Grams | None]  # that left the lot for it
    as_typed: Mapped[dict[str, Any] | None]  # the mass with its unit, as somebody typed it
    event_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("event.id"), index=True)
    undone_at: Mapped[datetime | None]  # said not to have happened


class Result(Base):
    """One report of a laboratory on one sample."""

    __tablename__ = "result"
    __table_args__ = (UniqueConstraint("laboratory_id", "code"),)
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(String(40), index=True)
    sample_id: Mapped[int] = mapped_column(BIG, ForeignKey("sample.id"), index=True)
    laboratory_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    reported_on: Mapped[date]
    accreditation: Mapped[str | None] = mapped_column(String(60))  # CMA or CATL number, as the report states it
    passed: Mapped[bool]
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"), index=True)
    undone_at: Mapped[datetime | None]  # said not to have happened


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
    method: Mapped[str | None] = mapped_column(String(80))  # the standard by which it was tested
    replaced_at: Mapped[datetime | None]  # by a correction of its report; what was first reported stays readable


@dataclass(frozen=True, kw_only=True)
class TakeSample:
    """Ask to record one sample of a lot, given as (row id, identifier); `mass_g` leaves the lot."""

    code: str
    lot: tuple[int, str]
    taken_by_id: int
    taken_by_code: str
    taken_at: datetime
    purpose: str
    laboratory_id: int | None = None
    mass_g: int | None = None
    as_typed: dict[str, Any] | None = None


@dataclass(frozen=True)
class Sampled:
    """When and what for a sample was taken that nobody recorded before its report came."""

    at: datetime
    purpose: str


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
    method: str | None = None


def passes(value: Decimal | None, limit: Decimal | None, *, least: bool, said: bool) -> bool:
    """Return whether an analyte passed: by value and limit, which is the least or the most, else as the report said."""
    if value is None or limit is None:
        return said
    return value >= limit if least else value <= limit


@dataclass(frozen=True, kw_only=True)
class Report:
    """Ask to record one report on one lot, given as (row id, identifier); `sample` is a row id, or a new one."""

    code: str
    lot: tuple[int, str]
    laboratory_id: int
    laboratory_code: str
    sample: int | Sampled
    reported_at: datetime
    items: Sequence[Measured]
    accreditation: str | None = None

    @property
    def passed(self) -> bool:
        """Return whether every item passed."""
        return all(item.passed for item in self.items)


_SAMPLE_KEPT = ("code", "taken_by_id", "laboratory_id", "purpose", "mass_g", "as_typed")


def _sample_event(names: Namespace, command: TakeSample, entry: Entry) -> NewEvent:
    document = documents.observation(
        names,
        when=command.taken_at,
        step="sampling",
        of=[documents.Grams(command.lot[1], command.mass_g) if command.mass_g else command.lot[1]],
        extra={
            "chasu:sample": f"{command.taken_by_code}/{command.code}",
            **documents.losses([("sample", command.mass_g or 0)]),
        },
    )
    return NewEvent(document=document, party_id=command.taken_by_id, entry=entry)


def take_samples(session: Session, commands: Sequence[TakeSample], entry: Entry) -> list[Sample]:
    """Record samples; what is kept of one leaves its lot. Raises `LotOverdrawnError`."""
    names = get_namespace(session)
    events = record(session, [_sample_event(names, command, entry) for command in commands])
    samples = [
        Sample(
            lot_id=command.lot[0],
            sampled_on=command.taken_at.date(),
            event_id=event,
            **{name: getattr(command, name) for name in _SAMPLE_KEPT},
        )
        for command, event in zip(commands, events, strict=True)
    ]
    session.add_all(samples)
    session.flush()
    return samples


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


def _sample_rows(session: Session, commands: Sequence[Report]) -> list[int]:
    """Return the row of each report's sample, writing those that nobody recorded before."""
    new = {
        place: Sample(lot_id=command.lot[0], sampled_on=command.sample.at.date(), purpose=command.sample.purpose)
        for place, command in enumerate(commands)
        if isinstance(command.sample, Sampled)
    }
    session.add_all(new.values())
    session.flush()
    return [
        new[place].id if isinstance(command.sample, Sampled) else command.sample
        for place, command in enumerate(commands)
    ]


def record_results(session: Session, commands: Sequence[Report], entry: Entry) -> list[Result]:
    """Record reports, and the samples that came with them; pages of all that was made of the lots are made anew."""
    names = get_namespace(session)
    events = record(session, [_event(names, command, entry) for command in commands])
    results = [
        Result(
            code=command.code,
            sample_id=sample,
            laboratory_id=command.laboratory_id,
            reported_on=command.reported_at.date(),
            accreditation=command.accreditation,
            passed=command.passed,
            event_id=event,
        )
        for command, sample, event in zip(commands, _sample_rows(session, commands), events, strict=True)
    ]
    session.add_all(results)
    session.flush()
    _add_items(session, zip(results, commands, strict=True))
    touch(session, descendants(session, {command.lot[0] for command in commands}))
    return results


def _add_items(session: Session, reports: Iterable[tuple[Result, Report]]) -> None:
    session.add_all(
        ResultItem(result_id=result.id, **vars(item)) for result, command in reports for item in command.items
    )
    session.flush()


def list_results_of(session: Session, sample: int) -> list[Result]:
    """Return the standing reports on a sample (row id)."""
    query = select(Result).where(Result.sample_id == sample, Result.undone_at.is_(None)).order_by(Result.id)
    return list(session.scalars(query))


def correct_result(session: Session, result: Result, command: Report | None, reason: str, entry: Entry) -> Result:
    """Say what a report really said, or with None that there was none. What it first said stays readable.

    Raises what `correct_events` raises. The rules are to judge it again.
    """
    sample = session.get_one(Sample, result.sample_id)
    touched = {sample.lot_id}
    right = [_event(get_namespace(session), command, entry)] if command else []
    correction = Correction(
        wrong=[result.event_id], right=right, reason=reason, party_id=result.laboratory_id, entry=entry
    )
    events = correct_events(session, correction)
    if command is None:
        result.undone_at = clock.now()
    else:
        touched.add(command.lot[0])
        [result.event_id] = events
        [result.sample_id] = _sample_rows(session, [command])
        result.code, result.reported_on, result.passed = command.code, command.reported_at.date(), command.passed
        result.accreditation = command.accreditation
        replaced = update(ResultItem).where(ResultItem.result_id == result.id, ResultItem.replaced_at.is_(None))
        session.execute(replaced.values(replaced_at=clock.now()))
        _add_items(session, [(result, command)])
    if sample.code is None and (command is None or result.sample_id != sample.id):
        sample.undone_at = clock.now()  # it came with this report, and goes with it
    session.flush()
    touch(session, descendants(session, touched))
    return result


def correct_sample(session: Session, sample: Sample, command: TakeSample | None, reason: str, entry: Entry) -> Sample:
    """Say what a sample really was, or with None that none was taken. Its reports follow it to another lot.

    Raises what `correct_events` raises, also where reports stand on a sample that was not taken. The rules are to
    judge its reports again. One that came with its report is corrected with that.
    """
    assert sample.event_id is not None  # noqa: S101 -- nobody can name a sample without a code
    results = list_results_of(session, sample.id)
    if command is None and results:
        query = select(Event.event_id).where(Event.id.in_([result.event_id for result in results]))
        raise CorrectionBlockedError(events=sorted(session.scalars(query)))
    moved = results if command and command.lot[0] != sample.lot_id else []
    right = [_sample_event(get_namespace(session), command, entry)] if command else []
    right += [_moved(session.get_one(Event, result.event_id), command.lot[1], entry) for result in moved if command]
    by = command.taken_by_id if command else session.get_one(Event, sample.event_id).party_id
    wrong = [sample.event_id, *(result.event_id for result in moved)]
    events = correct_events(session, Correction(wrong=wrong, right=right, reason=reason, party_id=by, entry=entry))
    touched = {sample.lot_id}
    if command is None:
        sample.undone_at = clock.now()
    else:
        touched.add(command.lot[0])
        sample.event_id, sample.lot_id, sample.sampled_on = events[0], command.lot[0], command.taken_at.date()
        for name in _SAMPLE_KEPT:
            setattr(sample, name, getattr(command, name))
        for result, event in zip(moved, events[1:], strict=True):
            result.event_id = event
    session.flush()
    touch(session, descendants(session, touched))
    return sample


def _moved(event: Event, lot: str, entry: Entry) -> NewEvent:
    """Return a report's event as it would have been on another lot."""
    document = {name: value for name, value in json.loads(event.document).items() if name != "eventID"}
    return NewEvent(document={**document, "epcList": [lot]}, party_id=event.party_id, entry=entry)
