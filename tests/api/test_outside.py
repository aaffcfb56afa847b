"""`POST /v1/outside-lots`: tea from elsewhere comes in with a declared origin, and is nowhere shown as local."""

from typing import Any

import pytest

from tests.api.doors import Doors
from tests.api.moving import kg, let_lot_go, make, party_of
from tests.api.test_packs import pack
from tests.api.test_pickings import faults
from tests.api.test_runs import run
from tests.factories import make_brand, make_trade_item


def outside(**changes: Any) -> dict[str, Any]:
    """Return the body of good tea from outside."""
    body = {
        "supplier_name": "外省茶行",
        "declared_origin": "外省某县",
        "received_at": "2026-05-06T14:00:00+08:00",
        "mass": kg("12.5"),
        "kind": "made",
        "papers": ["产地证明 1"],
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


def test_tea_from_outside_says_what_its_supplier_declared(doors: Doors) -> None:
    answer = doors.post("/v1/outside-lots", outside(code="OUT1", price_yuan_per_kg="180", grade="一级"), "plant")
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == "/v1/outside-lots/PL1/OUT1"
    assert (answer.json["declared_origin"], answer.json["kind"], answer.json["mass_g"]) == ("外省某县", "made", 12_500)
    assert (answer.json["supplier"], answer.json["papers"]) == (None, ["产地证明 1"])
    assert doors.get("/v1/outside-lots/OUT1", "plant").json == answer.json
    lot = doors.get("/v1/lots/PL1/OUT1", "plant").json
    assert (lot["declared_origin"], lot["village"], lot["mass_g"], lot["grade"]) == ("外省某县", None, 12_500, "一级")


def test_its_supplier_sees_what_it_brought_and_nobody_else_does(doors: Doors) -> None:
    body = outside(code="OUT1", supplier_name=None, supplier="B01", kind=None)
    answer = doors.post("/v1/outside-lots", body, "plant")
    assert (answer.json["supplier"], answer.json["kind"]) == ("B01", "received")
    told = {caller: doors.get("/v1/outside-lots/PL1/OUT1", caller).status_code for caller in ("broker", "other plant")}
    assert told == {"broker": 200, "other plant": 404}
    known = {("broker", "PL1"): 200, ("plant", "B01"): 200, ("other plant", "B01"): 404}
    assert {asked: doors.get(f"/v1/parties/{asked[1]}", asked[0]).status_code for asked in known} == known


def test_what_is_made_of_it_is_traced_to_no_village(doors: Doors) -> None:
    doors.post("/v1/outside-lots", outside(code="OUT1"), "plant")
    make(doors)
    with doors.sessions.write.begin() as session:
        plant = party_of(session, "PL1")
        make_trade_item(session, brand=make_brand(session, owner=plant), code="S1")
    inputs = [{"lot": "OUT1", "mass": kg("2")}, {"lot": "T1", "mass": kg("1")}]
    blend = run("OUT1", done_at="2026-05-10T18:00:00+08:00", inputs=inputs, output={"code": "L1", "mass": kg("3")})
    assert doors.post("/v1/blends", blend, "plant").status_code == 201
    let_lot_go(doors, "L1")
    code = doors.post("/v1/packs", pack("L1"), "plant").json["code"]
    sources = {one["lot"]: one for one in doors.get(f"/v1/lots/{code}/trace", "plant").json["sources"]}
    assert sources["OUT1"]["village"] is None
    assert sources["OUT1"]["share"] == pytest.approx(2 / 3)


def test_every_fault_of_all_receipts_is_told_at_once(doors: Doors) -> None:
    doors.post("/v1/outside-lots", outside(code="OUT1"), "plant")
    bad = [
        outside(code="OUT1", received_at="2099-05-06T14:00:00+08:00"),
        outside(supplier_name=None),
        outside(supplier="B01"),
        outside(supplier_name=None, supplier="nobody"),
        outside(supplier_name=None, supplier="PL1"),
    ]
    for language in ("zh", "en"):
        answer = doors.post("/v1/outside-lots", bad, "plant", Accept_Language=language)
        assert answer.status_code == 422
        assert faults(answer) == {
            ("[0].code", "code-taken"),
            ("[0].received_at", "in-the-future"),
            ("[1].supplier", "missing-field"),
            ("[2].supplier_name", "not-both"),
            ("[3].supplier", "unknown-reference"),
            ("[4].supplier", "not-itself"),
        }
        assert all(one["detail"] for one in answer.json["errors"])
    unreadable = doors.post("/v1/outside-lots", outside(kind="packed", declared_origin="", mass=kg("0")), "plant")
    assert faults(unreadable) == {("kind", "not-allowed"), ("declared_origin", "empty"), ("mass", "not-positive")}


def test_who_does_not_trade_receives_nothing(doors: Doors) -> None:
    for caller in ("officer", "auditor", "laboratory"):
        assert doors.post("/v1/outside-lots", outside(), caller).json["code"] == "role-closed"
    assert doors.post("/v1/outside-lots", outside(party="PL1"), "other plant").json["code"] == "not-for-them"
