"""Counters for `/metrics`, in memory that worker processes share: each writes its own row, a reader adds them up.

The text is Prometheus' exposition format, version 0.0.4.
"""

import mmap
import os
import threading
from bisect import bisect_left
from collections.abc import Iterator

METHODS = ("read", "write")
CLASSES = (1, 2, 3, 4, 5)
BOUNDS_S = (0.005, 0.02, 0.1, 0.5, 2.0)  # answers slower than the last are in +Inf
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_ROWS = 64  # processes with the same row may lose a count to each other; nothing worse
_COUNTS = len(METHODS) * len(CLASSES)
_ROW = _COUNTS + len(BOUNDS_S) + 2  # numbers: the counts, then buckets, +Inf, seconds
_BYTES = 8  # of a double, in which whole numbers stay exact up to 2**53


class Metrics:
    """Requests answered and how long they took, by all processes forked from the one that made this."""

    def __init__(self) -> None:
        self._numbers = memoryview(mmap.mmap(-1, _BYTES * _ROW * _ROWS)).cast("d")
        self._lock = threading.Lock()

    def count(self, *, reading: bool, status: int, seconds: float) -> None:
        """Count one answer."""
        row = _ROW * (os.getpid() % _ROWS)
        count = (0 if reading else len(CLASSES)) + min(max(status // 100, 1), 5) - 1
        with self._lock:
            self._numbers[row + count] += 1
            self._numbers[row + _COUNTS + bisect_left(BOUNDS_S, seconds)] += 1
            self._numbers[row + _ROW - 1] += seconds

    def lines(self) -> Iterator[str]:
        """Return the counters as text, a line each."""
        total = [sum(self._numbers[place::_ROW]) for place in range(_ROW)]
        yield "# TYPE chasu_requests_total counter"
        for kind, method in enumerate(METHODS):
            for place, status in enumerate(CLASSES):
                value = total[kind * len(CLASSES) + place]
                yield f'chasu_requests_total{{method="{method}",status="{status}xx"}} {value:.0f}'
        yield "# TYPE chasu_request_seconds histogram"
        reached = 0.0
        for bound, value in zip((*BOUNDS_S, "+Inf"), total[_COUNTS:-1], strict=True):
            reached += value
            yield f'chasu_request_seconds_bucket{{le="{bound}"}} {reached:.0f}'
        yield f"chasu_request_seconds_sum {total[-1]:.6f}"
        yield f"chasu_request_seconds_count {reached:.0f}"
