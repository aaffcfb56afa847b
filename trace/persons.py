"""Persons: names and telephone numbers, in tables of their own so that they can be erased.

A grower's stand beside the party. Of who weighed or wrote a record, the record keeps a commitment alone; the name and
the salt stand here, and once they are erased nobody can say whose it was.
"""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ForeignKey, LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.db import Base, portions


class Person(Base):
    """The private side of a grower. Never shown on a public page, never written into an event."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    phone: Mapped[str | None] = mapped_column(String(30))


class WrittenName(Base):
    """The name of who weighed or wrote, found by the commitment that the record keeps: SHA-256(salt ‖ name)."""

    __tablename__ = "written_name"
    commitment: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    name: Mapped[str] = mapped_column(String(60))


@dataclass(frozen=True, kw_only=True)
class Private:
    """What only those who must may know of a grower."""

    name: str
    phone: str | None = None


def keep_names(session: Session, names: Sequence[str | None]) -> list[bytes | None]:
    """Keep names and return the commitment to each; none for none."""
    rows = [None if name is None else _written(name) for name in names]
    session.add_all(row for row in rows if row is not None)
    session.flush()
    return [None if row is None else row.commitment for row in rows]


def _written(name: str) -> WrittenName:
    salt = secrets.token_bytes(16)
    return WrittenName(commitment=hashlib.sha256(salt + name.encode()).digest(), salt=salt, name=name)


def find_written_names(session: Session, commitments: Iterable[bytes | None]) -> dict[bytes, str]:
    """Return the names that are still kept, by commitment."""
    found: dict[bytes, str] = {}
    query = select(WrittenName.commitment, WrittenName.name)
    for few in portions({one for one in commitments if one is not None}):
        found.update((key, name) for key, name in session.execute(query.where(WrittenName.commitment.in_(few))))
    return found
