"""The fonts: two weights under names of their own, and what they lack."""

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from labels import fonts
from labels.errors import FontUnusableError
from labels.fonts import FontSet

RARE_NAMES = "犇骉㙍䶮喆珺堃赟"  # of real villages and people; all in GBK


def test_the_two_weights_bear_different_names(font_set: FontSet) -> None:
    names = [TTFont(face.path, lazy=True)["name"].getDebugName(6) for face in (font_set.regular, font_set.bold)]
    assert names == ["ChasuSansSC-Regular", "ChasuSansSC-Bold"]


def test_no_name_uses_the_word_that_the_licence_reserves(font_set: FontSet) -> None:
    for face in (font_set.regular, font_set.bold):
        records = [record for record in TTFont(face.path, lazy=True)["name"].names if record.nameID in {1, 3, 4, 6}]
        assert not [record for record in records if "Source" in str(record)]


def test_bold_is_wider_in_weight_than_regular(font_set: FontSet) -> None:
    weights = [TTFont(face.path, lazy=True)["OS/2"].usWeightClass for face in (font_set.regular, font_set.bold)]
    assert weights == [400, 700]


def test_rare_characters_of_names_are_there(font_set: FontSet) -> None:
    assert font_set.missing_characters(RARE_NAMES) == []


def test_every_character_of_gbk_is_there(font_set: FontSet) -> None:
    han = "".join(chr(code) for code in range(0x4E00, 0x9FA6))
    assert font_set.missing_characters(han) == []


def test_what_is_missing_is_named_once_and_in_order(font_set: FontSet) -> None:
    assert font_set.missing_characters("茶😀沟\n😀") == ["😀", "\n"]


def test_fonts_that_are_there_are_not_made_again(font_set: FontSet) -> None:
    assert fonts.make(font_set.regular.path.parent) == []


def test_another_file_may_stand_in(font_set: FontSet) -> None:
    other = fonts.load(font_set.regular.path.parent, bold=font_set.regular.path.name)
    assert other.bold.path == font_set.regular.path


@pytest.mark.parametrize("content", [None, b"not a font"])
def test_a_missing_or_broken_file_is_refused_by_name(tmp_path: Path, content: bytes | None) -> None:
    if content:
        (tmp_path / "ChasuSansSC-Regular.ttf").write_bytes(content)
    with pytest.raises(FontUnusableError) as refusal:
        fonts.load(tmp_path)
    assert "ChasuSansSC-Regular.ttf" in str(refusal.value.facts["file"])
