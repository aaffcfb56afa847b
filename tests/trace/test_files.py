"""Files stand under the hash of their bytes, once, for ever."""

import hashlib

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from trace.errors import NotFoundError
from trace.files import StoredFile, get_file, store_file


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
