"""Paper for documents: A4 in pages, a receipt of 80 mm as long as what stands on it, a label; and what is set on it.

ReportLab lays out; fonts and QR symbols are those of our labels. A character that the fonts lack is set as 〓, and the
foot of the document says which it is, so that a rare name stops nobody's paper and is not lost either.
"""

import io
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from reportlab.lib.colors import Color, HexColor
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    HRFlowable,
    PageTemplate,
    Spacer,
    Table,
)

from labels.fonts import FontSet
from labels.line_breaks import break_lines
from labels.qr import QUIET_MODULES, encode
from labels.sheets import SymbolPath, embedded
from labels.stock import POINTS_PER_MM

MISSING = "〓"  # the printers' mark for a type that is not in the case
_INK, _GREY, _HAIR = HexColor("#000000"), HexColor("#555555"), HexColor("#999999")
_BAND = HexColor("#eeeeee")
_LONGEST_MM = 5000  # a PDF page may be 14,400 points high


@dataclass(frozen=True)
class Sheet:
    """A size of paper; without a height it is as long as what stands on it. `text_mm` is the size of running text."""

    code: str
    width_mm: int
    height_mm: int | None
    margin_mm: int
    text_mm: float
    numbered: bool = False  # pages carry their number

    @property
    def inner_mm(self) -> int:
        """Return the width that can be printed on."""
        return self.width_mm - 2 * self.margin_mm


A4 = Sheet("a4", 210, 297, 16, 3.7, numbered=True)
RECEIPT = Sheet("receipt", 80, None, 4, 3.5)
LABEL = Sheet("label", 100, 70, 3, 2.5)
SHEETS = {sheet.code: sheet for sheet in (A4, RECEIPT, LABEL)}


@dataclass(frozen=True)
class _Type:
    """How a text is set, in points."""

    font: str
    size: float
    leading: float
    align: str
    ink: Color


class _Text(Flowable):  # type: ignore[misc]  # ReportLab has no types
    """A text in lines, broken as Chinese is; ReportLab's own paragraph lets a line end with a mark that opens."""

    def __init__(self, words: str, type_: _Type) -> None:
        super().__init__()
        self._words, self._type = words, type_

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 -- ReportLab's names
        """Break the text for a width, and return its size."""
        font, size = self._type.font, self._type.size
        self._lines: list[str] = []
        for part in self._words.split("\n") if self._words else ():
            widths = [stringWidth(character, font, size) for character in part]
            self._lines += break_lines(part, widths, aW) or [""]
        self.width, self.height = aW, len(self._lines) * self._type.leading
        return self.width, self.height

    def split(self, aW: float, aH: float) -> list["_Text"]:  # noqa: N803 -- ReportLab's names
        """Return what fits above the foot of a page, and the rest; a first line does not stand there alone."""
        self.wrap(aW, aH)
        fits = int(aH / self._type.leading)
        if fits >= len(self._lines):
            return [self]
        if fits < 2:
            return []
        return [_Text("\n".join(lines), self._type) for lines in (self._lines[:fits], self._lines[fits:])]

    def draw(self) -> None:
        """Draw the lines."""
        self.canv.setFont(self._type.font, self._type.size)
        self.canv.setFillColor(self._type.ink)
        baseline = self.height - self._type.size
        for line in self._lines:
            if self._type.align == "left":
                self.canv.drawString(0, baseline, line)
            elif self._type.align == "center":
                self.canv.drawCentredString(self.width / 2, baseline, line)
            else:
                self.canv.drawRightString(self.width, baseline, line)
            baseline -= self._type.leading


class _Symbol(Flowable):  # type: ignore[misc]  # ReportLab has no types
    """The QR symbol of a link, quiet zone included, as one path."""

    def __init__(self, link: str, side_mm: float, align: str) -> None:
        super().__init__()
        self._symbol = encode(link)
        self.width = self.height = side_mm * POINTS_PER_MM
        self.hAlign = align

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 -- ReportLab's names
        """Return the size."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw the dark modules."""
        module = self.width / (self._symbol.size + 2 * QUIET_MODULES)
        self.canv.scale(module, module)
        self.canv.translate(QUIET_MODULES, QUIET_MODULES)
        self.canv.drawPath(SymbolPath(self._symbol), stroke=0, fill=1)


class _NumberedCanvas(Canvas):  # type: ignore[misc]  # ReportLab has no types
    """A canvas that knows how many pages there are before it writes the first."""

    def __init__(self, *arguments: Any, foot: Callable[[Any, int, int], None], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._foot = foot
        self._kept: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 -- ReportLab's name
        """Keep a page until their number is known."""
        self._kept.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Write every page with its foot."""
        kept = self._kept
        for number, page in enumerate(kept, start=1):
            self.__dict__.update(page)
            self._foot(self, number, len(kept))
            super().showPage()
        super().save()


@dataclass
class Paper:
    """What can be set on a sheet. Texts are plain: nothing in them is read as markup."""

    fonts: FontSet
    sheet: Sheet
    missing: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take the fonts into ReportLab."""
        self.regular, self.bold = embedded(self.fonts.regular), embedded(self.fonts.bold)
        self.inner = self.sheet.inner_mm * POINTS_PER_MM

    def points(self, share: float) -> float:
        """Return a length as a share of the size of running text, in points."""
        return share * self.sheet.text_mm * POINTS_PER_MM

    def text(self, words: str, *, size: float = 1, bold: bool = False, align: str = "left", grey: bool = False) -> Any:
        """Return a text; `size` is a share of the running text's, `align` left, center or right."""
        type_ = _Type(
            font=self.bold if bold else self.regular,
            size=self.points(size),
            leading=self.points(size * 1.4),
            align=align,
            ink=_GREY if grey else _INK,
        )
        return _Text(self.drawable(words), type_)

    def title(self, words: str, below: str = "") -> list[Any]:
        """Return the document's name in the middle, with smaller words (its English name) below it."""
        flow = [self.text(words, size=1.8, bold=True, align="center")]
        if below:
            flow.append(self.text(below, size=0.8, align="center", grey=True))
        return [*flow, self.space(0.6)]

    def heading(self, words: str) -> list[Any]:
        """Return the name of a part, with a line below it."""
        return [self.space(0.7), self.text(words, size=1.15, bold=True), self.line()]

    def line(self) -> Any:
        """Return a hairline across the sheet."""
        return HRFlowable(width="100%", thickness=0.5, color=_HAIR, spaceBefore=2, spaceAfter=4)

    def space(self, share: float) -> Any:
        """Return empty room, as a share of the running text's size."""
        return Spacer(1, self.points(share))

    def facts(self, pairs: Sequence[tuple[str, str]], *, share: float = 1) -> Any:
        """Return captions, as wide as the widest of them, and values, together on a share of the sheet's width."""
        width = self.inner * share
        names = max((self.fonts.regular.width(self.drawable(name), self.points(1)) for name, _ in pairs), default=0)
        names = min(names + self.points(1.3), width / 2)
        rows = [[self.text(name, grey=True), self.text(value)] for name, value in pairs]
        table = Table(rows, colWidths=[names, width - names], hAlign="LEFT")
        table.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *self._padding(0.12)])
        return table

    def table(
        self,
        head: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        widths: Sequence[float],
        right: Collection[int] = (),
    ) -> Any:
        """Return a table whose head is repeated on each page; `widths` are shares of the sheet, `right` are numbers."""
        whole = sum(widths)
        sides = ["right" if place in right else "left" for place in range(len(head))]
        cells = [[self.text(name, size=0.85, bold=True, align=side) for name, side in zip(head, sides, strict=True)]]
        cells += [
            [self.text(value, size=0.85, align=side) for value, side in zip(row, sides, strict=True)] for row in rows
        ]
        table = Table(cells, colWidths=[self.inner * width / whole for width in widths], repeatRows=1, hAlign="LEFT")
        table.setStyle(
            [
                ("BACKGROUND", (0, 0), (-1, 0), _BAND),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, _HAIR),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                *self._padding(0.2),
            ]
        )
        return table

    def beside(self, *columns: tuple[float, Sequence[Any]]) -> Any:
        """Return things side by side; the shares of the sheet's width come to 1, and facts in them take the same."""
        widths = [self.inner * share for share, _ in columns]
        table = Table([[list(flow) for _, flow in columns]], colWidths=widths, hAlign="LEFT")
        table.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *self._padding(0)])
        return table

    def symbol(self, link: str, side_mm: float, *, align: str = "LEFT") -> Any:
        """Return the QR symbol of a link, its quiet zone included. Raises `LinkTooLongError`."""
        return _Symbol(link, side_mm, align)

    def typeset(self, title: str, flow: Sequence[Any], *, foot: str = "") -> bytes:
        """Return the PDF. `foot` stands at the bottom of each page of a numbered sheet, beside the page's number."""
        parts = list(flow)
        if self.missing:
            names = ", ".join(f"U+{ord(character):04X}" for character in self.missing)
            parts.append(self.text(f"{MISSING}: {names}", size=0.7, grey=True))
        file = io.BytesIO()
        width, height = self.sheet.width_mm * POINTS_PER_MM, self._height(parts)
        margin = self.sheet.margin_mm * POINTS_PER_MM
        below = margin if self.sheet.numbered else 0
        frame = Frame(margin, margin + below / 2, width - 2 * margin, height - 2 * margin - below / 2, 0, 0, 0, 0)
        document = BaseDocTemplate(file, pagesize=(width, height), invariant=1, title=title, author="茶溯")
        document.addPageTemplates([PageTemplate("page", [frame])])
        document.build(parts, canvasmaker=self._canvas(self.drawable(foot)))
        return file.getvalue()

    def _canvas(self, foot: str) -> Callable[..., Canvas]:
        def draw(canvas: Any, number: int, pages: int) -> None:
            if not self.sheet.numbered:
                return
            canvas.setFont(self.regular, self.points(0.7))
            canvas.setFillColor(_GREY)
            margin, low = self.sheet.margin_mm * POINTS_PER_MM, self.sheet.margin_mm * POINTS_PER_MM * 0.7
            canvas.drawString(margin, low, foot)
            canvas.drawRightString(self.sheet.width_mm * POINTS_PER_MM - margin, low, f"第 {number} 页 共 {pages} 页")

        return lambda *arguments, **options: _NumberedCanvas(*arguments, foot=draw, **options)

    def fits(self, flow: Sequence[Any]) -> bool:
        """Return whether a flow fits on one sheet."""
        height = self.sheet.height_mm or _LONGEST_MM
        return self._taken(flow) <= (height - 2 * self.sheet.margin_mm) * POINTS_PER_MM

    def _height(self, flow: Sequence[Any]) -> float:
        """Return the sheet's height in points; of a roll, what the flow takes."""
        if self.sheet.height_mm is not None:
            return self.sheet.height_mm * POINTS_PER_MM
        return min(self._taken(flow) + 2 * self.sheet.margin_mm * POINTS_PER_MM + 1, _LONGEST_MM * POINTS_PER_MM)

    def _taken(self, flow: Sequence[Any]) -> float:
        """Return the height that a flow takes, in points."""
        probe, most = Canvas(io.BytesIO()), _LONGEST_MM * POINTS_PER_MM
        return sum(
            float(one.wrapOn(probe, self.inner, most)[1] + one.getSpaceBefore() + one.getSpaceAfter()) for one in flow
        )

    def drawable(self, words: str) -> str:
        """Return what the fonts can draw of a text, and remember what they cannot."""
        lacking = [one for one in self.fonts.missing_characters(words) if one != "\n"]
        self.missing.update(dict.fromkeys(lacking))
        return words.translate({ord(one): MISSING for one in lacking}) if lacking else words

    def _padding(self, share: float) -> list[tuple[Any, ...]]:
        sides = ("TOPPADDING", "BOTTOMPADDING", "LEFTPADDING", "RIGHTPADDING")
        return [(side, (0, 0), (-1, -1), self.points(share)) for side in sides]
