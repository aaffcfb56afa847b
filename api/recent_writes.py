"""Who wrote a moment ago reads from the primary: a replica may not show it yet (`docs/operating.md`).

The processes of one `flask serve` know it of each other: it makes the application before it forks.
"""

import mmap
import time
import zlib
from collections.abc import Callable

_SLOTS = 4096  # keys that share one read from the primary a little more often; nothing worse
_BYTES = 8  # of a double


class RecentWrites:
    """When each key last wrote, in memory that all processes forked from the one that made this share.

    They share the machine's monotonic clock too. Another machine, or a process that was not forked so, knows nothing of
    it.
    """

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._moments = memoryview(mmap.mmap(-1, _BYTES * _SLOTS)).cast("d")

    def note(self, key: str | None) -> None:
        """Note that a transaction of this key was committed."""
        if key:
            self._moments[_slot(key)] = self._seconds()

    def has(self, key: str | None, within_s: float) -> bool:
        """Return whether this key wrote not so many seconds ago."""
        return bool(key) and self._seconds() - self._moments[_slot(key or "")] <= within_s


def _slot(key: str) -> int:
    return zlib.crc32(key.encode("utf-8", "surrogateescape")) % _SLOTS
