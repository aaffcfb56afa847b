"""The design of a tea label: what stands where, in printer dots from the upper left corner.

On the left, from the top: brand, name of the tea, grade and net content; under a hairline the small print. On the right
the symbol, under it the invitation to scan it and the serial. Every length follows from the stock's small print.
"""

import math
from dataclasses import fields, replace
from functools import lru_cache

from labels import qr
from labels.column import Column
from labels.errors import LinkTooLongError, MissingGlyphError, TextTooLongError
from labels.fonts import FontSet
from labels.lettering import measure, measure_ink
from labels.parts import Frame, Label, LabelValues, Press, SerialRoom, SymbolPlace, Text
from labels.stock import DOTS_PER_MM

CUE = "扫码溯源"

# Modules of 0.375 to 0.5 mm: phones read smaller ones, worn print heads do not print them.
_LARGEST_MODULE_MM, _SMALLEST_MODULE_MM = 0.5, 0.375


def lay_out(values: LabelValues, press: Press) -> Label:
    """Design one label, refusing what cannot be printed whole and right."""
    check(values, press.fonts)
    symbol = qr.encode(values.link)
    frame = _frame(replace(values, link="", serial=""), press, symbol.size)
    return Label(frame, _serial(values.serial, frame), symbol)


def check(values: LabelValues, fonts: FontSet) -> None:
    """Refuse a character that the fonts lack: it would print as an empty box."""
    for field in fields(values):
        text = str(getattr(values, field.name))
        missing = fonts.missing_characters(text) if field.name != "link" else []
        if missing:
            raise MissingGlyphError(field=field.name, characters=missing)


@lru_cache(maxsize=64)
def _frame(values: LabelValues, press: Press, modules: int) -> Frame:
    """Lay out everything but symbol and serial."""
    width, height = press.stock.dots(press.dpi)
    margin = press.dots(press.stock.margin_mm)
    place = _symbol_place(press, modules)
    column = Column(press, margin, place.x - place.quiet - margin)
    rule = column.small_print(values, height - margin)
    column.heading(values, margin, rule - round(0.45 * press.text))
    cue = measure(press.fonts.bold, CUE, press.text)
    cue_top = place.y + place.side + place.quiet
    cue_x = place.x + (place.side - cue.width) // 2
    texts = (*column.in_reading_order(), Text("cue", CUE, "bold", cue.size, cue_x, cue_top + cue.ascent))
    room = SerialRoom(place.x, cue_top + cue.height, place.side, column.last_baseline)
    return Frame(press, width, height, tuple(column.bars), tuple(column.leaves), texts, place, room)


def _symbol_place(press: Press, modules: int) -> SymbolPlace:
    """Put the symbol into the upper right corner, as large as its room and whole dots allow."""
    room = press.dots(float(press.stock.qr_mm))
    smallest = math.ceil(_SMALLEST_MODULE_MM * float(DOTS_PER_MM[press.dpi]))
    module = min(press.dots(_LARGEST_MODULE_MM), room // (modules + 2 * qr.QUIET_MODULES))
    if module < smallest:
        raise LinkTooLongError(modules=modules, stock=press.stock.code)
    width, _ = press.stock.dots(press.dpi)
    edge = max(press.dots(press.stock.margin_mm), module * qr.QUIET_MODULES)
    return SymbolPlace(width - edge - module * modules, edge, module, modules)


def _serial(serial: str, frame: Frame) -> tuple[Text, ...]:
    """Set the serial under the symbol: groups of five, to be read aloud and typed."""
    if not serial:
        return ()
    face, unit, room = frame.press.fonts.regular, frame.press.text, frame.serial
    groups = [serial[at : at + 5] for at in range(0, len(serial), 5)]
    half = (len(groups) + 1) // 2
    rows = [" ".join(groups[:half]), " ".join(groups[half:])]
    height = room.baseline - room.top
    for size in range(round(0.85 * unit), unit * 2 // 3 - 1, -1):
        lines = [measure_ink(face, row, size) for row in rows if row]
        slack = height - sum(line.ascent for line in lines)
        gap = max(min(slack // len(lines), unit // 2), lines[0].descent + 1)
        if gap * (len(lines) - 1) <= slack and all(line.width <= room.width for line in lines):
            break
    else:
        raise TextTooLongError(field="serial", text=serial)
    placed, baseline = [], room.baseline
    for line in reversed(lines):
        x = room.left + (room.width - line.width) // 2 + line.overhang
        placed.append(Text("serial", line.text, "regular", line.size, x, baseline))
        baseline -= line.ascent + gap
    return tuple(reversed(placed))
