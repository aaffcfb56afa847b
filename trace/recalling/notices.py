"""Notices of a recall: rows that the worker sends, under a lease, or that somebody prints and reads out.

At least once: a worker that dies after sending and before it says so sends again, under the same delivery id, when its
lease has run out. Once it said so, never again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, and_, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import BIG, Base, BigId
from trace.errors import ConflictError
from trace.recalling.contacts import Channel, RecallContact

LEASE = timedelta(minutes=2)  # longer than the slowest sending may take (api/sending.py)
MOST_TRIES = 8


class NoticeSettledError(ConflictError):
    """It is known already whether this notice reached anybody."""

    code = "notice-settled"


class NoticeState(StrEnum):
    """What became of a notice."""

    TO_PRINT = "to-print"  # for paper or telephone: nobody sends it by itself
    QUEUED = "queued"
    SENT = "sent"  # taken by the other side's machine; whether a person knows is not said
    FAILED = "failed"  # not taken, however often it was tried
    REACHED = "reached"  # a named person says that the holder knows
    NOT_REACHED = "not-reached"  # a named person says why not


SETTLED = frozenset({NoticeState.REACHED, NoticeState.NOT_REACHED})


class RecallNotice(Base):
    """What one holder is told, by what, and whether that is known to have arrived."""

    __tablename__ = "recall_notice"
    __table_args__ = (
        Index(
            "ix_recall_notice_next_try_at",
            "next_try_at",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
    )
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(String(36), unique=True)  # the delivery id
    recall_id: Mapped[int] = mapped_column(BIG, ForeignKey("recall.id"), index=True)
    party_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("recall_contact.id"))
    recipient: Mapped[str] = mapped_column(String(120))
    channel: Mapped[Channel]
    address: Mapped[str | None] = mapped_column(String(400))
    text_zh: Mapped[str] = mapped_column(Text)  # as it was sent
    text_en: Mapped[str] = mapped_column(Text)
    units: Mapped[int]  # that the holder had when it was written
    state: Mapped[NoticeState]
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(String(60))
    outcome: Mapped[str | None] = mapped_column(String(400))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


@dataclass(frozen=True, kw_only=True)
class WriteNotice:
    """Ask for a notice; the text is made at the edge, where sentences stand."""

    code: str
    recall_id: int
    recipient: str
    channel: Channel
    text_zh: str
    text_en: str
    units: int
    party_id: int | None = None
    contact_id: int | None = None
    address: str | None = None


@dataclass(frozen=True, kw_only=True)
class SettleNotice:
    """Ask to note whether a holder knows, by whose word, and why not."""

    notice_id: int
    reached: bool
    person: str
    outcome: str | None = None


def write_notices(
    session: Session, commands: Sequence[WriteNotice], open_channels: Collection[Channel], account_id: int | None
) -> list[RecallNotice]:
    """Write notices; those whose channel is open are sent by the worker, the others are for print and telephone."""
    now = clock.now()
    notices = []
    for command in commands:
        goes = command.channel in open_channels and command.address is not None
        state = NoticeState.QUEUED if goes else NoticeState.TO_PRINT
        notice = RecallNotice(**vars(command), state=state, created_at=now, account_id=account_id)
        notice.next_try_at = now if goes else None
        notices.append(notice)
    session.add_all(notices)
    session.flush()
    return notices


def settle_notice(session: Session, command: SettleNotice) -> RecallNotice:
    """Note whether a holder knows. Who was not reached may be reached yet; who knows, knows.

    Raises `NoticeSettledError`.
    """
    notice = session.get_one(RecallNotice, command.notice_id, with_for_update=True, populate_existing=True)
    if notice.state is NoticeState.REACHED:
        raise NoticeSettledError(code=notice.code, person=notice.settled_by)
    notice.state = NoticeState.REACHED if command.reached else NoticeState.NOT_REACHED
    notice.settled_at, notice.settled_by, notice.outcome = clock.now(), command.person, command.outcome
    notice.next_try_at = notice.leased_until = None
    session.flush()
    return notice


@dataclass(frozen=True, kw_only=True)
class Leased:
    """A notice to send now, and until when nobody else will."""

    id: int
    code: str
    recall_id: int
    channel: Channel
    address: str
    recipient: str
    text_zh: str
    text_en: str
    secret: str | None
    tries: int


def _due(now: datetime, open_channels: Collection[Channel]) -> ColumnElement[bool]:
    """Hold for notices that are to be sent by now and that nobody is sending."""
    free = or_(RecallNotice.leased_until.is_(None), RecallNotice.leased_until <= now)
    waiting = and_(RecallNotice.state == NoticeState.QUEUED, RecallNotice.next_try_at <= now)
    return and_(waiting, free, RecallNotice.channel.in_(open_channels))


def is_any_due(session: Session, open_channels: Collection[Channel]) -> bool:
    """Return whether there is anything to send."""
    return session.scalar(select(RecallNotice.id).where(_due(clock.now(), open_channels)).limit(1)) is not None


def lease_notices(session: Session, open_channels: Collection[Channel], *, most: int) -> list[Leased]:
    """Take notices that are due and that nobody is sending; what is not marked until the lease ends is due again."""
    now = clock.now()
    query = select(RecallNotice).where(_due(now, open_channels)).order_by(RecallNotice.id)
    notices = list(session.scalars(query.limit(most).with_for_update(skip_locked=True)))
    contacts = {notice.contact_id for notice in notices}
    kept = select(RecallContact.id, RecallContact.secret).where(RecallContact.id.in_(contacts))
    secrets = dict(session.execute(kept).all())
    for notice in notices:
        notice.leased_until, notice.tries = now + LEASE, notice.tries + 1
    session.flush()
    return [
        Leased(
            secret=secrets.get(notice.contact_id or 0),
            **{name: getattr(notice, name) for name in Leased.__dataclass_fields__ if name != "secret"},
        )
        for notice in notices
    ]


def mark_sent(session: Session, leased: Leased) -> None:
    """Note that the other side took a notice: it is not sent again."""
    notice = _again(session, leased)
    notice.sent_at, notice.leased_until, notice.last_error = clock.now(), None, None
    if notice.state is NoticeState.QUEUED:
        notice.state, notice.next_try_at = NoticeState.SENT, None
    session.flush()


def mark_failed(session: Session, leased: Leased, error: str) -> None:
    """Note that a notice was not taken: it is tried again, later each time, and at last left to be told otherwise.

    Who held it longer than its lease says nothing: another tries it meanwhile, or was answered.
    """
    notice = _again(session, leased)
    if notice.tries != leased.tries:
        return
    notice.leased_until = None
    if notice.address is not None:  # an error may quote the address, which was erased meanwhile
        notice.last_error = error[:200]
    if notice.state is NoticeState.QUEUED and notice.tries >= MOST_TRIES:
        notice.state, notice.next_try_at = NoticeState.FAILED, None
    elif notice.state is NoticeState.QUEUED:
        notice.next_try_at = clock.now() + timedelta(seconds=30) * 2 ** (notice.tries - 1)
    session.flush()


def _again(session: Session, leased: Leased) -> RecallNotice:
    """Return the notice of a lease as it is now, locked."""
    return session.get_one(RecallNotice, leased.id, with_for_update=True, populate_existing=True)


def forget_address(session: Session, contact_id: int) -> None:
    """Forget where notices went by a contact that is erased; what was still to be sent there is for print now."""
    of_contact = update(RecallNotice).where(RecallNotice.contact_id == contact_id)
    session.execute(
        of_contact.where(RecallNotice.state == NoticeState.QUEUED).values(
            state=NoticeState.TO_PRINT, next_try_at=None, leased_until=None
        )
    )
    session.execute(of_contact.values(address=None, last_error=None))
