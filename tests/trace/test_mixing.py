"""Shares and bounds against a reference that lists every path, written from the words of `docs/tracing.md` alone."""

import math
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.proofs import tries
from trace.mixing import Edge, End, Node, split_grams, weigh_destinations, weigh_sources

Draw = tuple[str, int, dict[int, int]]  # event, grams of each lot drawn from


class Garden:
    """A random chain: pickings, then lots made of earlier ones, several to an event and drawn in parts."""

    def __init__(self) -> None:
        self.initial_g: dict[int, int] = {}
        self.left_g: dict[int, int] = {}
        self.edges: list[Edge] = []

    def add(self, mass_g: int) -> int:
        number = len(self.initial_g) + 1
        self.initial_g[number] = self.left_g[number] = mass_g
        return number

    def make(self, event: str, taken: dict[int, int], made_g: list[int]) -> None:
        lots = [self.add(mass_g) for mass_g in made_g]
        for parent, mass_g in taken.items():
            self.left_g[parent] -= mass_g
            self.edges += [Edge(parent, lot, event, mass_g) for lot in lots]

    def inputs(self, lot: int) -> list[Edge]:
        return [edge for edge in self.edges if edge.child == lot]

    def outputs(self, lot: int) -> list[Edge]:
        return [edge for edge in self.edges if edge.parent == lot]

    def nodes(self, lots: set[int]) -> dict[int, Node]:
        entered = {lot: sum(edge.mass_g for edge in self.inputs(lot)) for lot in lots}
        return {
            lot: Node(
                *(lot, f"L{lot}", "leaf", "2026-04-01", self.initial_g[lot], entered[lot]),
                *(1, "C1", "37", None, None),
            )
            for lot in lots
        }

    def back(self, lot: int) -> list[End]:
        met = {lot}
        for number in sorted(self.initial_g, reverse=True):
            if number in met:
                met |= {edge.parent for edge in self.inputs(number)}
        return weigh_sources(lot, self.nodes(met), [edge for edge in self.edges if edge.child in met])

    def forward(self, lot: int) -> list[End]:
        met = {lot}
        for number in sorted(self.initial_g):
            if number in met:
                met |= {edge.child for edge in self.outputs(number)}
        found = [edge for edge in self.edges if edge.parent in met]
        return weigh_destinations(lot, self.nodes(met), found)


@st.composite
def gardens(draw: st.DrawFn) -> Garden:
    """Up to four levels; a draw takes all that is left of a lot, or any part of it."""
    garden = Garden()
    for _ in range(draw(st.integers(1, 4))):
        garden.add(draw(st.integers(1, 60_000)))
    for number in range(draw(st.integers(0, 7))):
        stocked = [lot for lot, left_g in garden.left_g.items() if left_g]
        if not stocked:
            break
        parents = draw(st.lists(st.sampled_from(stocked), min_size=1, max_size=3, unique=True))
        taken = {}
        for parent in parents:
            left_g = garden.left_g[parent]
            taken[parent] = left_g if draw(st.booleans()) else draw(st.integers(1, left_g))
        made = draw(st.lists(st.integers(1, max(1, sum(taken.values()))), min_size=1, max_size=2))
        garden.make(f"E{number}", taken, made)
    return garden


def paths_back(garden: Garden, lot: int) -> Iterator[list[Edge]]:
    """Yield every way from a lot to a lot made of no other, as the edges in the order walked."""
    found = garden.inputs(lot)
    if not found:
        yield []
    for edge in found:
        for rest in paths_back(garden, edge.parent):
            yield [edge, *rest]


def reference_back(garden: Garden, start: int) -> dict[int, tuple[Fraction, Fraction, Fraction, int]]:
    """Multiply along each path and add over paths, in exact fractions."""
    sums: dict[int, list[Fraction]] = defaultdict(lambda: [Fraction(0)] * 3)
    depths: dict[int, int] = {}
    for path in paths_back(garden, start):
        share = lower = upper = Fraction(1)
        lot, drawn_g = start, Fraction(garden.initial_g[start])
        for edge in path:
            whole_g = Fraction(garden.initial_g[lot])
            share_of_lot = Fraction(edge.mass_g, sum(other.mass_g for other in garden.inputs(lot)))
            source_g = share_of_lot * whole_g
            share *= share_of_lot
            lower *= max(Fraction(0), source_g - (whole_g - drawn_g)) / drawn_g
            upper *= min(source_g, drawn_g) / drawn_g
            lot, drawn_g = edge.parent, Fraction(edge.mass_g)
        sums[lot] = [had + more for had, more in zip(sums[lot], (share, lower, upper), strict=True)]
        depths[lot] = min(depths.get(lot, len(path)), len(path))
    return {lot: (share, lower, min(Fraction(1), upper), depths[lot]) for lot, (share, lower, upper) in sums.items()}


def reference_forward(garden: Garden, start: int) -> dict[int, tuple[Fraction, Fraction, Fraction]]:
    """Return for each end what part of the lot traced came there: by mixing, at least, at most."""
    sums: dict[int, list[Fraction]] = defaultdict(lambda: [Fraction(0)] * 3)

    def taken(here: list[Fraction], lot: int, drawn_g: int) -> list[Fraction]:
        whole_g = garden.initial_g[lot]
        source_g = _held(garden, start, lot) * whole_g
        least = max(Fraction(0), source_g - (whole_g - drawn_g)) / source_g
        factors = Fraction(drawn_g, whole_g), least, min(source_g, Fraction(drawn_g)) / source_g
        return [had * factor for had, factor in zip(here, factors, strict=True)]

    def go(lot: int, here: list[Fraction]) -> None:
        draws = {edge.event: edge.mass_g for edge in garden.outputs(lot)}
        left_g = garden.initial_g[lot] - sum(draws.values())
        if left_g or not draws:
            sums[lot] = [had + more for had, more in zip(sums[lot], taken(here, lot, left_g), strict=True)]
        for edge in garden.outputs(lot):
            made = [other.child for other in garden.outputs(lot) if other.event == edge.event]
            part = Fraction(garden.initial_g[edge.child], sum(garden.initial_g[child] for child in made))
            go(edge.child, [value * part for value in taken(here, lot, edge.mass_g)])

    go(start, [Fraction(1)] * 3)
    return {
        lot: (share, min(lower, share), min(Fraction(1), max(upper, share)))
        for lot, (share, lower, upper) in sums.items()
    }


def _held(garden: Garden, source: int, lot: int) -> Fraction:
    """Return by mixing which fraction of a lot stems from another, anywhere behind it."""
    if lot == source:
        return Fraction(1)
    entered = sum(edge.mass_g for edge in garden.inputs(lot))
    return sum(
        (Fraction(edge.mass_g, entered) * _held(garden, source, edge.parent) for edge in garden.inputs(lot)),
        Fraction(0),
    )


def near(one: float, other: Fraction | float) -> bool:
    """Hold for two numbers that differ by no more than floating point may."""
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.prove
@settings(derandomize=True, deadline=None, max_examples=tries(30, 1000))
@given(garden=gardens(), pick=st.integers(0, 10_000))
def test_a_trace_back_equals_the_sum_over_all_paths(garden: Garden, pick: int) -> None:
    lot = 1 + pick % len(garden.initial_g)
    wanted = reference_back(garden, lot)
    found = garden.back(lot)
    assert {end.node.id for end in found} == set(wanted)
    for end in found:
        share, lower, upper, depth = wanted[end.node.id]
        assert near(end.share, share)
        assert near(end.lower, min(lower, share))
        assert near(end.upper, max(upper, share))
        assert end.depth == depth


@pytest.mark.prove
@settings(derandomize=True, deadline=None, max_examples=tries(30, 1000))
@given(garden=gardens(), pick=st.integers(0, 10_000))
def test_the_sources_of_a_lot_make_up_the_whole_of_it(garden: Garden, pick: int) -> None:
    lot = 1 + pick % len(garden.initial_g)
    found = garden.back(lot)
    assert math.isclose(sum(end.share for end in found), 1, abs_tol=1e-9)
    assert sum(end.mass_g for end in found) == garden.initial_g[lot]
    assert all(0 <= end.lower <= end.share <= end.upper <= 1 + 1e-9 for end in found)
    assert all(abs(end.mass_g - garden.initial_g[lot] * end.share) <= 1 + 1e-6 for end in found)


@pytest.mark.prove
@settings(derandomize=True, deadline=None, max_examples=tries(30, 1000))
@given(garden=gardens(), pick=st.integers(0, 10_000))
def test_the_destinations_of_a_lot_take_the_whole_of_it(garden: Garden, pick: int) -> None:
    lot = 1 + pick % len(garden.initial_g)
    found = garden.forward(lot)
    wanted = reference_forward(garden, lot)
    assert {end.node.id for end in found} == set(wanted)
    assert math.isclose(sum(end.share for end in found), 1, abs_tol=1e-9)
    for end in found:
        draws = {edge.event: edge.mass_g for edge in garden.outputs(end.node.id)}
        left_g = garden.initial_g[end.node.id] - sum(draws.values())
        assert all(map(near, (end.share, end.lower, end.upper), wanted[end.node.id]))
        assert end.lower <= end.share <= end.upper
        assert abs(end.mass_g - _held(garden, lot, end.node.id) * left_g) <= 1


@pytest.mark.prove
@settings(derandomize=True, deadline=None, max_examples=tries(30, 1000))
@given(garden=gardens(), pick=st.integers(0, 10_000))
def test_forward_and_back_agree_on_the_grams_of_a_picking_in_a_lot(garden: Garden, pick: int) -> None:
    pickings = [lot for lot in garden.initial_g if not garden.inputs(lot)]
    picking = pickings[pick % len(pickings)]
    for end in garden.forward(picking):
        if not garden.outputs(end.node.id):
            back = {source.node.id: source for source in garden.back(end.node.id)}[picking]
            assert abs(end.mass_g - back.share * garden.initial_g[end.node.id]) <= 1


def test_a_lot_drawn_whole_is_exact() -> None:
    garden = Garden()
    north, south = garden.add(60_000), garden.add(40_000)
    garden.make("intake", {north: 60_000, south: 40_000}, [100_000])
    garden.make("run", {3: 100_000}, [20_000])
    by_lot = {end.node.id: end for end in garden.back(4)}
    assert [(by_lot[lot].lower, by_lot[lot].share, by_lot[lot].upper) for lot in (north, south)] == [
        (0.6, 0.6, 0.6),
        (0.4, 0.4, 0.4),
    ]
    assert [by_lot[lot].mass_g for lot in (north, south)] == [12_000, 8_000]


def test_half_of_a_mixed_lot_may_hold_all_or_little_of_one_picking() -> None:
    garden = Garden()
    north, south = garden.add(60_000), garden.add(40_000)
    garden.make("intake", {north: 60_000, south: 40_000}, [100_000])
    garden.make("run", {3: 50_000}, [10_000])
    by_lot = {end.node.id: end for end in garden.back(4)}
    assert math.isclose(by_lot[north].lower, 0.2)
    assert math.isclose(by_lot[north].upper, 1.0)
    assert by_lot[south].lower == 0
    assert math.isclose(by_lot[south].upper, 0.8)


def test_what_was_sold_from_a_lot_is_told_where_it_was_sold() -> None:
    garden = Garden()
    leaf = garden.add(10_000)
    garden.make("run", {leaf: 4_000}, [1_000])
    garden.left_g[leaf] -= 2_000  # sold loose: no event made a lot of it
    by_lot = {end.node.id: end.share for end in garden.forward(leaf)}
    assert by_lot == {1: 0.6, 2: 0.4}


@settings(derandomize=True, deadline=None)
@given(mass_g=st.integers(0, 10**12), parts=st.lists(st.integers(1, 10**6), min_size=1, max_size=40))
def test_grams_split_by_shares_sum_to_the_whole(mass_g: int, parts: list[int]) -> None:
    shares = [part / sum(parts) for part in parts]
    split = split_grams(mass_g, shares)
    assert sum(split) == mass_g
    assert min(split) >= 0
    assert all(abs(got - mass_g * share) <= 1.001 for got, share in zip(split, shares, strict=True))
