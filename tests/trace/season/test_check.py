"""Faults of a season file: each reported with its path and code, all at once, and nothing written."""

import copy
import json

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.trace.season.planting import ALONE, PLANTED, Town, write
from trace.errors import InvalidError
from trace.season import load_season
from trace.season.check import read_season
from trace.tables import metadata


def refusal(data: bytes) -> list[tuple[str, str]]:
    with pytest.raises(InvalidError) as caught:
        read_season(data)
    return [(fault.path, fault.code) for fault in caught.value.faults]


def rows(session: Session) -> dict[str, int]:
    return {
        name: session.scalar(select(func.count()).select_from(table)) or 0 for name, table in metadata.tables.items()
    }


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_reported_where_it_stands(demo_tree: Town, name: str) -> None:
    town = copy.deepcopy(demo_tree)
    wanted = PLANTED[name](town)
    found = refusal(write(town))
    assert wanted <= set(found)
    if name not in ("more than 100 % moisture", "a capacity beyond its column"):
        assert wanted == set(found)
    assert len(found) == len(set(found))


def test_all_planted_faults_are_reported_at_once_and_nothing_is_written(session: Session, demo_tree: Town) -> None:
    town = copy.deepcopy(demo_tree)
    wanted = set().union(*(plant(town) for name, plant in PLANTED.items() if name not in ALONE))
    before = rows(session)
    with pytest.raises(InvalidError) as caught:
        load_season(session, write(town))
    found = [(fault.path, fault.code) for fault in caught.value.faults]
    assert wanted - set(found) == set()
    assert set(found) - wanted == set()
    assert rows(session) == before


def test_faults_have_facts_that_json_can_carry(demo_tree: Town) -> None:
    town = copy.deepcopy(demo_tree)
    for name, plant in PLANTED.items():
        if name not in ALONE:
            plant(town)
    with pytest.raises(InvalidError) as caught:
        read_season(write(town))
    for fault in caught.value.faults:
        json.dumps([fault.path, fault.facts]).encode()
        fault.path.encode()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"[]", "wrong-type"),
        (b"null", "wrong-type"),
        (b"1e400", "wrong-type"),
        (b"\xff\xfe{\x00}\x00", "not-utf-8"),
        (b"{\x00}\x00", "not-json"),
        ('{"town": "云溪岭镇"}'.encode("gb18030"), "not-utf-8"),
        (b"[" * 10_000 + b"]" * 10_000, "too-deep"),
        (b'{"town": ' + b"[" * 500 + b"]" * 500 + b"}", "too-deep"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "too-deep"),
        (b'{"town": {}} trailing', "not-json"),
        (b"{'town': {}}", "not-json"),
        (b'{"town": "\x01"}', "not-json"),
    ],
)
def test_what_is_no_season_file_is_refused_as_a_whole(data: bytes, code: str) -> None:
    assert code in {found for _, found in refusal(data)}


def test_a_byte_order_mark_is_read_over(demo_town: bytes) -> None:
    town, _ = read_season(b"\xef\xbb\xbf" + demo_town)
    assert town["code"] == "379901101"


@pytest.mark.parametrize("town", [None, [], "云溪岭镇", 7, True, {}])
def test_a_file_without_a_town_says_so(demo_tree: Town, town: object) -> None:
    found = refusal(json.dumps({**demo_tree, "town": town}).encode())
    assert found[0][0].startswith("town")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("timezone", "Asia", "not-allowed"),
        ("timezone", "../etc/passwd", "not-allowed"),
        ("timezone", "Mars/Olympus", "not-allowed"),
        ("crs", "GCJ-02", "not-allowed"),
        ("crs", None, "missing-field"),
        ("code", "C01", "region-shape"),
        ("season", "", "empty"),
    ],
)
def test_a_town_is_checked(demo_tree: Town, field: str, value: object, code: str) -> None:
    town = {**demo_tree, "town": {**demo_tree["town"], field: value}}
    assert (f"town.{field}", code) in refusal(json.dumps(town).encode())


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("known_at", "2026-07-02", "not-a-date"),
        ("known_at", "2026-07-02T10:20:00", "offset-missing"),
        ("known_at", "2999-07-02T10:20:00+08:00", "in-the-future"),
        ("known_at", "0001-01-01T00:00:00+14:00", "out-of-range"),
        ("known_at", "2026-07-02T10:20:00+08:00:30", "not-a-date"),
        ("started_at", "2026-07-01T10:20:00+08:00", "before-its-source"),
        ("must_start_by", "9999-12-31T23:59:59-12:00", "out-of-range"),
        ("level", 4, "out-of-range"),
    ],
)
def test_the_times_of_a_recall_are_checked(demo_tree: Town, field: str, value: object, code: str) -> None:
    town = copy.deepcopy(demo_tree)
    town["recalls"][0][field] = value
    assert (f"recalls[0].{field}", code) in refusal(json.dumps(town).encode())


def test_a_recall_may_have_its_deadline_before_it(demo_tree: Town) -> None:
    town = copy.deepcopy(demo_tree)
    town["recalls"][0]["must_start_by"] = "2999-07-04T10:20:00+08:00"
    read_season(json.dumps(town).encode())


def test_places_in_a_list_stay_what_they_are_when_one_is_at_fault(demo_tree: Town) -> None:
    town = copy.deepcopy(demo_tree)
    town["intakes"][0]["harvests"] = [7, "H9999"]
    found = refusal(json.dumps(town).encode())
    assert ("intakes[0].harvests[0]", "wrong-type") in found
    assert ("intakes[0].harvests[1]", "unknown-reference") in found
