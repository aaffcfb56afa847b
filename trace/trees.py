"""A trace as a tree, for people and for programs that draw: the lot traced at the root, and what it was made of below.

Each lot is unfolded once, as near to the root as it can be; where it comes again it is only named. Size and depth are
bounded: of what is not unfolded the tree says how many lots lie directly below (pure).
"""

from collections import defaultdict, deque
from dataclasses import dataclass, field

from trace.mixing import Node
from trace.tracing import Direction, Trace

MOST_LOTS, DEEPEST = 1000, 30  # each lot takes two levels of JSON, and a reader is asked for no more than 64


@dataclass
class Branch:
    """A lot in the tree, by which event it is tied to the lot above, and how many grams went along."""

    node: Node
    event: str | None = None
    drawn_g: int | None = None
    repeated: bool = False  # unfolded elsewhere
    branches: list["Branch"] = field(default_factory=list)
    not_shown: int = 0  # lots directly below that had no room


@dataclass(frozen=True)
class Tree:
    """The root, and how many lots were unfolded of how many."""

    root: Branch
    shown: int
    lots: int


def grow_tree(trace: Trace, most: int = MOST_LOTS, deepest: int = DEEPEST) -> Tree:
    """Return a trace as a tree of at most so many lots and levels, level by level, the largest draws first."""
    below = _by_near_lot(trace)
    root = Branch(trace.lot)
    known = {trace.lot.id}
    waiting = deque([(root, 1)])
    while waiting:
        branch, level = waiting.popleft()
        for lot, event, drawn_g in below.get(branch.node.id, ()):
            if lot in known:
                branch.branches.append(Branch(trace.nodes[lot], event, drawn_g, repeated=True))
            elif level >= deepest or len(known) >= most:
                branch.not_shown += 1
            else:
                known.add(lot)
                further = Branch(trace.nodes[lot], event, drawn_g)
                branch.branches.append(further)
                waiting.append((further, level + 1))
    return Tree(root, len(known), len(trace.nodes))


def _by_near_lot(trace: Trace) -> dict[int, list[tuple[int, str, int]]]:
    """Return for each lot those directly below it, with event and grams, the largest draws first."""
    below: dict[int, list[tuple[int, str, int]]] = defaultdict(list)
    for edge in trace.edges:
        near, far = edge.child, edge.parent
        if trace.direction is Direction.FORWARD:
            near, far = far, near
        below[near].append((far, edge.event, edge.mass_g))
    for draws in below.values():
        draws.sort(key=lambda draw: (-draw[2], trace.nodes[draw[0]].code, draw[0]))
    return below
