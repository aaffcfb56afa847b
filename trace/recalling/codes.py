"""Every code that a recall affects, computed from the ranges: a line for each position, in some hundred at a time."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy.orm import Session

from trace.db import Question
from trace.errors import NotFoundError
from trace.instance import get_instance
from trace.keys import KeyRing, KeyState, SerialKey
from trace.recalling.scope import LotInScope, PackInScope, Scope, Start, Stretch
from trace.serials import seal_many

COLUMNS = ("gtin", "lot", "serial", "position", "pack", "fate", "shipment", "buyer")
_AT_ONCE = 2000  # lines
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
    yield _row(COLUMNS) + "\r\n"
    for lot, pack in scope.packs:
        for stretch, one in _cut(pack, printed.get(pack.id, ())):
            yield from _lines(instance, (lot, pack), stretch, one.key if one else None)


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


def _lines(
    instance: str, where: tuple[LotInScope, PackInScope], stretch: Stretch, key: SerialKey | None
) -> Iterator[str]:
    lot, pack = where
    head = _row((pack.product.gtin, pack.label_lot)) + ","
    tail = "," + _row((lot.code, stretch.fate.value, stretch.shipment, stretch.buyer and stretch.buyer.code)) + "\r\n"
    for first in range(stretch.first, stretch.last + 1, _AT_ONCE):
        positions = range(first, min(first + _AT_ONCE, stretch.last + 1))
        if key is None:
            yield "".join([f"{head},{position}{tail}" for position in positions])
            continue
        serials = seal_many(key, instance, pack.product.gtin or "", pack.id, positions)
        yield "".join([f"{head}{serial},{position}{tail}" for serial, position in zip(serials, positions, strict=True)])


def _row(values: Sequence[str | None]) -> str:
    """Return cells as CSV, none of them a formula."""
    file = io.StringIO()
    cells = [f"'{value}" if value and value.startswith(_FORMULA) else value or "" for value in values]
    csv.writer(file, lineterminator="").writerow(cells)
    return file.getvalue()
