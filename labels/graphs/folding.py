"""Folding: a graph of many lots becomes one of few boxes, as little as is needed and no further.

Lots are drawn as one only within a layer, a kind and what stands in their way, so that lines still lead forward and no
sign is lost; the lot traced is never folded. Pickings of a village and day go first, then more and more.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

from labels.graphs.layers import layers_of
from labels.graphs.values import Box, Draw, Graph

MOST_BOXES = 100  # that can be read at once
_LEAF = "leaf"


@dataclass(frozen=True)
class _Place:
    """Where a box stands: its layer, and what is made of it."""

    layer: int
    children: frozenset[int]


_Key = Callable[[Box, _Place], Hashable]


def _same(box: Box, place: _Place) -> tuple[Hashable, ...]:
    return place.layer, box.kind, tuple(sign.code for sign in box.signs)


def _leaf(key: _Key) -> _Key:
    """Return the key that leaves all but pickings alone."""
    return lambda box, place: (_same(box, place), key(box, place)) if box.kind == _LEAF else box.key


def _all(*names: str) -> _Key:
    return lambda box, place: (_same(box, place), *(getattr(box, name) for name in names))


_STEPS: Sequence[_Key] = (
    _leaf(lambda box, _: (box.where, box.day)),
    _leaf(lambda _, place: place.children),
    _all("who", "day"),
    _all("day"),
    _all("who"),
    _all(),
)


def fold(graph: Graph, several: str, most: int = MOST_BOXES) -> Graph:
    """Return the graph with at most so many boxes; `several` names a box by its `count` of lots."""
    if len(graph.boxes) <= most:
        return graph
    layers = layers_of(graph)
    children: dict[int, set[int]] = defaultdict(set)
    for draw in graph.draws:
        children[draw.parent].add(draw.child)
    places = {key: _Place(layer, frozenset(children[key])) for key, layer in layers.items()}
    for step in _STEPS:
        folded = _grouped(graph, several, {key: step(box, places[key]) for key, box in graph.boxes.items()})
        if len(folded.boxes) <= most:
            return folded
    thick = 1 + max(layers.values()) * 2 // most  # a chain longer than any: layers together, whatever they hold
    return _grouped(graph, several, {key: layer // thick for key, layer in layers.items()})


def _grouped(graph: Graph, several: str, keys: Mapping[int, Hashable]) -> Graph:
    """Return a graph in which boxes of one key are one."""
    groups: dict[Hashable, list[Box]] = defaultdict(list)
    for box in graph.boxes.values():
        groups[("chosen", box.key) if box.chosen else keys[box.key]].append(box)
    place = {box.key: same[0].key for same in groups.values() for box in same}
    grams: Counter[tuple[int, int]] = Counter()
    for draw in graph.draws:
        if place[draw.parent] != place[draw.child]:
            grams[place[draw.parent], place[draw.child]] += draw.mass_g
    boxes = {same[0].key: same[0] if len(same) == 1 else _one_of(same, several) for same in groups.values()}
    return Graph(boxes, [Draw(parent, child, mass_g) for (parent, child), mass_g in grams.items()])


def _one_of(same: Sequence[Box], several: str) -> Box:
    """Return the box that stands for several."""
    first = same[0]
    days = sorted({day for box in same for day in (box.day, box.until) if day})
    lots = sum(box.lots for box in same)
    return Box(
        key=first.key,
        kind=first.kind,
        name=several.format(count=lots),
        kind_word="、".join(dict.fromkeys(box.kind_word for box in same)),
        day=days[0],
        until=days[-1] if len(days) > 1 else "",
        who=first.who if len({box.who for box in same}) == 1 else "",
        where=first.where if len({box.where for box in same}) == 1 else "",
        mass_g=sum(box.mass_g for box in same),
        signs=first.signs,
        lots=lots,
    )
