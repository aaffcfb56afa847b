"""Every code that a recall affects, computed from the ranges: a line for each position, in some hundred at a time."""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy.orm import Session

from trace.db import Question
from trace.errors import NotFoundError
from trace.instance import get_instance
from trace.keys import KeyRing, KeyState, SerialKey
from trace.recalling.scope import PackInScope, Scope, Start, Stretch
from trace.serials import seal_many

COLUMNS = ("gtin", "lot", "serial", "position", "pack", "fate", "shipment", "buyer")
_AT_ONCE = 2000  # lines
_QUOTE = '"'
__QUOTED = frozenset(f"{_QUOTE},\r\n")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would take a cell that begins so for a formula
_PRINTED = """
WITH RECURSIVE root(id) AS ({start}), walk(id) AS (
  SELECT id FROM root
  UNION
  SELECT e.child_id FROM walk CROSS JOIN lineage_edge e WHERE e.parent_id = walk.id
)
SELECT j.pack_id, j.first_position, j.last_position, j.key_id
FROM pack k CROSS JOIN label_job j
WHERE k.lot_id AMONG (SELECT id FROM walk) AND j.pack_id = k.id
ORDER BY j.pack_id, j.first_position
"""


class Printed(NamedTuple):
    """Positions printed under one key."""

    first: int
    last: int
    key: SerialKey | None  # none that may make it again: such a code is told as forged anyway


@lru_cache(maxsize=64)
def _question(start: str) -> Question:
    return Question(_PRINTED.format(start=start))


def find_printed(session: Session, start: Start, keys: KeyRing) -> Mapping[int, Sequence[Printed]]:
    """Return by pack what was printed, with its key. One statement. Raises `NotFoundError` for a key not at hand."""
    found: dict[int, list[Printed]] = defaultdict(list)
    for pack, first, last, key_id in _question(start.sql).ask_all(session, start.values):
        key = keys.find(key_id)
        if key is None:
            raise NotFoundError(what="serial-key", code=key_id)
        found[pack].append(Printed(first, last, None if key.state is KeyState.DISTRUSTED else key))
    return found


def write_codes(session: Session, scope: Scope, printed: Mapping[int, Sequence[Printed]]) -> Iterator[str]:
    """Yield every affected code as CSV (RFC 4180): head first; a position never printed has no serial."""
    instance = get_instance(session).name
    yield ",".join(COLUMNS) + "\r\n"
    for lot, pack in scope.packs:
        head = f"{_cell(pack.product.gtin)},{_cell(pack.label_lot)},"
        job, serials = None, _none()
        for stretch, one in _cut(pack, printed.get(pack.id, ())):
            if one is not job:
                job, serials = one, _serials(instance, pack, stretch.first, one)
            buyer = stretch.buyer.code if stretch.buyer else None
            tail = f",{_cell(lot.code)},{stretch.fate},{_cell(stretch.shipment)},{_cell(buyer)}\r\n"
            for first in range(stretch.first, stretch.last + 1, _AT_ONCE):
                positions = range(first, min(first + _AT_ONCE, stretch.last + 1))
                # The positions first: when they end, no serial is taken that belongs to the next stretch.
                pairs = zip(positions, serials, strict=False)
                yield "".join([f"{head}{serial},{position}{tail}" for position, serial in pairs])


def _serials(instance: str, pack: PackInScope, first: int, job: Printed | None) -> Iterator[str]:
    """Return the serials of a print job from a position on; of what was not printed, none for each."""
    if job is None or job.key is None:
        return _none()
    return seal_many(job.key, instance, pack.product.gtin or "", pack.id, range(first, job.last + 1))


def _none() -> Iterator[str]:
    return itertools.repeat("")


def _cut(pack: PackInScope, printed: Sequence[Printed]) -> Iterator[tuple[Stretch, Printed | None]]:
    """Yield stretches cut where a print job ends, each with the job that printed it."""
    jobs = iter(printed)
    job = next(jobs, None)
    for stretch in pack.stretches:
        first = stretch.first
        while first <= stretch.last:
            while job and job.last < first:
                job = next(jobs, None)
            inside = job is not None and job.first <= first
            end = job.last if job and inside else job.first - 1 if job else stretch.last
            last = min(stretch.last, end)
            yield stretch._replace(first=first, last=last), job if inside else None
            first = last + 1


def _cell(value: str | None) -> str:
    """Return a value as a cell, none of which is a formula."""
    if value is None:
        return ""
    if value.startswith(_FORMULA):
        value = f"'{value}"
    return f'"{value.replace(_QUOTE, _QUOTE * 2)}"' if __QUOTED.intersection(value) else value
