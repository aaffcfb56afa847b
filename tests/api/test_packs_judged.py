"""Packs, products and the days of plants are judged at the door, and again when what they rest on is known better."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.api.doors import Doors, statements
from tests.api.moving import kg, party_of
from tests.api.test_outside import outside
from tests.api.test_packs import pack, ship
from tests.api.test_runs import run
from tests.factories import let_go, make_brand, make_intake, make_leaf, make_tea, make_trade_item
from trace.accounts import Caller, Role
from trace.holds import LotHold
from trace.lots import Lot
from trace.rule_tables import ReplaceTable, replace_table

PACKED_ON = "2026-05-20"


@pytest.fixture
def tea(doors: Doors) -> str:
    """A finished lot of green tea, 2 kg, and the plant's item S1 of 100 g."""
    with doors.sessions.write.begin() as session:
        plant = party_of(session, "PL1")
        make_trade_item(session, brand=make_brand(session, owner=plant, code="BR9"), code="S1", standard="GB/T 14456.3")
        return make_tea(session, plant=plant, product_kind="绿茶（炒青）").code


def standing(doors: Doors, rule: str) -> list[dict[str, Any]]:
    """Return the findings of a rule that stand."""
    found = doors.get(f"/v1/findings?rule={rule}", "operator").json["items"]
    return [one for one in found if one["withdrawn_at"] is None]


def severities(doors: Doors, rule: str) -> list[str]:
    return [one["severity"] for one in standing(doors, rule)]


def licence(**changes: Any) -> dict[str, Any]:
    return {"number": "鲁作坊登字 0042", "valid_to": "2026-05-19", "product_kinds": ["绿茶"], **changes}


def amended(doors: Doors, path: str, body: dict[str, Any], caller: str = "plant") -> None:
    """Change a record on the state one saw."""
    seen = doors.get(path, caller)
    headers = {"Authorization": f"Bearer {doors.tokens[caller]}", "If-Match": seen.headers["ETag"]}
    answer = doors.client.patch(path, json=body, headers=headers)
    assert answer.status_code == 200, answer.text


def test_tea_packed_after_the_licence_ended_is_stopped_until_it_is_renewed(doors: Doors, tea: str) -> None:
    assert doors.post("/v1/licences", licence(), "plant").status_code == 201
    code = doors.post("/v1/packs", pack(tea), "plant").json["code"]
    [finding] = standing(doors, "licence_invalid")
    assert (finding["severity"], finding["record"]) == ("refuse", code)
    assert finding["facts"] == {
        "packed_on": PACKED_ON,
        "why": "not-in-force",
        "licence": "鲁作坊登字 0042",
        "valid_to": "2026-05-19",
    }
    assert doors.post("/v1/shipments", ship(code), "plant").json["code"] == "lot-refused"
    amended(doors, "/v1/licences/鲁作坊登字 0042", {"valid_to": "2029-05-19"})
    assert standing(doors, "licence_invalid") == []
    assert doors.post("/v1/shipments", ship(code), "plant").status_code == 201


def test_a_plant_without_a_known_licence_is_noted_until_it_registers_one(doors: Doors, tea: str) -> None:
    doors.post("/v1/packs", pack(tea), "plant")
    assert severities(doors, "licence_invalid") == ["note"]
    doors.post("/v1/licences", licence(valid_to="2029-05-19"), "plant")
    assert severities(doors, "licence_invalid") == []


def test_outside_tea_is_told_and_refused_once_its_pack_claims_to_be_local(doors: Doors, tea: str) -> None:
    doors.post("/v1/outside-lots", outside(code="OUT1"), "plant")
    inputs = [{"lot": "OUT1", "mass": kg("1")}, {"lot": tea, "mass": kg("1")}]
    blend = run("OUT1", done_at="2026-05-10T18:00:00+08:00", inputs=inputs, output={"code": "L1", "mass": kg("2")})
    assert doors.post("/v1/blends", blend, "plant").status_code == 201
    with doors.sessions.write.begin() as session:
        let_go(session, session.scalars(select(Lot).where(Lot.code == "L1")).one())
    assert doors.post("/v1/packs", pack("L1", code="PK1"), "plant").status_code == 201
    [note] = standing(doors, "outside_source")
    assert (note["severity"], note["facts"]) == (
        "note",
        {"outside_share": "0.5000", "outside_percent": "50.0", "origins": {"外省某县": "0.5000"}},
    )
    amended(doors, "/v1/products/S1", {"claims": ["local"]})
    assert severities(doors, "outside_source") == ["refuse"]
    assert doors.post("/v1/shipments", ship("PK1"), "plant").json["code"] == "lot-refused"


def test_a_pack_under_a_mark_of_origin_is_judged_by_the_officer_s_table(doors: Doors, tea: str) -> None:
    amended(doors, "/v1/products/S1", {"claims": ["gi"]})
    doors.post("/v1/packs", pack(tea, units=5, grams=500), "plant")
    assert severities(doors, "gi_not_eligible") == ["note"]
    row = {"mark": "示例绿茶", "asks": "standard", "value": "GB/T 14456.1", "confidence": "verified", "source": "公告"}
    with doors.sessions.write.begin() as session:
        officer = Caller(Role.OFFICER, party_of(session, "379901101"))
        marks = ReplaceTable(table="gi-marks", edition="2026", valid_from=date(2026, 1, 1), source="公告", rows=[row])
        replace_table(session, officer, marks)
    doors.post("/v1/packs", pack(tea, units=5, grams=500, code="PK2"), "plant")
    found = {one["record"]: one for one in standing(doors, "gi_not_eligible")}
    assert found["PK2"]["severity"] == "reason"
    assert found["PK2"]["facts"]["standard"] == "GB/T 14456.3"
    assert sorted(one["severity"] for one in found.values()) == ["note", "reason"]  # what was judged before stays


def test_tea_sold_under_a_finer_grade_than_its_own_is_held_until_the_item_says_the_right_one(doors: Doors) -> None:
    with doors.sessions.write.begin() as session:
        plant = party_of(session, "PL1")
        make_trade_item(session, brand=make_brand(session, owner=plant, code="BR9"), code="S1", grade="特级")
        fine, coarse = (make_tea(session, plant=plant, grade=grade).code for grade in ("特级", "一级"))
    code = doors.post("/v1/packs", pack(fine, coarse, grams=1010), "plant").json["code"]
    [finding] = standing(doors, "grade_above_lot")
    assert (finding["severity"], finding["record"]) == ("reason", code)
    assert finding["facts"] == {"grade": "特级", "lots": [coarse], "lot_grades": ["一级"]}
    assert finding["detail"] == f"标示特级，所装批次 {coarse} 只是一级"
    refused = doors.post("/v1/shipments", ship(code), "plant")
    assert (refused.status_code, refused.json["code"]) == (409, "lot-refused")
    amended(doors, "/v1/products/S1", {"grade": "一级"})
    assert standing(doors, "grade_above_lot") == []
    assert doors.post("/v1/shipments", ship(code), "plant").status_code == 201


def test_units_that_are_too_light_hold_their_pack(doors: Doors, tea: str) -> None:
    answer = doors.post("/v1/packs", pack(tea, unit_weights_grams=["95.4", "104.9", "101.0"]), "plant")
    assert answer.json["unit_weights_grams"] == ["95.4", "104.9", "101.0"]
    [finding] = standing(doors, "net_content")
    assert (finding["severity"], finding["facts"]["short"]) == ("reason", ["95.4"])


def test_a_product_is_noted_for_its_packaging_until_it_is_mended(doors: Doors, tea: str) -> None:
    amended(doors, "/v1/products/S1", {"packaging_layers": 4})
    [note] = standing(doors, "packaging")
    assert note["facts"]["layers"] == {"value": 4, "most": 3}
    told = {"price_yuan": "100", "packaging_cost_yuan": "20", "gross": {"value": 800, "unit": "g"}, "volume_ml": "2000"}
    amended(doors, "/v1/products/S1", {"packaging_layers": 3, **told})
    assert standing(doors, "packaging") == []


def test_a_day_with_more_leaf_than_the_plant_can_work_is_found(doors: Doors) -> None:
    body = {"code": "PL1-1", "name": "一车间", "capacity": kg("20")}
    assert doors.post("/v1/facilities", body, "plant").status_code == 201
    with doors.sessions.write.begin() as session:
        coop, plant = party_of(session, "C01"), party_of(session, "PL1")
        for number in range(3):
            leaf = make_leaf(session, party=coop)
            make_intake(session, plant=plant, supplier=coop, taken=[(leaf, leaf.mass_g)], code=f"IT{number}")
    for number in range(3):
        rest = {"mass": kg("0.1"), "code": f"BP{number}"}
        answer = doors.post("/v1/runs", run(f"IT{number}", code=f"R{number}", by_product=rest), "plant")
        assert answer.status_code == 201
    [finding] = standing(doors, "plant_over_capacity")
    with doors.sessions.read() as session:
        held = select(Lot.code).join(LotHold, LotHold.lot_id == Lot.id).order_by(Lot.code)
        assert session.scalars(held).all() == ["BP2", answer.json["output"]]
    assert (finding["severity"], finding["record"]) == ("reason", "R2")
    assert (finding["facts"]["worked_g"], finding["facts"]["capacity_g"]) == (30_000, 20_000)
    later = run("IT0", code="R0", done_at="2026-04-21T16:00:00+08:00")
    moved = {"event": "runs/PL1/R0", "reason": "日期写错", "instead": later}
    assert doors.post("/v1/corrections", moved, "plant").status_code == 201
    assert standing(doors, "plant_over_capacity") == []  # the day that it was moved from is judged again
    back = {"event": "runs/PL1/R0", "reason": "日期没有错", "instead": run("IT0", code="R0")}
    assert doors.post("/v1/corrections", back, "plant").status_code == 201
    assert [one["record"] for one in standing(doors, "plant_over_capacity")] == ["R2"]
    never = {"event": "runs/PL1/R0", "reason": "没有这一批"}
    assert doors.post("/v1/corrections", never, "plant").status_code == 201
    assert standing(doors, "plant_over_capacity") == []


def test_a_workshop_registered_late_is_judged_by_what_was_worked_before(doors: Doors) -> None:
    with doors.sessions.write.begin() as session:
        coop, plant = party_of(session, "C01"), party_of(session, "PL1")
        leaf = make_leaf(session, party=coop)
        make_intake(session, plant=plant, supplier=coop, taken=[(leaf, leaf.mass_g)], code="IT1")
    assert doors.post("/v1/runs", run("IT1", code="R1"), "plant").status_code == 201
    assert severities(doors, "plant_over_capacity") == ["note"]
    for code, capacity, found in (("W1", "5", ["reason"]), ("W2", "20", [])):
        body = {"code": code, "name": "车间", "capacity": kg(capacity)}
        assert doors.post("/v1/facilities", body, "plant").status_code == 201
        assert severities(doors, "plant_over_capacity") == found


def test_a_licence_renewed_asks_no_more_for_many_packs_than_for_one(doors: Doors, tea: str) -> None:
    asked = []
    assert doors.post("/v1/licences", licence(valid_to="2026-12-31"), "plant").status_code == 201
    for day, more in (("2027-05-19", 1), ("2028-05-19", 6)):
        packs = [pack(tea, units=1, inputs=[{"lot": tea, "mass": kg("0.1")}]) for _ in range(more)]
        assert doors.post("/v1/packs", packs, "plant").status_code == 201
        with statements(doors) as sent:
            amended(doors, "/v1/licences/鲁作坊登字 0042", {"valid_to": day})
        asked.append(len(sent))
    assert asked[0] == asked[1]


def test_packs_of_the_region_are_entered_without_a_trace_of_each(doors: Doors, tea: str) -> None:
    asked = []
    for more in (2, 6):
        packs = [pack(tea, units=1, inputs=[{"lot": tea, "mass": kg("0.1")}]) for _ in range(more)]
        with statements(doors) as sent:
            assert doors.post("/v1/packs", packs, "plant").status_code == 201
        asked.append(len([one for one in sent if not one.startswith("INSERT")]))
    assert asked[0] == asked[1]
