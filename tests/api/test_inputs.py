"""`POST /v1/inputs`: a use of an input is recorded on a plot of one's own, and judges the leaf picked since."""

from typing import Any

import pytest
from sqlalchemy import select, update

from tests.api.doors import Doors
from tests.api.test_pickings import faults, picking
from trace.clock import now
from trace.inputs import InputProduct
from trace.places import Plot


@pytest.fixture(autouse=True)
def product(doors: Doors) -> str:
    """A pesticide with an interval of seven days."""
    with doors.sessions.write.begin() as session:
        session.add(InputProduct(code="IP1", kind="pesticide", name="示例农药", interval_days=7))
    return "IP1"


def use(doors: Doors, **changes: Any) -> dict[str, Any]:
    """Return the body of a good use."""
    return {
        "plot": doors.plots["own"],
        "product": "IP1",
        "used_at": "2026-04-16T08:00:00+08:00",
        "per_mu": "30.0",
        "unit": "mL",
        **changes,
    }


def test_a_use_is_recorded_with_its_digits(doors: Doors) -> None:
    answer = doors.post("/v1/inputs", use(doors, code="IU1", operator="F001", party="F001"))
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == "/v1/inputs/F001/IU1"
    shown = answer.json
    assert (shown["per_mu"], shown["operator"], shown["entered_by"]) == ("30.0", "F001", "C01")
    assert shown["used_at"] == "2026-04-16T08:00:00+08:00"
    assert doors.get(answer.headers["Location"]).json == shown
    assert [one["code"] for one in doors.get("/v1/inputs?product=IP1").json["items"]] == ["IU1"]


def test_a_use_entered_late_judges_the_leaf_picked_since(doors: Doors) -> None:
    doors.post("/v1/pickings", picking(doors, code="H1"))
    assert doors.get("/v1/findings?severity=reason").json["items"] == []
    doors.post("/v1/inputs", use(doors))
    [finding] = doors.get("/v1/findings?severity=reason").json["items"]
    assert (finding["rule"], finding["record"]) == ("harvest_inside_phi", "H1")


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"plot": "nowhere"}, ("plot", "unknown-reference")),
        ({"product": "water"}, ("product", "unknown-reference")),
        ({"operator": "nobody"}, ("operator", "unknown-reference")),
        ({"used_at": "2126-04-16T08:00:00+08:00"}, ("used_at", "in-the-future")),
        ({"per_mu": "-1"}, ("per_mu", "out-of-range")),
        ({"supplier": "张三 13800138000"}, ("supplier", "personal-number")),
        ({"grams": 3}, ("grams", "unknown-field")),
    ],
)
def test_a_fault_names_its_field(doors: Doors, changes: dict[str, Any], fault: tuple[str, str]) -> None:
    answer = doors.post("/v1/inputs", use(doors, **changes))
    assert answer.status_code == 422
    assert fault in faults(answer)


def test_a_code_is_used_once(doors: Doors) -> None:
    answer = doors.post("/v1/inputs", [use(doors, code="IU1"), use(doors, code="IU1")])
    assert faults(answer) == {("[1].code", "code-taken")}
    assert doors.post("/v1/inputs", use(doors, code="IU1")).status_code == 201
    assert faults(doors.post("/v1/inputs", use(doors, code="IU1"))) == {("code", "code-taken")}


def test_nothing_is_picked_or_sprayed_on_a_plot_that_ended(doors: Doors) -> None:
    with doors.sessions.write.begin() as session:
        plot = select(Plot.id).where(Plot.code == doors.plots["own"])
        session.execute(update(Plot).where(Plot.id.in_(plot)).values(until_on=now().date().replace(2026, 4, 1)))
    assert faults(doors.post("/v1/inputs", use(doors))) == {("plot", "plot-ended")}
    assert faults(doors.post("/v1/pickings", picking(doors))) == {("plot", "plot-ended")}


def test_others_see_nothing_of_it(doors: Doors) -> None:
    doors.post("/v1/inputs", use(doors, code="IU1"))
    assert doors.get("/v1/inputs/IU1", "other coop").status_code == 404
    assert faults(doors.post("/v1/inputs", use(doors), "other coop")) == {("plot", "unknown-reference")}
