"""Shares by perfect mixing and the bounds that hold for any mixing (pure). `docs/tracing.md` gives the arithmetic.

A draw of d from a lot of m that holds s of an input contains between max(0, s−(m−d)) and min(s, d) of it.
As fractions of d these multiply along a path and add over paths; an upper bound is at most 1.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple


class Node(NamedTuple):
    """A lot in a trace, with whose it is and where it grew."""

    id: int
    code: str
    kind: str
    made_on: str  # ISO 8601
    initial_g: int
    mass_g: int
    party_id: int
    party: str | None
    area_code: str
    plot: str | None
    village: str | None


class Edge(NamedTuple):
    """`event` drew `mass_g` from lot `parent`; `child` is one of the lots it made."""

    parent: int
    child: int
    event: str
    mass_g: int


class End(NamedTuple):
    """One end of a trace: a source (back) or a destination (forward)."""

    node: Node
    mass_g: int  # back: grams of the lot traced that stem from here; forward: grams here that stem from the lot traced
    share: float  # back: of the lot traced; forward: of the lot traced that came here
    lower: float
    upper: float
    depth: int


def split_grams(mass_g: int, shares: Sequence[float]) -> list[int]:
    """Split grams by shares that sum to 1, each part within a gram of its share, so that they sum to the whole."""
    places = [round(mass_g * reached) for reached in accumulate(shares)]
    places[-1] = mass_g
    return [place - before for before, place in pairwise([0, *places])]


# A draw on the way from the lot traced: share and bounds of that lot, and which part of its own lot it took.
_Draw = tuple[float, float, float, float]
_Source = tuple[float, float, float, int]  # share, bounds, depth


def weigh_sources(start: int, nodes: Mapping[int, Node], edges: Iterable[Edge]) -> list[End]:
    """Return the lots that were made of no other, with their part in the lot traced."""
    inputs: dict[int, list[Edge]] = defaultdict(list)
    waiting: dict[int, int] = defaultdict(int)  # draws from a lot that are not yet weighed
    for edge in edges:
        inputs[edge.child].append(edge)
        waiting[edge.parent] += 1
    draws: dict[int, list[_Draw]] = defaultdict(list, {start: [(1.0, 1.0, 1.0, 1.0)]})
    depth = {start: 0}
    sources: dict[int, _Source] = {} if start in inputs else {start: (1.0, 1.0, 1.0, 0)}
    ready = [start] if start in inputs else []
    while ready:
        lot = ready.pop()
        share_in, least, most, partial = _gathered(draws[lot])
        entered, further = sum([edge.mass_g for edge in inputs[lot]]), depth[lot] + 1
        for parent, _, _, mass_g in inputs[lot]:
            held = mass_g / entered
            share, lower, upper = share_in * held, least * held, most * held
            for _, low, high, part in partial:
                if held + part > 1.0:
                    lower += low * (held + part - 1.0) / part
                upper += high * held / part if held < part else high
            if parent not in inputs:
                known = sources.get(parent)
                if known:
                    share, lower, upper = share + known[0], lower + known[1], upper + known[2]
                    sources[parent] = share, lower, upper, min(known[3], further)
                else:
                    sources[parent] = share, lower, upper, further
                continue
            draws[parent].append((share, lower, upper, mass_g / nodes[parent].initial_g))
            depth[parent] = min(depth.get(parent, further), further)
            waiting[parent] -= 1
            if not waiting[parent]:
                ready.append(parent)
    masses = split_grams(nodes[start].initial_g, [source[0] for source in sources.values()])
    return [
        End(nodes[lot], mass_g, share, *_bounded(share, lower, upper), far)
        for (lot, (share, lower, upper, far)), mass_g in zip(sources.items(), masses, strict=True)
    ]


def _gathered(draws: Sequence[_Draw]) -> tuple[float, float, float, Sequence[_Draw]]:
    """Add over paths the share of all draws from a lot and the bounds of those that took it whole; keep the rest."""
    whole = [draw for draw in draws if draw[3] >= 1.0]
    lower, upper = sum([draw[1] for draw in whole]), sum([draw[2] for draw in whole])
    return sum([draw[0] for draw in draws]), lower, upper, [draw for draw in draws if draw[3] < 1.0]


def _bounded(share: float, lower: float, upper: float) -> tuple[float, float]:
    """Return the bounds, with an upper one of at most 1, and the share between them whatever floats have lost."""
    upper = min(upper, 1.0)
    return lower if lower < share else share, upper if upper > share else share


def weigh_destinations(
    start: int, nodes: Mapping[int, Node], edges: Iterable[Edge], entered: Mapping[int, int]
) -> list[End]:
    """Return where the lot traced is now: the lots made last, and what of those in between was not made into others.

    `entered` is all that went into each lot met, from whatever lots.
    """
    drawn: dict[int, dict[str, list[Edge]]] = {}
    waiting: dict[int, int] = defaultdict(int)  # draws into a lot that are not yet weighed
    for edge in edges:
        drawn.setdefault(edge.parent, {}).setdefault(edge.event, []).append(edge)
        waiting[edge.child] += 1
    # Of the lot traced, what is here: the fraction of a lot that stems from it, and then its own fractions.
    stock: dict[int, list[float]] = {start: [1.0, 1.0, 1.0, 1.0]}
    depth = {start: 0}
    ends, ready = [], [start]
    while ready:
        lot = ready.pop()
        here, node, left_g = stock[lot], nodes[lot], nodes[lot].initial_g
        for found in drawn.get(lot, {}).values():
            left_g -= found[0].mass_g
            came = _taken(here, found[0].mass_g, node.initial_g)
            made = sum([nodes[edge.child].initial_g for edge in found])
            for edge in found:
                child = edge.child
                part = nodes[child].initial_g / made
                there = stock.setdefault(child, [0.0, 0.0, 0.0, 0.0])
                there[0] += here[0] * edge.mass_g / entered[child]
                for place in (1, 2, 3):
                    there[place] += came[place - 1] * part
                depth[child] = min(depth.get(child, depth[lot] + 1), depth[lot] + 1)
                waiting[child] -= 1
                if not waiting[child]:
                    ready.append(child)
        if left_g or lot not in drawn:
            share, lower, upper = _taken(here, left_g, node.initial_g) if lot in drawn else here[1:]
            ends.append(End(node, round(left_g * here[0]), share, *_bounded(share, lower, upper), depth[lot]))
    return ends


def _taken(here: Sequence[float], drawn_g: int, initial_g: int) -> tuple[float, float, float]:
    """Return what a draw carries away of the lot traced, as fractions of all that lot: share and bounds."""
    held, share, lower, upper = here
    source_g = held * initial_g
    least = max(0.0, source_g - (initial_g - drawn_g)) / source_g
    most = min(source_g, drawn_g) / source_g
    return share * drawn_g / initial_g, lower * least, upper * most
