"""The geometry of a label, whatever it says."""

import itertools
import math
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels.column import headline
from labels.design import lay_out
from labels.errors import LinkTooLongError, MissingGlyphError, TextTooLongError
from labels.fonts import FontSet
from labels.parts import Label, LabelValues, Press
from labels.stock import STOCKS
from tests.proofs import tries

Box = tuple[float, float, float, float]

gbk = st.characters(codec="gbk", min_codepoint=0x4E00, max_codepoint=0x9FA5)
letters = st.one_of(gbk, gbk, st.sampled_from("ABCgjpqyÅÉ 0189·（）-×"))
serials = st.text("23456789ABCDEFGHJKLMNPQRSTUVWXYZ", min_size=20, max_size=20)
hosts = st.sampled_from(["http://127.0.0.1:8000", "https://t.example.cn", "https://trace.yunxiling.example.cn"])


@st.composite
def label_values(draw: st.DrawFn) -> LabelValues:
    lot, serial = draw(st.text("0123456789ACELT-.", min_size=1, max_size=14)), draw(serials)
    return LabelValues(
        link=f"{draw(hosts)}/01/09520000010003/10/{lot}/21/{serial}",
        name=draw(st.text(letters, max_size=60)),
        grade=draw(st.text(gbk, max_size=3)),
        net_content=draw(st.sampled_from(["", "50 g", "250 g", "2.5 kg", "100克"])),
        lot=lot,
        packed_on=draw(st.dates(date(2020, 1, 1), date(2099, 12, 31))),
        best_before=draw(st.dates(date(2020, 1, 1), date(2099, 12, 31))),
        brand=draw(st.text(letters, max_size=40)),
        village=draw(st.text(gbk, max_size=6)),
        serial=serial,
    )


def text_boxes(label: Label) -> list[tuple[str, Box]]:
    faces = label.frame.press.fonts.faces
    boxes = []
    for text in (*label.frame.texts, *label.serial):
        left, top, right, bottom = faces[text.face].ink(text.text, text.size)
        if right > left:
            boxes.append((text.field, (text.x + left, text.y + top, text.x + right, text.y + bottom)))
    return boxes


def other_boxes(label: Label) -> list[tuple[str, Box]]:
    bars = [("bar", (bar.x, bar.y, bar.x + bar.width, bar.y + bar.height)) for bar in label.frame.bars]
    points = [point for leaf in label.frame.leaves for point in leaf.points]
    xs, ys = zip(*points, strict=True)
    return [*bars, ("leaves", (min(xs), min(ys), max(xs), max(ys)))]


def quiet_zone(label: Label) -> Box:
    place = label.frame.place
    left, top = place.x - place.quiet, place.y - place.quiet
    return left, top, left + place.side + 2 * place.quiet, top + place.side + 2 * place.quiet


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def assert_sound(label: Label) -> None:
    texts, others, quiet = text_boxes(label), other_boxes(label), quiet_zone(label)
    for field, box in [*texts, *others, ("quiet zone", quiet)]:
        assert min(box[:2]) >= 0, field
        assert box[2] <= label.frame.width, field
        assert box[3] <= label.frame.height, field
    for field, box in [*texts, *others]:
        assert not overlap(box, quiet), field
    for (field, box), (other_field, other) in itertools.combinations([*texts, *others], 2):
        white_on_badge = {field, other_field} == {"grade", "bar"}
        assert white_on_badge or not overlap(box, other), (field, other_field)


@pytest.mark.prove
@settings(max_examples=tries(15, 1000), deadline=None)
@given(values=label_values(), stock=st.sampled_from(list(STOCKS.values())), dpi=st.sampled_from([203, 300]))
def test_nothing_overlaps_or_leaves_the_label(font_set: FontSet, values: LabelValues, stock, dpi: int) -> None:
    made = attempt(values, Press(stock, font_set, dpi))
    if isinstance(made, Label):
        assert_sound(made)
    elif isinstance(made, TextTooLongError):
        assert stock.code == "roll-40x30"  # the others take all that is generated here
        assert made.facts["field"] not in {"name", "brand"}  # these are cut, not refused


def attempt(values: LabelValues, press: Press) -> Label | TextTooLongError | LinkTooLongError:
    try:
        return lay_out(values, press)
    except (TextTooLongError, LinkTooLongError) as refusal:
        return refusal


@pytest.mark.parametrize("stock", STOCKS)
@pytest.mark.parametrize("dpi", [203, 300])
def test_every_stock_takes_an_ordinary_label(font_set: FontSet, green_tea: LabelValues, stock: str, dpi: int) -> None:
    assert_sound(lay_out(green_tea, Press(STOCKS[stock], font_set, dpi)))


def test_modules_are_four_dots_on_the_usual_roll(press: Press, green_tea: LabelValues) -> None:
    assert lay_out(green_tea, press).frame.place.module == 4


def test_modules_are_never_below_three_eighths_of_a_millimetre(font_set: FontSet, green_tea: LabelValues) -> None:
    long, longer = (replace(green_tea, link=green_tea.link.replace("127.0.0.1", "a" * length)) for length in (60, 120))
    small = Press(STOCKS["roll-40x30"], font_set)
    assert lay_out(long, small).frame.place.module == 3
    with pytest.raises(LinkTooLongError):
        lay_out(longer, small)


def test_the_name_does_not_repeat_what_stands_beside_it(green_tea: LabelValues) -> None:
    assert headline(green_tea) == "绿茶"
    assert headline(replace(green_tea, name="雾峪青 绿茶 特级")) == "雾峪青 绿茶"
    assert headline(replace(green_tea, name=green_tea.brand)) == green_tea.brand
    assert headline(replace(green_tea, name="示例·雾峪青茶")) == "示例·雾峪青茶"


def test_a_long_name_takes_two_lines_before_it_is_cut(press: Press, green_tea: LabelValues) -> None:
    two = lay_out(replace(green_tea, name="明前手工炒制高山云雾雾峪青绿茶"), press)
    assert "".join(text.text for text in two.frame.texts if text.field == "name") == "明前手工炒制高山云雾雾峪青绿茶"
    cut = [text.text for text in lay_out(replace(green_tea, name="茶" * 80), press).frame.texts if text.field == "name"]
    assert len(cut) == 2
    assert cut[1].endswith("…")


def test_a_lot_code_is_never_cut(press: Press, green_tea: LabelValues) -> None:
    label = lay_out(replace(green_tea, lot="PK001-20260426-ABC12"), press)
    assert "PK001-20260426-ABC12" in [text.text for text in label.frame.texts]
    with pytest.raises(TextTooLongError) as refusal:
        lay_out(replace(green_tea, lot="W" * 30), press)
    assert refusal.value.facts["field"] == "lot"


def test_the_serial_is_printed_whole(press: Press, green_tea: LabelValues) -> None:
    label = lay_out(green_tea, press)
    assert "".join(text.text for text in label.serial).replace(" ", "") == green_tea.serial


def test_an_unnumbered_label_bears_no_serial(press: Press, green_tea: LabelValues) -> None:
    assert lay_out(replace(green_tea, serial=""), press).serial == ()


@pytest.mark.parametrize("field", ["name", "brand", "grade", "net_content", "village", "lot", "serial"])
def test_a_character_that_would_print_as_a_box_is_refused(press: Press, green_tea: LabelValues, field: str) -> None:
    with pytest.raises(MissingGlyphError) as refusal:
        lay_out(replace(green_tea, **{field: "茶😀\t"}), press)
    assert refusal.value.facts == {"field": field, "characters": ["😀", "\t"]}


@pytest.mark.parametrize("name", ["犇", "骉", "㙍", "䶮"])
def test_a_rare_character_is_drawn(press: Press, green_tea: LabelValues, name: str) -> None:
    assert_sound(lay_out(replace(green_tea, village=f"{name}家村", brand=name), press))


def test_small_print_is_of_lawful_size(press: Press, green_tea: LabelValues) -> None:
    dots = [text.size for text in lay_out(green_tea, press).frame.texts]
    assert min(dots) * 0.92 >= math.ceil(1.8 * 8)


def test_labels_of_one_kind_share_one_frame(press: Press, green_tea: LabelValues) -> None:
    other = replace(green_tea, serial="B" * 20, link=green_tea.link.replace("A7K2M9QX4TZB6CDEFGH1", "B" * 20))
    assert lay_out(green_tea, press).frame is lay_out(other, press).frame
