"""Files stand under the hash of their bytes, once, for ever."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from trace import clock
from trace.db import Sessions
from trace.errors import NotFoundError
from trace.files import FileAlteredError, StoredFile, get_file, store_file


def test_the_same_bytes_are_kept_once(session: Session) -> None:
    content = "检验报告".encode()
    name = store_file(session, content, "application/pdf")
    assert store_file(session, content, "application/pdf") == name == hashlib.sha256(content).hexdigest()
    assert session.scalar(select(func.count()).select_from(StoredFile)) == 1
    assert get_file(session, name).content == content


def test_an_unknown_hash_is_not_found(session: Session) -> None:
    with pytest.raises(NotFoundError):
        get_file(session, "0" * 64)


def test_a_file_is_never_deleted(session: Session) -> None:
    name = store_file(session, b"report", "text/plain")
    with pytest.raises(DBAPIError):
        session.execute(delete(StoredFile).where(StoredFile.sha256 == name))


def test_two_that_store_the_same_bytes_at_once_both_succeed(fresh_sessions: Sessions) -> None:
    content = b"one report"

    def store() -> str:
        with fresh_sessions.write.begin() as session:
            return store_file(session, content, "application/pdf")

    with ThreadPoolExecutor(1) as pool:
        with fresh_sessions.write.begin() as session:
            first = store_file(session, content, "application/pdf")
            second = pool.submit(store)
        assert first == second.result() == hashlib.sha256(content).hexdigest()


def test_bytes_that_are_not_what_was_stored_are_not_read(session: Session) -> None:
    altered = StoredFile(sha256="0" * 64, media_type="text/plain", size=4, content=b"else", stored_at=clock.now())
    session.add(altered)
    session.flush()
    with pytest.raises(FileAlteredError):
        get_file(session, "0" * 64)
