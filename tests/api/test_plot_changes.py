"""Plots by date through the doors: surveyed anew, another holder, split, joined; two plots or growers that are one."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.api.doors import Doors
from tests.api.test_pickings import faults, picking
from tests.land import square
from trace.findings import Finding

VILLAGE = "379901101201"


def part(code: str, column: float, *, wide: float = 1, **changes: Any) -> dict[str, Any]:
    """Return a plot, or a part of one, some sides east of a corner."""
    outline = square(column, wide=wide)
    return {"code": code, "area_mu": str(6 * wide), "crs": "WGS-84", "outline": outline, **changes}


@pytest.fixture
def land(doors: Doors) -> Doors:
    """The town, in which the co-operative has two neighbouring plots, a stranger a third beside them."""
    assert doors.post("/v1/villages", {"code": VILLAGE, "name": "茶沟村"}, "operator").status_code == 201
    grown = {"village": VILLAGE, "cultivar": "群体种"}
    mine = [part("A1", 0, **grown, holder="F001"), part("A2", 1, **grown)]
    assert doors.post("/v1/plots", mine).status_code == 201
    assert doors.post("/v1/plots", part("Z1", 2, **grown), "other coop").status_code == 201
    return doors


def test_a_survey_says_what_a_plot_is_from_a_day_on(land: Doors) -> None:
    body = {
        "crs": "WGS-84",
        "outline": square(0, wide=0.5),
        "area_mu": "3",
        "cultivar": "中茶108",
        "from_on": "2026-01-01",
    }
    answer = land.post("/v1/plots/A1/surveys", {**body, "reason": "复测"})
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == "/v1/plots/A1"
    shown = land.get("/v1/plots/A1").json
    assert (shown["area_mu"], shown["cultivar"], shown["holder"]) == ("3", "中茶108", "F001")
    assert answer.json == shown
    over = {**body, "outline": square(0, wide=1.5), "from_on": "2025-12-31"}
    assert faults(land.post("/v1/plots/A1/surveys", over)) == {
        ("outline", "outlines-overlap"),
        ("from_on", "before-last-change"),
    }


def test_a_plot_gets_another_holder_and_stays_with_its_coop(land: Doors) -> None:
    answer = land.post("/v1/plots/A1/holders", {"holder": "C01", "from_on": "2026-01-01"})
    assert (answer.status_code, answer.json["holder"]) == (201, "C01")
    assert land.post("/v1/plots/A1/holders", {"holder": None}).json["holder"] is None
    wrong = {"holder": "F404", "cooperative": "C02"}
    assert faults(land.post("/v1/plots/A1/holders", wrong)) == {
        ("holder", "unknown-reference"),
        ("cooperative", "not-allowed"),
    }
    moved = land.post("/v1/plots/A1/holders", {"holder": None, "cooperative": "C02"}, "officer")
    assert (moved.status_code, moved.json["cooperative"]) == (201, "C02")


def test_a_plot_is_split_and_its_parts_are_picked_from(land: Doors) -> None:
    parts = [part("A1-1", 0, wide=0.5, holder="C01"), part("A1-2", 0.5, wide=0.5, cultivar="中茶108")]
    answer = land.post("/v1/plots/A1/splits", {"parts": parts, "from_on": "2026-01-01"})
    assert answer.status_code == 201, answer.text
    told = [(one["code"], one["holder"], one["cultivar"], one["from_on"]) for one in answer.json["plots"]]
    assert told == [("A1-1", "C01", "群体种", "2026-01-01"), ("A1-2", "F001", "中茶108", "2026-01-01")]
    assert land.get("/v1/plots/A1").json["until_on"] == "2025-12-31"
    assert land.post("/v1/pickings", picking(land, plot="A1-1")).status_code == 201
    assert faults(land.post("/v1/pickings", picking(land, plot="A1"))) == {("plot", "plot-ended")}
    assert faults(land.post("/v1/plots/A1/splits", {"parts": [part("B1", 0, wide=2), part("A2", 1)]})) >= {
        ("plot", "plot-ended"),
        ("parts[0].outline", "outside-former"),
        ("parts[1].code", "code-taken"),
        ("parts.area_mu", "more-than-former"),
    }


def test_neighbouring_plots_become_one_and_others_plots_do_not(land: Doors) -> None:
    whole = {"with": ["A2"], "plot": part("A3", 0, wide=2), "from_on": "2026-01-01"}
    wrong = {**whole, "with": ["A1"], "plot": part("A2", 0, wide=2)}
    assert faults(land.post("/v1/plots/A1/joins", wrong)) == {("with[0]", "duplicate-value")}
    assert land.post("/v1/plots/A1/joins", {**whole, "with": ["Z1"]}).status_code == 404
    answer = land.post("/v1/plots/A1/joins", whole)
    assert (answer.status_code, answer.json["code"], answer.json["area_mu"]) == (201, "A3", "12")
    assert answer.headers["Location"] == "/v1/plots/A3"


def test_a_spray_before_a_split_is_found_at_a_picking_after_it(land: Doors) -> None:
    land.post(
        "/v1/input-products", {"code": "IP", "kind": "pesticide", "name": "示例农药", "interval_days": 14}, "operator"
    )
    spray = {"product": "IP", "used_at": "2026-04-10T08:00:00+08:00"}
    assert land.post("/v1/inputs", {**spray, "plot": "A1", "code": "U1"}).status_code == 201
    parts = [part("A1-1", 0, wide=0.5), part("A1-2", 0.5, wide=0.5)]
    land.post("/v1/plots/A1/splits", {"parts": parts, "from_on": "2026-04-11"})
    whole = {"with": ["A2"], "plot": part("A4", 0.5, wide=1.5), "from_on": "2026-04-12"}
    assert land.post("/v1/plots/A1-2/joins", whole).status_code == 201
    for plot in ("A1-1", "A4"):
        assert land.post("/v1/pickings", picking(land, plot=plot, code=plot)).status_code == 201
    assert found(land) == [("A1-1", "harvest_inside_phi"), ("A4", "harvest_inside_phi")]
    late = {**spray, "used_at": "2026-04-11T08:00:00+08:00", "plot": "A2"}
    assert land.post("/v1/inputs", {**late, "code": "U2"}).status_code == 201
    with land.sessions.read() as session:
        facts = session.scalars(select(Finding.facts).where(Finding.record == "A4", Finding.withdrawn_at.is_(None)))
        assert "2026-04-11" in str(list(facts))


def found(doors: Doors) -> list[tuple[str, str]]:
    """Return (record, rule) of the findings that stand."""
    with doors.sessions.read() as session:
        query = select(Finding.record, Finding.rule).where(Finding.withdrawn_at.is_(None)).order_by(Finding.record)
        return [(record, rule) for record, rule in session.execute(query)]


def test_two_plots_that_are_one_are_merged(land: Doors) -> None:
    answer = land.post("/v1/plots/A1/merges", {"into": "A2", "reason": "同一块地"})
    assert (answer.status_code, answer.json["code"]) == (201, "A2")
    assert land.get("/v1/plots/A1").json["code"] == "A2"
    assert answer.headers["Location"] == "/v1/plots/A2"
    assert faults(land.post("/v1/plots/A2/merges", {"into": "A2", "reason": "同一块地"})) == {("into", "not-itself")}


def test_two_growers_that_are_one_are_merged_by_their_coop(land: Doors) -> None:
    grower = {"code": "F002", "name": "茶农 002", "kind": "grower", "member_of": "C01", "area_code": "379901101"}
    assert land.post("/v1/parties", grower).status_code == 201
    body = {"into": "F001", "reason": "同一户"}
    assert land.post("/v1/parties/F002/merges", body, "other coop").status_code == 404
    assert land.post("/v1/parties/F002/merges", {**body, "into": "C02"}).json["code"] == "not-for-them"
    assert faults(land.post("/v1/parties/F002/merges", {**body, "into": "C01"})) == {("into", "not-a-grower")}
    answer = land.post("/v1/parties/F002/merges", body)
    assert (answer.status_code, answer.json["code"]) == (201, "F001")
    assert land.get("/v1/parties/F002").json["code"] == "F001"


@pytest.mark.parametrize(
    ("body", "missing"), [({"crs": "WGS-84"}, "outline"), ({"outline": {"type": "Polygon", "coordinates": []}}, "crs")]
)
def test_an_outline_and_its_system_come_together(doors: Doors, body: dict[str, Any], missing: str) -> None:
    answer = doors.post(f"/v1/plots/{doors.plots['own']}/surveys", body)
    assert (answer.status_code, faults(answer)) == (422, {(missing, "missing-field")})
