"""Rate limits: so many requests a minute for each key holder, by a bucket for each that all processes share.

The buckets lie in a file without a name that is mapped into memory before `flask serve` forks, each behind a lock on
its bytes: the system lets go of it when its process dies. A server that makes the application in each process counts
for each.
"""

import contextlib
import fcntl
import mmap
import os
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator

_MINUTE_S = 60
_SLOTS = 65_536  # holders beyond as many share a bucket
_BUCKET = struct.Struct("dd")  # tokens taken, and when they were counted; all zero: none yet


class RateLimits:
    """The buckets. One is full at first, and fills again evenly within a minute."""

    def __init__(self, per_minute: int, seconds: Callable[[], float] = time.monotonic) -> None:
        self._most = float(per_minute)
        self._seconds = seconds
        self._lock = threading.Lock()
        if per_minute:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 -- open as long as this lives
            os.truncate(self._file.fileno(), _SLOTS * _BUCKET.size)
            self._buckets = mmap.mmap(self._file.fileno(), _SLOTS * _BUCKET.size)

    def take(self, holder: int) -> float:
        """Take one token and return 0; or, where none is left, return in how many seconds there will be one."""
        if not self._most:
            return 0
        with self._held(holder % _SLOTS * _BUCKET.size) as place:
            taken, counted = _BUCKET.unpack_from(self._buckets, place)
            now = self._seconds()
            taken = max(0.0, taken - (now - counted) * self._most / _MINUTE_S)
            passes = taken <= self._most - 1
            _BUCKET.pack_into(self._buckets, place, taken + passes, now)
        return 0 if passes else (taken - (self._most - 1)) * _MINUTE_S / self._most

    @contextlib.contextmanager
    def _held(self, place: int) -> Iterator[int]:
        """Keep a bucket from the other threads, and from the other processes, each of which locks for itself."""
        with self._lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX, _BUCKET.size, place)
            try:
                yield place
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, _BUCKET.size, place)
