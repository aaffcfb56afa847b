"""The layers of a graph: each lot stands after all that it was made of."""

from collections import defaultdict

from labels.graphs.values import Graph


def layers_of(graph: Graph) -> dict[int, int]:
    """Return the layer of each box: one after its last parent; what has none stands just before its first child."""
    parents, children = _neighbours(graph)
    missing = {key: len(parents[key]) for key in graph.boxes}
    layers = dict.fromkeys(graph.boxes, 0)
    ready = [key for key, count in missing.items() if not count]
    while ready:
        key = ready.pop()
        for child in children[key]:
            layers[child] = max(layers[child], layers[key] + 1)
            missing[child] -= 1
            if not missing[child]:
                ready.append(child)
    for key in graph.boxes:
        if not parents[key] and children[key]:
            layers[key] = min(layers[child] for child in children[key]) - 1
    return layers


def _neighbours(graph: Graph) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    parents: dict[int, set[int]] = defaultdict(set)
    children: dict[int, set[int]] = defaultdict(set)
    for draw in graph.draws:
        parents[draw.child].add(draw.parent)
        children[draw.parent].add(draw.child)
    return parents, children
