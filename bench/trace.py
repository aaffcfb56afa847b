"""Trace back and forward beside the raw driver's recursive query, over a season of a million lots.

    python -m bench.trace [--quick] [--lots N] [--keep DIR] [--url URL]

Ours is `trace_lot` whole: every lot and edge, shares and bounds. The anchor is one recursive query by the driver that
brings whole lot rows, without edges, events, parties, plots or villages.
"""

import argparse
import contextlib
import random
import sqlite3
import statistics
from collections.abc import Callable, Iterator, Sequence

import psycopg
from sqlalchemy import Engine, make_url, select
from sqlalchemy.orm import Session

from bench.measure import compare, in_turn, judge, ratio, show
from bench.season import asked_for, file_url, open_season
from trace.db import Sessions
from trace.lots import Lot, LotKind
from trace.tracing import Direction, trace_lot

_WALK = """
WITH RECURSIVE walk(id) AS (
  SELECT CAST({mark} AS BIGINT) UNION SELECT e.{far} FROM walk JOIN lineage_edge e ON e.{near} = walk.id
)
"""
_ENDS = {Direction.BACK: ("child_id", "parent_id"), Direction.FORWARD: ("parent_id", "child_id")}
_LOTS = "SELECT lot.* FROM walk JOIN lot ON lot.id = walk.id"
OURS, RAW = "trace_lot", "raw driver, lot rows"  # these two alone: a third would warm or cool what they find
Ask = Callable[[int], object]


@contextlib.contextmanager
def raw_driver(engine: Engine) -> Iterator[Callable[[str, Sequence[object]], list[tuple[object, ...]]]]:
    """Yield a function that runs a statement by the driver alone."""
    url = make_url(str(engine.url.render_as_string(hide_password=False)))
    if url.get_backend_name() == "sqlite":
        connection = sqlite3.connect(str(url.database))
        connection.execute("BEGIN")
        yield lambda sql, values: connection.execute(sql, values).fetchall()
        connection.close()
        return
    with psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False)) as server:
        yield lambda sql, values: server.execute(sql.encode(), values).fetchall()


def subjects(
    session: Session, run: Callable[[str, Sequence[object]], list[tuple[object, ...]]], direction: Direction
) -> dict[str, Ask]:
    """Return ours and the raw query, each a function of a lot's row id."""
    near, far = _ENDS[direction]
    mark = "?" if session.get_bind().dialect.name == "sqlite" else "%s"
    walk = _WALK.format(near=near, far=far, mark=mark)
    return {OURS: lambda lot: trace_lot(session, lot, direction), RAW: lambda lot: run(walk + _LOTS, (lot,))}


def roots(session: Session, direction: Direction, count: int) -> list[int]:
    """Return lots to trace: packed ones back, pickings forward; always the same of the same season."""
    kind = LotKind.PACKED if direction is Direction.BACK else LotKind.LEAF
    ids = list(session.scalars(select(Lot.id).where(Lot.kind == kind).order_by(Lot.id)))
    chosen = random.Random(1).sample(ids, min(count, len(ids)))  # noqa: S311 -- the same roots each time, no secret
    _check_same(session, chosen[:20], direction)
    return chosen


def _check_same(session: Session, lots: Sequence[int], direction: Direction) -> None:
    """Make sure that ours and the raw query find the same lots."""
    with raw_driver(session.get_bind().engine) as run:
        raw = subjects(session, run, direction)[RAW]
        for lot in lots:
            found = raw(lot)
            assert isinstance(found, list)
            assert sorted(row[0] for row in found) == sorted(trace_lot(session, lot, direction).nodes)


def measure(sessions: Sessions, direction: Direction, options: argparse.Namespace) -> bool:
    """Run ours and the raw query in turn; print the table; tell whether the bars are reached."""
    with sessions.read() as session, raw_driver(session.get_bind().engine) as run:
        cases = roots(session, direction, options.roots)
        sizes = sorted(len(trace_lot(session, lot, direction).nodes) for lot in cases)
        found = in_turn(subjects(session, run, direction), cases, rounds=options.rounds)
    engine = sessions.read.kw["bind"].dialect.name
    median, largest = sizes[len(sizes) // 2], sizes[-1]
    show(f"trace {direction} on {engine}, {len(cases)} lots, {median} lots met (most {largest})", compare(found, RAW))
    name = f"trace {direction}, {engine}"
    fast = judge(f"{name}, p50 x raw", ratio(found[OURS], found[RAW], 50), 2, 1.3)
    return judge(f"{name}, p99 x raw", ratio(found[OURS], found[RAW], 99), 3, 1.5) and fast


def compare_scales(large: Sessions, small: Sessions, options: argparse.Namespace) -> bool:
    """Trace in a large and in a small season in turn: time follows the answer, not the table."""
    with large.read() as here, small.read() as there:
        pairs = list(
            zip(roots(here, Direction.BACK, options.roots), roots(there, Direction.BACK, options.roots), strict=True)
        )
        asks: dict[str, Callable[[tuple[int, int]], object]] = {
            "large": lambda pair: trace_lot(here, pair[0], Direction.BACK),
            "small": lambda pair: trace_lot(there, pair[1], Direction.BACK),
        }
        found = in_turn(asks, pairs, rounds=options.rounds)
        lots = [
            [len(trace_lot(session, pair[place], Direction.BACK).nodes) for pair in pairs]
            for place, session in enumerate((here, there))
        ]
    show("trace back, a large season beside a small one", compare(found, "small"))
    each = statistics.median(
        sum(one) / sum(other) for one, other in zip(found["large"].wall, found["small"].wall, strict=True)
    )
    return judge("time for each lot met, large season over small", each * sum(lots[1]) / sum(lots[0]), 2, 1.3)


def main() -> None:
    """Build or reuse the seasons, measure, and fail when a bar is missed."""
    with asked_for(__doc__, roots=300, rounds=6) as (options, folder, lots):
        large = open_season(options.url or file_url(folder, lots), lots)
        reached = [measure(large, direction, options) for direction in Direction]
        if not options.url:
            small = open_season(file_url(folder, lots // 20), lots // 20)
            reached.append(compare_scales(large, small, options))
            small.dispose()
        large.dispose()
    raise SystemExit(0 if all(reached) else 1)


if __name__ == "__main__":
    main()
