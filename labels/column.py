"""The left column of a label: the tea's names above a hairline, the small print below it."""

import math

from labels.errors import TextTooLongError
from labels.lettering import Line, Room, may_cut, measure, must_fit, one_line
from labels.parts import Bar, LabelValues, Leaf, Press, Text

NET_CONTENT, VILLAGE, LOT, PACKED_ON, BEST_BEFORE = "净含量", "产地", "批号", "生产日期", "保质期至"

# One bud and two leaves in a square of side 1: base, tip, half width.
_BUD_AND_LEAVES = (
    ((0.5, 0.66), (0.5, 0.0), 0.13),
    ((0.47, 0.98), (0.0, 0.3), 0.17),
    ((0.53, 0.98), (1.0, 0.3), 0.17),
)


def headline(values: LabelValues) -> str:
    """Return the name without the words that stand beside it anyway: brand, grade and net content."""
    name = values.name
    if name == values.brand or name.startswith(f"{values.brand} "):
        name = name[len(values.brand) :]
    beside = {_bare(values.grade), _bare(values.net_content)}
    return " ".join(word for word in name.split() if _bare(word) not in beside) or values.name


def _bare(text: str) -> str:
    return "".join(text.split()).casefold()


class Column:
    """The left column while it is being filled."""

    def __init__(self, press: Press, left: int, width: int) -> None:
        self.press = press
        self.left = left
        self.width = width
        self.unit = press.text
        self.texts: list[Text] = []
        self.bars: list[Bar] = []
        self.leaves: list[Leaf] = []
        self.last_baseline = 0

    def units(self, share: float) -> int:
        """Return a length as a share of the size of the small print."""
        return round(share * self.unit)

    def put(self, field: str, face: str, line: Line, place: tuple[int, int]) -> None:
        """Put a line: where its ink begins, where its baseline is."""
        x, baseline = place
        self.texts.append(Text(field, line.text, face, line.size, x + line.overhang, baseline))

    def small_print(self, values: LabelValues, bottom: int) -> int:
        """Set captions and values upwards from the bottom; return the top of the hairline above them."""
        rows = [
            ("village", VILLAGE, values.village),
            ("lot", LOT, values.lot),
            ("packed_on", PACKED_ON, values.packed_on.isoformat()),
            ("best_before", BEST_BEFORE, values.best_before.isoformat()),
        ]
        pitch = self.units(1.2)
        top = bottom + pitch - self.unit - sum(bool(value) for _, _, value in rows) * pitch
        rule = top - self.units(0.45)
        self.bars.append(Bar(self.left, rule, self.width, max(1, self.press.dots(0.17))))
        for field, caption, value in rows:
            if value:
                self._row(field, caption, value, top)
                top += pitch
        return rule

    def _row(self, field: str, caption: str, value: str, top: int) -> None:
        """Set a caption and its value; a long value moves up to its own caption before it becomes really small."""
        face, gap, height = self.press.fonts.regular, self.units(0.45), self.units(1.2)
        head = measure(face, caption, self.unit)
        indent = measure(face, BEST_BEFORE, self.unit).width + gap
        line = one_line(face, value, Room(self.width - indent, height, self.unit, self.units(0.85)))
        if line is None:
            indent = head.width + gap
            line = must_fit(face, field, value, Room(self.width - indent, height, self.unit, self.units(0.65)))
        # On the caption's baseline, unless an accent or a tail would leave the row.
        baseline = max(top + line.ascent, min(top + head.ascent, top + height - line.descent))
        self.last_baseline = top + head.ascent
        self.put(f"{field}.caption", "regular", head, (self.left, top + head.ascent))
        self.put(field, "regular", line, (self.left + indent, baseline))

    def heading(self, values: LabelValues, top: int, bottom: int) -> None:
        """Set brand, name, grade and net content between `top` and `bottom`, evenly spread."""
        bottom = self._facts(values, bottom)
        mark = self.units(1.4)
        inset = mark + self.units(0.35)
        bold, gap = self.press.fonts.bold, self.units(0.25)
        room = Room(self.width - inset, self.units(2.4), self.units(1.25), self.unit)
        brand = may_cut(bold, "brand", values.brand, room)
        lines_height = sum(line.height for line in brand)
        brand_height = max(mark, lines_height)
        self._leaf_mark(top + (brand_height - mark) // 2, mark)
        self._stack("brand", brand, self.left + inset, top + (brand_height - lines_height) // 2)
        top += brand_height
        largest = min(self.units(2.7), bottom - top - self.units(0.7))  # a single line has air above and below
        room = Room(self.width, bottom - top - 2 * gap, largest, self.units(0.9))
        name = may_cut(bold, "name", headline(values), room)
        gap = (bottom - top - sum(line.height for line in name)) // 2
        self._stack("name", name, self.left, top + gap)

    def _facts(self, values: LabelValues, bottom: int) -> int:
        """Set the grade, white on black, and the net content beside it; return the top of their row."""
        pad, gap = self.units(0.4), self.units(0.3)
        caption = measure(self.press.fonts.regular, NET_CONTENT, self.unit)
        grade, net = self._facts_lines(values, self.width - 2 * pad - 2 * gap - caption.width)
        baseline = bottom - max(grade.descent + pad // 2, net.descent)
        x = self.left
        if values.grade:
            badge = Bar(x, baseline - grade.ascent - pad // 2, grade.width + 2 * pad, grade.height + 2 * (pad // 2))
            self.bars.append(badge)
            pen = x + pad + grade.overhang
            self.texts.append(Text("grade", grade.text, "bold", grade.size, pen, baseline, white=True))
            x += badge.width + gap
        if values.net_content:
            self.put("net_content.caption", "regular", caption, (x, baseline))
            self.put("net_content", "bold", net, (x + caption.width + gap, baseline))
        return baseline - max(grade.ascent + pad // 2, net.ascent)

    def _facts_lines(self, values: LabelValues, width: int) -> tuple[Line, Line]:
        """Measure grade and net content at the largest sizes at which they share the width."""
        bold = self.press.fonts.bold
        for size in range(self.units(1.6), self.units(0.65) - 1, -1):
            grade = measure(bold, values.grade, min(size, self.unit))
            net = measure(bold, values.net_content, size)
            if grade.width + net.width <= width and max(grade.height, net.height) <= self.units(2):
                return grade, net
        longer = "grade" if len(values.grade) > len(values.net_content) else "net_content"
        raise TextTooLongError(field=longer, text=getattr(values, longer))

    def in_reading_order(self) -> list[Text]:
        """Return the texts as one would read them aloud, so that a PDF's text makes sense."""
        order = ["brand", "name", "grade", "net_content", "village", "lot", "packed_on", "best_before"]
        return sorted(self.texts, key=lambda text: order.index(text.field.removesuffix(".caption")))

    def _stack(self, field: str, lines: tuple[Line, ...], x: int, top: int) -> None:
        for line in lines:
            self.put(field, "bold", line, (x, top + line.ascent))
            top += line.height

    def _leaf_mark(self, top: int, side: int) -> None:
        """Draw one bud and two leaves, the finest picking."""
        for base, tip, bulge in _BUD_AND_LEAVES:
            points = _leaf(base, tip, bulge)
            self.leaves.append(Leaf(tuple((self.left + x * side, top + y * side) for x, y in points)))


def _leaf(base: tuple[float, float], tip: tuple[float, float], bulge: float) -> list[tuple[float, float]]:
    """Return a leaf's edge: from its base along one side to the tip and back along the other."""
    (x, y), (dx, dy) = base, (tip[0] - base[0], tip[1] - base[1])
    length = math.hypot(dx, dy)
    steps = [step / 12 for step in range(13)]
    side = [(at, bulge * math.sin(math.pi * at**0.8)) for at in steps]
    edge = side + [(at, -out) for at, out in reversed(side[1:-1])]
    return [(x + at * dx - out * dy / length, y + at * dy + out * dx / length) for at, out in edge]
