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


SPLIT = [part("A1-1", 0, wide=0.5, area_mu="2"), part("A1-2", 0.5, wide=0.5, area_mu="2")]


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
        facts = session.scalars(select(Finding.facts).where(Finding.record == "A4", Finding.severity == "reason"))
        assert "2026-04-11" in str(list(facts))


def found(doors: Doors) -> list[tuple[str, str]]:
    """Return (record, rule) of the findings above a note that stand."""
    grave = Finding.withdrawn_at.is_(None), Finding.severity != "note"
    with doors.sessions.read() as session:
        query = select(Finding.record, Finding.rule).where(*grave).order_by(Finding.record)
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


def versions(land: Doors, caller: str = "coop", path: str = "/v1/plots/A1/versions") -> list[dict[str, Any]]:
    """Return what a plot was, over all pages."""
    answer = land.get(f"{path}?limit=2", caller)
    assert answer.status_code == 200, answer.text
    found = list(answer.json["items"])
    while answer.json["next"]:
        answer = land.get(f"{path}?limit=2&after={answer.json['next']}", caller)
        found += answer.json["items"]
    return found


def test_what_a_plot_was_is_read_by_date(land: Doors) -> None:
    survey = {"area_mu": "5", "cultivar": "中茶108", "from_on": "2026-01-01", "reason": "复测"}
    land.post("/v1/plots/A1/surveys", survey)
    land.post("/v1/plots/A1/surveys", {"area_mu": "4.5", "from_on": "2026-01-01"})
    land.post("/v1/plots/A1/holders", {"holder": None, "from_on": "2026-03-01"})
    land.post("/v1/plots/A1/splits", {"parts": SPLIT, "from_on": "2026-06-01"})
    told = versions(land)
    names = ("from_on", "until_on", "replaced", "area_mu", "cultivar", "holder", "reason")
    assert [tuple(one[name] for name in names) for one in told] == [
        (None, "2025-12-31", False, "6", "群体种", "F001", None),
        ("2026-01-01", None, True, "5", "中茶108", "F001", "复测"),
        ("2026-01-01", "2026-02-28", False, "4.5", "中茶108", "F001", None),
        ("2026-03-01", "2026-05-31", False, "4.5", "中茶108", None, None),
    ]
    assert told[0]["outline"] == land.get("/v1/plots/A1").json["outline"]
    assert {one["cooperative"] for one in told} == {"C01"}
    [part] = versions(land, path="/v1/plots/A1-1/versions")
    assert (part["from_on"], part["until_on"], part["replaced"]) == ("2026-06-01", None, False)


def test_a_plots_past_is_read_by_who_may_read_the_plot_and_why_it_changed_by_who_keeps_it(land: Doors) -> None:
    survey = {"area_mu": "5", "from_on": "2026-01-01", "reason": "张三家分户"}
    land.post("/v1/plots/A1/surveys", survey)
    for caller in ("plant", "other coop", "laboratory"):
        assert land.get("/v1/plots/A1/versions", caller).status_code == 404
    land.post("/v1/pickings", picking(land, plot="A1", code="H7"))
    taken = {"supplier": "C01", "lots": [{"lot": "C01/H7", "mass": {"value": "1", "unit": "kg"}}], "party": "PL1"}
    received = {**taken, "received_at": "2026-04-20T14:00:00+08:00", "mass": {"value": "1", "unit": "kg"}}
    assert land.post("/v1/intakes", received, "operator").status_code == 201
    told = {caller: [one["reason"] for one in versions(land, caller)] for caller in ("coop", "officer", "plant")}
    assert told == {"coop": [None, "张三家分户"], "officer": [None, "张三家分户"], "plant": [None, None]}


def test_a_page_of_one_plots_past_does_not_lead_into_anothers(land: Doors) -> None:
    for plot in ("A1", "A2"):
        land.post(f"/v1/plots/{plot}/surveys", {"area_mu": "5", "from_on": "2026-01-01"})
    first = land.get("/v1/plots/A1/versions?limit=1")
    assert first.headers["Link"] == f'</v1/plots/A1/versions?limit=1&after={first.json["next"]}>; rel="next"'
    other = land.get(f"/v1/plots/A2/versions?after={first.json['next']}")
    assert (other.status_code, other.json["errors"][0]["code"]) == (400, "bad-token")
    assert land.get("/v1/plots/A9/versions").status_code == 404


@pytest.mark.parametrize(
    ("body", "missing"), [({"crs": "WGS-84"}, "outline"), ({"outline": {"type": "Polygon", "coordinates": []}}, "crs")]
)
def test_an_outline_and_its_system_come_together(doors: Doors, body: dict[str, Any], missing: str) -> None:
    answer = doors.post(f"/v1/plots/{doors.plots['own']}/surveys", body)
    assert (answer.status_code, faults(answer)) == (422, {(missing, "missing-field")})
