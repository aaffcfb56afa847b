"""Where each box and line of a graph stands, in pixels: layers from left to right, few crossings, nothing overlaps."""

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labels.graphs.layers import layers_of
from labels.graphs.values import Box, Draw, Graph

WIDTH, LINE, PAD = 190, 16, 7  # of a box, of a line of text, around the text
SIGN = 20  # the strip that tells what stands in the way
_BETWEEN, _BELOW = 130, 14  # columns and boxes
MARGIN, HEAD = 24, 84  # around all; above the columns: title, description, names of the steps
_SWEEPS = 6
Keys = list[int]


@dataclass(frozen=True)
class Placed:
    """A box with the upper left corner and the height that it has."""

    box: Box
    lines: Sequence[str]
    left: float
    top: float
    height: float


@dataclass(frozen=True)
class Line:
    """A draw, from the right side of its parent to the left side of its child, and where its grams are written."""

    draw: Draw
    begin: tuple[float, float]
    end: tuple[float, float]
    width: float
    label: tuple[float, float]
    anchor: str  # start, middle or end


@dataclass(frozen=True)
class Layout:
    """Everything that is drawn, and the name of each column with the place it stands above."""

    width: float
    height: float
    boxes: Sequence[Placed]
    lines: Sequence[Line]
    columns: Sequence[tuple[float, str]]


def lay_out(graph: Graph, *, between: float = _BETWEEN, head: float = HEAD) -> Layout:
    """Return where everything stands: columns so far apart, below a head of that height."""
    columns = _columns(graph)
    tops = _tops(graph, columns)
    lowest = min(tops.values(), default=0)
    boxes = {
        key: Placed(box, lines_of(box), _left(place, between), tops[key] - lowest + head, height_of(box))
        for place, column in enumerate(columns)
        for key in column
        for box in [graph.boxes[key]]
    }
    bottom = max((placed.top + placed.height for placed in boxes.values()), default=head)
    names = [(_left(place, between), _name(graph, column)) for place, column in enumerate(columns)]
    width = _left(len(columns), between) - between + MARGIN
    return Layout(width, bottom + MARGIN, list(boxes.values()), _lines(graph, boxes), names)


def lines_of(box: Box) -> list[str]:
    """Return what stands in a box below its name."""
    until = box.until.removeprefix(box.day[:5])  # within a year, month and day are enough
    days = f"{box.day}…{until}" if box.until else box.day
    return [f"{box.kind_word} · {days}", " · ".join(filter(None, (box.where, box.who)))]


def height_of(box: Box) -> float:
    """Return how high a box is: its name, two lines, its grams, and the strip of its signs where it has some."""
    return 2 * PAD + 4 * LINE + (SIGN if box.signs else 0)


def _left(place: int, between: float) -> float:
    return MARGIN + place * (WIDTH + between)


def _name(graph: Graph, column: Keys) -> str:
    """Return the name of a step: the kinds of its lots, the most frequent first."""
    words = [graph.boxes[key].kind_word for key in column]
    return "、".join(sorted(set(words), key=lambda word: (-words.count(word), word))[:3])


def _columns(graph: Graph) -> list[Keys]:
    """Return the boxes of each layer in an order with few crossings."""
    layers = layers_of(graph)
    columns: list[Keys] = [[] for _ in range(max(layers.values(), default=-1) + 1)]
    for key in sorted(graph.boxes, key=lambda key: (graph.boxes[key].day, graph.boxes[key].name, key)):
        columns[layers[key]].append(key)
    beside = _beside(graph)
    for sweep in range(_SWEEPS):
        order = range(1, len(columns)) if sweep % 2 == 0 else range(len(columns) - 2, -1, -1)
        place = {key: number / len(column) for column in columns for number, key in enumerate(column)}
        for number in order:
            nearer = set(itertools.chain.from_iterable(columns[:number] if sweep % 2 == 0 else columns[number + 1 :]))
            means = {
                key: _mean([place[one] for one in beside[key] if one in nearer], place[key]) for key in columns[number]
            }
            columns[number].sort(key=means.__getitem__)
            place.update({key: rank / len(columns[number]) for rank, key in enumerate(columns[number])})
    return [column for column in columns if column]


def _beside(graph: Graph) -> dict[int, Keys]:
    beside: dict[int, Keys] = defaultdict(list)
    for draw in graph.draws:
        beside[draw.parent].append(draw.child)
        beside[draw.child].append(draw.parent)
    return beside


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _tops(graph: Graph, columns: Sequence[Keys]) -> dict[int, float]:
    """Return the upper edge of each box: the fullest column first, then each beside what it is tied to."""
    heights = {key: height_of(box) for key, box in graph.boxes.items()}
    tops: dict[int, float] = {}
    beside = _beside(graph)
    fullest = max(range(len(columns)), key=lambda number: sum(heights[key] for key in columns[number]), default=0)
    for number in sorted(range(len(columns)), key=lambda number: abs(number - fullest)):
        column = columns[number]
        wanted = []
        for key in column:
            middles = [tops[one] + heights[one] / 2 for one in beside[key] if one in tops]
            wanted.append(_mean(middles, 0.0) - heights[key] / 2)
        tops.update(zip(column, _apart(wanted, [heights[key] for key in column]), strict=True))
    return tops


def _apart(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Return places near the wanted ones, in the order given, that do not overlap."""
    places: list[float] = []
    for want, _ in zip(wanted, heights, strict=True):
        least = places[-1] + heights[len(places) - 1] + _BELOW if places else want
        places.append(max(want, least))
    shift = _mean([want - place for want, place in zip(wanted, places, strict=True)], 0.0)
    return [place + shift for place in places]


def _lines(graph: Graph, boxes: Mapping[int, Placed]) -> list[Line]:
    """Return the lines: those that leave or reach a box are spread over its side."""
    leaving: dict[int, list[Draw]] = defaultdict(list)
    reaching: dict[int, list[Draw]] = defaultdict(list)
    for draw in graph.draws:
        leaving[draw.parent].append(draw)
        reaching[draw.child].append(draw)
    for draws in leaving.values():
        draws.sort(key=lambda draw: boxes[draw.child].top)
    for draws in reaching.values():
        draws.sort(key=lambda draw: boxes[draw.parent].top)
    most = max((draw.mass_g for draw in graph.draws), default=1) or 1
    lines = []
    for draw in graph.draws:
        parent, child = boxes[draw.parent], boxes[draw.child]
        begin = parent.left + WIDTH, _spread(parent, leaving[draw.parent], draw)
        end = child.left, _spread(child, reaching[draw.child], draw)
        out, in_ = len(leaving[draw.parent]), len(reaching[draw.child])
        label, anchor = ((begin[0] + 6, begin[1] - 4), "start") if out == 1 else ((end[0] - 6, end[1] - 4), "end")
        if out > 1 and in_ > 1:
            label, anchor = ((begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2 - 3), "middle"
        lines.append(Line(draw, begin, end, 1 + 4 * (draw.mass_g / most) ** 0.5, label, anchor))
    return lines


def _spread(placed: Placed, draws: Sequence[Draw], draw: Draw) -> float:
    """Return at which height of a box's side one of its lines ends."""
    body = placed.height - (SIGN if placed.box.signs else 0)
    return placed.top + body * (draws.index(draw) + 1) / (len(draws) + 1)
