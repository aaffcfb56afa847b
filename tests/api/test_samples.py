"""`POST /v1/samples`: what is kept of a sample leaves its lot; its reports name it."""

from typing import Any

import pytest

from tests.api.doors import Doors
from tests.api.test_pickings import faults, picking
from tests.api.test_results import report
from tests.factories import make_pack
from trace.parties import find_party


@pytest.fixture(autouse=True)
def leaf(doors: Doors) -> None:
    """A picking of the co-operative."""
    assert doors.post("/v1/pickings", picking(doors, code="H1")).status_code == 201


def sample(**changes: Any) -> dict[str, Any]:
    """Return the body of a good sample."""
    return {
        "code": "SA1",
        "lot": "H1",
        "sampled_at": "2026-04-19T09:00:00+08:00",
        "purpose": "commissioned",
        "laboratory": "LAB1",
        **changes,
    }


def test_a_sample_leaves_its_lot_and_its_laboratory_reports_on_it(doors: Doors) -> None:
    answer = doors.post("/v1/samples", sample(mass={"value": "200", "unit": "g"}))
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == "/v1/samples/C01/SA1"
    assert answer.json["mass"] == {"value": "200", "unit": "g"}
    assert doors.get("/v1/lots/C01/H1").json["mass_g"] == 12_550
    on_sample = report(lot=None, sampled_at=None, purpose=None, sample="SA1")
    assert doors.post("/v1/results", on_sample, "laboratory").status_code == 201
    assert faults(doors.post("/v1/results", on_sample, "other plant")) == {("sample", "unknown-reference")}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"lot": "nothing"}, ("lot", "unknown-reference")),
        ({"laboratory": "nobody"}, ("laboratory", "unknown-reference")),
        ({"sampled_at": "2026-04-17T09:00:00+08:00"}, ("sampled_at", "before-its-source")),
        ({"mass": {"value": 0, "unit": "g"}}, ("mass", "not-positive")),
    ],
)
def test_a_fault_names_its_field(doors: Doors, changes: dict[str, Any], fault: tuple[str, str]) -> None:
    assert fault in faults(doors.post("/v1/samples", sample(**changes)))


def test_no_grams_are_taken_of_packs(doors: Doors) -> None:
    with doors.sessions.write.begin() as session:
        plant = find_party(session, "PL1")
        assert plant is not None
        make_pack(session, packer=plant, code="PK1")
    body = sample(lot="PK1", mass={"value": 100, "unit": "g"}, sampled_at="2026-05-01T09:00:00+08:00")
    assert faults(doors.post("/v1/samples", body, "plant")) == {("mass", "packed-lot")}


def test_a_laboratory_takes_no_grams_out_of_anothers_books(doors: Doors) -> None:
    body = sample(lot="C01/H1", mass={"value": 100, "unit": "g"})
    assert faults(doors.post("/v1/samples", body, "laboratory")) == {("mass", "not-yours")}
    assert doors.post("/v1/samples", sample(lot="C01/H1"), "laboratory").status_code == 201


def test_more_than_is_there_is_a_conflict(doors: Doors) -> None:
    answer = doors.post("/v1/samples", sample(mass={"value": 13, "unit": "kg"}))
    assert (answer.status_code, answer.json["code"]) == (409, "lot-overdrawn")
