"""The last use of a key reaches the database by the spool: at most a line an hour, and never backwards."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from trace.accounts import ApiKey, Role, create_key
from trace.db import Sessions
from trace.key_uses import EVERY, UseSpool, post_uses

AT = datetime(2026, 4, 20, 8, 0, tzinfo=UTC)


@pytest.fixture
def key(fresh_sessions: Sessions) -> int:
    """A key, by row id."""
    with fresh_sessions.write.begin() as session:
        create_key(session, None, Role.OPERATOR)
        return session.scalars(select(ApiKey.id)).one()


def last_use(sessions: Sessions) -> datetime | None:
    """Return when the only key was last used."""
    with sessions.read() as session:
        return session.scalars(select(ApiKey.last_used_at)).one()


def test_a_key_is_noted_once_an_hour(tmp_path: Path) -> None:
    spool = UseSpool(tmp_path)
    moments = [AT, AT + EVERY / 2, AT + EVERY, AT + EVERY * 1.5]
    assert [spool.note(1, moment) for moment in moments] == [True, False, True, False]
    assert spool.note(2, AT)


def test_the_worker_posts_the_latest_use(fresh_sessions: Sessions, key: int, tmp_path: Path) -> None:
    spool = UseSpool(tmp_path)
    for moment in (AT + EVERY, AT + 3 * EVERY):
        spool.note(key, moment)
    UseSpool(tmp_path).note(key, AT + 2 * EVERY)  # another process
    assert post_uses(fresh_sessions.write, tmp_path) == 3
    assert last_use(fresh_sessions) == AT + 3 * EVERY
    assert post_uses(fresh_sessions.write, tmp_path) == 0


def test_an_older_use_posted_late_changes_nothing(fresh_sessions: Sessions, key: int, tmp_path: Path) -> None:
    for moment in (AT, AT - timedelta(days=1)):
        UseSpool(tmp_path).note(key, moment)
        post_uses(fresh_sessions.write, tmp_path)
    assert last_use(fresh_sessions) == AT


def test_a_use_of_a_key_that_a_restored_database_lacks_stops_nothing(
    fresh_sessions: Sessions, key: int, tmp_path: Path
) -> None:
    spool = UseSpool(tmp_path)
    spool.note(key + 1, AT)
    spool.note(key, AT)
    assert post_uses(fresh_sessions.write, tmp_path) == 2
    assert last_use(fresh_sessions) == AT
