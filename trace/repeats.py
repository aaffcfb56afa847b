"""Repeats: the answer to a write is kept under the key its sender gave it, so that a retry writes nothing twice."""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, ForeignKey, LargeBinary, String, bindparam, delete, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import Base, UTCDateTime
from trace.errors import ConflictError

KEPT = timedelta(days=180)


class KeyReusedError(ConflictError):
    """The key names an earlier request that asked for something else."""

    code = "key-reused"


class KeptAnswer(Base):
    """The first answer to a request; without a status while that request is at work."""

    __tablename__ = "kept_answer"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    request_sha256: Mapped[str] = mapped_column(String(64))
    kept_at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)


# Both engines know this clause. On PostgreSQL it waits for whoever is at work under the same key: when that one
# commits, nothing is inserted here; when it rolls back, this request takes its place.
_CLAIM = text(
    "INSERT INTO kept_answer (account_id, key, request_sha256, kept_at) "
    "VALUES (:account, :key, :request, :now) ON CONFLICT (account_id, key) DO NOTHING RETURNING key"
).bindparams(bindparam("now", type_=UTCDateTime()))


def claim(session: Session, account_id: int, key: str, request_sha256: str) -> KeptAnswer | None:
    """Take a key for this transaction, and return None; or return the answer that a former request left under it.

    Raises `KeyReusedError` when that request was another one.
    """
    now = clock.now()
    session.execute(
        delete(KeptAnswer).where(
            KeptAnswer.account_id == account_id, KeptAnswer.key == key, KeptAnswer.kept_at < now - KEPT
        )
    )
    values = {"account": account_id, "key": key, "request": request_sha256, "now": now}
    if session.execute(_CLAIM, values).first() is not None:
        return None
    kept = session.get_one(KeptAnswer, (account_id, key), populate_existing=True)
    if kept.request_sha256 != request_sha256:
        raise KeyReusedError(key=key)
    return kept


def keep(session: Session, account_id: int, key: str, answer: tuple[int, dict[str, str], bytes]) -> None:
    """Keep the answer to the request that took a key."""
    status, headers, body = answer
    session.execute(
        update(KeptAnswer)
        .where(KeptAnswer.account_id == account_id, KeptAnswer.key == key)
        .values(status=status, headers=headers, body=body)
    )


def forget_old(session: Session) -> int:
    """Delete the answers kept long enough, and return how many."""
    old = delete(KeptAnswer).where(KeptAnswer.kept_at < clock.now() - KEPT)
    return cast("CursorResult[Any]", session.execute(old)).rowcount
