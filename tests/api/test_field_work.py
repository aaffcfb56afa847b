"""`/v1/field-work`, `/v1/plots/{code}/openings`: what was done and seen on plots, and when they were opened."""

from typing import Any

import pytest

from tests.api.doors import Doors
from tests.api.test_pickings import faults, picking


def work(doors: Doors, **changes: Any) -> dict[str, Any]:
    """Return the body of a look at pests."""
    return {
        "plot": doors.plots["own"],
        "kind": "病虫调查",
        "done_at": "2026-04-10T08:00:00+08:00",
        "pest": "茶小绿叶蝉",
        "per_100_leaves": "4.0",
        "decision": "未达指标，不防治",
        **changes,
    }


def test_pests_are_counted_on_a_hundred_leaves_and_the_decision_is_kept(doors: Doors) -> None:
    answer = doors.post("/v1/field-work", work(doors, code="W1", worker="王芳"))
    assert answer.status_code == 201, answer.text
    shown = answer.json
    assert (shown["pest"], shown["per_100_leaves"], shown["decision"]) == ("茶小绿叶蝉", "4.0", "未达指标，不防治")
    assert (shown["worker"], shown["done_on"]) == ("王芳", "2026-04-10")
    assert doors.get(answer.headers["Location"]).json == shown
    assert doors.get("/v1/field-work/W1", "officer").json["worker"] is None


def test_boards_are_hung_and_rows_are_pruned(doors: Doors) -> None:
    boards = work(doors, kind="挂黄板", pest=None, per_100_leaves=None, decision=None, quantity="25", unit="片")
    pruning = {name: work(doors, kind="修剪")[name] for name in ("plot", "kind", "done_at")}
    bodies = [{name: value for name, value in boards.items() if value is not None}, pruning]
    assert doors.post("/v1/field-work", bodies).status_code == 201
    assert [one["quantity"] for one in doors.get("/v1/field-work?kind=挂黄板").json["items"]] == ["25"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"plot": "nowhere"}, ("plot", "unknown-reference")),
        ({"done_at": "2126-04-16T08:00:00+08:00"}, ("done_at", "in-the-future")),
        ({"quantity": "3"}, ("unit", "missing-field")),
        ({"per_100_leaves": "-1"}, ("per_100_leaves", "out-of-range")),
        ({"decision": "找 13800138000"}, ("decision", "personal-number")),
    ],
)
def test_a_fault_names_its_field(doors: Doors, changes: dict[str, Any], fault: tuple[str, str]) -> None:
    assert faults(doors.post("/v1/field-work", work(doors, **changes))) == {fault}


def test_a_count_names_what_was_counted(doors: Doors) -> None:
    body = work(doors)
    del body["pest"]
    assert faults(doors.post("/v1/field-work", body)) == {("pest", "missing-field")}


def test_field_work_is_corrected_and_undone(doors: Doors) -> None:
    doors.post("/v1/field-work", work(doors, code="W1"))
    right = {"event": "field-work/C01/W1", "reason": "数错了", "instead": work(doors, per_100_leaves="9")}
    assert doors.post("/v1/corrections", right).status_code == 201
    assert doors.get("/v1/field-work/W1").json["per_100_leaves"] == "9"
    assert doors.post("/v1/corrections", {"event": "field-work/C01/W1", "reason": "没有去"}).status_code == 201
    assert doors.get("/v1/field-work/W1").status_code == 404


def test_others_see_nothing_of_it(doors: Doors) -> None:
    doors.post("/v1/field-work", work(doors, code="W1"))
    assert doors.get("/v1/field-work/W1", "other coop").status_code == 404


def test_a_plot_is_opened_once_a_year_and_the_latest_word_counts(doors: Doors) -> None:
    address = f"/v1/plots/{doors.plots['own']}/openings"
    for day in ("2026-04-10", "2026-04-12"):
        answer = doors.post(address, {"opened_on": day})
        assert (answer.status_code, answer.json["opened_on"]) == (201, day)
    assert [one["opened_on"] for one in doors.get(address).json["items"]] == ["2026-04-10", "2026-04-12"]
    assert faults(doors.post(address, {"opened_on": "2126-04-12"})) == {("opened_on", "in-the-future")}
    assert doors.post(address, {"opened_on": "2026-04-10"}, "other coop").status_code == 404


def test_an_early_claim_is_one_of_two(doors: Doors) -> None:
    assert doors.post("/v1/pickings", picking(doors, claim="明前")).json["claim"] == "明前"
    assert faults(doors.post("/v1/pickings", picking(doors, claim="最早"))) == {("claim", "not-allowed")}
