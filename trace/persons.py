"""Persons: names and telephone numbers, in a table of their own so that they can be erased."""

from dataclasses import dataclass

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from trace.db import Base


class Person(Base):
    """The private side of a grower. Never shown on a public page, never written into an event."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    phone: Mapped[str | None] = mapped_column(String(30))


@dataclass(frozen=True, kw_only=True)
class Private:
    """What only those who must may know of a grower."""

    name: str
    phone: str | None = None
