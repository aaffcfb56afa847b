"""`POST /v1/deliveries`: loose tea goes to another party, which weighs it again; it is received once, or refused."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.api.doors import Doors
from tests.api.moving import grams, kg, make, make_packs, pick
from tests.api.test_cases import case
from tests.api.test_destructions import burn_units
from tests.api.test_outside import outside
from tests.api.test_packs import ship
from tests.api.test_pickings import faults
from tests.api.test_returns import come_back
from tests.api.test_reworks import rework
from tests.factories import make_finding
from trace.lots import Lot
from trace.rebuild import differences


def deliver(**changes: Any) -> dict[str, Any]:
    """Return the body of a good delivery."""
    return {
        "receiver": "PL2",
        "sent_at": "2026-05-20T09:00:00+08:00",
        "lots": [{"lot": "T1", "mass": kg("1")}],
        "note_number": "SJ-1",
        **changes,
    }


def weigh(mass: str = "0.99", **changes: Any) -> dict[str, Any]:
    """Return the body by which a delivery is received."""
    body = {"deliveries": ["PL1/SH1"], "received_at": "2026-05-20T15:00:00+08:00", "mass": kg(mass), **changes}
    return {name: value for name, value in body.items() if value is not None}


@pytest.fixture
def sent(doors: Doors) -> int:
    """A kilogram of tea on its way from one plant to another; returns what the giver has left."""
    make(doors)
    before = grams(doors, "PL1/T1", "plant")
    answer = doors.post("/v1/deliveries", deliver(code="SH1", price_yuan_per_kg="260", vehicle="示A12345"), "plant")
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == "/v1/deliveries/PL1/SH1"
    assert (answer.json["state"], answer.json["mass_g"], answer.json["note_number"]) == ("sent", 1_000, "SJ-1")
    assert grams(doors, "PL1/T1", "plant") == before - 1_000
    return before - 1_000


def test_tea_is_received_with_another_weight_and_stays_tea(doors: Doors, sent: int) -> None:
    answer = doors.post("/v1/intakes", weigh(code="IT1"), "other plant")
    assert answer.status_code == 201, answer.text
    assert (answer.json["delivered_g"], answer.json["received_g"], answer.json["supplier"]) == (1_000, 990, "PL1")
    given, received = (doors.get(f"/v1/lots/{code}", "other plant").json for code in ("PL1/T1", "PL2/IT1"))
    assert received["mass_g"] == 990
    assert [received[name] for name in ("kind", "grade", "product_kind")] == [
        given[name] for name in ("kind", "grade", "product_kind")
    ]
    closed = doors.get("/v1/deliveries/PL1/SH1", "plant").json
    assert (closed["state"], closed["intake"], closed["price_yuan_per_kg"]) == ("received", "IT1", "260")
    again = doors.post("/v1/intakes", weigh(), "other plant")
    assert (again.status_code, again.json["code"]) == (409, "delivery-not-open")
    assert grams(doors, "PL1/T1", "plant") == sent


def test_deliveries_and_hand_overs_are_kept_apart(doors: Doors, sent: int) -> None:
    assert [one["code"] for one in doors.get("/v1/deliveries?state=sent", "other plant").json["items"]] == ["SH1"]
    assert doors.get("/v1/hand-overs", "plant").json["items"] == []
    assert doors.get("/v1/hand-overs/PL1/SH1", "plant").status_code == 404
    assert doors.get("/v1/deliveries/PL1/SH1", "coop").status_code == 404


def test_a_refused_delivery_is_its_givers_again(doors: Doors, sent: int) -> None:
    refusal = {"returned_at": "2026-05-20T16:00:00+08:00", "reason": "与样不符"}
    answer = doors.post("/v1/deliveries/PL1/SH1/refusals", refusal, "other plant")
    assert answer.status_code == 201, answer.text
    assert (answer.json["state"], answer.json["returned_on"]) == ("returned", "2026-05-20")
    assert grams(doors, "PL1/T1", "plant") == sent + 1_000
    assert doors.post("/v1/intakes", weigh(), "other plant").json["code"] == "delivery-not-open"


def test_leaf_goes_by_delivery_too_but_not_into_one_lot_with_tea(doors: Doors, sent: int) -> None:
    pick(doors, "H1", "PL1")
    leaf = deliver(code="SH2", lots=[{"lot": "H1", "mass": kg("2")}])
    assert doors.post("/v1/deliveries", leaf, "plant").status_code == 201
    mixed = doors.post("/v1/intakes", weigh(deliveries=["PL1/SH1", "PL1/SH2"]), "other plant")
    assert faults(mixed) == {("deliveries", "disagrees")}
    answer = doors.post("/v1/intakes", weigh("1.9", deliveries=["PL1/SH2"]), "other plant")
    assert doors.get(f"/v1/lots/PL2/{answer.json['code']}", "other plant").json["kind"] == "received"


def test_held_tea_is_not_sent(doors: Doors) -> None:
    make(doors)
    with doors.sessions.write.begin() as session:
        make_finding(session, lot=session.scalars(select(Lot).where(Lot.code == "T1")).one())
    refused = doors.post("/v1/deliveries", deliver(), "plant")
    assert (refused.status_code, refused.json["code"]) == (409, "lot-refused")


def test_more_than_is_there_is_a_conflict_and_writes_nothing(doors: Doors, sent: int) -> None:
    answer = doors.post("/v1/deliveries", [deliver(), deliver(lots=[{"lot": "T1", "mass": kg("900")}])], "plant")
    assert (answer.status_code, answer.json["code"]) == (409, "lot-overdrawn")
    assert grams(doors, "PL1/T1", "plant") == sent


def test_every_fault_of_all_deliveries_is_told_at_once(doors: Doors, sent: int) -> None:
    make(doors, "T2", "PL2")
    make_packs(doors)
    bad = [
        deliver(code="SH1", receiver="PL1"),
        deliver(receiver="nobody", lots=[{"lot": "T2", "mass": kg("1")}, {"lot": "PK1", "mass": kg("1")}]),
        deliver(sent_at="2026-01-01T09:00:00+08:00", lots=[{"lot": "T1", "mass": kg("1")}] * 2),
    ]
    for language in ("zh", "en"):
        answer = doors.post("/v1/deliveries", bad, "plant", Accept_Language=language)
        assert answer.status_code == 422
        assert faults(answer) == {
            ("[0].code", "code-taken"),
            ("[0].receiver", "not-itself"),
            ("[1].receiver", "unknown-reference"),
            ("[1].lots[0].lot", "unknown-reference"),
            ("[1].lots[1].lot", "packed-lot"),
            ("[2].sent_at", "before-its-source"),
            ("[2].lots[1].lot", "duplicate-value"),
        }
        assert all(one["detail"] for one in answer.json["errors"])


def test_a_stranger_sends_nothing_of_anothers(doors: Doors, sent: int) -> None:
    assert faults(doors.post("/v1/deliveries", deliver(), "broker")) == {("lots[0].lot", "unknown-reference")}
    for caller in ("officer", "auditor", "laboratory"):
        assert doors.post("/v1/deliveries", deliver(), caller).json["code"] == "role-closed"


def test_goods_that_go_every_way_add_up(doors: Doors, sent: int) -> None:
    """Tea is bought in, sent, received, packed, put into a case, sold, brought back, burnt and opened again."""
    make_packs(doors)
    steps = (
        ("intakes", weigh(code="IT1"), "other plant"),
        ("outside-lots", outside(code="OUT1"), "plant"),
        ("cases", case(1, 4), "plant"),
        ("shipments", ship("PK1", packs=[{"pack": "PK1", "first": 5, "last": 6}], cases=[case()["sscc"]]), "plant"),
        ("returns", come_back(2, 5), "plant"),
        (f"cases/{case()['sscc']}/unpack", {"opened_at": "2026-05-26T09:00:00+08:00"}, "plant"),
        ("destructions", burn_units(5, 5, destroyed_at="2026-05-27T09:00:00+08:00"), "plant"),
        ("reworks", rework(2, 3, reworked_at="2026-05-28T09:00:00+08:00"), "plant"),
        ("shipments", ship("PK1", 4, 4, shipped_at="2026-05-29T09:00:00+08:00"), "plant"),
    )
    for noun, body, caller in steps:
        answer = doors.post(f"/v1/{noun}", body, caller)
        assert answer.status_code == 201, (noun, answer.text)
    assert doors.get("/v1/packs/PL1/PK1", "plant").json["units_left"] == 4
    for noun in ("deliveries", "outside-lots", "cases", "shipments", "returns", "destructions", "reworks"):
        assert doors.get(f"/v1/{noun}", "plant").json["items"], noun
        assert doors.get(f"/v1/exports/{noun}", "plant").text.count("\n") >= 1, noun
    with doors.sessions.read() as session:
        assert differences(session) == []
