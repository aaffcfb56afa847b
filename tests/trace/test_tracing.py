"""Tracing over random histories in the database: what an exact reference says, whole, within bounds; holds reach all.

The reference lists every path, in fractions (`test_mixing.py`), over a copy of what the tables hold.
"""

import contextlib
import math
from collections import defaultdict

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import make_finding, make_recall
from tests.histories import Driver
from tests.proofs import tries
from tests.trace.test_mixing import Garden, near, reference_back, reference_forward
from trace.db import Sessions
from trace.holds import LotHold, RecalledLot
from trace.lineage import LineageEdge
from trace.lots import Lot
from trace.mixing import Edge
from trace.permits import LotRefusedError
from trace.tracing import Direction, Trace, trace_lot

SEEDS = range(1, 1 + tries(3, 100))
STEPS = tries(45, 90)
MOST_PATHS = 2_000  # the reference walks each


def copy_of(session: Session) -> Garden:
    """Return what the tables hold of lots and edges, read plainly."""
    garden = Garden()
    for lot, initial_g in session.execute(select(Lot.id, Lot.initial_g).order_by(Lot.id)):
        garden.initial_g[lot] = initial_g
    edges = select(LineageEdge.parent_id, LineageEdge.child_id, LineageEdge.event_id, LineageEdge.mass_g)
    garden.edges = [Edge(parent, child, str(event), mass_g) for parent, child, event, mass_g in session.execute(edges)]
    return garden


def reached(garden: Garden, start: int, direction: Direction) -> set[int]:
    """Return a lot and all those it was made of, or all made of it, by looking at every edge again and again."""
    found, grown = {start}, True
    while grown:
        before = len(found)
        for edge in garden.edges:
            near_lot, far_lot = (edge.child, edge.parent) if direction is Direction.BACK else (edge.parent, edge.child)
            if near_lot in found:
                found.add(far_lot)
        grown = len(found) > before
    return found


def paths(garden: Garden, start: int, direction: Direction) -> int:
    """Return how many ways lead from a lot to its ends."""
    ways: dict[int, int] = defaultdict(int, {start: 1})
    ends = 0
    for lot in sorted(reached(garden, start, direction), reverse=direction is Direction.BACK):
        edges = garden.inputs(lot) if direction is Direction.BACK else garden.outputs(lot)
        ends += 0 if edges else ways[lot]
        for edge in edges:
            ways[edge.parent if direction is Direction.BACK else edge.child] += ways[lot]
    return ends


def check_whole(trace: Trace) -> None:
    """Hold a trace against what must be true of any: shares within their bounds, that sum to 1."""
    assert math.isclose(sum(end.share for end in trace.ends), 1, abs_tol=1e-6)
    assert all(0 <= end.lower <= end.share <= end.upper <= 1 for end in trace.ends)
    assert all(end.mass_g >= 0 for end in trace.ends)
    if trace.direction is Direction.BACK:
        assert sum(end.mass_g for end in trace.ends) == trace.lot.initial_g


def check_against_reference(trace: Trace, garden: Garden) -> None:
    """Hold a trace against the sum over all paths in exact fractions."""
    lot, ends = trace.lot.id, {end.node.id: (end.share, end.lower, end.upper) for end in trace.ends}
    if trace.direction is Direction.BACK:
        wanted = {
            end: (share, min(lower, share), max(upper, share))
            for end, (share, lower, upper, _) in reference_back(garden, lot).items()
        }
    else:
        wanted = reference_forward(garden, lot)
    assert set(ends) == set(wanted)
    assert all(all(map(near, ends[end], wanted[end])) for end in wanted)


@pytest.mark.prove
@pytest.mark.parametrize("seed", SEEDS)
def test_every_trace_of_any_history_is_what_the_sum_over_all_paths_says(fresh_sessions: Sessions, seed: int) -> None:
    driver = Driver(fresh_sessions, seed)
    for _ in range(STEPS):
        driver.step()
    driver.compare()
    with fresh_sessions.read() as session:
        garden = copy_of(session)
        for lot in [lot for lot, initial_g in garden.initial_g.items() if initial_g]:
            for direction in Direction:
                trace = trace_lot(session, lot, direction)
                assert set(trace.nodes) == reached(garden, lot, direction)
                check_whole(trace)
                if paths(garden, lot, direction) <= MOST_PATHS:
                    check_against_reference(trace, garden)


@pytest.mark.prove
@pytest.mark.parametrize("seed", SEEDS)
def test_a_hold_and_a_recall_reach_all_that_was_made_before_and_since(fresh_sessions: Sessions, seed: int) -> None:
    driver = Driver(fresh_sessions, seed)
    for _ in range(STEPS // 2):
        driver.step()
    chosen = driver.chance.choice(sorted(lot for lot, mass_g in driver.model.grams.items() if mass_g > 0))
    with fresh_sessions.write.begin() as session:
        lot = session.get_one(Lot, chosen)
        finding, recall = make_finding(session, lot=lot).id, make_recall(session, lot=lot).id
    for _ in range(STEPS // 2):
        with contextlib.suppress(LotRefusedError):  # held tea is not packed or sold
            driver.step()
    with fresh_sessions.read() as session:
        made_of_it = reached(copy_of(session), chosen, Direction.FORWARD)
        assert made_of_it <= set(session.scalars(select(LotHold.lot_id).where(LotHold.finding_id == finding)))
        assert made_of_it <= set(session.scalars(select(RecalledLot.lot_id).where(RecalledLot.recall_id == recall)))
