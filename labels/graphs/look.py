"""How lots look: a colour for each kind, and for each sign a shape, so that nothing is told by colour alone."""

import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

INK, GREY, HAIR, PAPER = "#1d2a1f", "#5b665d", "#8d978f", "#ffffff"


class Look(NamedTuple):
    """Colours of a box and its edge."""

    fill: str
    edge: str


KINDS: Mapping[str, Look] = {
    "leaf": Look("#e6f2e1", "#3f7d3a"),
    "received": Look("#e3f0ee", "#2f7370"),
    "made": Look("#f5f0d9", "#8a7321"),
    "finished": Look("#f7e8d3", "#9a5f1c"),
    "by-product": Look("#ededed", "#6a6a6a"),
    "packed": Look("#e4eaf6", "#3b5c99"),
}
OTHER = Look("#f2f2f2", "#555555")


class Mark(NamedTuple):
    """A sign: its shape in a square of 12, as points of a polygon; its colour; the dashes of the box's edge."""

    shape: tuple[tuple[float, float], ...]
    colour: str
    dashes: tuple[int, ...]


MARKS: Mapping[str, Mark] = {
    "recalled": Mark(((6, 0), (12, 12), (0, 12)), "#b3261e", ()),  # a triangle
    "failed": Mark(((3.5, 0), (8.5, 0), (12, 3.5), (12, 8.5), (8.5, 12), (3.5, 12), (0, 8.5), (0, 3.5)), "#8c1d5a", ()),
    "held": Mark(((0, 0), (4, 0), (4, 12), (8, 12), (8, 0), (12, 0), (12, 12), (0, 12)), "#9a5b00", (6, 4)),
}


def look_of(kind: str) -> Look:
    """Return how a kind of lot looks."""
    return KINDS.get(kind, OTHER)


def fitted(text: str, width: float, size: float) -> str:
    """Return a text cut to a width, by what letters take at most: no font is measured, the reader's may be another."""
    taken, kept = 0.0, ""
    for letter in text:
        wide = 1.0 if unicodedata.east_asian_width(letter) in "WFA" else 0.6
        if (taken + wide + 1) * size > width and len(text) > len(kept) + 1:
            return f"{kept}…"
        taken += wide
        kept += letter
    return kept
