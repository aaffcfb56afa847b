"""Events, their salts, their order. `event` and `event_position` are append-only by triggers and by a flush hook."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.db import BIG, Base, BigId


class Mode(StrEnum):
    """The way by which an event reached us."""

    LIVE = "live"
    HISTORY = "history"
    CAPTURE = "capture"
    OFFLINE = "offline"
    PAPER = "paper"


class Event(Base):
    """One step, as recorded. An error declaration repeats the event's id, so the pair is unique."""

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("event_id", "declares_error"), Index("ix_event_party_id", "party_id"))
    id: Mapped[BigId]
    event_id: Mapped[str] = mapped_column(String(200))  # given, else the CBV 2.0 event hash
    declares_error: Mapped[bool]
    type: Mapped[str] = mapped_column(String(20))
    biz_step: Mapped[str | None] = mapped_column(String(300))
    event_time: Mapped[datetime]
    utc_offset: Mapped[str] = mapped_column(String(6))  # +08:00
    recorded_at: Mapped[datetime]
    mode: Mapped[Mode]
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"))  # who says so
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))  # who entered it for that party
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # who typed it
    document: Mapped[bytes] = mapped_column(LargeBinary)  # canonical EPCIS 2.0 JSON, bytes as recorded
    commitment: Mapped[bytes] = mapped_column(LargeBinary(32))  # SHA-256(salt ‖ document)


class EventSalt(Base):
    """What keeps a commitment from being guessed; erasing it erases the link, not the commitment."""

    __tablename__ = "event_salt"
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"), primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))


class Unsequenced(Base):
    """An event that has no position yet; written in the event's own transaction."""

    __tablename__ = "unsequenced"
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"), primary_key=True)


class EventPosition(Base):
    """The gapless place of an event in the one order."""

    __tablename__ = "event_position"
    position: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"), unique=True)


class Sequencer(Base):
    """The lock that makes one sequencer at a time."""

    __tablename__ = "sequencer"
    id: Mapped[int] = mapped_column(primary_key=True)
    last_position: Mapped[int] = mapped_column(BIG)


APPEND_ONLY = (
    *("event", "event_position", "ledger_line", "stored_file", "table_edition", "table_row"),
    *("weigh_slip", "slip_reversal", "day_close", "day_close_line", "day_close_slip"),
    *("paper_form_run", "paper_form", "paper_form_use", "paper_form_void"),
)


@event.listens_for(Session, "before_flush")
def refuse_changes(session: Session, _context: Any, _instances: Any) -> None:
    """Refuse to change or delete what is append-only, before the database's own triggers do."""
    for row in [*session.dirty, *session.deleted]:
        if getattr(row, "__tablename__", None) in APPEND_ONLY and (row in session.deleted or session.is_modified(row)):
            raise TypeError(f"{row.__tablename__} is append-only")
