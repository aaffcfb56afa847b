"""The layout: each lot right of what it was made of, and no box on another."""

import itertools

from hypothesis import given

from labels.graphs.layout import WIDTH, lay_out
from labels.graphs.values import Graph
from tests.labels.graphs.chains import Chain, blend_of
from tests.labels.graphs.test_folding import graphs


@given(graph=graphs())
def test_no_box_lies_on_another_and_every_line_leads_to_the_right(graph: Graph) -> None:
    layout = lay_out(graph)
    for one, other in itertools.combinations(layout.boxes, 2):
        beside = one.left + WIDTH <= other.left or other.left + WIDTH <= one.left
        assert beside or one.top + one.height <= other.top or other.top + other.height <= one.top
    assert all(line.begin[0] < line.end[0] for line in layout.lines)
    assert all(box.left >= 0 and box.left + WIDTH <= layout.width for box in layout.boxes)
    assert all(box.top >= 0 and box.top + box.height <= layout.height for box in layout.boxes)


def test_leaf_stands_just_before_the_intake_that_took_it() -> None:
    chain = Chain()
    tea = chain.add("finished")
    late = chain.add("received", tea)
    chain.add("received", chain.add("made", tea))
    left = {placed.box.key: placed.left for placed in lay_out(chain.graph).boxes}
    assert left[late] == left[3]


def test_each_column_bears_the_names_of_its_kinds() -> None:
    assert [name for _, name in lay_out(blend_of(3, 2)).columns] == ["leaf", "received", "made", "finished"]


def test_a_lot_that_was_made_of_nothing_is_drawn_alone() -> None:
    chain = Chain()
    chain.add("leaf")
    layout = lay_out(chain.graph)
    assert (len(layout.boxes), len(layout.lines)) == (1, 0)
