"""Files by hash: evidence kept once, under the SHA-256 of its bytes, never changed, and proved whenever it is read."""

import hashlib
from datetime import datetime

from sqlalchemy import LargeBinary, String, bindparam, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import Base, UTCDateTime
from trace.errors import NotFoundError, TraceError


class FileAlteredError(TraceError):
    """The bytes of a file are no longer those that were stored."""

    code = "file-altered"


class StoredFile(Base):
    """The bytes of one file."""

    __tablename__ = "stored_file"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    stored_at: Mapped[datetime]


# Two may store the same bytes at once; both engines know this clause.
_STORE = text(
    "INSERT INTO stored_file (sha256, media_type, size, content, stored_at) "
    "VALUES (:sha256, :media_type, :size, :content, :stored_at) ON CONFLICT (sha256) DO NOTHING"
).bindparams(bindparam("stored_at", type_=UTCDateTime()), bindparam("content", type_=LargeBinary()))


def store_file(session: Session, content: bytes, media_type: str) -> str:
    """Keep a file and return its hash; the same bytes are kept once."""
    sha256 = hashlib.sha256(content).hexdigest()
    values = {"sha256": sha256, "media_type": media_type, "size": len(content), "content": content}
    session.execute(_STORE, {**values, "stored_at": clock.now()})
    return sha256


def get_file(session: Session, sha256: str) -> StoredFile:
    """Return a file by its hash. Raises `NotFoundError`, and `FileAlteredError` where its bytes have another."""
    row = session.get(StoredFile, sha256)
    if row is None:
        raise NotFoundError(what="file", code=sha256)
    if hashlib.sha256(row.content).hexdigest() != sha256:
        raise FileAlteredError(file=sha256)
    return row
