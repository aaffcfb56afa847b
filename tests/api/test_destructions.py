"""`POST /v1/destructions`: grams of a lot, or units of a pack, are no more; nobody ships them."""

from typing import Any

from tests.api.doors import Doors
from tests.api.moving import grams, kg, make, make_packs
from tests.api.test_packs import ship
from tests.api.test_pickings import faults


def burn(**changes: Any) -> dict[str, Any]:
    """Return the body of a good destruction, of tea."""
    body = {
        "lot": "T1",
        "mass": {"value": "100", "unit": "g"},
        "destroyed_at": "2026-05-25T10:00:00+08:00",
        "reason": "霉变",
        "method": "焚烧",
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


def burn_units(first: int = 1, last: int = 3, **changes: Any) -> dict[str, Any]:
    """Return the body of a good destruction, of units."""
    return burn(**{"lot": None, "mass": None, "pack": "PK1", "first": first, "last": last, **changes})


def test_tea_is_burnt_and_its_witness_shown_to_nobody(doors: Doors) -> None:
    make(doors)
    before = grams(doors, "PL1/T1", "plant")
    answer = doors.post("/v1/destructions", burn(code="DE1", witness="王芳"), "plant")
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == "/v1/destructions/PL1/DE1"
    assert (answer.json["lot"], answer.json["pack"], answer.json["mass_g"]) == ("T1", None, 100)
    assert answer.json["mass"] == {"value": "100", "unit": "g"}
    assert "王芳" not in answer.text
    assert "王芳" not in doors.get("/v1/destructions", "operator").text
    assert doors.get("/v1/destructions/DE1", "plant").json == answer.json
    assert grams(doors, "PL1/T1", "plant") == before - 100


def test_what_is_destroyed_is_not_shipped(doors: Doors) -> None:
    make(doors)
    everything = {"value": grams(doors, "PL1/T1", "plant"), "unit": "g"}
    assert doors.post("/v1/destructions", burn(mass=everything), "plant").status_code == 201
    send = {"receiver": "BR1", "sent_at": "2026-05-26T10:00:00+08:00", "lots": [{"lot": "T1", "mass": kg("0.001")}]}
    assert doors.post("/v1/deliveries", send, "plant").json["code"] == "lot-overdrawn"
    make_packs(doors)
    answer = doors.post("/v1/destructions", burn_units(), "plant")
    assert (answer.status_code, answer.json["pack"], answer.json["lot"]) == (201, "PK1", None)
    assert (answer.json["first_position"], answer.json["last_position"]) == (1, 3)
    assert doors.post("/v1/shipments", ship("PK1", 3, 4), "plant").json["code"] == "positions-taken"
    assert doors.get("/v1/packs/PL1/PK1", "plant").json["units_left"] == 7


def test_more_than_is_there_is_a_conflict_and_writes_nothing(doors: Doors) -> None:
    make(doors)
    make_packs(doors)
    before = grams(doors, "PL1/T1", "plant")
    answer = doors.post("/v1/destructions", [burn(), burn(mass=kg("900"))], "plant")
    assert (answer.status_code, answer.json["code"]) == (409, "lot-overdrawn")
    assert doors.post("/v1/destructions", burn_units(9, 11), "plant").json["code"] == "positions-taken"
    doors.post("/v1/shipments", ship("PK1"), "plant")
    assert doors.post("/v1/destructions", burn_units(4, 5), "plant").json["code"] == "positions-taken"
    assert grams(doors, "PL1/T1", "plant") == before
    assert doors.get("/v1/destructions", "plant").json["items"] == []


def test_every_fault_of_all_destructions_is_told_at_once(doors: Doors) -> None:
    make(doors)
    make(doors, "T2", "PL2")
    make_packs(doors)
    bad = [
        burn(mass=None),
        burn(pack="PK1"),
        burn_units(last=None),
        burn_units(3, 1, mass=kg("1")),
        burn(lot=None, mass=None),
        burn(lot="T2"),
        burn(lot="PK1", destroyed_at="2099-01-01T10:00:00+08:00"),
    ]
    for language in ("zh", "en"):
        answer = doors.post("/v1/destructions", bad, "plant", Accept_Language=language)
        assert answer.status_code == 422
        assert faults(answer) == {
            ("[0].mass", "missing-field"),
            ("[1].pack", "not-both"),
            ("[1].first", "missing-field"),
            ("[1].last", "missing-field"),
            ("[2].last", "missing-field"),
            ("[3].last", "positions-outside"),
            ("[3].mass", "not-both"),
            ("[4].lot", "missing-field"),
            ("[5].lot", "unknown-reference"),
            ("[6].lot", "packed-lot"),
            ("[6].destroyed_at", "in-the-future"),
        }
        assert all(one["detail"] for one in answer.json["errors"])


def test_a_stranger_neither_destroys_nor_reads(doors: Doors) -> None:
    make(doors)
    doors.post("/v1/destructions", burn(code="DE1"), "plant")
    assert doors.get("/v1/destructions/PL1/DE1", "other plant").status_code == 404
    assert faults(doors.post("/v1/destructions", burn(), "other plant")) == {("lot", "unknown-reference")}
    for caller in ("officer", "auditor", "laboratory"):
        assert doors.post("/v1/destructions", burn(), caller).json["code"] == "role-closed"
