"""`POST /v1/returns`: what was sold comes back into its pack from who had it; deliveries are refused at the gate."""

from typing import Any

import pytest

from tests.api.doors import Doors
from tests.api.moving import grams, make_packs, pick, send
from tests.api.test_packs import ship
from tests.api.test_pickings import faults


def come_back(first: int = 3, last: int = 4, **changes: Any) -> dict[str, Any]:
    """Return the body of a good return."""
    return {
        "buyer": "C02",
        "pack": "PK1",
        "first": first,
        "last": last,
        "returned_at": "2026-05-25T10:00:00+08:00",
        "reason": "外包装破损",
        **changes,
    }


@pytest.fixture
def sold(doors: Doors) -> str:
    """Positions 1 to 4 of a pack of ten, sold to another co-operative."""
    make_packs(doors)
    assert doors.post("/v1/shipments", ship("PK1"), "plant").status_code == 201
    return "PK1"


def units_left(doors: Doors) -> int:
    """Return how many units the plant has."""
    return int(doors.get("/v1/packs/PL1/PK1", "plant").json["units_left"])


def test_units_come_back_and_are_sold_again(doors: Doors, sold: str) -> None:
    answer = doors.post("/v1/returns", come_back(code="RT1"), "plant")
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == "/v1/returns/PL1/RT1"
    assert (answer.json["units"], answer.json["pack"], answer.json["buyer"]) == (2, "PK1", "C02")
    assert answer.json["returned_at"] == "2026-05-25T10:00:00+08:00"
    assert doors.get("/v1/returns/RT1", "other coop").json == answer.json
    assert units_left(doors) == 8
    again = ship("PK1", 3, 4, buyer="BR1", shipped_at="2026-05-26T09:00:00+08:00")
    assert doors.post("/v1/shipments", again, "plant").status_code == 201
    assert units_left(doors) == 6


def test_what_a_buyer_does_not_have_does_not_come_back_from_it(doors: Doors, sold: str) -> None:
    bodies = {"never sold": come_back(4, 5), "sold to another": come_back(buyer="C01"), "beyond": come_back(900, 901)}
    told = {name: doors.post("/v1/returns", body, "plant").json["code"] for name, body in bodies.items()}
    assert told == dict.fromkeys(bodies, "positions-not-out")
    twice = doors.post("/v1/returns", [come_back(), come_back()], "plant")
    assert (twice.status_code, twice.json["code"]) == (409, "positions-not-out")
    assert units_left(doors) == 6


def test_nothing_comes_back_before_it_was_sold(doors: Doors, sold: str) -> None:
    assert faults(doors.post("/v1/returns", come_back(returned_at="2026-05-21T10:00:00+08:00"), "plant")) == {
        ("returned_at", "before-its-source")
    }
    assert doors.post("/v1/returns", come_back(returned_at="2026-05-22T10:00:00+08:00"), "plant").status_code == 201


def test_every_fault_of_all_returns_is_told_at_once(doors: Doors, sold: str) -> None:
    doors.post("/v1/returns", come_back(code="RT1"), "plant")
    bad = [
        come_back(4, 3, code="RT1"),
        come_back(buyer="nobody", pack="PK9"),
        come_back(returned_at="2026-01-01T10:00:00+08:00"),
        come_back(returned_at="2099-01-01T10:00:00+08:00"),
    ]
    for language in ("zh", "en"):
        answer = doors.post("/v1/returns", bad, "plant", Accept_Language=language)
        assert answer.status_code == 422
        assert faults(answer) == {
            ("[0].code", "code-taken"),
            ("[0].last", "positions-outside"),
            ("[1].buyer", "unknown-reference"),
            ("[1].pack", "unknown-reference"),
            ("[2].returned_at", "before-its-source"),
            ("[3].returned_at", "in-the-future"),
        }
        assert all(one["detail"] for one in answer.json["errors"])
    unreadable = doors.post("/v1/returns", {**come_back(first=0), "reason": "", "why": 1}, "plant")
    assert faults(unreadable) == {("first", "out-of-range"), ("reason", "empty"), ("why", "unknown-field")}


def test_a_stranger_neither_records_nor_reads_a_return(doors: Doors, sold: str) -> None:
    doors.post("/v1/returns", come_back(code="RT1"), "plant")
    assert doors.get("/v1/returns/PL1/RT1", "other plant").status_code == 404
    assert doors.get("/v1/returns", "other plant").json["items"] == []
    assert ("pack", "unknown-reference") in faults(doors.post("/v1/returns", come_back(), "other plant"))
    assert doors.post("/v1/returns", come_back(party="PL1"), "other plant").json["code"] == "not-for-them"
    for caller in ("officer", "auditor", "laboratory"):
        assert doors.post("/v1/returns", come_back(), caller).json["code"] == "role-closed"


def test_a_delivery_refused_at_the_gate_is_its_givers_again(doors: Doors) -> None:
    pick(doors)
    send(doors, "HO1")
    refusal = {"returned_at": "2026-04-20T15:00:00+08:00", "reason": "含水过高"}
    path = "/v1/hand-overs/C01/HO1/refusals"
    assert doors.post(path, refusal, "coop").json["code"] == "not-for-them"
    assert doors.post(path, refusal, "other plant").status_code == 404
    early = doors.post(path, {**refusal, "returned_at": "2026-04-19T15:00:00+08:00"}, "plant")
    assert faults(early) == {("returned_at", "before-its-source")}
    answer = doors.post(path, refusal, "plant")
    assert answer.status_code == 201, answer.text
    assert (answer.json["state"], answer.json["return_reason"]) == ("returned", "含水过高")
    assert grams(doors, "C01/H1", "coop") == 10_000
    assert doors.post(path, refusal, "plant").json["code"] == "delivery-not-open"


def test_who_enters_for_a_receiver_refuses_for_it(doors: Doors) -> None:
    pick(doors)
    send(doors, "HO1", receiver="B01")
    refusal = {"returned_at": "2026-04-20T15:00:00+08:00", "reason": "含水过高", "party": "B01"}
    path = "/v1/hand-overs/C01/HO1/refusals"
    assert doors.post(path, refusal, "plant").status_code == 404
    doors.post("/v1/mandates", {"principal": "B01", "agent": "PL1", "from_on": "2026-01-01"}, "broker")
    answer = doors.post(path, refusal, "plant")
    assert (answer.status_code, answer.json["state"], answer.json["receiver"]) == (201, "returned", "B01")
