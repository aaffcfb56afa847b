"""The graph of a trace on paper, as small as the sheet asks for: the same layout as on a screen, set in our fonts."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from reportlab.lib.colors import HexColor
from reportlab.platypus import Flowable

from labels.documents.paper import Paper
from labels.graphs.layout import LINE, PAD, SIGN, WIDTH, Layout, Line, Placed, lay_out
from labels.graphs.look import GREY, HAIR, INK, MARKS, Mark, fitted, look_of
from labels.graphs.values import Graph, kilograms_of
from labels.stock import POINTS_PER_MM

_BETWEEN = 64  # columns stand closer than on a screen


class Drawing(Flowable):  # type: ignore[misc]  # ReportLab has no types
    """A graph, made smaller where it is wider or higher than there is room for."""

    def __init__(self, paper: Paper, graph: Graph) -> None:
        super().__init__()
        self._paper, self._layout = paper, lay_out(graph, between=_BETWEEN, head=24)
        self._scale = 1.0
        for placed in self._layout.boxes:  # what the fonts lack is noted before the foot of the document is set
            paper.drawable("".join((placed.box.name, *placed.lines)))

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 -- ReportLab's names
        """Return the size, never more than a page has: what does not fit below goes on a page of its own."""
        layout = self._layout
        whole = ((self._paper.sheet.height_mm or 297) - 3 * self._paper.sheet.margin_mm) * POINTS_PER_MM
        self._scale = min(0.75, aW / layout.width, whole / layout.height)
        return layout.width * self._scale, layout.height * self._scale

    def draw(self) -> None:
        """Draw it; a PDF counts from below."""
        self.canv.scale(self._scale, -self._scale)
        self.canv.translate(0, -self._layout.height)
        _draw(self.canv, self._paper, self._layout)


def _draw(canvas: Any, paper: Paper, layout: Layout) -> None:
    for left, name in layout.columns:
        _text(canvas, paper, (left, 16), fitted(name, WIDTH, 12), _Face(colour=GREY, bold=True))
    for line in layout.lines:
        _curve(canvas, line)
    for placed in layout.boxes:
        _box(canvas, paper, placed)
    for line in layout.lines:
        _text(canvas, paper, line.label, kilograms_of(line.draw.mass_g), _Face(11, align=line.anchor))


def _curve(canvas: Any, line: Line) -> None:
    canvas.setStrokeColor(HexColor(HAIR))
    canvas.setLineWidth(line.width)
    (left, top), (right, bottom) = line.begin, line.end
    bend = (right - left) / 2
    canvas.bezier(left, top, left + bend, top, right - bend, bottom, right, bottom)


def _box(canvas: Any, paper: Paper, placed: Placed) -> None:
    box, left, top = placed.box, placed.left, placed.top
    look = look_of(box.kind)
    marks = [(MARKS[sign.code], sign.word) for sign in box.signs if sign.code in MARKS]
    canvas.setFillColor(HexColor(look.fill))
    canvas.setStrokeColor(HexColor(marks[0][0].colour if marks else look.edge))
    canvas.setDash(*next((mark.dashes for mark, _ in marks if mark.dashes), ()))
    canvas.setLineWidth(3 if box.chosen or marks else 1.2)
    canvas.roundRect(left, top, WIDTH, placed.height, 6, stroke=1, fill=1)
    canvas.setDash()
    inner, base = WIDTH - 2 * PAD, top + PAD + 12
    _text(canvas, paper, (left + PAD, base), fitted(box.name, inner, 13), _Face(13, bold=True))
    for number, words in enumerate(placed.lines, start=1):
        _text(canvas, paper, (left + PAD, base + number * LINE), fitted(words, inner, 12), _Face(colour=GREY))
    grams = kilograms_of(box.mass_g)
    _text(canvas, paper, (left + WIDTH - PAD, base + 3 * LINE), grams, _Face(bold=True, align="end"))
    _strip(canvas, paper, (left + PAD, top + placed.height - SIGN), marks)


def _strip(canvas: Any, paper: Paper, place: tuple[float, float], marks: Sequence[tuple[Mark, str]]) -> None:
    left, top = place
    for mark, word in marks:
        path = canvas.beginPath()
        for number, (x, y) in enumerate(mark.shape):
            (path.lineTo if number else path.moveTo)(left + x, top + 2 + y)
        path.close()
        canvas.setFillColor(HexColor(mark.colour))
        canvas.drawPath(path, stroke=0, fill=1)
        _text(canvas, paper, (left + 16, top + 12), fitted(word, 60, 12), _Face(colour=mark.colour, bold=True))
        left += 16 + 12 * min(len(word), 5) + 8


class _Face(NamedTuple):
    """How words are set."""

    size: float = 12
    colour: str = INK
    bold: bool = False
    align: str = "start"


def _text(canvas: Any, paper: Paper, place: tuple[float, float], words: str, face: _Face) -> None:
    """Write upright on a canvas that counts from above."""
    canvas.saveState()
    canvas.translate(*place)
    canvas.scale(1, -1)
    canvas.setFont(paper.bold if face.bold else paper.regular, face.size)
    canvas.setFillColor(HexColor(face.colour))
    write = {"start": canvas.drawString, "middle": canvas.drawCentredString, "end": canvas.drawRightString}[face.align]
    write(0, 0, paper.drawable(words))
    canvas.restoreState()
