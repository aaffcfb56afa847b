"""A spool: lines on disk that one process after another adds to and the worker posts, for whoever must not write.

Each process appends to a file of its own: one line, one write, no fsync. A killed process loses nothing, a power cut
up to what the system had not yet written out. The worker takes a file away by renaming it, posts it, and deletes it.
A line may be posted twice, since a worker may be killed before it could delete, and a writer that finds its file taken
writes again: posting must bear that.
"""

import contextlib
import itertools
import json
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.orm import Session, sessionmaker

BATCH = 500
_OPEN, _TAKEN = ".open", ".taken"  # being written; being posted
_Row = TypeVar("_Row")


class Spool:
    """A process's end of a spool. After a fork the child opens a file of its own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        self._process = 0
        self._handle = -1
        self._path = directory
        self._prefix = ""
        self._numbers = itertools.count()

    def add(self, facts: Mapping[str, object]) -> str:
        """Append a line and return the id it carries. No kill of this process loses it once this returns."""
        with self._lock:
            if self._process != os.getpid():
                self._start()
            spool_id = f"{self._prefix}{next(self._numbers):012x}"
            line = json.dumps({"spool_id": spool_id, **facts})
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


def post_lines(
    sessions: sessionmaker[Session],
    directory: Path,
    read: Callable[[dict[str, Any]], _Row],
    post: Callable[[Session, Sequence[_Row]], int],
) -> int:
    """Post all lines spooled so far, a batch in a transaction, and return the sum of what `post` returned.

    What a power cut tore off, and what `read` cannot use (`ValueError`, `TypeError`, `KeyError`), is left out. May run
    in several processes, and be killed.
    """
    posted = 0
    for path in take_spool(directory):
        with path.open("rb") as lines:
            rows = _readable(lines, read)
            while batch := list(itertools.islice(rows, BATCH)):
                with sessions.begin() as session:
                    posted += post(session, batch)
        path.unlink(missing_ok=True)  # another worker may have posted and deleted it
    return posted


def _readable(lines: Iterator[bytes], read: Callable[[dict[str, Any]], _Row]) -> Iterator[_Row]:
    for line in lines:
        try:
            yield read(json.loads(line))
        except (ValueError, TypeError, KeyError):
            continue


def take_spool(directory: Path) -> list[Path]:
    """Take the files away from their writers; return them with those a killed worker left behind."""
    for path in directory.glob(f"*{_OPEN}"):
        with contextlib.suppress(FileNotFoundError):  # another worker was faster
            path.rename(path.with_suffix(_TAKEN))
    return sorted(directory.glob(f"*{_TAKEN}"))
