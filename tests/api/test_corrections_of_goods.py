"""`/v1/corrections` of what moves, comes back, is opened or is no more: said anew, or refused while it is built on."""

from typing import Any

import pytest

from tests.api.doors import Doors
from tests.api.moving import grams, hand_over, kg, make, make_packs, pick, send
from tests.api.test_cases import FIRST, SECOND, case
from tests.api.test_corrections import assert_books_agree, correction, events_of
from tests.api.test_destructions import burn, burn_units
from tests.api.test_outside import outside
from tests.api.test_packs import ship
from tests.api.test_returns import come_back
from tests.api.test_reworks import rework
from tests.api.test_runs import run


def write(doors: Doors, path: str, body: Any, caller: str = "plant") -> dict[str, Any]:
    """Record something, and return it."""
    answer = doors.post(path, body, caller)
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def right(doors: Doors, event: str, instead: Any, caller: str = "plant") -> None:
    """Correct a record to something, which leaves the books in order."""
    answer = doors.post("/v1/corrections", correction(event, instead), caller)
    assert (answer.status_code, answer.json.get("error")) == (201, "incorrect_data"), answer.text
    assert_books_agree(doors)


def refusal(doors: Doors, event: str, instead: Any = None, caller: str = "plant") -> str:
    """Return why a record cannot be corrected; nothing is written."""
    before = len(events_of(doors))
    answer = doors.post("/v1/corrections", correction(event, instead), caller)
    assert answer.status_code in (409, 422), answer.text
    assert len(events_of(doors)) == before
    assert_books_agree(doors)
    return str(answer.json["errors"][0]["code"] if answer.status_code == 422 else answer.json["code"])


def gone(mass: str = "1", receiver: str = "PL2", **changes: Any) -> dict[str, Any]:
    """Return the body of a delivery of tea."""
    lots = [{"lot": "T1", "mass": kg(mass)}]
    return {"receiver": receiver, "sent_at": "2026-05-26T10:00:00+08:00", "lots": lots, **changes}


def last_event(doors: Doors) -> str:
    """Return the id of the event written last."""
    return str(events_of(doors)[-1].event_id)


def test_a_delivery_on_its_way_is_corrected_in_mass_receiver_and_carrier(doors: Doors) -> None:
    make(doors)
    before = grams(doors, "PL1/T1", "plant")
    write(doors, "/v1/deliveries", gone("1", code="D1"))
    right(doors, "deliveries/D1", gone("2", "BR1", carrier="示例物流"))
    shown = doors.get("/v1/deliveries/D1", "plant").json
    assert (shown["mass_g"], shown["receiver"], shown["carrier"]) == (2_000, "BR1", "示例物流")
    assert grams(doors, "PL1/T1", "plant") == before - 2_000
    assert refusal(doors, "deliveries/D1", gone("1", code="D2")) == "code-stays"
    assert refusal(doors, "deliveries/D1", gone("900")) == "correction-blocked"
    received = {"hand_overs": ["PL1/D1"], "received_at": "2026-05-27T10:00:00+08:00", "mass": kg("2"), "code": "IN1"}
    write(doors, "/v1/intakes", {**received, "party": "BR1"}, "brand")
    assert refusal(doors, "deliveries/D1", gone("1")) == "correction-blocked"


def test_a_delivery_is_not_corrected_to_tea_that_is_held(doors: Doors) -> None:
    make(doors)
    make(doors, "T2")
    report = {"lot": "PL1/T2", "sampled_at": "2026-05-21T08:00:00+08:00", "purpose": "commissioned"}
    bad = [{"analyte": "联苯菊酯", "value": "6.1", "unit": "mg/kg", "limit": "5"}]
    write(doors, "/v1/results", {**report, "reported_at": "2026-05-22T08:00:00+08:00", "items": bad}, "laboratory")
    write(doors, "/v1/deliveries", gone(code="D1"))
    held = gone(lots=[{"lot": "T2", "mass": kg("1")}])
    assert refusal(doors, "deliveries/D1", held) == "lot-refused"


def test_tea_that_a_correction_frees_is_free_for_the_next_of_the_same_request(doors: Doors) -> None:
    make(doors)
    make(doors, "T2")
    report = {"lot": "PL1/T2", "sampled_at": "2026-05-21T08:00:00+08:00", "purpose": "commissioned", "code": "RE1"}
    report |= {"reported_at": "2026-05-22T08:00:00+08:00", "party": "PL1"}
    bad = [{"analyte": "联苯菊酯", "value": "6.1", "unit": "mg/kg", "limit": "5"}]
    write(doors, "/v1/results", {**report, "items": bad})
    write(doors, "/v1/deliveries", gone(code="D1"))
    sent = correction("deliveries/D1", gone(lots=[{"lot": "T2", "mass": kg("1")}]))
    right_result = correction("results/RE1", {**report, "items": [{**bad[0], "value": "0.61"}]})
    assert doors.post("/v1/corrections", [sent, right_result], "plant").json["code"] == "lot-refused"
    assert doors.post("/v1/corrections", [right_result, sent], "plant").status_code == 201
    assert_books_agree(doors)


def test_tea_from_outside_is_corrected_with_its_lot_until_more_was_used(doors: Doors) -> None:
    write(doors, "/v1/outside-lots", outside(code="OUT1"))
    changed = outside(supplier_name=None, supplier="B01", declared_origin="外省另一县", mass=kg("10"), grade="二级")
    right(doors, "outside-lots/PL1/OUT1", changed)
    shown = doors.get("/v1/outside-lots/OUT1", "plant").json
    assert (shown["mass_g"], shown["supplier"], shown["supplier_name"]) == (10_000, "B01", None)
    lot = doors.get("/v1/lots/PL1/OUT1", "plant").json
    assert (lot["mass_g"], lot["declared_origin"], lot["grade"]) == (10_000, "外省另一县", "二级")
    blend = run("OUT1", done_at="2026-05-10T18:00:00+08:00", inputs=[{"lot": "OUT1", "mass": kg("9")}])
    write(doors, "/v1/blends", {**blend, "output": {"code": "L1", "mass": kg("9")}})
    assert refusal(doors, "outside-lots/PL1/OUT1", outside(mass=kg("8"))) == "correction-blocked"
    assert refusal(doors, "outside-lots/PL1/OUT1") == "correction-blocked"
    right(doors, "outside-lots/PL1/OUT1", outside(mass=kg("9")))


def test_what_was_destroyed_is_corrected_from_grams_to_units_and_back(doors: Doors) -> None:
    make(doors)
    make_packs(doors)
    before = grams(doors, "PL1/T1", "plant")
    write(doors, "/v1/destructions", burn(code="DE1"))
    right(doors, "destructions/DE1", burn(mass={"value": "70", "unit": "g"}))
    assert grams(doors, "PL1/T1", "plant") == before - 70
    right(doors, "destructions/DE1", burn_units(1, 3))
    assert grams(doors, "PL1/T1", "plant") == before
    assert doors.post("/v1/shipments", ship("PK1", 3, 4), "plant").json["code"] == "positions-taken"
    right(doors, "destructions/DE1", burn_units(1, 2))
    write(doors, "/v1/shipments", ship("PK1", 3, 4))
    assert refusal(doors, "destructions/DE1", burn_units(1, 3)) == "positions-taken"
    assert refusal(doors, "destructions/DE1", burn(mass=kg("900"))) == "correction-blocked"
    assert doors.get("/v1/destructions/DE1", "plant").json["last_position"] == 2


def test_units_that_came_back_are_corrected_until_they_are_sold_again(doors: Doors) -> None:
    make_packs(doors)
    write(doors, "/v1/shipments", ship("PK1"))
    write(doors, "/v1/returns", come_back(3, 4, code="RT1"))
    right(doors, "returns/PL1/RT1", come_back(2, 4, reason="受潮"))
    shown = doors.get("/v1/returns/RT1", "plant").json
    assert (shown["units"], shown["reason"]) == (3, "受潮")
    assert refusal(doors, "returns/PL1/RT1", come_back(4, 5)) == "positions-not-out"
    assert refusal(doors, "returns/PL1/RT1", come_back(2, 4, buyer="BR1")) == "positions-not-out"
    write(doors, "/v1/shipments", ship("PK1", 2, 2, buyer="BR1", shipped_at="2026-05-26T09:00:00+08:00"))
    assert refusal(doors, "returns/PL1/RT1", come_back(3, 4)) == "correction-blocked"
    right(doors, "returns/PL1/RT1", come_back(2, 3))


def test_a_return_is_corrected_to_the_pack_that_really_came_back(doors: Doors) -> None:
    make_packs(doors)
    make_packs(doors, "PK2")
    both = [{"pack": code, "first": 1, "last": 4} for code in ("PK1", "PK2")]
    write(doors, "/v1/shipments", ship("PK1", packs=both))
    write(doors, "/v1/returns", come_back(3, 4, code="RT1"))
    right(doors, "returns/PL1/RT1", come_back(3, 4, pack="PK2"))
    left = [doors.get(f"/v1/packs/PL1/{code}", "plant").json["units_left"] for code in ("PK1", "PK2")]
    assert left == [6, 8]
    assert doors.post("/v1/shipments", ship("PK1", 3, 4, buyer="BR1"), "plant").json["code"] == "positions-taken"
    write(doors, "/v1/shipments", ship("PK2", 3, 4, buyer="BR1", shipped_at="2026-05-26T09:00:00+08:00"))
    assert refusal(doors, "returns/PL1/RT1", come_back(3, 4)) == "correction-blocked"


def test_why_a_delivery_was_refused_is_corrected_until_the_leaf_goes_again(doors: Doors) -> None:
    pick(doors)
    send(doors, "HO1", mass="8")
    told = {"returned_at": "2026-04-20T15:00:00+08:00", "reason": "含水过高"}
    write(doors, "/v1/hand-overs/C01/HO1/refusals", told)
    event = last_event(doors)
    assert refusal(doors, event, {**told, "returned_at": "2026-04-19T15:00:00+08:00"}) == "before-its-source"
    right(doors, event, {"returned_at": "2026-04-20T16:00:00+08:00", "reason": "夹杂老叶"})
    assert doors.get("/v1/hand-overs/HO1").json["return_reason"] == "夹杂老叶"
    send(doors, "HO2", mass="8")
    assert refusal(doors, last_of(doors, "returned")) == "correction-blocked"


def last_of(doors: Doors, disposition: str) -> str:
    """Return the id of the last standing event that says so."""
    found = [one for one in events_of(doors) if f'"disposition":"{disposition}"'.encode() in one.document]
    return str(found[-1].event_id)


def test_packs_opened_are_corrected_with_their_bulk_lot_until_it_is_used(doors: Doors) -> None:
    make_packs(doors)
    write(doors, "/v1/reworks", rework(code="RW1"))
    right(doors, "reworks/RW1", rework(1, 3, losses=[], grade="二级"))
    shown = doors.get("/v1/reworks/RW1", "plant").json
    assert (shown["units"], shown["mass_g"], shown["lost_g"], shown["grade"]) == (3, 300, 0, "二级")
    assert doors.get("/v1/packs/PL1/PK1", "plant").json["units_left"] == 7
    write(doors, "/v1/shipments", ship("PK1", 4, 4, shipped_at="2026-05-24T09:00:00+08:00"))
    assert refusal(doors, "reworks/RW1", rework(1, 4)) == "positions-taken"
    taken = {"value": "250", "unit": "g"}
    write(doors, "/v1/destructions", burn(lot="RW1", mass=taken))
    assert refusal(doors, "reworks/RW1", rework(1, 2, losses=[])) == "correction-blocked"
    assert refusal(doors, "reworks/RW1", rework(1, 2, code="RW2")) == "code-stays"


def test_what_is_in_a_case_is_corrected_until_it_is_shipped(doors: Doors) -> None:
    make_packs(doors)
    write(doors, "/v1/cases", case())
    right(doors, f"cases/{FIRST}", {name: value for name, value in case(2, 3).items() if name != "sscc"})
    [content] = doors.get(f"/v1/cases/{FIRST}", "plant").json["contents"]
    assert (content["first_position"], content["last_position"]) == (2, 3)
    assert refusal(doors, f"cases/{FIRST}", case(2, 3, sscc=SECOND)) == "code-stays"
    assert refusal(doors, f"cases/{FIRST}", case(cases=[FIRST])) == "in-logistic-unit"
    write(doors, "/v1/shipments", ship("PK1", 4, 5))
    assert refusal(doors, f"cases/{FIRST}", case(2, 4)) == "positions-taken"
    write(doors, "/v1/shipments", ship("PK1", packs=[], cases=[FIRST]))
    assert refusal(doors, f"cases/{FIRST}", case(1, 3)) == "logistic-unit-gone"


def test_who_enters_for_a_packer_names_the_case_with_its_party(doors: Doors) -> None:
    make_packs(doors)
    write(doors, "/v1/cases", case())
    assert doors.post("/v1/corrections", correction(f"cases/PL1/{FIRST}", case(2, 3)), "brand").status_code == 404
    write(doors, "/v1/mandates", {"principal": "PL1", "agent": "BR1", "from_on": "2026-01-01"})
    assert doors.post("/v1/corrections", correction(f"cases/{FIRST}", case(2, 3)), "brand").status_code == 404
    right(doors, f"cases/PL1/{FIRST}", case(2, 3), "brand")
    right(doors, f"cases/PL1/{FIRST}", case(2, 4), "plant")
    assert doors.post("/v1/corrections", correction(f"cases/PL2/{FIRST}", case(2, 3)), "operator").status_code == 404


def test_when_a_case_was_taken_apart_is_corrected_and_undone_until_its_units_leave(doors: Doors) -> None:
    make_packs(doors)
    write(doors, "/v1/cases", case())
    write(doors, f"/v1/cases/{FIRST}/unpack", {"opened_at": "2026-05-24T09:00:00+08:00"})
    right(doors, last_event(doors), {"opened_at": "2026-05-25T09:00:00+08:00"})
    assert doors.get(f"/v1/cases/{FIRST}", "plant").json["opened_at"] == "2026-05-25T09:00:00+08:00"
    opened = last_event(doors)
    early = {"opened_at": "2026-05-22T09:00:00+08:00"}
    assert refusal(doors, opened, early) == "before-its-source"
    write(doors, "/v1/shipments", ship("PK1", 4, 5, shipped_at="2026-05-26T09:00:00+08:00"))
    assert refusal(doors, opened) == "positions-taken"
    assert doors.get(f"/v1/cases/{FIRST}", "plant").json["state"] == "opened"


@pytest.mark.parametrize("noun", ["deliveries", "destructions", "outside-lots"])
def test_who_does_not_answer_for_it_corrects_none_of_it(doors: Doors, noun: str) -> None:
    make(doors)
    bodies = {"deliveries": gone(receiver="PL2"), "destructions": burn(), "outside-lots": outside()}
    address = f"{noun}/PL1/X1"
    write(doors, f"/v1/{noun}", {**bodies[noun], "code": "X1"})
    told = doors.post("/v1/corrections", correction(address, bodies[noun]), "other plant")
    assert told.json["code"] == ("not-for-them" if noun == "deliveries" else "not-found")
    right(doors, address, {**bodies[noun], "party": "PL1"}, "operator")


def test_a_hand_over_and_a_delivery_are_each_read_by_their_own_rules(doors: Doors) -> None:
    make(doors)
    pick(doors)
    write(doors, "/v1/deliveries", gone(code="D1"))
    send(doors, "HO1")
    for address, caller in (("hand-overs/PL1/D1", "plant"), ("deliveries/C01/HO1", "coop")):
        assert doors.post("/v1/corrections", correction(address), caller).status_code == 404
    assert refusal(doors, "hand-overs/HO1", hand_over(mass="11"), "coop") == "correction-blocked"
