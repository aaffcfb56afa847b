"""Lines: no mark that closes begins one, none that opens ends one, and what is spelt in letters stays whole."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.line_breaks import break_lines, marks_allow


def lines(text: str, room: int) -> list[str]:
    """Break with Han characters two wide and others one, as a printer's fixed type has them."""
    return break_lines(text, [2 if ord(one) > 0x2000 else 1 for one in text], room)


@pytest.mark.parametrize("room", range(20, 40))
def test_a_bracket_goes_with_the_words_that_it_holds(room: int) -> None:
    broken = lines("云溪岭镇雾峪茶叶种植专业合作社（示例）（C01），“收青”；单价60元/斤", room)
    assert [line for line in broken if line[-1] in "（“/" or line[0] in "）”，；/"] == []


def test_a_mark_that_has_no_room_takes_a_character_with_it() -> None:
    assert lines("采摘加工检验，包装", 12) == ["采摘加工检", "验，包装"]


def test_an_opening_bracket_leaves_the_line_that_it_would_end() -> None:
    assert lines("雾峪合作社（示例）", 12) == ["雾峪合作社", "（示例）"]


def test_an_ellipsis_and_a_dash_are_not_parted() -> None:
    assert lines("茶茶茶茶茶……茶", 12) == ["茶茶茶茶", "茶……茶"]
    assert lines("茶茶茶茶茶——茶", 12) == ["茶茶茶茶茶", "——茶"]


def test_a_code_stays_whole_and_a_longer_one_is_parted_at_its_hyphens() -> None:
    assert lines("批次 PK-261127-N8MRC2、PK-261127-DKR939", 23) == ["批次 PK-261127-N8MRC2、", "PK-261127-DKR939"]
    assert lines("PK-261127-N8MRC2", 12) == ["PK-261127-", "N8MRC2"]
    assert lines("3799011012070031", 12) == ["379901101207", "0031"]


def test_a_blank_stands_at_no_line_s_beginning() -> None:
    assert lines("Weigh slip of the day", 10) == ["Weigh slip", "of the day"]


@given(st.text("茶青（）《》“”，。：…—·a1-/ \u3000", min_size=1, max_size=60), st.integers(2, 30))
def test_nothing_is_lost_and_no_line_is_too_wide(text: str, room: int) -> None:
    broken = lines(text, room)
    assert "".join("".join(broken).split()) == "".join(text.split())
    for line in broken:
        assert sum(2 if ord(one) > 0x2000 else 1 for one in line) <= max(room, 2)


@given(
    st.lists(st.sampled_from(["茶青", "茶，", "茶。", "（青）", "“茶”"]), min_size=1, max_size=30), st.integers(8, 30)
)
def test_marks_are_never_at_the_wrong_end_of_a_line(parts: list[str], room: int) -> None:
    broken = lines("".join(parts), room)
    assert all(marks_allow(first[-1], second[0]) for first, second in itertools.pairwise(broken))
