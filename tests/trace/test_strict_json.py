"""JSON read strictly: exact decimals, no NaN, no duplicate keys, bounded depth; faults by path, all of them."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.proofs import tries
from trace.errors import InvalidError
from trace.strict_json import MAX_DEPTH, MAX_INTEGER, parse


def faults(text: str) -> list[tuple[str, str]]:
    return [(fault.path, fault.code) for fault in parse(text.encode())[1]]


def refused(data: bytes) -> list[tuple[str, str]]:
    with pytest.raises(InvalidError) as refusal:
        parse(data)
    return [(fault.path, fault.code) for fault in refusal.value.faults]


def test_numbers_keep_their_digits() -> None:
    value, found = parse(b'{"loq": 0.010, "units": 12, "tiny": 1E-9, "minus": -0.5}')
    assert found == []
    assert {name: str(number) for name, number in value.items()} == {
        "loq": "0.010",
        "units": "12",
        "tiny": "1E-9",
        "minus": "-0.5",
    }
    assert isinstance(value["loq"], Decimal)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": NaN}', [("a", "not-a-number")]),
        ('{"a": [1, Infinity, -Infinity]}', [("a[1]", "not-a-number"), ("a[2]", "not-a-number")]),
        ("NaN", [("", "not-a-number")]),
        ('{"a": 1, "a": 2}', [("a", "duplicate-key")]),
        ('{"a": {"b": 1, "b": 1, "c": NaN}}', [("a.b", "duplicate-key"), ("a.c", "not-a-number")]),
        (f'{{"a": {MAX_INTEGER + 1}}}', [("a", "too-large")]),
        (f'{{"a": {-MAX_INTEGER - 1}}}', [("a", "too-large")]),
        (f'{{"a": {"9" * 100_000}}}', [("a", "too-large")]),
        ('{"a": 1e400}', [("a", "too-large")]),
        ('{"a": -1e400}', [("a", "too-large")]),
        ('{"a": 1e999999999}', [("a", "too-large")]),
        ('{"a": 0e999999999}', [("a", "too-large")]),
        ('{"a": 1e99999999999999999999}', [("a", "out-of-range")]),
        ('{"a": 1e-400}', [("a", "too-many-digits")]),
        (f'{{"a": 0.{"1" * 100}}}', [("a", "too-many-digits")]),
        ('{"a": "\\u0000"}', [("a", "nul-character")]),
        ('{"a": "\\ud800"}', [("a", "lone-surrogate")]),
        ('{"a": "\\udc00\\ud800"}', [("a", "lone-surrogate")]),
        ('{"a": {"\\ud800": {"b": NaN}}}', [("a", "lone-surrogate")]),
        ('{"\\u0000": 1}', [("", "nul-character")]),
        ('[{"a": [NaN]}]', [("[0].a[0]", "not-a-number")]),
    ],
)
def test_what_is_impossible_is_reported_where_it_stands(text: str, expected: list[tuple[str, str]]) -> None:
    assert faults(text) == expected


@pytest.mark.parametrize(
    "text",
    [f'{{"a": {MAX_INTEGER}}}', f'{{"a": {-MAX_INTEGER}}}', '{"a": 1e60}', '{"a": "\\ud83c\\udf75"}', '{"a": -0}'],
)
def test_what_is_possible_passes(text: str) -> None:
    assert faults(text) == []


def test_where_something_impossible_stood_nothing_stands() -> None:
    value, _ = parse(b'{"a": NaN, "b": "\\u0000", "c": [1, 1e999], "d": 4, "\\ud800": 5}')
    assert value == {"a": None, "b": None, "c": [1, None], "d": 4}


def test_depth_is_bounded() -> None:
    assert faults("[" * MAX_DEPTH + "]" * MAX_DEPTH) == []
    assert [code for _, code in faults("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))] == ["too-deep"]


@pytest.mark.parametrize("depth", [65, 300, 600, 900, 990, 1_000, 1_100, 10_000, 1_000_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_no_depth_is_too_deep_to_be_refused(depth: int, opening: str, closing: str) -> None:
    data = (opening * depth + "1" + closing * depth).encode()
    try:
        found = parse(data)[1]
    except InvalidError as refusal:
        found = refusal.faults
    assert {fault.code for fault in found} == {"too-deep"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\n\t ", "empty"),
        (b'{"a": ', "truncated"),
        (b'{"a": "', "truncated"),
        (b"{'a': 1}", "not-json"),
        (b'{"a": 01}', "not-json"),
        (b'{"a": .5}', "not-json"),
        (b'{"a": +5}', "not-json"),
        (b'{"a": 0x1F, "b": 1}', "not-json"),
        (b'{"a": "\t", "b": 1}', "not-json"),
        (b'{"a": 1} {"b": 2}', "not-json"),
        ('{"a": "茶"}'.encode("utf-16"), "not-utf-8"),
        ('{"a": "茶"}'.encode("gb18030"), "not-utf-8"),
        (b'{"a": "\xed\xa0\x80"}', "not-utf-8"),  # a surrogate, encoded
        (b'{"a": "\xc0\x80"}', "not-utf-8"),  # U+0000 in two bytes
    ],
)
def test_what_is_no_json_is_refused_whole(data: bytes, code: str) -> None:
    assert refused(data) == [("", code)]


def test_a_fault_in_the_text_says_line_and_column() -> None:
    with pytest.raises(InvalidError) as refusal:
        parse(b'{\n "a": 1,\n "b" 2,\n "c": 3}')
    assert refusal.value.faults[0].facts == {"line": 3, "column": 6}


def test_a_byte_order_mark_is_read_over() -> None:
    assert parse(b'\xef\xbb\xbf{"a": 1}') == ({"a": 1}, [])


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))
TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXTS,
    lambda children: st.lists(children) | st.dictionaries(TEXTS, children),
)


@pytest.mark.prove
@settings(max_examples=tries(30, 1000))
@given(TREES)
def test_plain_json_is_read_as_the_standard_library_reads_it(tree: object) -> None:
    assert parse(json.dumps(tree).encode()) == (tree, [])
    assert parse(json.dumps(tree, ensure_ascii=False).encode()) == (tree, [])


@pytest.mark.prove
@settings(max_examples=tries(30, 1000))
@given(TREES.filter(lambda tree: isinstance(tree, dict | list)), st.data())
def test_a_truncated_text_is_refused(tree: object, data: st.DataObject) -> None:
    whole = json.dumps(tree, ensure_ascii=False).encode()
    assert refused(whole[: data.draw(st.integers(0, len(whole) - 1))])


@given(st.binary())
def test_any_bytes_are_a_value_or_a_refusal(data: bytes) -> None:
    try:
        parse(data)
    except InvalidError as refusal:
        assert len(refusal.faults) == 1  # noqa: PT017 -- either outcome is right
