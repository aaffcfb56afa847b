"""`/v1/plots/{code}/light`, `/v1/villages/{code}/lights`: what the clerk and the wall screen read before picking."""

from typing import Any

import pytest

from tests.api.conftest import Asking
from tests.api.doors import Doors
from tests.api.test_pickings import picking

LABEL = {
    "kind": "pesticide",
    "name": "示例农药",
    "active": "联苯菊酯",
    "registration": "PD20990001",
    "crops": ["茶树"],
    "interval_days": 7,
    "max_applications": 9,
    "max_per_mu": 40,
    "unit": "mL",
}


@pytest.fixture
def sprayed(doors: Doors) -> Doors:
    """A town whose co-operative sprayed its plot at dawn of 10 April, as a program tells it in UTC."""
    doors.post("/v1/input-products", {**LABEL, "code": "IP1"}, "operator")
    spray(doors, code="U1", used_at="2026-04-09T21:30:00Z")
    return doors


def spray(doors: Doors, **changes: Any) -> dict[str, Any]:
    """Use a pesticide on the own plot."""
    body = {"plot": doors.plots["own"], "product": "IP1", "per_mu": 30, "unit": "mL", **changes}
    answer = doors.post("/v1/inputs", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def light(doors: Doors, day: str, caller: str = "coop") -> dict[str, Any]:
    """Return the light of the own plot on a day."""
    return dict(doors.get(f"/v1/plots/{doors.plots['own']}/light?on={day}", caller).json)


def grave(doors: Doors) -> list[tuple[str, str]]:
    """Return rule and record of what stands above a note."""
    items = [
        *doors.get("/v1/findings?severity=reason").json["items"],
        *doors.get("/v1/findings?severity=refuse").json["items"],
    ]
    return [(one["rule"], one["record"]) for one in items if one["withdrawn_at"] is None]


def test_a_plot_is_red_until_the_day_on_which_leaf_passes(sprayed: Doors) -> None:
    red, green = light(sprayed, "2026-04-16"), light(sprayed, "2026-04-17")
    assert (red["light"], red["until"], green["light"], green["until"]) == ("red", "2026-04-17", "green", None)
    [reason] = red["reasons"]
    assert reason == {
        "rule": "harvest_inside_phi",
        "severity": "reason",
        "input": "U1",
        "product": "示例农药",
        "used_on": "2026-04-10",
        "interval_days": 7,
        "basis": "label",
        "free_on": "2026-04-17",
    }
    assert (red["on"], green["reasons"], red["plot"]) == ("2026-04-16", [], sprayed.plots["own"])
    assert light(sprayed, "2026-04-09")["light"] == "green"


def test_leaf_picked_at_dawn_of_that_day_passes_and_leaf_of_the_night_before_is_found(sprayed: Doors) -> None:
    sprayed.post("/v1/pickings", picking(sprayed, code="H1", picked_at="2026-04-16T15:59:00Z"))
    assert grave(sprayed) == [("harvest_inside_phi", "H1")]
    sprayed.post("/v1/pickings", picking(sprayed, code="H2", picked_at="2026-04-16T16:01:00Z"))
    assert grave(sprayed) == [("harvest_inside_phi", "H1")]


def test_without_a_day_it_is_today(sprayed: Doors) -> None:
    assert sprayed.get(f"/v1/plots/{sprayed.plots['own']}/light").json["light"] == "green"


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("soon", "not-a-date"),
        ("20260401", "not-a-date"),
        ("2026-W10-1", "not-a-date"),
        ("2026-02-30", "not-a-date"),
        ("0001-01-01", "out-of-range"),
    ],
)
def test_a_day_is_written_as_everywhere(doors: Doors, day: str, code: str) -> None:
    for path in (f"/v1/plots/{doors.plots['own']}/light", "/v1/villages/NOPE/lights"):
        refused = doors.get(f"{path}?on={day}")
        assert (refused.status_code, refused.json["errors"][0]["code"]) == (400, code)


def test_a_banned_substance_leaves_the_plot_red_until_an_officer_answers(doors: Doors) -> None:
    doors.post("/v1/input-products", {**LABEL, "code": "IP1", "active": "滴滴涕", "interval_days": 1}, "operator")
    spray(doors, code="U1", used_at="2026-04-10T08:00:00+08:00")
    doors.post("/v1/pickings", picking(doors, code="H1", picked_at="2026-05-20T06:00:00+08:00"))
    red = light(doors, "2026-05-20")
    assert (red["light"], red["until"]) == ("red", None)
    assert [(one["rule"], one["severity"], one["free_on"]) for one in red["reasons"]] == [
        ("substance_banned", "refuse", None)
    ]
    finding = doors.get("/v1/findings/substance_banned:U1").json
    assert "H1" in finding["affects"]
    answer = {"answer": "经检测未检出"}
    assert doors.post("/v1/findings/substance_banned:U1/answers", answer).status_code == 403
    assert doors.post("/v1/findings/substance_banned:U1/answers", answer, "officer").status_code == 201
    assert light(doors, "2026-05-20")["light"] == "green"


def test_a_label_mended_and_a_dose_corrected_change_the_light(sprayed: Doors) -> None:
    headers = {"Authorization": f"Bearer {sprayed.tokens['operator']}", "If-Match": "*"}
    sprayed.client.patch("/v1/input-products/IP1", json={"interval_days": 10, "max_per_mu": 20}, headers=headers)
    assert light(sprayed, "2026-04-19")["until"] is None  # the dose is above the label's now, and nobody has answered
    right = {"plot": sprayed.plots["own"], "product": "IP1", "used_at": "2026-04-10T08:00:00+08:00", "per_mu": 20}
    body = {"event": "inputs/C01/U1", "reason": "抄错了", "instead": {**right, "unit": "mL"}}
    assert sprayed.post("/v1/corrections", body).status_code == 201
    assert light(sprayed, "2026-04-19")["until"] == "2026-04-20"


def test_a_village_shows_all_plots_that_the_caller_may_read(sprayed: Doors) -> None:
    village = sprayed.get(f"/v1/plots/{sprayed.plots['own']}").json["village"]
    address = f"/v1/villages/{village}/lights?on=2026-04-16"
    seen = {one["plot"]: one["light"] for one in sprayed.get(address, "officer").json["items"]}
    assert seen == {sprayed.plots["own"]: "red", sprayed.plots["other"]: "green"}
    assert [one["plot"] for one in sprayed.get(address).json["items"]] == [sprayed.plots["own"]]
    first = sprayed.get(f"{address}&limit=1", "officer").json
    rest = sprayed.get(f"{address}&limit=1&after={first['next']}", "officer").json
    assert [one["plot"] for one in (*first["items"], *rest["items"])] == list(seen)
    other_day = f"/v1/villages/{village}/lights?on=2026-04-17&after={first['next']}"
    assert sprayed.get(other_day, "officer").status_code == 400


def test_a_strangers_plot_shows_no_light(sprayed: Doors) -> None:
    assert sprayed.get(f"/v1/plots/{sprayed.plots['own']}/light", "other coop").status_code == 404


def test_the_demo_town_shows_the_plot_of_its_violation_red(ask: Asking) -> None:
    red = ask("/v1/plots/P033/light?on=2026-05-14").json
    assert (red["light"], red["until"]) == ("red", "2026-05-17")
    assert [one["input"] for one in red["reasons"]] == ["IN0220"]
    assert ask("/v1/plots/P033/light?on=2026-05-17").json["light"] == "green"
    village = ask("/v1/plots/P033").json["village"]
    lights = ask(f"/v1/villages/{village}/lights?on=2026-05-14", "officer").json["items"]
    assert {one["plot"]: one["light"] for one in lights}[red["plot"]] == "red"


def test_a_pesticide_that_is_called_by_its_chinese_name_is_judged_like_any(doors: Doors) -> None:
    doors.post("/v1/input-products", {**LABEL, "kind": "农药", "code": "IP1"}, "operator")
    spray(doors, code="U1", used_at="2026-04-10T06:00:00+08:00", per_mu=41)
    assert grave(doors) == [("dose_exceeded", "U1")]
