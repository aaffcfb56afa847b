"""The two Chinese fonts on a label: made once from a variable font (`python -m labels.fonts`), then measured and drawn.

Noto Sans SC is one variable TrueType font, in the package justmytype-intl-cjk, under the SIL Open Font License 1.1.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont, TTLibError
from fontTools.varLib import instancer
from PIL import ImageFont

from labels.errors import FontUnusableError

FAMILY = "Chasu Sans SC"  # a changed font takes a name of its own; "Source" is reserved by the licence
WEIGHTS = {"Regular": 400, "Bold": 700}
DIRECTORY = Path("instance/fonts")
ELLIPSIS = "…"

# Labels are set line by line, from left to right, without substitutions.
_UNUSED_TABLES = ("GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx")

Box = tuple[float, float, float, float]  # left, top, right, bottom; y grows downwards


class Face:
    """One font file: which characters it has, how wide they are, how they look."""

    def __init__(self, path: Path) -> None:
        try:
            font = TTFont(path, lazy=True)
            self._glyphs = font["glyf"]  # ReportLab embeds no other kind of outline
        except (OSError, TTLibError, KeyError) as error:
            raise FontUnusableError(file=str(path), reason=type(error).__name__) from error
        self.path = path
        self._names: dict[int, str] = font.getBestCmap()
        self.units_per_em: int = font["head"].unitsPerEm
        self._advances: dict[str, tuple[int, int]] = font["hmtx"].metrics
        self._glyph_set = font.getGlyphSet()
        self._images: dict[int, ImageFont.FreeTypeFont] = {}
        self._boxes: dict[str, tuple[int, int, int, int] | None] = {}

    def characters(self) -> Iterator[str]:
        """Yield the characters that the font can draw."""
        return (chr(code) for code, glyph in self._names.items() if glyph != ".notdef")

    def advances(self, text: str, size: float) -> Iterator[tuple[str, float]]:
        """Yield each character with its pen position, starting at 0."""
        pen = 0
        for character in text:
            yield character, pen * size / self.units_per_em
            pen += self._advances[self._names[ord(character)]][0]

    def width(self, text: str, size: float) -> float:
        """Measure from the first to the last pen position."""
        return sum(self._advances[self._names[ord(c)]][0] for c in text) * size / self.units_per_em

    def ink(self, text: str, size: float) -> Box:
        """Measure what is blackened, about the pen's start on the baseline; all zero for blanks."""
        scale = size / self.units_per_em
        boxes = [
            (pen + left * scale, -top * scale, pen + right * scale, -bottom * scale)
            for character, pen in self.advances(text, size)
            for left, bottom, right, top in [self._box(character) or (0, 0, 0, 0)]
            if right > left
        ]
        if not boxes:
            return (0.0, 0.0, 0.0, 0.0)
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        return (min(lefts), min(tops), max(rights), max(bottoms))

    def svg_path(self, text: str, size: float, origin: tuple[float, float]) -> str:
        """Return the outlines of a text whose pen starts at `origin` on the baseline."""
        pen = SVGPathPen(self._glyph_set, ntos=lambda number: f"{number:.2f}".rstrip("0").rstrip("."))
        scale = size / self.units_per_em
        x, y = origin
        for character, offset in self.advances(text, size):
            placed = TransformPen(pen, (scale, 0, 0, -scale, x + offset, y))
            self._glyph_set[self._names[ord(character)]].draw(placed)
        return str(pen.getCommands())

    def image_font(self, size: int) -> ImageFont.FreeTypeFont:
        """Return the font for drawing in dots."""
        if size not in self._images:
            self._images[size] = ImageFont.truetype(str(self.path), size, layout_engine=ImageFont.Layout.BASIC)
        return self._images[size]

    def _box(self, character: str) -> tuple[int, int, int, int] | None:
        if character not in self._boxes:
            glyph = self._glyphs[self._names[ord(character)]]
            drawn = glyph.numberOfContours != 0
            self._boxes[character] = (glyph.xMin, glyph.yMin, glyph.xMax, glyph.yMax) if drawn else None
        return self._boxes[character]


@dataclass(frozen=True, eq=False)
class FontSet:
    """The regular and the bold face of a label."""

    regular: Face
    bold: Face

    def missing_characters(self, text: str) -> list[str]:
        """Return, once each and in order, the characters that either face lacks."""
        return [] if self.characters.issuperset(text) else [c for c in dict.fromkeys(text) if c not in self.characters]

    @cached_property
    def characters(self) -> frozenset[str]:
        """Return the characters that both faces have."""
        return frozenset(self.regular.characters()) & frozenset(self.bold.characters())

    @cached_property
    def faces(self) -> dict[str, Face]:
        """Return the faces by the names that the design uses."""
        return {"regular": self.regular, "bold": self.bold}


@cache
def load(directory: Path, regular: str | None = None, bold: str | None = None) -> FontSet:
    """Open the two fonts; other file names (or whole paths) may stand in for the ones we make."""
    return FontSet(
        regular=Face(directory / (regular or _file_name("Regular"))),
        bold=Face(directory / (bold or _file_name("Bold"))),
    )


def make(directory: Path) -> list[Path]:
    """Make the instances that are not there yet; about 14 s each. A file under its name is always complete."""
    directory.mkdir(parents=True, exist_ok=True)
    source = resources.files("justmytype_intl_cjk") / "fonts" / "ofl" / "notosanssc"
    made = []
    for style in WEIGHTS:
        target = directory / _file_name(style)
        if target.exists():
            continue
        with resources.as_file(source / "NotoSansSC[wght].ttf") as variable:
            _write_instance(variable, style, target)
        made.append(target)
    (directory / "OFL.txt").write_bytes((source / "OFL.txt").read_bytes())  # the licence goes with the fonts
    return made


def _file_name(style: str) -> str:
    return f"{FAMILY.replace(' ', '')}-{style}.ttf"


def _write_instance(variable: Path, style: str, target: Path) -> None:
    font = TTFont(variable)
    for table in _UNUSED_TABLES:
        del font[table]
    font = instancer.instantiateVariableFont(font, {"wght": WEIGHTS[style]}, inplace=True)
    _rename(font, style)
    unfinished = target.with_suffix(f".{os.getpid()}.part")
    font.save(unfinished)
    unfinished.replace(target)


def _rename(font: Any, style: str) -> None:
    """Give the instance a name of its own: two fonts of one name are merged in a PDF and the bold comes out thin."""
    full = f"{FAMILY} {style}"
    postscript = full.replace(" Sans SC ", "SansSC-")
    names = {1: FAMILY, 2: style, 3: f"2.004;{postscript}", 4: full, 6: postscript}
    for dropped in (16, 17, 25):
        font["name"].removeNames(nameID=dropped)
    for name_id, text in names.items():
        font["name"].setName(text, name_id, 3, 1, 0x409)
    font["OS/2"].usWeightClass = WEIGHTS[style]
    bold = style == "Bold"
    font["head"].macStyle = 1 if bold else 0
    font["OS/2"].fsSelection = font["OS/2"].fsSelection & ~0b0110_0001 | (0b0010_0000 if bold else 0b0100_0000)


if __name__ == "__main__":
    for path in make(DIRECTORY):
        sys.stdout.write(f"{path}\n")
