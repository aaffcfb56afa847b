"""Releases over HTTP: a lot waits for its results, a named person lets it go, a person holds it and all made of it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.api.doors import ALL, Doors
from tests.api.moving import factory_report, make_packs, party_of
from tests.api.test_packs import pack, ship
from tests.factories import make_brand, make_run, make_trade_item
from trace import clock
from trace.accounts import Caller, Role, create_key
from trace.entries.releases import EnterRelease, enter_release
from trace.events.tables import Event
from trace.releases import NamelessError


@pytest.fixture(autouse=True)
def made(doors: Doors) -> None:
    """Two kilograms of made tea of the plant, M1, and an item to pack it as."""
    with doors.sessions.write.begin() as session:
        plant = party_of(session, "PL1")
        make_run(session, plant=plant, output_code="M1", product_kind="绿茶")
        make_trade_item(session, brand=make_brand(session, owner=plant), code="S1")


def release(doors: Doors, lot: str = "PL1/M1", caller: str = "plant", **body: Any) -> Any:
    """Ask to let a lot go."""
    return doors.post(f"/v1/lots/{lot}/release", body, caller)


def hold(doors: Doors, lot: str = "PL1/M1", caller: str = "plant") -> Any:
    """Hold a lot."""
    return doors.post(f"/v1/lots/{lot}/hold", {"reason": "有异味，待复检"}, caller)


def report(doors: Doors, caller: str = "plant", **changes: Any) -> Any:
    """Report on the lot; a laboratory names it by its party."""
    answer = doors.post("/v1/results", factory_report("PL1/M1", **changes), caller)
    assert answer.status_code == 201, answer.text
    return answer.json


def packing() -> dict[str, Any]:
    """Return the body of a packing run of ten units."""
    return pack("M1", packed_at="2026-06-25T20:00:00+08:00")


def shipping(packed: str) -> dict[str, Any]:
    """Return the body of a shipment after that."""
    return ship(packed, shipped_at="2026-06-26T09:00:00+08:00")


def test_tea_is_not_packed_before_it_is_let_go(doors: Doors) -> None:
    refused = doors.post("/v1/packs", packing(), "plant")
    assert (refused.status_code, refused.json["code"]) == (409, "lot-not-released")
    assert refused.json["facts"] == {"lots": ["M1"]}
    lacking = release(doors)
    assert (lacking.status_code, lacking.json["code"]) == (409, "lot-not-releasable")
    facts = lacking.json["facts"]
    assert (sorted(facts["missing"]), facts["failed"], facts["findings"]) == (
        sorted(["感官", "水分", "粉末", "净含量"]),
        [],
        [],
    )
    report(doors)
    let_go = release(doors)
    assert let_go.status_code == 201, let_go.text
    assert (let_go.json["released_by"], let_go.json["held"]) == ("plant PL1", False)
    assert doors.post("/v1/packs", packing(), "plant").status_code == 201
    again = release(doors)
    assert (again.status_code, again.json["code"]) == (409, "lot-released")


def test_the_release_is_an_event(doors: Doors) -> None:
    report(doors)
    release(doors)
    with doors.sessions.read() as session:
        events = session.scalars(select(Event).where(Event.biz_step == "inspecting").order_by(Event.id)).all()
    assert b'"disposition":"available"' in events[-1].document


def test_a_failing_item_is_named_and_a_later_passing_one_mends_it(doors: Doors) -> None:
    wet = [*factory_report("M1")["items"]]
    wet[1] = {**wet[1], "value": "7.5"}
    report(doors, items=wet)
    assert release(doors).json["facts"]["failed"] == ["水分"]
    report(doors, items=[factory_report("M1")["items"][1]], reported_at="2026-06-25T08:00:00+08:00")
    assert release(doors).status_code == 201


def test_a_plan_asks_for_more_of_every_lot_or_of_one_in_so_many(doors: Doors) -> None:
    today = clock.today()
    plan = {"from_on": str(today), "product_kind": "绿茶", "items": [{"item": "铅(以Pb计)", "every_lots": 2}]}
    answer = doors.post("/v1/release-plans", plan, "plant")
    assert answer.status_code == 201, answer.text
    assert doors.get(answer.headers["Location"], "plant").json == answer.json
    report(doors)
    assert release(doors).json["facts"]["missing"] == ["铅(以Pb计)"]
    lead = {"analyte": "铅(以Pb计)", "value": "0.35", "unit": "mg/kg", "limit": "5", "basis": "GB 2762-2022"}
    report(doors, "laboratory", items=[lead])
    assert release(doors).status_code == 201
    for code, status in (("M2", 201), ("M3", 409)):  # the second is covered by the first, the third is not
        with doors.sessions.write.begin() as session:
            make_run(session, plant=party_of(session, "PL1"), output_code=code, product_kind="绿茶")
        doors.post("/v1/results", factory_report(code), "plant")
        assert release(doors, f"PL1/{code}").status_code == status
    named = doors.get("/v1/results?limit=200", "laboratory").json["items"][0]["code"]
    withdrawn = {"event": f"results/LAB1/{named}", "reason": "样品弄混了"}
    assert doors.post("/v1/corrections", withdrawn, "laboratory").status_code == 201
    found = doors.get("/v1/findings?rule=required_results", "operator").json["items"]
    assert [(one["record"], one["facts"]["missing"]) for one in found] == [
        ("M1", ["铅(以Pb计)"]),
        ("M2", ["铅(以Pb计)"]),  # it was let go because its neighbour was tested
    ]
    report(doors, "laboratory", items=[lead])
    found = doors.get("/v1/findings?rule=required_results", "operator").json["items"]
    assert all(one["withdrawn_at"] for one in found)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"from_on": str(clock.today() - timedelta(days=1))}, ("from_on", "before-its-source")),
        ({"items": [{"item": "水分"}, {"item": "水分"}]}, ("items[1].item", "code-taken")),
        ({"items": []}, ("items", "empty")),
        ({"items": [{"item": "水分", "every_lots": 0}]}, ("items[0].every_lots", "out-of-range")),
    ],
)
def test_a_fault_of_a_plan_names_its_field(doors: Doors, changes: dict[str, Any], fault: tuple[str, str]) -> None:
    plan = {"from_on": str(clock.today()), "items": [{"item": "水分"}], **changes}
    answer = doors.post("/v1/release-plans", plan, "plant")
    assert answer.status_code == 422
    assert fault in {(one["field"], one["code"]) for one in answer.json["errors"]}


def test_a_person_holds_a_lot_and_all_made_of_it_until_a_person_answers(doors: Doors) -> None:
    report(doors)
    release(doors)
    packed = doors.post("/v1/packs", packing(), "plant").json["code"]
    held = hold(doors)
    assert (held.status_code, held.json["held"]) == (201, True)
    assert doors.get(f"/v1/lots/PL1/{packed}", "plant").json["held"] is True
    refused = doors.post("/v1/shipments", shipping(packed), "plant")
    assert (refused.status_code, refused.json["facts"]["rules"]) == (409, ["held_by_person"])
    silent = release(doors)
    assert (silent.status_code, silent.json["facts"]["findings"]) == (409, ["held_by_person:M1"])
    answered = release(doors, answer="已复检，香气正常")
    assert (answered.status_code, answered.json["held"]) == (201, False)
    told = doors.get("/v1/findings/held_by_person:M1", "plant").json
    assert (told["answer"], told["answered_by"]) == ("已复检，香气正常", "plant PL1")
    assert doors.post("/v1/shipments", shipping(packed), "plant").status_code == 201


def test_what_an_officer_holds_its_party_does_not_let_go(doors: Doors) -> None:
    report(doors)
    assert hold(doors, caller="officer").status_code == 201
    refused = release(doors, answer="没有问题")
    assert (refused.status_code, refused.json["code"]) == (403, "not-yours-to-answer")
    assert release(doors, caller="officer", answer="抽检合格").status_code == 201


def test_only_whose_lot_it_is_and_the_officer_let_it_go(doors: Doors) -> None:
    report(doors)
    assert release(doors, caller="other plant").status_code == 404
    assert release(doors, caller="auditor").status_code == 403
    assert release(doors, caller="laboratory").status_code == 403


def test_leaf_and_packs_are_not_released(doors: Doors) -> None:
    packed = make_packs(doors)
    refused = release(doors, f"PL1/{packed}")
    assert (refused.status_code, refused.json["code"]) == (409, "needs-no-release")


def test_who_has_no_name_answers_for_nothing(doors: Doors) -> None:
    with doors.sessions.write() as session, pytest.raises(NamelessError):
        enter_release(session, Caller(Role.PLANT, party_of(session, "PL1")), 1, EnterRelease())


def test_a_result_that_fails_after_the_release_holds_what_was_packed_and_shipped(doors: Doors) -> None:
    report(doors)
    release(doors)
    packed = doors.post("/v1/packs", packing(), "plant").json["code"]
    assert doors.post("/v1/shipments", shipping(packed), "plant").status_code == 201
    wet = {"analyte": "水分", "value": "9.1", "unit": "%", "limit": "7.0", "basis": "GB/T 14456.1"}
    report(doors, "laboratory", items=[wet], reported_at="2026-06-26T08:00:00+08:00")
    [found] = [one for one in doors.get("/v1/findings", "plant").json["items"] if one["severity"] == "refuse"]
    assert (found["rule"], found["record"], found["facts"]) == (
        "required_results",
        "M1",
        {"missing": [], "failed": ["水分"]},
    )
    assert doors.get(f"/v1/lots/PL1/{packed}", "plant").json["held"] is True
    report(doors, "laboratory", items=[{**wet, "value": "6.1"}], reported_at="2026-06-28T08:00:00+08:00")
    assert doors.get(f"/v1/lots/PL1/{packed}", "plant").json["held"] is False


def test_packs_entered_as_history_are_shipped_once_their_tea_is_let_go(doors: Doors) -> None:
    with doors.sessions.write.begin() as session:
        token = create_key(session, "PL1", Role.PLANT, ALL)
    headers = {"Authorization": f"Bearer {token}"}
    packed = doors.client.post("/v1/packs", json={**packing(), "mode": "history"}, headers=headers).json["code"]
    refused = doors.post("/v1/shipments", shipping(packed), "plant")
    assert (refused.status_code, refused.json["code"]) == (409, "lot-not-released")
    report(doors)
    release(doors)
    assert doors.post("/v1/shipments", shipping(packed), "plant").status_code == 201
