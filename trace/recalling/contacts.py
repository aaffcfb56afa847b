"""Contacts: how a holder of goods is reached for a recall. Personal data in a table of their own, to be erased."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import Base, portions


class Channel(StrEnum):
    """By what a notice goes. Print is also what is read out on the telephone."""

    WEBHOOK = "webhook"
    EMAIL = "email"
    SMS = "sms"
    PRINT = "print"


class RecallContact(Base):
    """How one party reaches another; kept by the one who would call. Of what is erased, nothing personal remains."""

    __tablename__ = "recall_contact"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    keeper_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    person: Mapped[str | None] = mapped_column(String(60))
    channel: Mapped[Channel]
    address: Mapped[str | None] = mapped_column(String(400))
    secret: Mapped[str | None] = mapped_column(String(64))  # by which what a webhook brings is signed
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]


@dataclass(frozen=True, kw_only=True)
class KeepContact:
    """Ask to keep how a party is reached."""

    code: str
    keeper_id: int
    party_id: int
    channel: Channel
    address: str
    person: str | None = None


def keep_contacts(session: Session, commands: Sequence[KeepContact]) -> list[RecallContact]:
    """Keep contacts; a webhook gets a secret of 256 bits."""
    now = clock.now()
    contacts = [
        RecallContact(
            **vars(command),
            secret=secrets.token_hex(32) if command.channel is Channel.WEBHOOK else None,
            created_at=now,
        )
        for command in commands
    ]
    session.add_all(contacts)
    session.flush()
    return contacts


def erase_contact(session: Session, contact: RecallContact) -> RecallContact:
    """Forget person, address and secret; what was sent there before stays sent."""
    contact.person = contact.address = contact.secret = None
    contact.erased_at = contact.erased_at or clock.now()
    session.flush()
    return contact


_BEST_FIRST = {channel: place for place, channel in enumerate(Channel)}


def best_contacts(session: Session, keeper: int, parties: Iterable[int]) -> Mapping[int, RecallContact]:
    """Return by party the contact by which it is told fastest, of those that one party keeps."""
    found: dict[int, RecallContact] = {}
    kept = select(RecallContact).where(RecallContact.keeper_id == keeper, RecallContact.erased_at.is_(None))
    for few in portions(parties):
        for contact in session.scalars(kept.where(RecallContact.party_id.in_(few)).order_by(RecallContact.id)):
            best = found.get(contact.party_id)
            if best is None or _BEST_FIRST[contact.channel] < _BEST_FIRST[best.channel]:
                found[contact.party_id] = contact
    return found
