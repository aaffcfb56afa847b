"""A graph as SVG: attributes and classes alone, no style and no script, so that the strictest page may show it."""

import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from labels.graphs.layout import LINE, MARGIN, PAD, SIGN, WIDTH, Layout, Line, Placed, lay_out
from labels.graphs.look import GREY, HAIR, INK, MARKS, PAPER, Mark, fitted, look_of
from labels.graphs.values import Graph, Words, kilograms_of

_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 cannot hold


def draw_svg(graph: Graph, words: Words) -> str:
    """Return the drawing of a graph that has been folded as far as it should be."""
    layout = lay_out(graph)
    return "\n".join(_parts(layout, graph, words)) + "\n"


def _parts(layout: Layout, graph: Graph, words: Words) -> Iterator[str]:
    width, height = max(layout.width, 420), layout.height
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="trace" role="img" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" font-family={quoteattr(words.fonts)} font-size="12" fill="{INK}">'
    )
    yield f"<title>{_text(words.title)}</title>"
    said = [words.description] if words.description else []
    if graph.lots > len(graph.boxes):
        said.append(words.folded.format(boxes=len(graph.boxes), lots=graph.lots))
    yield f"<desc>{_text(' '.join(said))}</desc>"
    yield f'<rect class="paper" width="{width:g}" height="{height:g}" fill="{PAPER}"/>'
    yield _words(MARGIN, 26, words.title, 'class="title" font-size="16" font-weight="bold"')
    for number, sentence in enumerate(said):
        yield _words(
            MARGIN, 44 + 14 * number, fitted(sentence, width - 2 * MARGIN, 11), f'font-size="11" fill="{GREY}"'
        )
    for left, name in layout.columns:
        yield _words(left, 76, fitted(name, WIDTH, 12), f'class="step" font-weight="bold" fill="{GREY}"')
    yield '<g class="draws">'
    yield from map(_curve, layout.lines)
    yield "</g>"
    for placed in layout.boxes:
        yield from _box(placed)
    yield f'<g class="grams" font-size="11" stroke="{PAPER}" stroke-width="3" paint-order="stroke">'
    yield from map(_grams, layout.lines)
    yield "</g>"
    yield "</svg>"


def _curve(line: Line) -> str:
    """Return a line that leaves and reaches its boxes level."""
    (left, top), (right, bottom) = line.begin, line.end
    bend = (right - left) / 2
    path = f"M{left:g} {top:.1f}C{left + bend:g} {top:.1f} {right - bend:g} {bottom:.1f} {right:g} {bottom:.1f}"
    return f'<path d="{path}" fill="none" stroke="{HAIR}" stroke-width="{line.width:.1f}" stroke-opacity="0.55"/>'


def _grams(line: Line) -> str:
    left, top = line.label
    return _words(left, top, kilograms_of(line.draw.mass_g), f'text-anchor="{line.anchor}"')


def _box(placed: Placed) -> Iterator[str]:
    """Yield a lot: its box, its words, and a strip with what stands in its way."""
    box, left, top = placed.box, placed.left, placed.top
    look = look_of(box.kind)
    marks = [(MARKS[sign.code], sign.word) for sign in box.signs if sign.code in MARKS]
    edge = marks[0][0].colour if marks else look.edge
    dashes = next((mark.dashes for mark, _ in marks if mark.dashes), ())
    dashed = f' stroke-dasharray="{" ".join(map(str, dashes))}"' if dashes else ""
    classes = " ".join(["lot", box.kind, *(sign.code for sign in box.signs), *(["chosen"] if box.chosen else [])])
    yield f"<g class={quoteattr(classes)}>"
    yield f"<title>{_text(_whole(placed))}</title>"
    if box.lots > 1:  # a second sheet below the first: this is several
        yield (
            f'<rect x="{left + 4:g}" y="{top + 4:.1f}" width="{WIDTH}" height="{placed.height:g}" rx="6" '
            f'fill="{look.fill}" stroke="{look.edge}"/>'
        )
    yield (
        f'<rect x="{left:g}" y="{top:.1f}" width="{WIDTH}" height="{placed.height:g}" rx="6" fill="{look.fill}" '
        f'stroke="{edge}" stroke-width="{3 if box.chosen or marks else 1.2}"{dashed}/>'
    )
    inner, base = WIDTH - 2 * PAD, top + PAD + 12
    yield _words(left + PAD, base, fitted(box.name, inner, 13), 'font-size="13" font-weight="bold"')
    for number, text in enumerate(placed.lines, start=1):
        yield _words(left + PAD, base + number * LINE, fitted(text, inner, 12), f'fill="{GREY}"')
    yield _words(left + WIDTH - PAD, base + 3 * LINE, kilograms_of(box.mass_g), 'text-anchor="end" font-weight="bold"')
    yield from _strip(left, top + placed.height - SIGN, marks)
    yield "</g>"


def _strip(left: float, top: float, marks: Iterable[tuple[Mark, str]]) -> Iterator[str]:
    """Yield the signs of a lot: shape and word."""
    place = left + PAD
    for mark, word in marks:
        points = " ".join(f"{place + x:g},{top + 2 + y:.1f}" for x, y in mark.shape)
        yield f'<polygon points="{points}" fill="{mark.colour}"/>'
        yield _words(place + 16, top + 12, fitted(word, 60, 12), f'font-weight="bold" fill="{mark.colour}"')
        place += 16 + 12 * min(len(word), 5) + 8


def _whole(placed: Placed) -> str:
    """Return all that a box says, uncut: what a pointer resting on it shows, and a screen reader reads."""
    box = placed.box
    signs = " · ".join(sign.word for sign in box.signs)
    return "\n".join(filter(None, (box.name, *placed.lines, kilograms_of(box.mass_g), signs)))


def _words(left: float, top: float, text: str, attributes: str) -> str:
    return f'<text x="{left:g}" y="{top:.1f}" {attributes}>{_text(text)}</text>'


def _text(text: str) -> str:
    return escape(_UNWRITABLE.sub("\ufffd", text))
