"""Many labels in one file: a PDF with one page per label, at true size, or a zip of single labels."""

import hashlib
import zipfile
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from typing import IO, Any

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from labels.design import lay_out
from labels.errors import FontUnusableError
from labels.fonts import Face
from labels.parts import Frame, Label, LabelValues, Press, Text
from labels.qr import Symbol
from labels.render import png, svg
from labels.stock import DOTS_PER_MM, POINTS_PER_MM

_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the zero of zip's calendar: the same labels give the same file


class Kind(StrEnum):
    """What a zip of single labels holds."""

    PNG = "png"
    SVG = "svg"


def write_pdf(file: IO[bytes], values: Iterable[LabelValues], press: Press) -> int:
    """Write one page per label and return their number; nothing is written when one is refused."""
    canvas = Canvas(file, pagesize=press.stock.points, pageCompression=1, invariant=1)
    canvas.setTitle("茶溯")
    forms: dict[Frame, str] = {}
    count = 0
    for one in values:
        label = lay_out(one, press)
        if label.frame not in forms:
            forms[label.frame] = _define_form(canvas, label.frame, f"frame{len(forms)}")
        canvas.doForm(forms[label.frame])
        _draw_own(canvas, label)
        canvas.showPage()
        count += 1
    canvas.save()
    return count


def write_zip(file: IO[bytes], values: Iterable[LabelValues], kind: Kind, press: Press) -> int:
    """Write 000001.png, 000002.png … in order and return their number; nothing is written when one is refused."""
    labels = [lay_out(one, press) for one in values]
    with zipfile.ZipFile(file, "w") as archive:
        for number, label in enumerate(labels, start=1):
            entry = zipfile.ZipInfo(f"{number:06d}.{kind}", _EARLIEST)
            entry.external_attr = 0o644 << 16
            if kind == Kind.SVG:
                archive.writestr(entry, svg(label), zipfile.ZIP_DEFLATED)
            else:
                archive.writestr(entry, png(label))  # compressed already
    return len(labels)


class SymbolPath:
    """The dark modules as one path of rectangles, in modules; what `Canvas.drawPath` asks of a path."""

    def __init__(self, symbol: Symbol) -> None:
        self.symbol = symbol

    def getCode(self) -> str:  # noqa: N802 -- ReportLab's name
        """Return the path in PDF operators."""
        top = self.symbol.size - 1
        return " ".join(f"{x} {top - y} {length} 1 re" for x, y, length in self.symbol.runs())


def _define_form(canvas: Any, frame: Frame, name: str) -> str:
    """Store what all labels of a frame share once in the file."""
    width, height = frame.press.stock.points
    canvas.beginForm(name, 0, 0, width, height)
    _use_dots(canvas, frame)
    for bar in frame.bars:
        canvas.rect(bar.x, frame.height - bar.y - bar.height, bar.width, bar.height, stroke=0, fill=1)
    for leaf in frame.leaves:
        path = canvas.beginPath()
        (x, y), *others = leaf.points
        path.moveTo(x, frame.height - y)
        for x, y in others:
            path.lineTo(x, frame.height - y)
        path.close()
        canvas.drawPath(path, stroke=0, fill=1)
    _draw_texts(canvas, frame.texts, frame)
    canvas.endForm()
    return name


def _draw_own(canvas: Any, label: Label) -> None:
    """Draw what this label alone has: symbol and serial."""
    frame, place = label.frame, label.frame.place
    _use_dots(canvas, frame)
    _draw_texts(canvas, label.serial, frame)
    canvas.translate(place.x, frame.height - place.y - place.side)
    canvas.scale(place.module, place.module)
    canvas.drawPath(SymbolPath(label.symbol), stroke=0, fill=1)


def _use_dots(canvas: Any, frame: Frame) -> None:
    """Count in dots from here on; what is left over of the last dot stays at the right and at the bottom."""
    points_per_dot = POINTS_PER_MM / float(DOTS_PER_MM[frame.press.dpi])
    canvas.translate(0, frame.press.stock.points[1] - frame.height * points_per_dot)
    canvas.scale(points_per_dot, points_per_dot)


def _draw_texts(canvas: Any, texts: Iterable[Text], frame: Frame) -> None:
    for text in texts:
        canvas.setFillGray(1 if text.white else 0)
        canvas.setFont(embedded(frame.press.fonts.faces[text.face]), text.size)
        canvas.drawString(text.x, frame.height - text.y, text.text)


@cache
def embedded(face: Face) -> str:
    """Make a face known to ReportLab, under a name that no other file has."""
    name = f"label-{hashlib.sha256(str(face.path.resolve()).encode()).hexdigest()[:16]}"
    try:
        pdfmetrics.registerFont(TTFont(name, str(face.path)))
    except TTFError as error:
        raise FontUnusableError(file=str(face.path), reason=str(error)) from error
    return name
