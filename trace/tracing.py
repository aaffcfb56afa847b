"""Trace back and forward: the ends, the edges, shares by perfect mixing and the bounds that hold for any mixing.

`docs/tracing.md` gives the arithmetic. One recursive query brings lots and edges; the rest is a walk in memory.
"""

from collections.abc import Sequence
from enum import StrEnum
from functools import partial
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy.orm import Session

from trace.db import Question
from trace.mixing import End, Node, weigh_destinations, weigh_sources


class Direction(StrEnum):
    """Which way to walk."""

    BACK = "back"
    FORWARD = "forward"


class Trace(NamedTuple):
    """The answer: ends first to last by share, every lot met by row id, and every edge, with the lot it leads to."""

    lot: Node
    direction: Direction
    ends: Sequence[End]
    edges: Sequence[Node]
    nodes: dict[int, Node]


# Each row is an edge with the lot at its far end, in the order of `Node`; the lot traced comes last, without an edge.
# SQLite takes the tables of a CROSS JOIN in the order written; else it reads all edges of a small town, to find a few.
_WALK = """
WITH RECURSIVE walk(id) AS (
  SELECT CAST(:root AS BIGINT)
  UNION
  SELECT e.{far} FROM walk CROSS JOIN lineage_edge e WHERE e.{near} = walk.id
)
SELECT{node}, e.parent_id, e.child_id, v.event_id, e.mass_g
FROM walk CROSS JOIN lineage_edge e JOIN event v ON v.id = e.event_id JOIN lot l ON l.id = e.{far}{joins}
WHERE e.{near} = walk.id
UNION ALL
SELECT{node}, 0, 0, '', 0
FROM lot l{joins} WHERE l.id = CAST(:root AS BIGINT)
"""
_NODE = """
l.id, l.code, l.kind, CAST(l.made_on AS VARCHAR(10)), l.initial_g, l.entered_g, l.party_id, p.code, p.area_code,
t.code, y.name"""
_JOINS = """
JOIN party p ON p.id = l.party_id LEFT JOIN plot t ON t.id = l.plot_id LEFT JOIN village y ON y.id = t.village_id"""
_WALKS = {
    Direction.BACK: Question(_WALK.format(near="child_id", far="parent_id", node=_NODE, joins=_JOINS)),
    Direction.FORWARD: Question(_WALK.format(near="parent_id", far="child_id", node=_NODE, joins=_JOINS)),
}
_MET = partial(tuple.__new__, Node)  # what `Node._make` does, in a third of the time
_SHARE = attrgetter("share")


def trace_lot(session: Session, lot: int, direction: Direction) -> Trace:
    """Return where a lot (by row id) came from, or where it went. One statement, whatever the size."""
    edges = list(map(_MET, _WALKS[direction].ask_all(session, {"root": lot})))
    root = edges.pop()
    nodes = {node.id: node for node in edges}
    nodes[lot] = root
    weigh = weigh_sources if direction is Direction.BACK else weigh_destinations
    ends = weigh(lot, nodes, edges)
    ends.sort(key=lambda end: end.node.code)
    ends.sort(key=_SHARE, reverse=True)  # those of one share stay in the order of their codes
    return Trace(root, direction, ends, edges, nodes)
