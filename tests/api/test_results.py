"""`POST /v1/results`: whoever tests a lot reports on it; value and limit decide, and what fails is found."""

from typing import Any

import pytest

from tests.api.doors import Doors
from tests.api.test_pickings import faults, picking


@pytest.fixture(autouse=True)
def leaf(doors: Doors) -> None:
    """A picking of the co-operative."""
    assert doors.post("/v1/pickings", picking(doors, code="H1")).status_code == 201


def report(items: list[dict[str, Any]] | None = None, **changes: Any) -> dict[str, Any]:
    """Return the body of a good report."""
    body = {
        "code": "T1",
        "lot": "C01/H1",
        "sampled_at": "2026-04-19T09:00:00+08:00",
        "purpose": "commissioned",
        "reported_at": "2026-04-20T15:00:00+08:00",
        "items": items or [{"analyte": "联苯菊酯", "value": "0.010", "unit": "mg/kg", "limit": "5"}],
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


def test_a_laboratory_reports_on_a_lot_it_may_not_look_into(doors: Doors) -> None:
    assert doors.get("/v1/lots/C01/H1", "laboratory").status_code == 404
    answer = doors.post("/v1/results", report(), "laboratory")
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == "/v1/results/LAB1/T1"
    assert (answer.json["lot"], answer.json["passed"]) == ("H1", True)
    assert answer.json["items"][0]["value"] == "0.010"
    told = doors.get("/v1/lots/C01/H1", "laboratory").json
    assert (told["code"], told["mass_g"]) == ("H1", None)


@pytest.mark.parametrize(
    ("item", "passed"),
    [
        ({"value": "6", "limit": "5"}, False),
        ({"value": "6", "limit": "5", "passed": True}, False),
        ({"value": "5", "limit": "5", "limit_type": "max"}, True),
        ({"value": "4.9", "limit": "5", "limit_type": "min"}, False),
        ({"words": "不符合", "passed": False}, False),
        ({"words": "未检出"}, True),
    ],
)
def test_value_and_limit_decide_else_the_report_itself(doors: Doors, item: dict[str, Any], passed: bool) -> None:
    answer = doors.post("/v1/results", report([{"analyte": "项目", **item}]))
    assert (answer.status_code, answer.json["passed"]) == (201, passed), answer.text


def test_too_much_residue_is_found_on_the_lot(doors: Doors) -> None:
    item = {"analyte": "联苯菊酯", "value": "9", "unit": "mg/kg", "limit": "5", "basis": "GB 2763"}
    doors.post("/v1/results", report([item]), "laboratory")
    assert [one["rule"] for one in doors.get("/v1/findings?severity=refuse").json["items"]] == ["mrl_exceeded"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"lot": "C01/nothing"}, ("lot", "unknown-reference")),
        ({"lot": "H1"}, ("lot", "unknown-reference")),
        ({"lot": None}, ("sample", "sample-or-lot")),
        ({"purpose": None}, ("purpose", "missing-field")),
        ({"sampled_at": "2026-04-17T09:00:00+08:00"}, ("sampled_at", "before-its-source")),
        ({"reported_at": "2026-04-18T09:00:00+08:00"}, ("reported_at", "before-its-source")),
        ({"items": [{"analyte": "水分"}]}, ("items[0].value", "missing-field")),
        ({"items": []}, ("items", "empty")),
    ],
)
def test_a_fault_names_its_field(doors: Doors, changes: dict[str, Any], fault: tuple[str, str]) -> None:
    body = {**report(), **changes}
    answer = doors.post("/v1/results", {key: one for key, one in body.items() if one is not None}, "laboratory")
    assert answer.status_code == 422
    assert fault in faults(answer)


def test_who_does_not_test_reports_on_what_it_may_read_only(doors: Doors) -> None:
    assert faults(doors.post("/v1/results", report(), "other plant")) == {("lot", "unknown-reference")}
    assert doors.post("/v1/results", report(lot="H1")).status_code == 201
