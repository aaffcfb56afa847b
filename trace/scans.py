"""Scans: someone read a label, and what we told them. A reader never writes to the database: a spool takes them.

A scan posted twice counts once, since every line carries the id under which its scan is stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import CursorResult, ForeignKey, Index, String, bindparam, text
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from trace.db import Base, BigId, UTCDateTime
from trace.spool import Spool, post_lines


class Scan(Base):
    """One look at one code. Nothing of the person: no address, no device."""

    __tablename__ = "scan"
    __table_args__ = (Index("ix_scan_pack_id_position", "pack_id", "position"),)
    id: Mapped[BigId]
    spool_id: Mapped[str] = mapped_column(String(32), unique=True)  # a batch posted twice counts once
    scanned_at: Mapped[datetime]
    verdict: Mapped[str] = mapped_column(String(20))
    gtin: Mapped[str | None] = mapped_column(String(14))
    serial: Mapped[str | None] = mapped_column(String(20))
    pack_id: Mapped[int | None] = mapped_column(ForeignKey("pack.id"))
    position: Mapped[int | None]
    language: Mapped[str | None] = mapped_column(String(5))


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Ask to keep one scan."""

    scanned_at: datetime
    verdict: str
    gtin: str | None = None
    serial: str | None = None
    pack_id: int | None = None
    position: int | None = None
    language: str | None = None


_OPTIONAL = {each.name: None for each in fields(Seen) if each.default is None}

# PostgreSQL and SQLite share this clause; the generic insert of SQLAlchemy has no word for it. A spool may be newer
# than a restored database: a pack it does not know must not stop the rest.
_INSERT = text(
    """
INSERT INTO scan (spool_id, scanned_at, verdict, gtin, serial, pack_id, position, language)
VALUES (:spool_id, :scanned_at, :verdict, :gtin, :serial,
        (SELECT id FROM pack WHERE id = :pack_id), :position, :language)
ON CONFLICT (spool_id) DO NOTHING
"""
).bindparams(bindparam("scanned_at", type_=UTCDateTime()))


class ScanSpool:
    """A process's end of the spool of scans."""

    def __init__(self, directory: Path) -> None:
        self._spool = Spool(directory)

    def add(self, seen: Seen) -> str:
        """Append a scan and return its id. No kill of this process loses it once this returns."""
        return self._spool.add({**vars(seen), "scanned_at": seen.scanned_at.isoformat()})


def post_spool(sessions: sessionmaker[Session], directory: Path) -> int:
    """Post all scans spooled so far and return how many were new. May run in several processes, and be killed."""
    return post_lines(sessions, directory, _read, _post)


def _read(line: dict[str, Any]) -> dict[str, Any]:
    """Return a row; a line that an earlier version wrote may lack what is optional."""
    known = {"spool_id": line["spool_id"], "verdict": line["verdict"]}
    return {**_OPTIONAL, **line, **known, "scanned_at": datetime.fromisoformat(line["scanned_at"])}


def _post(session: Session, rows: Sequence[dict[str, Any]]) -> int:
    """Insert the scans not yet stored; return how many."""
    return cast("CursorResult[Any]", session.execute(_INSERT, rows)).rowcount
