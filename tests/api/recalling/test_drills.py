"""A drill finds what a recall would, on real data, and changes nothing."""

from typing import Any

import pytest
from sqlalchemy import func, select

from api.state import state_of
from tests.api.doors import Doors
from tests.api.test_pickings import faults
from trace.events import Event
from trace.holds import RecalledLot
from trace.keys import create_first_key
from trace.lots import Lot
from trace.recalling.drills import points_of


@pytest.fixture(autouse=True)
def sealed(doors: Doors, goods: None) -> None:
    """Labels printed for eight of ten units."""
    create_first_key(state_of(doors.app).settings.keys_dir)
    assert doors.post("/v1/label-jobs", {"pack": "PK1", "count": 8}, "plant").status_code == 201


def traces(doors: Doors) -> tuple[Any, ...]:
    """Return what a recall would change."""
    with doors.sessions.read() as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in (Event, RecalledLot)]
        return *counts, session.scalar(select(func.sum(Lot.revision)))


def test_a_drill_is_timed_and_scored_and_leaves_no_trace_in_the_record(doors: Doors) -> None:
    before = traces(doors)
    answer = doors.post("/v1/recall-drills", {"lots": ["PK1"], "person": "王芳"}, "plant")
    assert answer.status_code == 201, answer.text
    told = answer.json
    assert traces(doors) == before
    names = ("units", "shipped", "in_stock", "codes", "buyers", "buyers_with_contact")
    assert [told["figures"][name] for name in names] == [10, 4, 6, 10, 1, 0]
    assert told["figures"]["leaf_from_plots_g"] == told["figures"]["leaf_g"] > 0
    assert 0 <= told["scope_ms"] <= told["codes_ms"] <= told["buyers_ms"]
    assert (told["score"], told["person"]) == (60, "王芳"), "nobody could be told"
    assert doors.get(answer.headers["Location"], "plant").json == told


def test_who_can_be_reached_counts(doors: Doors) -> None:
    contact = {"of": "BUY-A", "channel": "print", "address": "电话 0633-1234567 转仓库"}
    assert doors.post("/v1/recall-contacts", contact, "plant").status_code == 201
    assert doors.post("/v1/recall-drills", {"lots": ["PK1"]}, "plant").json["score"] == 100


def test_a_drill_begins_with_one_thing(doors: Doors) -> None:
    assert faults(doors.post("/v1/recall-drills", {}, "plant")) == {("lots", "missing-field")}
    assert faults(doors.post("/v1/recall-drills", {"lots": ["PK1"], "plot": "P1"}, "plant")) == {("plot", "not-both")}
    assert doors.post("/v1/recall-drills", {"lots": ["PL1/PK1"]}, "other plant").status_code == 404


@pytest.mark.parametrize(("total_ms", "points"), [(0, 20.0), (60_000, 20.0), (330_000, 10.0), (600_000, 0.0)])
def test_a_score_loses_points_for_time_after_a_minute(total_ms: int, points: float) -> None:
    figures = {"buyers": 2, "buyers_with_contact": 1, "leaf_g": 4, "leaf_from_plots_g": 1}
    assert points_of(figures, total_ms) == (20, 10, points)
