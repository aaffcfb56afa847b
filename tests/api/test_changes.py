"""`PATCH` of master data: on the state that the caller saw, by who keeps the record; what rests on it follows."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.api.doors import Doors
from tests.api.test_pickings import faults
from tests.factories import make_input_use, make_picking
from trace.findings import Finding
from trace.inputs import InputProduct
from trace.places import Plot
from trace.rules.judging import judge_pickings


def patch(doors: Doors, path: str, body: Any, caller: str = "operator", state: str | None = "") -> TestResponse:
    """Change a record as one of the callers, on its present state where no other is named."""
    headers = {"Authorization": f"Bearer {doors.tokens[caller]}"}
    if state is not None:
        headers["If-Match"] = state or doors.get(path, "operator").headers["ETag"]
    return doors.client.patch(path, json=body, headers=headers)


def test_a_change_names_the_state_it_rests_on(doors: Doors) -> None:
    seen = doors.get("/v1/parties/C01").headers["ETag"]
    first = patch(doors, "/v1/parties/C01", {"name": "雾峪合作社"}, "coop", seen)
    assert (first.status_code, first.json["name"]) == (200, "雾峪合作社")
    assert first.headers["ETag"] == doors.get("/v1/parties/C01").headers["ETag"] != seen
    late = patch(doors, "/v1/parties/C01", {"name": "茶沟合作社"}, "coop", seen)
    assert (late.status_code, late.json["code"]) == (412, "state-changed")
    without = patch(doors, "/v1/parties/C01", {"name": "茶沟合作社"}, "coop", None)
    assert (without.status_code, without.json["code"]) == (428, "state-required")
    assert doors.get("/v1/parties/C01").json["name"] == "雾峪合作社"


def test_a_change_of_what_nobody_is_shown_is_a_change_of_state_too(doors: Doors) -> None:
    seen = doors.get("/v1/parties/F001", "operator").headers["ETag"]
    first = patch(doors, "/v1/parties/F001", {"private": {"name": "某甲"}}, "operator", seen)
    assert (first.status_code, first.json["revision"]) == (200, 2)
    late = patch(doors, "/v1/parties/F001", {"private": {"name": "某乙"}}, "operator", seen)
    assert late.status_code == 412


def test_what_is_left_out_stays_and_null_empties(doors: Doors) -> None:
    patch(doors, "/v1/parties/C01", {"uscc": "93379901MATEA00151", "gs1_prefix": "6901234", "led_by_village": True})
    answer = patch(doors, "/v1/parties/C01", {"uscc": None}, "coop")
    assert (answer.json["uscc"], answer.json["gs1_prefix"], answer.json["led_by_village"]) == (None, "6901234", True)
    assert faults(patch(doors, "/v1/parties/C01", {"name": None, "code": "C9", "area_code": None})) == {
        ("name", "missing-field"),
        ("code", "unknown-field"),
        ("area_code", "missing-field"),
    }


@pytest.mark.parametrize(
    ("prefix", "code"), [("69O1234", "gs1-prefix-shape"), ("690", "gs1-prefix-shape"), ("6901234", "code-taken")]
)
def test_a_company_prefix_is_digits_and_one_firms_own(doors: Doors, prefix: str, code: str) -> None:
    assert patch(doors, "/v1/parties/PL1", {"gs1_prefix": "6901234"}, "plant").status_code == 200
    assert faults(patch(doors, "/v1/parties/PL2", {"gs1_prefix": prefix}, "other plant")) == {("gs1_prefix", code)}
    body = {"code": "PL9", "name": "茶厂", "kind": "plant", "area_code": "379901101", "gs1_prefix": prefix}
    assert faults(doors.post("/v1/parties", body, "operator")) == {("gs1_prefix", code)}


def test_a_coop_changes_its_grower_and_moves_nobody_elsewhere(doors: Doors) -> None:
    answer = patch(doors, "/v1/parties/F001", {"name": "茶农 001（更名）", "private": None}, "coop")
    assert answer.status_code == 200, answer.text
    moved = patch(doors, "/v1/parties/F001", {"member_of": "C02", "area_code": "379902101"}, "coop")
    assert faults(moved) == {("member_of", "not-allowed"), ("area_code", "not-allowed")}
    assert faults(patch(doors, "/v1/parties/F001", {"area_code": "110101001"}, "officer")) == {
        ("area_code", "outside-the-area")
    }
    assert patch(doors, "/v1/parties/F001", {"member_of": "C02"}, "officer").json["member_of"] == "C02"


def test_firms_change_what_is_their_own(doors: Doors) -> None:
    doors.post("/v1/facilities", {"code": "S1", "name": "仓库", "party": "PL1"}, "plant")
    doors.post("/v1/brands", {"code": "BR", "name": "雾峪青", "owner": "PL1"}, "plant")
    doors.post(
        "/v1/products", {"code": "SKU", "brand": "BR", "name": "青", "net": {"value": 100, "unit": "g"}}, "plant"
    )
    licence = {"number": "登记 1", "party": "PL1", "valid_to": "2027-01-01", "product_kinds": ["绿茶"]}
    doors.post("/v1/licences", licence, "plant")
    facility = {"name": "二号库", "location": [119.2, 35.2], "capacity": {"value": "2", "unit": "kg"}}
    shown = patch(doors, "/v1/facilities/S1", facility, "plant").json
    assert (shown["name"], shown["longitude"], shown["capacity_g_per_day"]) == ("二号库", 119.2, 2_000)
    assert patch(doors, "/v1/facilities/S1", {"location": None}, "plant").json["longitude"] is None
    assert patch(doors, "/v1/brands/BR", {"name": "雾峪白"}, "plant").json["name"] == "雾峪白"
    both = patch(doors, "/v1/brands/BR", {"suppliers": ["PL2", "C01"]}, "plant")
    assert both.json["suppliers"] == ["C01", "PL2"]
    assert patch(doors, "/v1/brands/BR", {"suppliers": ["C01"]}, "plant").json["suppliers"] == ["C01"]
    wrong = {"suppliers": ["C01", "X404"]}
    assert faults(patch(doors, "/v1/brands/BR", wrong, "plant")) == {("suppliers[1]", "unknown-reference")}
    changed = {"name": "青芽", "net": {"value": "0.2", "unit": "jin"}, "grade": "特级"}
    shown = patch(doors, "/v1/products/SKU", changed, "plant").json
    assert (shown["name"], shown["net_g"], shown["grade"]) == ("青芽", 100, "特级")
    shown = patch(doors, "/v1/licences/登记 1", {"valid_to": "2029-01-01"}, "plant").json
    assert (shown["valid_to"], shown["product_kinds"]) == ("2029-01-01", ["绿茶"])
    for path in ("facilities/S1", "brands/BR", "products/SKU", "licences/登记 1"):
        assert patch(doors, f"/v1/{path}", {}, "other plant").status_code == 404, path


def test_a_longer_interval_is_judged_at_the_pickings_before(doors: Doors) -> None:
    with doors.sessions.write.begin() as session:
        plot = session.scalars(select(Plot).where(Plot.code == doors.plots["own"])).one()
        use = make_input_use(session, plot=plot)
        product = session.get_one(InputProduct, use.product_id)
        picking = make_picking(session, plot=plot)
        assert judge_pickings(session, [picking.id]) == []
        code, days = product.code, (picking.picked_on - use.used_on).days
    answer = patch(doors, f"/v1/input-products/{code}", {"interval_days": days + 1}, "officer")
    assert answer.status_code == 200, answer.text
    with doors.sessions.read() as session:
        assert list(session.scalars(select(Finding.rule))) == ["harvest_inside_phi"]


def test_of_two_who_change_the_same_state_at_once_one_is_told_so(doors: Doors) -> None:
    headers = {
        "Authorization": f"Bearer {doors.tokens['coop']}",
        "If-Match": doors.get("/v1/parties/C01").headers["ETag"],
    }
    clients = [doors.app.test_client() for _ in range(4)]

    def rename(number: int) -> int:
        return clients[number].patch("/v1/parties/C01", json={"name": f"合作社 {number}"}, headers=headers).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(rename, range(4))) == [200, 412, 412, 412]
