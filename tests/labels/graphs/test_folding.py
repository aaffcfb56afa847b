"""Folding: few boxes, every lot counted, nothing hidden that stands in the way, and lines still lead forward."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.graphs.folding import MOST_BOXES, fold
from labels.graphs.layers import layers_of
from labels.graphs.values import Graph
from tests.labels.graphs.chains import Chain, blend_of

SEVERAL = "{count} 批"


def test_a_graph_that_can_be_read_stays_as_it_is() -> None:
    graph = blend_of(5, 4)
    assert fold(graph, SEVERAL) is graph


def test_pickings_of_a_village_and_day_are_drawn_as_one_first() -> None:
    graph = blend_of(10, 12)
    folded = fold(graph, SEVERAL)
    assert len([box for box in folded.boxes.values() if box.kind != "leaf"]) == 21
    leaf = [box for box in folded.boxes.values() if box.kind == "leaf"]
    assert {(box.lots, box.name, box.mass_g) for box in leaf} == {(4, "4 批", 4000)}
    assert len({(box.where, box.day) for box in leaf}) == len(leaf) == 30


@pytest.mark.parametrize(("runs", "pickings"), [(30, 3), (60, 10), (200, 50)])
def test_however_many_lots_there_are_few_boxes_stand_for_all_of_them(runs: int, pickings: int) -> None:
    graph = blend_of(runs, pickings)
    folded = fold(graph, SEVERAL)
    assert len(folded.boxes) <= MOST_BOXES
    assert folded.lots == len(graph.boxes)


def test_the_lot_traced_and_what_is_held_are_never_lost_among_others() -> None:
    folded = fold(blend_of(200, 50), SEVERAL)
    assert [box.lots for box in folded.boxes.values() if box.chosen] == [1]
    assert [box.lots for box in folded.boxes.values() if box.signs] == [1]


def test_grams_between_boxes_are_those_between_their_lots() -> None:
    graph = blend_of(60, 10)
    assert sum(draw.mass_g for draw in fold(graph, SEVERAL).draws) == sum(draw.mass_g for draw in graph.draws)


def test_a_chain_longer_than_any_is_folded_along_its_length() -> None:
    chain = Chain()
    lot = chain.add("packed", chosen=True)
    for _ in range(1000):
        lot = chain.add("finished", lot)
    folded = fold(chain.graph, SEVERAL)
    assert len(folded.boxes) <= MOST_BOXES
    assert folded.lots == 1001


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Up to sixty lots, each made of any that came before it."""
    chain = Chain()
    kinds = st.sampled_from(["leaf", "received", "made", "finished"])
    for number in range(1, draw(st.integers(1, 60))):
        children = draw(st.sets(st.integers(1, number - 1), max_size=3)) if number > 1 else set()
        chain.add(draw(kinds), *children, where=draw(st.sampled_from(["东", "西"])), chosen=number == 1)
    return chain.graph


@given(graph=graphs(), most=st.integers(4, 20))
def test_in_a_folded_graph_every_line_still_leads_forward(graph: Graph, most: int) -> None:
    folded = fold(graph, SEVERAL, most)
    layers = layers_of(folded)
    assert all(layers[draw.parent] < layers[draw.child] for draw in folded.draws)
    assert folded.lots == len(graph.boxes)
