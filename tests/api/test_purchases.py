"""`/v1/purchases`: what was bought for the field, and the uses that name where it came from."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.api.doors import Doors
from tests.api.test_pickings import faults
from trace.events.tables import Event
from trace.inputs import InputProduct

BOUGHT = "2026-03-02T09:00:00+08:00"


@pytest.fixture(autouse=True)
def products(doors: Doors) -> None:
    """Two pesticides."""
    with doors.sessions.write.begin() as session:
        for code in ("IP1", "IP2"):
            session.add(
                InputProduct(code=code, kind="pesticide", name="示例农药", maker="示例农化", registration="PD20990001")
            )


def purchase(**changes: Any) -> dict[str, Any]:
    """Return the body of a good purchase."""
    values = {"product": "IP1", "supplier": "城关农资店", "quantity": "2.50", "unit": "L", "bought_at": BOUGHT}
    return {**values, "maker_code": "20260111-A", **changes}


def use(doors: Doors, **changes: Any) -> dict[str, Any]:
    """Return the body of a use of what was bought."""
    used_at = "2026-03-16T08:00:00+08:00"
    return {"plot": doors.plots["own"], "product": "IP1", "used_at": used_at, "purchase": "B1", **changes}


def test_a_purchase_says_what_stands_on_the_pack_and_who_bought_it(doors: Doors) -> None:
    answer = doors.post("/v1/purchases", purchase(code="B1", worker="王芳"))
    assert answer.status_code == 201, answer.text
    shown = answer.json
    assert answer.headers["Location"] == "/v1/purchases/C01/B1"
    assert (shown["registration"], shown["maker"], shown["maker_code"]) == ("PD20990001", "示例农化", "20260111-A")
    assert (shown["quantity"], shown["unit"], shown["worker"], shown["bought_on"]) == (
        "2.50",
        "L",
        "王芳",
        "2026-03-02",
    )
    assert doors.get("/v1/purchases/C01/B1").json == shown
    assert [one["code"] for one in doors.get("/v1/purchases?product=IP1").json["items"]] == ["B1"]


def test_the_name_of_who_bought_is_for_the_party_alone_and_in_no_event(doors: Doors) -> None:
    bought = doors.post("/v1/purchases", purchase(code="B1", worker="王芳")).json
    assert doors.get("/v1/purchases/B1", "auditor").json["worker"] is None
    with doors.sessions.read() as session:
        query = select(Event.document).where(Event.event_id == bought["event"])
        documents = [document.decode() for document in session.scalars(query)]
    assert documents
    assert not any("王芳" in document for document in documents)


def test_a_use_has_shop_and_makers_number_of_what_was_bought(doors: Doors) -> None:
    doors.post("/v1/purchases", purchase(code="B1"))
    shown = doors.post("/v1/inputs", use(doors, dilution="1500", worker="李明")).json
    assert (shown["purchase"], shown["supplier"], shown["maker_code"]) == ("B1", "城关农资店", "20260111-A")
    assert (shown["dilution"], shown["worker"], shown["registration"]) == ("1500", "李明", "PD20990001")


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"product": "water"}, ("product", "unknown-reference")),
        ({"quantity": "0"}, ("quantity", "not-positive")),
        ({"bought_at": "2126-04-16T08:00:00+08:00"}, ("bought_at", "in-the-future")),
        ({"supplier": "张三 13800138000"}, ("supplier", "personal-number")),
        ({"grams": 3}, ("grams", "unknown-field")),
    ],
)
def test_a_fault_names_its_field(doors: Doors, changes: dict[str, Any], fault: tuple[str, str]) -> None:
    answer = doors.post("/v1/purchases", purchase(**changes))
    assert answer.status_code == 422
    assert fault in faults(answer)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"purchase": "B9"}, ("purchase", "unknown-reference")),
        ({"product": "IP2"}, ("product", "disagrees")),
        ({"used_at": "2026-03-01T08:00:00+08:00"}, ("used_at", "before-its-source")),
    ],
)
def test_a_use_came_from_a_purchase_of_the_same_product_made_before(
    doors: Doors, changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    doors.post("/v1/purchases", purchase(code="B1"))
    assert faults(doors.post("/v1/inputs", use(doors, **changes))) == {fault}


def test_nothing_came_from_a_purchase_that_never_was(doors: Doors) -> None:
    doors.post("/v1/purchases", purchase(code="B1"))
    never = {"event": "purchases/C01/B1", "reason": "没有买成"}
    assert doors.post("/v1/corrections", never).status_code == 201
    assert ("purchase", "unknown-reference") in faults(doors.post("/v1/inputs", use(doors)))


def test_another_partys_purchase_is_unknown(doors: Doors) -> None:
    doors.post("/v1/purchases", purchase(code="B1"), "other coop")
    assert doors.get("/v1/purchases/B1").status_code == 404
    assert faults(doors.post("/v1/inputs", use(doors))) == {("purchase", "unknown-reference")}


def test_a_purchase_is_corrected_and_undone(doors: Doors) -> None:
    doors.post("/v1/purchases", purchase(code="B1"))
    right = {"event": "purchases/C01/B1", "reason": "看错了瓶数", "instead": purchase(quantity="5")}
    assert doors.post("/v1/corrections", right).status_code == 201
    assert doors.get("/v1/purchases/B1").json["quantity"] == "5"
    assert doors.post("/v1/corrections", {"event": "purchases/C01/B1", "reason": "没有买"}).status_code == 201
    assert doors.get("/v1/purchases/B1").status_code == 404


def test_a_label_says_what_it_is_for(doors: Doors) -> None:
    label = {
        "code": "IP9",
        "kind": "pesticide",
        "name": "示例混剂",
        "active": "联苯菊酯",
        "other_actives": ["虫螨腈"],
        "crops": ["茶树"],
        "targets": ["茶小绿叶蝉"],
        "registered_until": "2099-06-30",
        "max_per_mu": "40",
        "unit": "mL",
        "label_sha256": "a" * 64,
    }
    shown = doors.post("/v1/input-products", label).json
    assert {name: shown[name] for name in label} == label
    wrong = {**label, "code": "IP8", "label_sha256": "A" * 64}
    assert faults(doors.post("/v1/input-products", wrong)) == {("label_sha256", "not-a-hash")}
    bare = {"code": "IP8", "kind": "pesticide", "name": "示例", "other_actives": ["虫螨腈"], "max_per_mu": 3}
    assert faults(doors.post("/v1/input-products", bare)) == {("active", "missing-field"), ("unit", "missing-field")}
