"""Trace back and forward: the ends, the edges, shares by perfect mixing and the bounds that hold for any mixing.

`docs/tracing.md` gives the arithmetic. One recursive query brings lots and edges; the rest is a walk in memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from trace.mixing import Edge, End, Node, weigh_destinations, weigh_sources


class Direction(StrEnum):
    """Which way to walk."""

    BACK = "back"
    FORWARD = "forward"


@dataclass(frozen=True)
class Trace:
    """The answer: ends first to last by share, edges, and every lot met by row id."""

    lot: Node
    direction: Direction
    ends: Sequence[End]
    edges: Sequence[Edge]
    nodes: dict[int, Node]


# Plain text, because building the same statement from Core costs as much as running it (docs/performance.md).
# Each row is an edge with the lot at its far end; the lot traced comes last, without an edge.
_WALK = """
WITH RECURSIVE walk(id) AS (
  SELECT CAST(:root AS BIGINT)
  UNION
  SELECT e.{far} FROM walk JOIN lineage_edge e ON e.{near} = walk.id
)
SELECT e.parent_id, e.child_id, v.event_id, e.mass_g, {entered},{node}
FROM walk JOIN lineage_edge e ON e.{near} = walk.id JOIN event v ON v.id = e.event_id
JOIN lot l ON l.id = e.{far}{joins}
UNION ALL
SELECT NULL, NULL, NULL, 0, 0,{node}
FROM lot l{joins} WHERE l.id = CAST(:root AS BIGINT)
"""
_NODE = """
l.id, l.code, l.kind, CAST(l.made_on AS VARCHAR(10)), l.initial_g, l.mass_g, l.party_id, p.code, p.area_code, t.code,
y.name"""
_JOINS = """
JOIN party p ON p.id = l.party_id LEFT JOIN plot t ON t.id = l.plot_id LEFT JOIN village y ON y.id = t.village_id"""
# A trace forward needs what else went in, to know the share of the lot traced.
_ENTERED = "(SELECT CAST(SUM(i.mass_g) AS BIGINT) FROM lineage_edge i WHERE i.child_id = e.child_id)"
_STATEMENTS = {
    Direction.BACK: text(_WALK.format(near="child_id", far="parent_id", entered="0", node=_NODE, joins=_JOINS)),
    Direction.FORWARD: text(_WALK.format(near="parent_id", far="child_id", entered=_ENTERED, node=_NODE, joins=_JOINS)),
}


def trace_lot(session: Session, lot: int, direction: Direction) -> Trace:
    """Return where a lot (by row id) came from, or where it went. One statement, whatever the size."""
    *rows, root = _rows(session, lot, direction)
    edges = [Edge._make(row[:4]) for row in rows]
    nodes = {row[5]: Node._make(row[5:]) for row in rows}
    nodes[lot] = Node._make(root[5:])
    if direction is Direction.BACK:
        ends = weigh_sources(lot, nodes, edges)
    else:
        ends = weigh_destinations(lot, nodes, edges, {row[1]: row[4] for row in rows})
    ends.sort(key=lambda end: (-end.share, end.node.code))
    return Trace(nodes[lot], direction, ends, edges, nodes)


def _rows(session: Session, lot: int, direction: Direction) -> list[Any]:
    """Return the driver's own tuples: thousands of them, and SQLAlchemy's rows cost as much as the query."""
    cursor = session.connection().execute(_STATEMENTS[direction], {"root": lot}).cursor
    return list(cursor.fetchall()) if cursor else []
