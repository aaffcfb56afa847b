"""GS1 Digital Links: shared vectors, the syntax dictionary, and round trips."""

import json
import re
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace import ids
from trace.digital_link import LinkError, build_link, canonical_uri, checks, parse, parse_path, percent
from trace.digital_link.identifiers import IDENTIFIERS, Component, expand

INTEROP = Path(__file__).parents[3] / "shared" / "interop"
VECTORS = INTEROP / "digital-link"
DICTIONARY = INTEROP / "contract" / "gs1-syntax-dictionary.txt"
ITEM = "https://t.example/01/09521234000051"

interop = pytest.mark.interop


def read_vectors(name: str) -> dict[str, Any]:
    file = VECTORS / name
    if not file.exists():
        pytest.skip(f"no {file}")
    return json.loads(file.read_text(encoding="utf-8"))


def read_element_string(text: str) -> tuple[tuple[str, str], ...]:
    """Return the elements of a bracketed element string, in which a backslash escapes a bracket of the value."""
    parts = re.findall(r"(?<!\\)\((\d+)\)((?:[^(\\]|\\\(|\\(?!\())*)", text)
    return tuple((ai, value.replace("\\(", "(")) for ai, value in parts)


# The causes that the labelling library names, and our codes for them.
CAUSES = {
    "not AI data": {"not-a-web-address"},
    "URI must contain a domain": {"no-host-or-path"},
    "No GS1 DL keys": {"no-key"},
    "Domain contains illegal": {"illegal-host"},
    "URI contains illegal": {"illegal-characters"},
    "value is too short": {"value-too-short"},
    "value is too long": {"value-too-long"},
    "element is empty": {"empty-value"},
    "Unknown AI": {"unknown-identifier"},
    "should be in the path": {"belongs-in-path"},
    "is duplicated": {"duplicate"},
    "null character": {"null-character"},
    "not a valid key-qualifier": {"wrong-qualifiers"},
    "non-CSET 82": {"wrong-characters"},
    "non-digit": {"not-digits"},
    "check digit": {"wrong-check-digit"},
    "date contains": {"wrong-date", "wrong-date-or-month"},
    "ISO 3166": {"wrong-country"},
    "not a valid DL URI data attribute": {"not-an-attribute"},
    "invalid to pair": {"excluded-pair"},
    "are not satisfied": {"missing-companion"},
}


@interop
@pytest.mark.parametrize(("name", "verdict"), [("parse.json", "fully_valid"), ("tea-uris.json", "valid")])
def test_every_shared_link_is_judged_and_read_as_labelled(name, verdict):
    for vector in read_vectors(name)["vectors"]:
        link = parse(vector["uri"])
        assert link.valid == vector[verdict], (vector, link)
        assert (link.reason is None) == link.valid, vector
        if link.valid:
            assert link.ais == read_element_string(vector["element_string"]), vector
            assert canonical_uri(link.ais) == vector["canonical"], vector


@interop
@pytest.mark.parametrize("name", ["parse.json", "tea-uris.json"])
def test_every_shared_refusal_is_for_the_labelled_cause(name):
    for vector in read_vectors(name)["vectors"]:
        if cause := vector.get("reason"):
            expected = set().union(*(codes for words, codes in CAUSES.items() if words in cause))
            assert parse(vector["uri"]).reason in expected, vector


@interop
def test_every_shared_percent_encoding_holds_both_ways():
    vectors = read_vectors("percent-encoding.json")
    for vector in vectors["unescape"]:
        decoded = percent.decode_path(vector["in"]), percent.decode_query(vector["in"])
        assert decoded == (vector["as_path"], vector["as_query"]), vector
    for vector in vectors["escape"]:
        encoded = percent.encode_path(vector["in"]), percent.encode_query(vector["in"])
        assert encoded == (vector["as_path"], vector["as_query"]), vector


@interop
def test_every_shared_uncompressed_link_is_valid_and_canonical():
    for vector in read_vectors("compression.json")["vectors"]:
        link = parse(vector["uri"])
        assert link.valid, link
        assert canonical_uri(link.ais) == vector["uri"]


# Names of the dictionary's content tests in our table; prefix tests on digits hold wherever the digits do.
NAMES = {
    "csum": "check-digit",
    "csumalpha": "check-pair",
    "gcppos1": "company-prefix",
    "hasnondigit": "letter",
    "yymmd0": "date-or-month",
    "yymmdd": "date",
    "yyyymmdd": "long-date",
    "hh": "hour",
    "hhmi": "time",
    "mi": "minute",
    "ss": "second",
    "iso3166": "country",
    "iso3166999": "country-or-999",
    "iso3166alpha2": "country-letters",
    "iso4217": "currency",
    "iso5218": "sex",
    "pcenc": "percent",
    "yesno": "yes-no",
    "hyphen": "minus",
    "importeridx": "importer-index",
    "mediatype": "media-type",
    "posinseqslash": "position",
    "nonzero": "size",
    "winding": "winding",
    "zero": "filler",
    "pieceoftotal": "piece",
    "iban": "iban",
    "latitude": "latitude",
    "longitude": "longitude",
    "nozeroprefix": "leading-digit",
    "couponcode": "coupon",
    "couponposoffer": "coupon-offer",
}


def dictionary_component(text: str) -> Component:
    shape, *tests = text.strip("[]").replace("],", ",").split(",")
    upto = ".." in shape
    longest = int(shape.strip("NXYZ."))
    told_by_digits = {"gcppos1", "gcppos2"} if shape[0] == "N" else set()
    kept = tuple(NAMES[test] for test in tests if test not in told_by_digits | {"packagetype"})
    padding = ("padding",) if shape[0] == "Z" else ()
    return Component(shape[0], 1 if upto else longest, longest, text.startswith("["), kept + padding)


def dictionary_rows():
    for line in DICTIONARY.read_text(encoding="utf-8").splitlines():
        words = line.split(" # ")[0].split()
        if not words or words[0].startswith("#"):
            continue
        ais, *rest = words
        flags = rest.pop(0) if set(rest[0]) <= set("*?") else ""
        attributes = [word.partition("=") for word in rest if re.match(r"(req|ex|dlpkey)\b", word)]
        components = tuple(dictionary_component(word) for word in rest if re.match(r"\[?[NXYZ]", word))
        yield ais, flags, components, {name: text for name, _, text in attributes}


@interop
def test_our_table_of_identifiers_says_what_the_syntax_dictionary_says():
    if not DICTIONARY.exists():
        pytest.skip(f"no {DICTIONARY}")
    seen = set()
    for ais, flags, components, attributes in dictionary_rows():
        for ai in expand(ais):
            seen.add(ai)
            ours = IDENTIFIERS[ai]
            assert ours.is_attribute == ("?" in flags), ai
            assert ours.components == components, ai
            assert ours.excludes == tuple(attributes.get("ex", "").split(",") if "ex" in attributes else ()), ai
            needs = {tuple(group.split("+")) for group in attributes.get("req", "").split(",") if group}
            assert set(ours.needs) == needs, ai
            ways = [tuple(way.split(",")) if way else () for way in attributes.get("dlpkey", "").split("|")]
            assert (ours.qualifiers and list(ours.qualifiers)) == (ways if "dlpkey" in attributes else None), ai
    assert seen == set(IDENTIFIERS)


def test_a_link_names_the_identifier_at_fault():
    link = parse("https://t.example/01/09521234000052")
    assert (link.valid, link.reason, link.fault_ai, link.ais) == (False, "wrong-check-digit", "01", ())


def test_a_read_link_answers_by_identifier():
    link = parse("https://t.example/01/09521234000044/10/L1/21/S1?17=280430&utm_source=qr")
    assert link.key == ("01", "09521234000044")
    assert [link.get(ai) for ai in ("10", "21", "17", "22")] == ["L1", "S1", "280430", None]


def test_a_request_is_read_from_path_and_query_as_sent():
    assert parse_path("/01/09521234000044/10/A%2FB", "17=280430").ais == (
        ("01", "09521234000044"),
        ("10", "A/B"),
        ("17", "280430"),
    )
    assert parse_path("/01/09521234000044").valid
    assert parse_path("/01/9521234000044").reason == "value-too-short"
    assert parse_path("/茶").reason == "illegal-characters"
    assert parse_path("").reason == "no-key"


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("3103=000250&3102=000250", "excluded-pair"),
        ("427=SD", "missing-companion"),
        ("422=156&427=SD", None),
        ("8030=abc", "missing-companion"),
        ("8112=001234561234560123456", None),
        ("8112=001234561234560123456%37", "wrong-coupon-offer"),
        ("8112=00123456123456012345A", "wrong-coupon-offer"),
        ("8110=012345612345611110123", None),
        ("8110=01234561234561111012392000", None),
        ("8110=0123456123456111101233270401", None),
        ("8110=01234561234561111012332704014270501", "wrong-coupon"),
        ("8110=012345612345611110123327040142703311510123450", "wrong-coupon"),
        ("8110=012345612345611110123" + "101101239" + "2110123" + "0123456" + "50123456" + "611234567" + "90101", None),
        ("8110=01234561234561111", "wrong-coupon"),
        ("8008=2604020660", "wrong-minute"),
        ("8008=26040206596", "wrong-length"),
        ("7003=2604022400", "wrong-time"),
        ("7030=999ABC", None),
        ("7030=998ABC", "wrong-country-or-999"),
        ("8001=12340000000110", "wrong-size"),
        ("8001=12340001200110", None),
        ("8001=12340001200120", "wrong-winding"),
        ("11=260200", None),
        ("7006=260200", "wrong-date"),
        ("99=%5E", "wrong-characters"),
        ("99=a+b", "wrong-characters"),
        ("99=%C3%A9", "wrong-characters"),
        ("99=" + "A" * 91, "value-too-long"),
        ("%39%39=A", None),
        ("=A", None),
        ("&".join(f"{ai}=A" for ai in range(90, 100)) + "&a=b" * 60, None),
    ],
)
def test_a_query_is_accepted_or_refused_for_a_reason(query, reason):
    assert parse(f"{ITEM}?{query}").reason == reason


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/8030/abc", "no-key"),
        ("/253/9520123456788?8030=abc", "serial-missing"),
        ("/253/9520123456788A?8030=abc", None),
        ("/253/9520123456788A?8030=abc=", None),
        ("/253/9520123456788A?8030=ab=", "wrong-padding"),
        ("/8013/1987654Ad4X4bL5ttr2310c2K", None),
        ("/8013/1987654Ad4X4bL5ttr2310c2L", "wrong-check-pair"),
        ("/8004/95A", "wrong-company-prefix"),
        ("/8004/9521ABC/7040/1ABC", None),
        ("/8004/9521ABC/7040/1AB*", "wrong-importer-index"),
        ("/8006/095212340000200102", None),
        ("/8006/095212340000200201", "wrong-piece"),
        ("/8006/095212340000200102/22/V", "missing-companion"),
        ("/8010/9521A%23/8011/1", None),
        ("/8010/9521A/8011/01", "wrong-leading-digit"),
        ("/8010/9521a", "wrong-characters"),
        ("/415/9520123456788", "missing-companion"),
        ("/415/9520123456788/8020/R1?8007=DE91100000000123456789", None),
        ("/415/9520123456788/8020/R1?8007=DE91100000000123456788", "wrong-iban"),
        ("/415/9520123456788/8020/R1?3911=15612", None),
        ("/415/9520123456788/8020/R1?3911=15712", "wrong-currency"),
        ("/00/952012345678912345?4307=CN&4309=12500000003100000000&4302=%2541", None),
        ("/00/952012345678912345?4307=XX", "wrong-country-letters"),
        ("/00/952012345678912345?4309=18000000010000000000", "wrong-latitude"),
        ("/00/952012345678912345?4302=%254", "wrong-percent"),
        ("/00/952012345678912345?4330=000012-", None),
        ("/00/952012345678912345?4330=000012A", "wrong-minus"),
        ("/00/952012345678912345?4321=2", "wrong-yes-no"),
        ("/8018/123456789012345675?7250=20260230", "wrong-long-date"),
        ("/8018/123456789012345675?7252=3", "wrong-sex"),
        ("/8018/123456789012345675?7241=11", "wrong-media-type"),
        ("/8018/123456789012345675?7258=2/3&7259=A", None),
        ("/8018/123456789012345675?7258=3/2&7259=A", "wrong-position"),
        ("/8003/09521234000014", "wrong-check-digit"),
        ("/8003/19521234000013", "wrong-filler"),
    ],
)
def test_every_kind_of_content_is_judged(path, reason):
    assert parse("https://t.example" + path).reason == reason


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("https://t.example/01/09521234000051?a=" + "x" * 8200, "uri-too-long"),
        ("https:///01/09521234000051", "no-host-or-path"),
        ("https://t.example/01/09521234000051/", "no-key"),
        ("https://t.example/01/09521234000051\n", "illegal-characters"),
        ("https://t.example/01/０９５２１２３４００００５１", "illegal-characters"),
        ("https://t.example/01/%EF%BC%9009521234000", "not-digits"),
        ("https://[2001:db8::1]/01/09521234000051", None),
        ("https://user@t.example/01/09521234000051", "illegal-host"),
    ],
)
def test_a_hostile_or_careless_uri_gets_an_answer(uri, reason):
    assert parse(uri).reason == reason


def test_query_elements_are_bounded():
    assert parse(f"{ITEM}?{'&'.join(['99=A'] * 64)}").reason == "too-many-elements"


GTINS = st.text("0123456789", min_size=13, max_size=13).map(lambda body: body + ids.gs1_check_digit(body))
VALUES = st.text(checks.CSET82, min_size=1, max_size=20)


@given(GTINS, st.none() | VALUES, st.none() | VALUES)
def test_a_built_link_reads_back_as_it_was_meant(gtin, lot, serial):
    link = parse(build_link("https://t.example/", gtin, lot, serial))
    expected = (("01", gtin), ("10", lot), ("21", serial))
    assert link.ais == tuple((ai, value) for ai, value in expected if value is not None)
    assert parse(canonical_uri(link.ais)).ais == link.ais


def test_a_built_link_is_canonical_and_escapes_what_it_must():
    assert build_link("https://t.example", "09521234000044", "a/b+c", "%1") == (
        "https://t.example/01/09521234000044/10/a%2Fb%2Bc/21/%251"
    )


@pytest.mark.parametrize(
    ("elements", "code"),
    [
        (("9521234000044",), "wrong-length"),
        (("09521234000045",), "wrong-check-digit"),
        (("09521234000044", ""), "wrong-length"),
        (("09521234000044", "x" * 21), "wrong-length"),
        (("09521234000044", None, "a b"), "wrong-characters"),
        (("09521234000044", "批次"), "wrong-characters"),
    ],
)
def test_an_impossible_link_is_not_built(elements, code):
    with pytest.raises(LinkError) as caught:
        build_link("https://t.example", *elements)
    assert caught.value.fault.code == code


def test_only_the_elements_of_a_valid_link_have_a_canonical_form():
    with pytest.raises(LinkError):
        canonical_uri((("10", "L1"),))


@given(st.text(st.characters(max_codepoint=255), max_size=40))
def test_any_latin_text_survives_percent_encoding(text):
    assert percent.decode_path(percent.encode_path(text)) == text
    assert percent.decode_query(percent.encode_query(text)) == text


@given(st.text() | st.text("/0123456789?&=%" + string.ascii_letters).map("https://t.example/01".__add__))
def test_any_text_at_all_gets_a_judgement(text):
    link = parse(text)
    assert link.uri == text
    assert link.valid == bool(link.ais) == (link.reason is None)
