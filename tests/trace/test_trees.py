"""Trees: every lot unfolded once, near the root, and never more than a reader can take."""

import json

from tests.trace.test_mixing import Garden
from trace.mixing import Node
from trace.tracing import Direction, Trace
from trace.trees import Branch, grow_tree


def traced(garden: Garden, lot: int, direction: Direction = Direction.BACK) -> Trace:
    """Return the trace of a lot of a garden, all of whose edges are met."""
    nodes = garden.nodes(set(garden.initial_g))
    edges = [Node(**{**nodes[edge.parent]._asdict(), **edge._asdict()}) for edge in garden.edges]
    return Trace(nodes[lot], direction, [], edges, nodes)


def lots_of(branch: Branch) -> list[int]:
    """Return the lots unfolded at a branch and below."""
    return [branch.node.id, *(lot for one in branch.branches if not one.repeated for lot in lots_of(one))]


def a_loop() -> Garden:
    """Leaf that went into two runs, both blended into one tea."""
    garden = Garden()
    leaf = garden.add(10_000)
    garden.make("one", {leaf: 4_000}, [1_000])
    garden.make("other", {leaf: 6_000}, [1_500])
    garden.make("blend", {2: 1_000, 3: 1_500}, [2_400])
    return garden


def test_a_lot_used_twice_is_unfolded_once_and_named_the_other_time() -> None:
    tree = grow_tree(traced(a_loop(), 4))
    assert sorted(lots_of(tree.root)) == [1, 2, 3, 4]
    leaves = [leaf for run in tree.root.branches for leaf in run.branches]
    assert [(leaf.node.id, leaf.drawn_g, leaf.repeated) for leaf in leaves] == [(1, 6_000, False), (1, 4_000, True)]


def test_a_tree_forward_has_what_was_made_of_the_lot_below_it() -> None:
    tree = grow_tree(traced(a_loop(), 1, Direction.FORWARD))
    assert [branch.node.id for branch in tree.root.branches] == [3, 2]


def test_a_tree_has_no_more_lots_than_asked_and_says_what_it_leaves_out() -> None:
    garden = Garden()
    leaf = [garden.add(1_000) for _ in range(50)]
    garden.make("intake", dict.fromkeys(leaf, 1_000), [50_000])
    tree = grow_tree(traced(garden, 51), most=11)
    assert (tree.shown, tree.lots, len(tree.root.branches), tree.root.not_shown) == (11, 51, 10, 40)


def test_a_tree_is_no_deeper_than_a_reader_of_json_takes() -> None:
    garden = Garden()
    garden.add(1_000)
    for number in range(1, 2_000):
        garden.make(f"E{number}", {number: 1_000}, [1_000])
    tree = grow_tree(traced(garden, 2_000))
    assert (tree.shown, tree.lots) == (30, 2_000)
    assert json.dumps(lots_of(tree.root))
