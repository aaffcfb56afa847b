"""Where a printed line may end: a mark that closes begins no line, one that opens ends none (GB/T 15834-2011, 5.1).

Words, numbers and codes in Latin letters stay whole where a line can hold them.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate

_NOT_FIRST = frozenset("，。、；：！？…·‰％℃”’）》」』】〕〉］｝〗/,.;:!?%)]}")
_NOT_LAST = frozenset("（《“‘「『【〔〈［｛〖￥¥/([{$#")
_UNPARTED = frozenset("—…")  # two of them are one mark
_BLANKS = frozenset(" \t\u3000")
_FIRST_HAN = 0x2E80  # what stands below is spelt in letters
_SEAMS = frozenset("-/_")  # where a code is parted that no line holds


def marks_allow(before: str, after: str) -> bool:
    """Return whether a line may end with one character and the next begin with the other, as far as marks go."""
    return not (after in _NOT_FIRST or before in _NOT_LAST or (before == after and after in _UNPARTED))


def may_break(before: str, after: str) -> bool:
    """Return whether a line may end between two characters. Blanks go with the line that they end."""
    if after in _BLANKS:
        return False
    return marks_allow(before, after) and not (_in_word(before) and _in_word(after))


def break_lines(text: str, widths: Sequence[float], room: float) -> list[str]:
    """Break a paragraph into lines as long as the room allows, given the width of each character.

    A line is longer than the room only where a single character is.
    """
    ends = [0.0, *accumulate(widths)]
    lines, start = [], 0
    while start < len(text):
        full = start + 1
        while full < len(text) and ends[full + 1] - ends[start] <= room:
            full += 1
        at = _last_break(text, start, full)
        lines.append(text[start:at].rstrip())
        start = at
    return lines


def _last_break(text: str, start: int, full: int) -> int:
    """Return where the next line begins; of this one there is room up to `full`."""
    hung = full
    while hung < len(text) and text[hung] in _BLANKS:
        hung += 1
    if hung == len(text):
        return hung
    for ways in (_good(text, start, hung), _seams(text, start, full), _rough(text, start, full)):
        if (at := next(ways, None)) is not None:
            return at
    return full


def _good(text: str, start: int, last: int) -> Iterator[int]:
    return (at for at in range(last, start, -1) if may_break(text[at - 1], text[at]))


def _seams(text: str, start: int, last: int) -> Iterator[int]:
    middle = (start + last) // 2
    return (at for at in range(last, middle, -1) if text[at - 1] in _SEAMS and text[at] not in _NOT_FIRST)


def _rough(text: str, start: int, last: int) -> Iterator[int]:
    return (at for at in range(last, start, -1) if marks_allow(text[at - 1], text[at]))


def _in_word(character: str) -> bool:
    return (
        ord(character) < _FIRST_HAN and (character.isalnum() or "!" <= character <= "~") and character not in "()[]{}"
    )
