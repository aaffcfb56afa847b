"""Scans: someone read a label, and what we told them. A spool on disk takes them; a batch posts them.

A reader never writes to the database, so each process appends its scans to a file of its own: one line, one write, no
fsync. A killed process loses nothing, a power cut up to what the system had not yet written out. The worker takes a
file away by renaming it, posts it, and deletes it. A line posted twice counts once, since it carries the id under which
its scan is stored: a worker may be killed before it could delete, and a writer that finds its file taken writes again.
"""

import contextlib
import itertools
import json
import os
import secrets
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import CursorResult, ForeignKey, Index, String, bindparam, text
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from trace.db import Base, BigId, UTCDateTime

BATCH = 500
_OPEN, _TAKEN = ".open", ".taken"  # being written; being posted


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
    """A process's end of the spool. After a fork the child opens a file of its own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        self._process = 0
        self._handle = -1
        self._path = directory
        self._prefix = ""
        self._numbers = itertools.count()

    def add(self, seen: Seen) -> str:
        """Append a scan and return its id. No kill of this process loses it once this returns."""
        with self._lock:
            if self._process != os.getpid():
                self._start()
            spool_id = f"{self._prefix}{next(self._numbers):012x}"
            line = json.dumps({"spool_id": spool_id, **vars(seen), "scanned_at": seen.scanned_at.isoformat()})
            while not self._append(f"\n{line}\n".encode()):  # set off from what a full disk may have cut short
                os.close(self._handle)
                self._start()
        return spool_id

    def _start(self) -> None:
        """Begin a file under a name that was never used before."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._process = os.getpid()
        self._prefix = secrets.token_hex(10)  # 80 bits, and 48 for the number: 32 characters
        self._numbers = itertools.count()
        self._path = self._directory / f"{self._prefix}{_OPEN}"
        self._handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def _append(self, line: bytes) -> bool:
        """Write a line and tell whether it is sure to be read; else it must be written again.

        Who takes a file away renames it before reading it. A name still there after the write means that the reading
        is yet to come; a name that is gone, that it may have been over.
        """
        return os.write(self._handle, line) == len(line) and os.path.exists(self._path)


def post_spool(sessions: sessionmaker[Session], directory: Path) -> int:
    """Post all scans spooled so far and return how many were new. May run in several processes, and be killed."""
    posted = 0
    for path in take_spool(directory):
        with path.open("rb") as lines:
            for rows in _bundles(lines):
                with sessions.begin() as session:
                    posted += _post(session, rows)
        path.unlink(missing_ok=True)  # another worker may have posted and deleted it
    return posted


def take_spool(directory: Path) -> list[Path]:
    """Take the files away from their writers; return them with those a killed worker left behind."""
    for path in directory.glob(f"*{_OPEN}"):
        with contextlib.suppress(FileNotFoundError):  # another worker was faster
            path.rename(path.with_suffix(_TAKEN))
    return sorted(directory.glob(f"*{_TAKEN}"))


def _bundles(lines: Iterable[bytes]) -> Iterator[Sequence[dict[str, Any]]]:
    """Read lines, a batch at a time; what a power cut tore off is no line."""
    rows = filter(None, map(_read, lines))
    while batch := list(itertools.islice(rows, BATCH)):
        yield batch


def _read(line: bytes) -> dict[str, Any] | None:
    """Read one line; one that an earlier version wrote may lack what is optional, and none may stop the rest."""
    try:
        row: dict[str, Any] = json.loads(line)
        known = {"spool_id": row["spool_id"], "verdict": row["verdict"]}
        return {**_OPTIONAL, **row, **known, "scanned_at": datetime.fromisoformat(row["scanned_at"])}
    except (ValueError, TypeError, KeyError):
        return None


def _post(session: Session, rows: Sequence[dict[str, Any]]) -> int:
    """Insert the scans not yet stored; return how many."""
    return cast("CursorResult[Any]", session.execute(_INSERT, rows)).rowcount
