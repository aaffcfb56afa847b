"""Master data through the doors: who may register what, every fault at once, and what was registered can be used."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.api.doors import Doors
from tests.api.test_pickings import faults, picking
from tests.factories import make_party
from tests.trace.test_record import statements
from trace.accounts import Caller, Role
from trace.entries.registry import Registry

SQUARE = [[119.30, 35.30], [119.3003, 35.30], [119.3003, 35.3003], [119.30, 35.3003], [119.30, 35.30]]


def plot(doors: Doors, **changes: Any) -> dict[str, Any]:
    """Return the body of a good plot."""
    village = doors.get("/v1/villages", "operator").json["items"][0]["code"]
    return {
        "code": "NEW-1",
        "village": village,
        "cultivar": "中茶108",
        "area_mu": "1.4",
        "crs": "WGS-84",
        "outline": {"type": "Polygon", "coordinates": [SQUARE]},
        **changes,
    }


def test_a_coop_registers_its_grower_whose_private_data_are_never_shown(doors: Doors) -> None:
    body = {
        "code": "F002",
        "name": "茶农 002",
        "kind": "grower",
        "member_of": "C01",
        "area_code": "379901101",
        "private": {"name": "张三", "phone": "13800138000"},
    }
    answer = doors.post("/v1/parties", body)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == "/v1/parties/F002"
    assert "张三" not in answer.text
    assert doors.post("/v1/pickings", picking(doors, party="F002", code="H1")).json["errors"][0]["code"] == "not-yours"


@pytest.mark.parametrize(
    ("caller", "changes", "fault"),
    [
        ("coop", {"kind": "plant"}, ("kind", "not-allowed")),
        ("coop", {"member_of": "C02"}, ("member_of", "not-allowed")),
        ("plant", {"member_of": None}, ("kind", "not-allowed")),
        ("officer", {"area_code": "110101001"}, ("area_code", "outside-the-area")),
        ("operator", {"member_of": "C99"}, ("member_of", "unknown-reference")),
        ("operator", {"area_code": None}, ("area_code", "missing-field")),
        ("operator", {"uscc": "1"}, ("uscc", "uscc-shape")),
        ("operator", {"code": "C02"}, ("code", "code-taken")),
    ],
)
def test_who_may_not_bring_a_party_is_told_why(
    doors: Doors, caller: str, changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    body = {"code": "F002", "name": "茶农", "kind": "grower", "member_of": "C01", "area_code": "379901101", **changes}
    answer = doors.post("/v1/parties", {name: value for name, value in body.items() if value is not None}, caller)
    assert answer.status_code == 422
    assert fault in faults(answer)


def test_a_plot_is_registered_and_picked(doors: Doors) -> None:
    answer = doors.post("/v1/plots", plot(doors))
    assert answer.status_code == 201, answer.text
    assert (answer.json["cooperative"], answer.json["area_mu"]) == ("C01", "1.4")
    assert doors.post("/v1/pickings", picking(doors, plot="NEW-1")).status_code == 201


def test_faults_of_plots_name_their_outlines(doors: Doors) -> None:
    crossing = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]]
    swapped = [[second, first] for first, second in SQUARE]
    bodies = [
        plot(doors, code="A", outline={"type": "Polygon", "coordinates": [crossing]}),
        plot(doors, code="B", outline={"type": "Polygon", "coordinates": [swapped]}),
        plot(doors, code="C", village="379901999999"),
        plot(doors, code="A", area_mu="-1"),
    ]
    answer = doors.post("/v1/plots", bodies)
    assert answer.status_code == 422
    assert ("[3].area_mu", "out-of-range") in faults(answer)
    assert doors.get("/v1/plots/A", "operator").status_code == 404


def test_a_firm_registers_what_is_its_own(doors: Doors) -> None:
    assert doors.post("/v1/facilities", {"code": "PL1-2", "name": "二车间"}, "plant").status_code == 201
    licence = {"number": "SC11437990100013", "valid_to": "2029-03-15", "product_kinds": ["绿茶"]}
    assert doors.post("/v1/licences", licence, "plant").json["party"] == "PL1"
    brand = doors.post("/v1/brands", {"code": "B9", "name": "雾峪青", "suppliers": ["PL1"]}, "plant")
    assert brand.json["suppliers"] == ["PL1"]
    item = {"code": "S9", "brand": "B9", "name": "雾峪青 100g", "net": {"value": 100, "unit": "g"}}
    assert doors.post("/v1/products", item, "plant").json["net_g"] == 100
    assert doors.post("/v1/products", {**item, "code": "S8"}, "other plant").status_code == 403
    wrong = doors.post("/v1/products", {**item, "code": "S8", "gtin": "9520000010004"}, "plant")
    assert faults(wrong) == {("gtin", "wrong-check-digit")}


def test_input_products_and_villages_are_registered(doors: Doors) -> None:
    product = {"code": "IP9", "kind": "pesticide", "name": "示例农药", "interval_days": 7}
    assert doors.post("/v1/input-products", product).status_code == 201
    assert doors.get("/v1/input-products/IP9", "plant").json["interval_days"] == 7
    village = {"code": "379901101299", "name": "新村", "center": [119.2, 35.2]}
    assert doors.post("/v1/villages", village, "officer").status_code == 201
    outside = doors.post("/v1/villages", {**village, "code": "110101001299"}, "officer")
    assert faults(outside) == {("code", "outside-the-area")}


def test_the_growers_that_a_list_names_are_looked_up_at_once(session: Session) -> None:
    growers = [make_party(session, kind="grower") for _ in range(4)]
    registry = Registry(session, Caller(Role.OPERATOR, None))
    with statements(session) as sent:
        registry.know([None, "nobody", *(grower.code for grower in growers)])
        assert [registry.find_party(0, "holder", grower.code) for grower in growers] == growers
        assert registry.find_party(0, "holder", "nobody") is None
    assert len(sent) == 1, "\n".join(sent)
