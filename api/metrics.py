"""Counters for `/metrics`, in memory that worker processes share: each writes its own row, a reader adds them up.

The text is Prometheus' exposition format, version 0.0.4.
"""

import mmap
import os
import struct
import threading
from collections.abc import Iterator

METHODS = ("read", "write")
CLASSES = (1, 2, 3, 4, 5)
BOUNDS_S = (0.005, 0.02, 0.1, 0.5, 2.0)  # answers slower than the last are in +Inf
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_ROWS = 64  # processes with the same row may lose a count to each other; nothing worse
_COUNTS = len(METHODS) * len(CLASSES)
_ROW = struct.Struct(f"{_COUNTS + len(BOUNDS_S) + 2}d")  # … then buckets, +Inf, seconds


class Metrics:
    """Requests answered and how long they took, by all processes forked from the one that made this."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _ROW.size * _ROWS)
        self._lock = threading.Lock()

    def count(self, *, reading: bool, status: int, seconds: float) -> None:
        """Count one answer."""
        at = _ROW.size * (os.getpid() % _ROWS)
        kind = METHODS.index("read" if reading else "write")
        bucket = next((place for place, bound in enumerate(BOUNDS_S) if seconds <= bound), len(BOUNDS_S))
        with self._lock:
            row = list(_ROW.unpack_from(self._memory, at))
            row[kind * len(CLASSES) + CLASSES.index(min(max(status // 100, 1), 5))] += 1
            row[_COUNTS + bucket] += 1
            row[-1] += seconds
            _ROW.pack_into(self._memory, at, *row)

    def lines(self) -> Iterator[str]:
        """Return the counters as text, a line each."""
        total = [sum(column) for column in zip(*_ROW.iter_unpack(self._memory[:]), strict=True)]
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
