"""Uses of keys: when each last opened a door. Who only reads must not write, so a spool takes them."""

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from trace.accounts import note_uses
from trace.spool import Spool, post_lines

EVERY = timedelta(hours=1)  # so exactly is the last use told; a line for each request would tell no more
_Use = tuple[int, datetime]


class UseSpool:
    """A process's end of the spool of uses: at most one line an hour for each key."""

    def __init__(self, directory: Path) -> None:
        self._spool = Spool(_folder(directory))
        self._lock = threading.Lock()
        self._noted: dict[int, datetime] = {}

    def note(self, key: int, used_at: datetime) -> bool:
        """Note that a key (by row id) was used, unless that was noted within the hour; return whether it was."""
        with self._lock:
            last = self._noted.get(key)
            if last is not None and used_at - last < EVERY:
                return False
            self._noted[key] = used_at
        self._spool.add({"key": key, "used_at": used_at.isoformat()})
        return True


def post_uses(sessions: sessionmaker[Session], directory: Path) -> int:
    """Post all uses spooled so far and return how many lines there were."""
    return post_lines(sessions, _folder(directory), _read, _post)


def _folder(directory: Path) -> Path:
    """Return the folder beside the scans, whose files are posted apart."""
    return directory / "key-uses"


def _read(line: dict[str, Any]) -> _Use:
    return int(line["key"]), datetime.fromisoformat(line["used_at"])


def _post(session: Session, uses: Sequence[_Use]) -> int:
    latest: dict[int, datetime] = {}
    for key, used_at in uses:
        latest[key] = max(used_at, latest.get(key, used_at))
    note_uses(session, latest)
    return len(uses)
