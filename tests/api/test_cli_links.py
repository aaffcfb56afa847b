"""`flask links parse`: one JSON object for every line, whatever the line holds."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli.links import links

VECTORS = Path(__file__).parents[3] / "shared" / "interop" / "digital-link"


def parse_lines(text: bytes) -> list[dict[str, object]]:
    result = CliRunner().invoke(links, ["parse"], input=text)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout_bytes.decode().splitlines()]


def test_a_good_link_is_printed_with_its_elements():
    assert parse_lines(b"https://t.example/01/09521234000044/10/L1\n") == [
        {
            "uri": "https://t.example/01/09521234000044/10/L1",
            "valid": True,
            "reason": None,
            "ais": [["01", "09521234000044"], ["10", "L1"]],
        }
    ]


def test_a_bad_link_is_printed_with_a_code_words_and_the_identifier():
    (answer,) = parse_lines(b"https://t.example/01/09521234000045")
    assert answer["reason"] == "wrong-check-digit: the check digit is wrong (01)"
    assert (answer["valid"], answer["ais"]) == (False, [])


def test_a_code_without_words_of_its_own_is_explained_too():
    (answer,) = parse_lines(b"https://t.example/01/09521234000044?422=000\n")
    assert answer["reason"] == "wrong-country: the value does not mean what this identifier means (422)"


def test_empty_lines_foreign_text_and_broken_bytes_each_get_their_line():
    answers = parse_lines(
        b"\n\xff\xfe\x00\r\n" + "茶\n".encode() + b"\xed\xa0\x80\nhttps://t.example/00/952012345678912345"
    )
    assert [answer["uri"] for answer in answers[:3]] == ["", "\\xff\\xfe\x00", "茶"]
    assert [answer["valid"] for answer in answers] == [False, False, False, False, True]


def test_text_beyond_ascii_is_printed_as_it_is():
    result = CliRunner().invoke(links, ["parse"], input="https://茶.example/\n".encode())
    assert "https://茶.example/".encode() in result.stdout_bytes


def test_no_input_prints_nothing():
    assert parse_lines(b"") == []


@pytest.mark.interop
@pytest.mark.parametrize(("name", "verdict"), [("parse.json", "fully_valid"), ("tea-uris.json", "valid")])
def test_every_shared_link_is_printed_as_labelled(name, verdict):
    file = VECTORS / name
    if not file.exists():
        pytest.skip(f"no {file}")
    vectors = json.loads(file.read_text(encoding="utf-8"))["vectors"]
    answers = parse_lines("".join(f"{vector['uri']}\n" for vector in vectors).encode())
    assert [(answer["uri"], answer["valid"]) for answer in answers] == [
        (vector["uri"], vector[verdict]) for vector in vectors
    ]
