"""Shares by perfect mixing and the bounds that hold for any mixing (pure). `docs/tracing.md` gives the arithmetic.

A draw of d from a lot of m that holds s of an input contains between max(0, s−(m−d)) and min(s, d) of it.
As fractions of d these multiply along a path and add over paths; an upper bound is at most 1.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import accumulate, pairwise
from typing import NamedTuple


class Edge(NamedTuple):
    """`event` drew `mass_g` from lot `parent`; `child` is one of the lots it made."""

    parent: int
    child: int
    event: str
    mass_g: int


class Node(NamedTuple):
    """A lot in a trace, with whose it is and where it grew; and an edge that leads to it, as in `Edge`.

    One tuple and not two, because a trace makes thousands.
    """

    id: int
    code: str
    kind: str
    made_on: str  # ISO 8601
    initial_g: int
    entered_g: int  # drawn from other lots to make it
    party_id: int
    party: str | None
    area_code: str
    plot: str | None
    village: str | None
    parent: int = 0
    child: int = 0
    event: str = ""
    mass_g: int = 0


Edges = Sequence[Edge] | Sequence[Node]


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

_END = partial(tuple.__new__, End)  # what `End._make` does, in a third of the time: a trace makes thousands


def weigh_sources(start: int, nodes: Mapping[int, Node], edges: Edges) -> list[End]:
    """Return the lots that were made of no other, with their part in the lot traced."""
    inputs, waiting = _by_child(edges)
    draws: dict[int, list[_Draw]] = defaultdict(list, {start: [(1.0, 1.0, 1.0, 1.0)]})
    depth = {start: 0}
    sources: dict[int, _Source] = {} if start in inputs else {start: (1.0, 1.0, 1.0, 0)}
    ready = [start] if start in inputs else []
    while ready:
        lot = ready.pop()
        entered_g, further, here = nodes[lot].entered_g, depth[lot] + 1, _gather(draws[lot])
        share_in, least, _, most, little, _ = here
        for edge in inputs[lot]:
            parent, held = edge.parent, edge.mass_g / entered_g
            share = share_in * held
            lower, upper = (least * held, most * held) if held <= little else _bound(here, held)
            if parent in inputs:
                draws[parent].append((share, lower, upper, edge.mass_g / nodes[parent].initial_g))
                depth[parent] = min(depth.get(parent, further), further)
                waiting[parent] -= 1
                if not waiting[parent]:
                    ready.append(parent)
            elif parent in sources:
                known = sources[parent]
                sources[parent] = share + known[0], lower + known[1], upper + known[2], min(known[3], further)
            else:
                sources[parent] = share, lower, upper, further
    masses = split_grams(nodes[start].initial_g, [source[0] for source in sources.values()])
    ends = []
    for (lot, (share, lower, upper, far)), mass_g in zip(sources.items(), masses, strict=True):
        # An upper bound is at most 1, and the share between the bounds, whatever floats have lost.
        least, most = lower if lower < share else share, 1.0 if upper > 1.0 else upper if upper > share else share
        ends.append(_END((nodes[lot], mass_g, share, least, most, far)))
    return ends


def _by_child(edges: Edges) -> tuple[dict[int, list[Edge | Node]], dict[int, int]]:
    """Return the inputs of each lot, and for those made of others how many draws from them are still to be weighed."""
    inputs: dict[int, list[Edge | Node]] = defaultdict(list)
    for edge in edges:
        inputs[edge.child].append(edge)
    waiting: dict[int, int] = defaultdict(int)
    for edge in edges:
        if edge.parent in inputs:
            waiting[edge.parent] += 1
    return inputs, waiting


class _Gathered(NamedTuple):
    """All draws from a lot together, for an input that fills a part `held` of it.

    An input of at most `little` may be wholly in any of the draws, and wholly outside it: its bounds are then
    `least` · held and `most` · held.
    """

    share: float
    least: float  # of the draws that took the lot whole, and so have all of every input
    whole: float  # the same, upper
    most: float
    little: float
    partial: Sequence[_Draw]


def _gather(draws: Sequence[_Draw]) -> _Gathered:
    share = least = whole = more = 0.0
    little, parts = 1.0, []
    for draw in draws:
        share += draw[0]
        part = draw[3]
        if part >= 1.0:
            least += draw[1]
            whole += draw[2]
        else:
            parts.append(draw)
            more += draw[2] / part
            little = min(little, part, 1.0 - part)
    return _Gathered(share, least, whole, whole + more, little, parts)


def _bound(here: _Gathered, held: float) -> tuple[float, float]:
    """Return the bounds of an input that fills a part `held` of a lot, added over the draws from it."""
    lower, upper = here.least * held, here.whole * held
    for _, low, high, part in here.partial:
        if held + part > 1.0:
            lower += low * (held + part - 1.0) / part
        upper += high * held / part if held < part else high
    return lower, upper


def weigh_destinations(start: int, nodes: Mapping[int, Node], edges: Edges) -> list[End]:
    """Return where the lot traced is now: the lots made last, and what of those in between was not made into others."""
    drawn, waiting = _by_parent(edges)
    stock: dict[int, _Here] = {start: (1.0, 1.0, 1.0, 1.0, 0)}
    ends, ready = [], [start]
    while ready:
        lot = ready.pop()
        here, node = stock.pop(lot), nodes[lot]
        held, _, _, _, far = here
        initial_g = left_g = node.initial_g
        for found in drawn[lot].values() if lot in drawn else ():
            drawn_g = found[0].mass_g
            left_g -= drawn_g
            _, share, lower, upper, _ = here if drawn_g == initial_g else _taken(here, drawn_g, initial_g)
            made = sum([nodes[edge.child].initial_g for edge in found]) if len(found) > 1 else 0
            for edge in found:
                child = edge.child
                part = nodes[child].initial_g / made if made else 1.0
                there = held * edge.mass_g / nodes[child].entered_g, share * part, lower * part, upper * part
                stock[child] = _added(stock[child], there, far + 1) if child in stock else (*there, far + 1)
                waiting[child] -= 1
                if not waiting[child]:
                    ready.append(child)
        if left_g or lot not in drawn:
            _, share, lower, upper, _ = _taken(here, left_g, initial_g) if lot in drawn else here
            least, most = lower if lower < share else share, 1.0 if upper > 1.0 else upper if upper > share else share
            ends.append(_END((node, round(left_g * held), share, least, most, far)))
    return ends


# Of the lot traced, what is here: the fraction of a lot that stems from it, then its own fractions; and how far it is.
_Here = tuple[float, float, float, float, int]


def _added(known: _Here, came: tuple[float, float, float, float], far: int) -> _Here:
    """Return what is in a lot after one more draw for it."""
    return known[0] + came[0], known[1] + came[1], known[2] + came[2], known[3] + came[3], min(known[4], far)


def _by_parent(edges: Edges) -> tuple[dict[int, dict[str, list[Edge | Node]]], dict[int, int]]:
    """Return the draws from each lot by event, and for each lot how many draws into it are still to be weighed."""
    drawn: dict[int, dict[str, list[Edge | Node]]] = {}
    waiting: dict[int, int] = defaultdict(int)
    for edge in edges:
        waiting[edge.child] += 1
        drawn.setdefault(edge.parent, {}).setdefault(edge.event, []).append(edge)
    return drawn, waiting


def _taken(here: _Here, drawn_g: int, initial_g: int) -> _Here:
    """Return what a draw carries away of the lot traced, as fractions of all that lot: share and bounds."""
    held, share, lower, upper, far = here
    source_g = held * initial_g
    spare = source_g - (initial_g - drawn_g)
    least = spare / source_g if spare > 0.0 else 0.0
    most = drawn_g / source_g if drawn_g < source_g else 1.0
    return held, share * drawn_g / initial_g, lower * least, upper * most, far
