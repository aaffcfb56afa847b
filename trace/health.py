"""Health: what must be well before this installation takes work, part by part, and what there is of everything."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from trace import clock
from trace.errors import TraceError
from trace.events.tables import Sequencer, Unsequenced
from trace.keys import load_keys
from trace.label_jobs import labels_exist
from trace.scans import Scan

OLDEST_HEARTBEAT = timedelta(seconds=60)
_HEARTBEAT = "worker-heartbeat"


def beat(directory: Path, when: datetime) -> None:
    """Say that the worker is alive: one small file, replaced whole."""
    directory.mkdir(parents=True, exist_ok=True)
    draft = directory / f".{_HEARTBEAT}-{os.getpid()}"
    draft.write_text(when.isoformat(), encoding="ascii")
    draft.replace(directory / _HEARTBEAT)


def find_heartbeat(directory: Path) -> datetime | None:
    """Return when a worker was last alive, if ever."""
    try:
        return datetime.fromisoformat((directory / _HEARTBEAT).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def check(session: Session, keys_directory: Path, directory: Path) -> dict[str, str]:
    """Return for each part `ok` or the code of what is wrong with it; `directory` is where the worker beats."""
    return {
        "database": _outcome(lambda: _reach(session)),
        "migrations": _outcome(lambda: _migrated(session)),
        "keys": _outcome(lambda: check_keys(session, keys_directory)),
        "worker": _worker(directory),
    }


def check_keys(session: Session, directory: Path) -> str:
    """Return `ok`, or raise what is wrong with the keys. Before the first label there may be none."""
    if labels_exist(session):
        load_keys(directory)
    return "ok"


def _outcome(part: Callable[[], str]) -> str:
    try:
        return part()
    except TraceError as refusal:
        return refusal.code
    except SQLAlchemyError:
        return "not-checked"


def _reach(session: Session) -> str:
    try:
        session.execute(select(1))
    except SQLAlchemyError:
        return "database-unreachable"
    return "ok"


def _migrated(session: Session) -> str:
    from trace.migrate import is_current  # noqa: PLC0415 -- Alembic only where it is asked

    return "ok" if is_current(session.connection()) else "migrations-behind"


def _worker(directory: Path) -> str:
    last = find_heartbeat(directory)
    return "ok" if last is not None and clock.now() - last <= OLDEST_HEARTBEAT else "worker-silent"


def count_records(session: Session) -> dict[str, int]:
    """Return how many events have a position, how many wait for one, and how many scans are posted."""
    return {
        "events": session.scalar(select(Sequencer.last_position)) or 0,
        "unsequenced": session.scalar(select(func.count()).select_from(Unsequenced)) or 0,
        "scans": session.scalar(select(func.count()).select_from(Scan)) or 0,
    }
