"""Recalls: lots taken back from trade and consumers, and everything made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.db import BIG, Base, BigId
from trace.descent import descents, lock_descendants, touch
from trace.events import Entry, NewEvent, documents, record
from trace.holds import RecalledLot
from trace.instance import Namespace, get_namespace

START_WITHIN = {1: timedelta(hours=24), 2: timedelta(hours=48), 3: timedelta(hours=72)}  # 食品召回管理办法


class Recall(Base):
    """One recall case."""

    __tablename__ = "recall"
    __table_args__ = (UniqueConstraint("owner_id", "code"), CheckConstraint("level BETWEEN 1 AND 3", name="level"))
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(String(40), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    level: Mapped[int]
    known_at: Mapped[datetime]
    start_by: Mapped[datetime]
    started_at: Mapped[datetime]
    result_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("result.id"))
    reason: Mapped[str | None] = mapped_column(String(400))
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"))


@dataclass(frozen=True, kw_only=True)
class StartRecall:
    """Ask to record one recall of lots, given as (row id, identifier)."""

    code: str
    lots: Sequence[tuple[int, str]]
    owner_id: int
    owner_code: str
    level: int
    known_at: datetime
    started_at: datetime
    result_id: int | None = None
    reason: str | None = None


def _event(names: Namespace, command: StartRecall, entry: Entry) -> NewEvent:
    why = {"chasu:reason": command.reason} if command.reason else {}
    document = documents.observation(
        names,
        when=command.started_at,
        step=names.word("step", "recalling"),
        of=[uri for _, uri in command.lots],
        extra={"disposition": "recalled", "chasu:recall": f"{command.owner_code}/{command.code}", **why},
    )
    return NewEvent(document=document, party_id=command.owner_id, entry=entry)


def start_recalls(session: Session, commands: Sequence[StartRecall], entry: Entry) -> list[Recall]:
    """Start recalls; every code of every lot made of the recalled ones, now or later, says so from here on."""
    names = get_namespace(session)
    news = [_event(names, command, entry) for command in commands]
    recalls = [
        Recall(
            code=command.code,
            owner_id=command.owner_id,
            level=command.level,
            known_at=command.known_at,
            start_by=command.known_at + START_WITHIN[command.level],
            started_at=command.started_at,
            result_id=command.result_id,
            reason=command.reason,
            event_id=event,
        )
        for command, event in zip(commands, record(session, news), strict=True)
    ]
    session.add_all(recalls)
    session.flush()
    named = {lot for command in commands for lot, _ in command.lots}
    scope = lock_descendants(session, named)
    below = descents(session, named)
    session.add_all(
        RecalledLot(recall_id=recall.id, lot_id=lot)
        for recall, command in zip(recalls, commands, strict=True)
        for lot in sorted(set().union(*(below[one] for one, _ in command.lots)))
    )
    session.flush()
    touch(session, scope)
    return recalls
