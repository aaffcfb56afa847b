"""Limits: so many requests a minute for each key holder. A bucket of tokens for each, in the memory of each process."""

import threading
import time
from collections.abc import Callable

_MINUTE_S = 60


class Limits:
    """The buckets of one process. One is full at first, and fills again evenly within a minute.

    Holders are known accounts, so there are never more buckets than accounts.
    """

    def __init__(self, per_minute: int, seconds: Callable[[], float] = time.monotonic) -> None:
        self._most = float(per_minute)
        self._seconds = seconds
        self._lock = threading.Lock()
        self._buckets: dict[int, tuple[float, float]] = {}  # holder → tokens left, and when they were counted

    def take(self, holder: int) -> float:
        """Take one token and return 0; or, where none is left, return in how many seconds there will be one."""
        if not self._most:
            return 0
        with self._lock:
            now = self._seconds()
            left, counted = self._buckets.get(holder, (self._most, now))
            left = min(self._most, left + (now - counted) * self._most / _MINUTE_S)
            passes = left >= 1
            self._buckets[holder] = (left - passes, now)
        return 0 if passes else (1 - left) * _MINUTE_S / self._most
