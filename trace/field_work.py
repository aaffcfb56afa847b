"""Field work: what was done on a plot beside picking and inputs, and what was seen there: pests, counted.

Fertilizing, pruning, weeding, watering, frost protection, traps and boards, looking for pests: the kinds are rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import BIG, Base, BigId
from trace.events import Entry, Event, NewEvent, documents, record
from trace.events.correct import Correction, correct_events
from trace.instance import Namespace, get_namespace


class FieldWork(Base):
    """One piece of work on a plot, or one look at its pests."""

    __tablename__ = "field_work"
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(String(40), index=True)
    plot_id: Mapped[int] = mapped_column(ForeignKey("plot.id"), index=True)
    kind: Mapped[str] = mapped_column(String(60))
    done_on: Mapped[date]
    pest: Mapped[str | None] = mapped_column(String(60))
    per_100_leaves: Mapped[Decimal | None]  # 百叶虫数
    decision: Mapped[str | None] = mapped_column(String(120))
    quantity: Mapped[Decimal | None]  # boards, lamps, cubic metres of water
    unit: Mapped[str | None] = mapped_column(String(20))
    area_mu: Mapped[Decimal | None]
    weather: Mapped[str | None] = mapped_column(String(60))
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("worker.id"))
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"), index=True)
    undone_at: Mapped[datetime | None]  # said not to have happened


@dataclass(frozen=True, kw_only=True)
class DoFieldWork:
    """Ask to record one piece of work on a plot."""

    code: str
    plot_id: int
    plot_code: str
    kind: str
    done_at: datetime
    recorder_id: int
    pest: str | None = None
    per_100_leaves: Decimal | None = None
    decision: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    area_mu: Decimal | None = None
    weather: str | None = None
    worker_id: int | None = None


_KEPT = (
    *("code", "plot_id", "kind", "pest", "per_100_leaves", "decision", "quantity", "unit", "area_mu", "weather"),
    "worker_id",
)


def _event(names: Namespace, command: DoFieldWork, entry: Entry) -> NewEvent:
    seen = {"chasu:pest": command.pest, "chasu:per100Leaves": command.per_100_leaves}
    document = documents.observation(
        names,
        when=command.done_at,
        step=names.word("step", "field-work"),
        of=[names.plot(command.plot_code)],
        extra={
            "chasu:fieldWork": command.code,
            "chasu:kind": command.kind,
            **{name: str(value) for name, value in seen.items() if value is not None},
        },
    )
    return NewEvent(document=document, party_id=command.recorder_id, entry=entry)


def record_field_work(session: Session, commands: Sequence[DoFieldWork], entry: Entry) -> list[FieldWork]:
    """Record work on plots."""
    names = get_namespace(session)
    events = record(session, [_event(names, command, entry) for command in commands])
    work = [
        FieldWork(done_on=command.done_at.date(), event_id=event, **{name: getattr(command, name) for name in _KEPT})
        for command, event in zip(commands, events, strict=True)
    ]
    session.add_all(work)
    session.flush()
    return work


def correct_field_work(
    session: Session, work: FieldWork, command: DoFieldWork | None, reason: str, entry: Entry
) -> FieldWork:
    """Say what a piece of work really was, or with None that there was none. Raises what `correct_events` raises."""
    right = [_event(get_namespace(session), command, entry)] if command else []
    by = command.recorder_id if command else session.get_one(Event, work.event_id).party_id
    correction = Correction(wrong=[work.event_id], right=right, reason=reason, party_id=by, entry=entry)
    events = correct_events(session, correction)
    if command is None:
        work.undone_at = clock.now()
    else:
        [work.event_id] = events
        work.done_on = command.done_at.date()
        for name in _KEPT:
            setattr(work, name, getattr(command, name))
    session.flush()
    return work
