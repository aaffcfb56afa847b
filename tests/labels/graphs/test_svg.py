"""The drawing: well-formed, without style or script, every sign told by shape and word."""

from xml.etree import ElementTree as ET

import pytest
from defusedxml.ElementTree import fromstring

from labels.graphs.folding import fold
from labels.graphs.look import fitted
from labels.graphs.svg import draw_svg
from labels.graphs.values import Sign, Words, kilograms_of
from tests.labels.graphs.chains import Chain, blend_of

WORDS = Words("L008 的来源", "共 20 个批次", "{count} 批", "{boxes} 格代表 {lots} 个批次")
NS = "{http://www.w3.org/2000/svg}"


def _drawn(chain: Chain) -> ET.Element:
    drawn: ET.Element = fromstring(draw_svg(chain.graph, WORDS))
    return drawn


def test_a_drawing_has_neither_style_nor_script_nor_links() -> None:
    for part in _drawn(_marked()).iter():
        assert part.tag.removeprefix(NS) in {"svg", "title", "desc", "rect", "text", "g", "path", "polygon"}
        assert not {name for name in part.attrib if name in {"style", "href"} or name.startswith("on")}


def _marked() -> Chain:
    chain = Chain()
    signs = [Sign("recalled", "召回"), Sign("failed", "不合格"), Sign("held", "暂停")]
    chain.add("leaf", chain.add("finished", signs=signs), name="H0001")
    return chain


def test_each_sign_is_told_by_a_shape_of_its_own_and_a_word() -> None:
    drawn = _drawn(_marked())
    shapes = [tuple(shape.attrib["points"].split()) for shape in drawn.iter(f"{NS}polygon")]
    assert sorted(map(len, shapes)) == [3, 8, 8]
    assert {"召回", "不合格", "暂停"} <= {text.text for text in drawn.iter(f"{NS}text")}
    [box] = [part for part in drawn.iter(f"{NS}g") if "finished" in part.attrib.get("class", "")]
    assert box.attrib["class"] == "lot finished recalled failed held"
    assert any("stroke-dasharray" in part.attrib for part in box)


def test_grams_stand_on_the_lines() -> None:
    texts = [text.text for text in _drawn(_marked()).iter(f"{NS}text")]
    assert texts.count("1 kg") == 3  # two lots and the draw between them


@pytest.mark.parametrize("name", ["<b>&\"'", "茶\x01叶", "]]>", "\ud800"])
def test_names_are_written_as_text_whatever_they_hold(name: str) -> None:
    chain = Chain()
    chain.add("leaf", name=name)
    assert fromstring(draw_svg(chain.graph, WORDS)) is not None


def test_a_drawing_of_many_lots_says_how_many_its_boxes_stand_for() -> None:
    folded = fold(blend_of(30, 3), WORDS.several)
    drawn = fromstring(draw_svg(folded, WORDS))
    assert f"{len(folded.boxes)} 格代表 151 个批次" in drawn.find(f"{NS}desc").text


@pytest.mark.parametrize(
    ("mass_g", "text"), [(0, "0 kg"), (5, "0.005 kg"), (12_300, "12.3 kg"), (1_234_000, "1,234 kg")]
)
def test_grams_are_written_as_kilograms(mass_g: int, text: str) -> None:
    assert kilograms_of(mass_g) == text


def test_a_name_too_long_for_its_box_is_cut_with_an_ellipsis() -> None:
    assert fitted("松岭村", 176, 12) == "松岭村"
    cut = fitted("云溪岭镇松岭茶叶种植专业合作社（示例）", 176, 12)
    assert cut.endswith("…")
    assert len(cut) * 12 <= 176 + 12
