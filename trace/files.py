"""Files by hash: evidence kept once, under the SHA-256 of its bytes, and never changed."""

import hashlib
from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import Base
from trace.errors import NotFoundError


class StoredFile(Base):
    """The bytes of one file."""

    __tablename__ = "stored_file"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    stored_at: Mapped[datetime]


def store_file(session: Session, content: bytes, media_type: str) -> str:
    """Keep a file and return its hash; the same bytes are kept once."""
    sha256 = hashlib.sha256(content).hexdigest()
    if session.get(StoredFile, sha256) is None:
        session.add(
            StoredFile(sha256=sha256, media_type=media_type, size=len(content), content=content, stored_at=clock.now())
        )
        session.flush()
    return sha256


def get_file(session: Session, sha256: str) -> StoredFile:
    """Return a file by its hash. Raises `NotFoundError`."""
    row = session.get(StoredFile, sha256)
    if row is None:
        raise NotFoundError(what="file", code=sha256)
    return row
