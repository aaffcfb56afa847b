"""What stands behind the question mark of an address: nothing unknown, nothing twice, numbers in plain digits."""

import pytest

from tests.api.conftest import Asking
from tests.api.doors import Doors


def _told(doors: Doors, path: str, caller: str = "coop") -> tuple[int, str, list[tuple[str, str]]]:
    body = doors.get(path, caller).json
    return body["status"], body["code"], [(fault["field"], fault["code"]) for fault in body["errors"]]


@pytest.mark.parametrize("path", ["/v1/parties/C01", "/v1/me", "/v1/parties", "/v1/events", "/v1/parties/NOPE"])
def test_a_parameter_that_no_route_knows_is_refused_everywhere(doors: Doors, path: str) -> None:
    assert _told(doors, f"{path}?dry_run=1") == (400, "bad-parameter", [("dry_run", "unknown-parameter")])


def test_a_write_with_a_parameter_writes_nothing(doors: Doors) -> None:
    picking = {
        "plot": doors.plots["own"],
        "picked_at": "2026-04-18T06:30:00+08:00",
        "mass": {"value": "25", "unit": "jin"},
        "pluck_standard": "一芽一叶",
    }
    answer = doors.post("/v1/pickings?dry_run=1", picking)
    assert (answer.status_code, answer.json["code"]) == (400, "bad-parameter")
    assert doors.get("/v1/pickings").json["items"] == []
    assert doors.client.delete("/v1/keys/nope?force=1", headers=doors._headers("coop", {})).status_code == 400


def test_a_parameter_given_twice_is_refused_and_not_taken_once(doors: Doors) -> None:
    told = (400, "bad-parameter", [("kind", "repeated-parameter")])
    assert _told(doors, "/v1/parties?kind=plant&kind=broker") == told


@pytest.mark.parametrize("number", ["+1", "%201", "1_0", "%D9%A1", "1.0", "1e1", "--1", ""])
def test_a_number_is_plain_digits(doors: Doors, number: str) -> None:
    assert _told(doors, f"/v1/parties?limit={number}") == (400, "bad-parameter", [("limit", "wrong-type")])
    assert _told(doors, f"/v1/events?wait={number}") == (400, "bad-parameter", [("wait", "wrong-type")])


def test_a_number_may_be_long_and_is_judged_by_its_value(doors: Doors) -> None:
    for number in ("9" * 5000, "-" + "9" * 5000, "9" * 20, "0" * 5000):
        assert _told(doors, f"/v1/parties?limit={number}") == (400, "bad-parameter", [("limit", "out-of-range")])
    assert len(doors.get(f"/v1/parties?limit={'0' * 30}1").json["items"]) == 1


def test_a_refused_parameter_says_what_is_taken(ask: Asking) -> None:
    limit = ask("/v1/lots?limit=201", Accept_Language="en").json["errors"][0]
    assert limit["detail"] == "out of range: least 1, most 200"
    kind = ask("/v1/lots?kind=tea", Accept_Language="en").json["errors"][0]
    assert kind["detail"] == "not one of the values allowed: leaf, received, made, finished, by-product, packed"
