"""Recalls: lots taken back from trade and consumers, and everything made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import BIG, Base, BigId
from trace.descent import descents, lock_descendants, touch
from trace.events import Entry, NewEvent, documents, record
from trace.holds import RecalledLot
from trace.instance import Namespace, get_namespace
from trace.working_days import after_working_days, made_up_days, public_holidays

START_WITHIN = {1: timedelta(hours=24), 2: timedelta(hours=48), 3: timedelta(hours=72)}  # 食品召回管理办法
FINISH_WITHIN = {1: 10, 2: 20, 3: 30}  # working days from the day it is announced, likewise

LABEL_ALONE = 3  # the level of label faults: such goods may be corrected and sold with notice


class Trigger(StrEnum):
    """What set a recall off."""

    RESULT = "result"
    COMPLAINT = "complaint"
    ORDER = "order"  # an officer's
    OWN_FINDING = "own-finding"


class RecallState(StrEnum):
    """How far a recall is. It goes forward only, each step by a named person."""

    OPEN = "open"  # started: every page says so
    PLANNED = "planned"  # the plan is with the county's regulator
    RECOVERING = "recovering"  # holders have been told, goods come back
    CLOSED = "closed"  # the final report is made


class Recall(Base):
    """One recall case."""

    __tablename__ = "recall"
    __table_args__ = (UniqueConstraint("owner_id", "code"), CheckConstraint("level BETWEEN 1 AND 3", name="level"))
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(String(40), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    level: Mapped[int]
    set_off_by: Mapped[Trigger]
    state: Mapped[RecallState]
    known_at: Mapped[datetime]
    start_by: Mapped[datetime]
    started_at: Mapped[datetime]
    finish_by: Mapped[date]
    result_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("result.id"))
    reason: Mapped[str | None] = mapped_column(String(400))
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"))


class RecallStep(Base):
    """Who brought a recall to a state, and when."""

    __tablename__ = "recall_step"
    id: Mapped[BigId]
    recall_id: Mapped[int] = mapped_column(BIG, ForeignKey("recall.id"), index=True)
    state: Mapped[RecallState]
    person: Mapped[str] = mapped_column(String(60))
    note: Mapped[str | None] = mapped_column(String(400))
    taken_at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


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
    trigger: Trigger | None = None
    person: str = ""

    @property
    def set_off_by(self) -> Trigger:
        """Return what set it off: as said, else the result named, else what was found oneself."""
        return self.trigger or (Trigger.RESULT if self.result_id else Trigger.OWN_FINDING)


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
    recalls = [_case(command, event) for command, event in zip(commands, record(session, news), strict=True)]
    session.add_all(recalls)
    session.flush()
    session.add_all(
        RecallStep(
            recall_id=recall.id,
            state=RecallState.OPEN,
            person=command.person,
            taken_at=command.started_at,
            account_id=entry.account_id,
        )
        for recall, command in zip(recalls, commands, strict=True)
    )
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


def _case(command: StartRecall, event: int) -> Recall:
    announced, days = clock.day_of(command.started_at), FINISH_WITHIN[command.level]
    return Recall(
        code=command.code,
        owner_id=command.owner_id,
        level=command.level,
        set_off_by=command.set_off_by,
        state=RecallState.OPEN,
        known_at=command.known_at,
        start_by=command.known_at + START_WITHIN[command.level],
        started_at=command.started_at,
        finish_by=after_working_days(announced, days, public_holidays(), made_up_days()),
        result_id=command.result_id,
        reason=command.reason,
        event_id=event,
    )
