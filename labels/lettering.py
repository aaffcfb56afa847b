"""Text in its room: measured by its ink, made smaller, broken into two lines, and cut only where that does no harm."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from labels.errors import TextTooLongError
from labels.fonts import ELLIPSIS, Face
from labels.line_breaks import marks_allow

# A Han character stands from 0.88 above the baseline to 0.12 below it (the ideographic em box of the font).
_ABOVE, _BELOW = 0.88, 0.12


@dataclass(frozen=True)
class Room:
    """Where a text may stand: the space, and its sizes from the largest to the smallest, in dots."""

    width: int
    height: int
    largest: int
    smallest: int

    @property
    def sizes(self) -> range:
        """Return the sizes to try."""
        return range(self.largest, self.smallest - 1, -1)


@dataclass(frozen=True)
class Line:
    """One measured line, in whole dots; `overhang` is ink to the left of the pen's start."""

    text: str
    size: int
    width: int
    ascent: int
    descent: int
    overhang: int

    @property
    def height(self) -> int:
        """Return the height from the highest to the lowest ink, at least that of a Han character."""
        return self.ascent + self.descent


def measure(face: Face, text: str, size: int) -> Line:
    """Measure a line by advance and ink, whichever reaches further, and at least as high as a Han character."""
    line = measure_ink(face, text, size)
    return replace(
        line,
        ascent=max(math.ceil(_ABOVE * size), line.ascent),
        descent=max(math.ceil(_BELOW * size), line.descent),
    )


def measure_ink(face: Face, text: str, size: int) -> Line:
    """Measure a line that is only as high as its ink: capitals and digits need no room below."""
    left, top, right, bottom = face.ink(text, size)
    overhang = math.ceil(max(0.0, -left))
    return Line(
        text=text,
        size=size,
        width=math.ceil(max(face.width(text, size), right)) + overhang,
        ascent=math.ceil(max(0.0, -top)),
        descent=math.ceil(max(0.0, bottom)),
        overhang=overhang,
    )


def one_line(face: Face, text: str, room: Room) -> Line | None:
    """Return the line at the largest size that fits, or nothing."""
    for size in room.sizes:
        line = measure(face, text, size)
        if line.width <= room.width and line.height <= room.height:
            return line
    return None


def must_fit(face: Face, field: str, text: str, room: Room) -> Line:
    """Return the line at the largest size that fits; a lot code or a date is never cut, so refuse what does not."""
    line = one_line(face, text, room)
    if line is None:
        raise TextTooLongError(field=field, text=text)
    return line


def two_lines(face: Face, text: str, room: Room) -> tuple[Line, ...] | None:
    """Break a text once, at the largest size that fits, or return nothing."""
    for size in room.sizes:
        for first, second in _breaks(face, text, room.width, size):
            lines = measure(face, first, size), measure(face, second, size)
            if _stack_fits(lines, room):
                return lines
    return None


def may_cut(face: Face, field: str, text: str, room: Room) -> tuple[Line, ...]:
    """Return one line, or two, or as much of two lines as fits, ending in an ellipsis.

    A second line comes in only when one line would fall below the middle between largest and smallest size.
    """
    middle = (room.largest + room.smallest) // 2
    line = one_line(face, text, Room(room.width, room.height, room.largest, middle))
    if line:
        return (line,)
    lines = two_lines(face, text, Room(room.width, room.height, middle, room.smallest))
    if lines:
        return lines
    line = one_line(face, text, Room(room.width, room.height, middle, room.smallest))
    return (line,) if line else _cut(face, field, text, room)


def _breaks(face: Face, text: str, width: int, size: int) -> Iterator[tuple[str, str]]:
    """Yield the ways to break a text so that both halves may fit, the best first: at a blank, halves alike."""
    found = []
    for at in range(1, len(text)):
        first, second = text[:at].rstrip(), text[at:].lstrip()
        if not first or not second or not marks_allow(first[-1], second[0]):
            continue
        longer = max(face.width(first, size), face.width(second, size))
        if longer <= width:
            found.append((not text[at - 1].isspace(), longer, first, second))
    for _, _, first, second in sorted(found):
        yield first, second


def _cut(face: Face, field: str, text: str, room: Room) -> tuple[Line, ...]:
    """Keep as much as fits at the smallest size."""
    size = room.smallest
    start = _longest(face, text, room.width, size)
    for kept in range(len(text) - start, 0, -1):
        rest = text[start:].strip()[:kept].rstrip() + ELLIPSIS
        lines = measure(face, text[:start].rstrip(), size), measure(face, rest, size)
        if start and _stack_fits(lines, room):
            return lines
    for kept in range(len(text), -1, -1):
        line = measure(face, text[:kept].rstrip() + ELLIPSIS, size)
        if _stack_fits((line,), room):
            return (line,)
    raise TextTooLongError(field=field, text=text)


def _longest(face: Face, text: str, width: int, size: int) -> int:
    """Return how many characters fit on a line, ending at a blank if one is near the end."""
    count = next((n for n in range(len(text), 0, -1) if face.width(text[:n], size) <= width), 0)
    blank = text.rfind(" ", 0, count + 1)
    if blank > count * 2 // 3:
        return blank
    allowed = (n for n in range(count, 0, -1) if n == len(text) or marks_allow(text[n - 1], text[n]))
    return next(allowed, count)


def _stack_fits(lines: tuple[Line, ...], room: Room) -> bool:
    return all(line.width <= room.width for line in lines) and sum(line.height for line in lines) <= room.height
