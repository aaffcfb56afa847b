"""`POST /v1/runs`, `/v1/blends`: own lots become tea, grams add up, twenty at once take no more than is there."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from tests.api.doors import Doors
from tests.api.test_pickings import faults
from tests.factories import make_intake, make_leaf
from trace.lots import Lot
from trace.parties import Party


@pytest.fixture
def received(doors: Doors) -> str:
    """Ten kilograms of leaf at the plant."""
    with doors.sessions.write.begin() as session:
        coop, plant = (session.scalars(select(Party).where(Party.code == code)).one() for code in ("C01", "PL1"))
        leaf = make_leaf(session, party=coop, code="H1")
        make_intake(session, plant=plant, supplier=coop, taken=[(leaf, leaf.mass_g)], code="IT1")
    return "IT1"


def run(lot: str, kg: str = "10", made_kg: str = "2", **changes: Any) -> dict[str, Any]:
    """Return the body of a good run."""
    return {
        "done_at": "2026-04-20T18:00:00+08:00",
        "inputs": [{"lot": lot, "mass": {"value": kg, "unit": "kg"}}],
        "output": {"mass": {"value": made_kg, "unit": "kg"}},
        **changes,
    }


def test_leaf_becomes_tea_and_water(doors: Doors, received: str) -> None:
    by_product = {"mass": {"value": "100", "unit": "g"}}
    answer = doors.post("/v1/runs", run(received, code="R1", by_product=by_product), "plant")
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == "/v1/runs/PL1/R1"
    assert (answer.json["input_g"], answer.json["output_g"], answer.json["by_product_g"]) == (10_000, 2_000, 100)
    assert answer.json["inputs"] == [{"lot": "IT1", "party": "PL1", "mass_g": 10_000}]
    assert doors.get("/v1/lots/PL1/IT1", "plant").json["mass_g"] == 0
    assert doors.get("/v1/lots/PL1/R1-BP", "plant").json["mass_g"] == 100


def test_made_tea_becomes_a_finished_lot(doors: Doors, received: str) -> None:
    made = doors.post("/v1/runs", run(received), "plant").json["output"]
    answer = doors.post("/v1/blends", run(made, "2", "1.9", code="L1"), "plant")
    assert answer.status_code == 201, answer.text
    assert doors.get(f"/v1/lots/{answer.json['output']}", "plant").json["kind"] == "finished"
    assert [one["code"] for one in doors.get("/v1/blends", "plant").json["items"]] == ["L1"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"output": {"mass": {"value": "11", "unit": "kg"}}}, ("output.mass", "mass-imbalance")),
        ({"done_at": "2026-04-01T18:00:00+08:00"}, ("done_at", "before-its-source")),
        ({"inputs": []}, ("inputs", "empty")),
        ({"inputs": [{"lot": "nothing", "mass": {"value": 1, "unit": "kg"}}]}, ("inputs[0].lot", "unknown-reference")),
        ({"inputs": [{"lot": "H1", "mass": {"value": 1, "unit": "kg"}}]}, ("inputs[0].lot", "not-yours")),
        ({"inputs": [{"lot": "IT1", "mass": {"value": 1, "unit": "kg"}}] * 2}, ("inputs[1].lot", "duplicate-value")),
    ],
)
def test_a_fault_names_its_field(doors: Doors, received: str, changes: dict[str, Any], fault: tuple[str, str]) -> None:
    answer = doors.post("/v1/runs", {**run(received), **changes}, "plant")
    assert answer.status_code == 422
    assert fault in faults(answer)


def test_more_than_is_there_is_a_conflict_and_writes_nothing(doors: Doors, received: str) -> None:
    answer = doors.post("/v1/runs", [run(received, "6", "1"), run(received, "6", "1")], "plant")
    assert (answer.status_code, answer.json["code"]) == (409, "lot-overdrawn")
    assert doors.get("/v1/lots/PL1/IT1", "plant").json["mass_g"] == 10_000


def test_twenty_at_once_take_no_more_than_is_there(doors: Doors, received: str) -> None:
    def take(_: int) -> int:
        client = doors.app.test_client()
        headers = {"Authorization": f"Bearer {doors.tokens['plant']}"}
        return client.post("/v1/runs", json=run(received, "3", "0.6"), headers=headers).status_code

    with ThreadPoolExecutor(20) as plants:
        statuses = sorted(plants.map(take, range(20)))
    assert statuses == [201] * 3 + [409] * 17
    with doors.sessions.read() as session:
        assert session.scalars(select(Lot.mass_g).where(Lot.code == "IT1")).one() == 1_000


def test_anothers_lot_is_unknown_to_a_stranger(doors: Doors, received: str) -> None:
    answer = doors.post("/v1/runs", run(received), "other plant")
    assert faults(answer) == {("inputs[0].lot", "unknown-reference")}
