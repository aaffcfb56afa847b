"""`POST /v1/pickings`: leaf is recorded by code, kept as typed, by whom it may be, once."""

import json
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.api.doors import Doors
from trace.events import Event
from trace.lots import Lot
from trace.pickings import Picking


def picking(doors: Doors, **changes: Any) -> dict[str, Any]:
    """Return the body of a good picking."""
    body = {
        "plot": doors.plots["own"],
        "picked_at": "2026-04-18T06:30:00+08:00",
        "mass": {"value": "25.5", "unit": "jin"},
        "pluck_standard": "一芽一叶",
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


def count(doors: Doors) -> int:
    """Return how many pickings there are."""
    with doors.sessions.read() as session:
        return session.scalar(select(func.count()).select_from(Picking)) or 0


def faults(answer: Any) -> set[tuple[str, str]]:
    """Return where each fault stands, and its code."""
    return {(one["field"], one["code"]) for one in answer.json["errors"]}


def test_a_picking_is_kept_as_typed_and_in_grams(doors: Doors) -> None:
    answer = doors.post("/v1/pickings", picking(doors, code="H1"))
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == "/v1/pickings/C01/H1"
    assert answer.json["mass"] == {"value": "25.5", "unit": "jin"}
    assert answer.json["mass_g"] == 12_750
    assert answer.json["picked_at"] == "2026-04-18T06:30:00+08:00"
    assert doors.get(answer.headers["Location"]).json == answer.json
    assert doors.get("/v1/lots/C01/H1").json["mass_g"] == 12_750


def test_a_moment_told_in_another_zone_is_of_the_day_it_was_here(doors: Doors) -> None:
    dawn = doors.post("/v1/pickings", picking(doors, picked_at="2026-04-17T22:30:00Z")).json
    assert (dawn["picked_at"], dawn["picked_on"]) == ("2026-04-18T06:30:00+08:00", "2026-04-18")
    last = doors.post("/v1/pickings", picking(doors, picked_at="9999-12-31T23:59:59Z"))
    assert faults(last) == {("picked_at", "not-a-moment")}


def test_a_number_is_read_as_the_decimal_it_says(doors: Doors) -> None:
    answer = doors.send("/v1/pickings", json.dumps(picking(doors)).replace('"25.5"', "25.570").encode())
    assert answer.json["mass"] == {"value": "25.570", "unit": "jin"}
    assert answer.json["mass_g"] == 12_785


def test_without_a_code_a_picking_gets_one(doors: Doors) -> None:
    codes = {doors.post("/v1/pickings", picking(doors)).json["code"] for _ in range(3)}
    assert len(codes) == 3
    assert all(code.startswith("PK-260418-") for code in codes)


def test_many_pickings_come_in_one_array(doors: Doors) -> None:
    answer = doors.post("/v1/pickings", [picking(doors, code=f"H{number}") for number in range(5)])
    assert answer.status_code == 201
    assert [one["code"] for one in answer.json] == [f"H{number}" for number in range(5)]


def test_a_coop_enters_for_its_farmer_and_both_are_named(doors: Doors) -> None:
    answer = doors.post("/v1/pickings", picking(doors, code="H1", party="F001"))
    assert (answer.json["party"], answer.json["entered_by"]) == ("F001", "C01")
    with doors.sessions.read() as session:
        event = session.scalars(select(Event)).one()
        assert json.loads(event.document)["chasu:enteredBy"] == "https://id.example.test/id/party/C01"
        assert event.account_id is not None


def test_every_fault_of_every_record_is_told_and_nothing_is_written(doors: Doors) -> None:
    answer = doors.post(
        "/v1/pickings",
        [
            picking(doors),
            picking(doors, plot="nowhere", mass={"value": "0", "unit": "kg"}),
            picking(doors, mass={"value": "1.0005", "unit": "kg"}, picked_at="2026-04-18", surprise=1),
            "leaf",
        ],
    )
    assert answer.status_code == 422
    assert faults(answer) == {
        ("[1].mass", "not-positive"),
        ("[2].mass", "not-whole-grams"),
        ("[2].picked_at", "not-a-moment"),
        ("[2].surprise", "unknown-field"),
        ("[3]", "wrong-type"),
    }
    assert count(doors) == 0


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"plot": "nowhere"}, ("plot", "unknown-reference")),
        ({"picked_at": "2126-04-18T06:30:00+08:00"}, ("picked_at", "in-the-future")),
        ({"code": "H 1"}, ("code", "code-shape")),
        ({"pluck_standard": None}, ("pluck_standard", "missing-field")),
        ({"pickers": 2**40}, ("pickers", "out-of-range")),
        ({"weather": "晴\u0000"}, ("weather", "nul-character")),
        ({"weather": "张三 13800138000"}, ("weather", "personal-number")),
        ({"mass": {"value": 1, "unit": "lb"}}, ("mass", "unknown-unit")),
        ({"mass": 5}, ("mass", "mass-shape")),
        ({"mode": "by pigeon"}, ("mode", "not-allowed")),
    ],
)
def test_a_fault_names_its_field(doors: Doors, changes: dict[str, Any], fault: tuple[str, str]) -> None:
    answer = doors.post("/v1/pickings", picking(doors, **changes))
    assert answer.status_code == 422
    assert faults(answer) == {fault}
    assert answer.json["errors"][0]["detail"]
    assert count(doors) == 0


def test_anothers_plot_is_as_unknown_as_none(doors: Doors) -> None:
    answer = doors.post("/v1/pickings", picking(doors, plot=doors.plots["other"]))
    assert faults(answer) == {("plot", "unknown-reference")}


def test_a_code_is_used_once_within_a_party(doors: Doors) -> None:
    assert doors.post("/v1/pickings", picking(doors, code="H1")).status_code == 201
    assert faults(doors.post("/v1/pickings", picking(doors, code="H1"))) == {("code", "code-taken")}
    both = [picking(doors, code="H2"), picking(doors, code="H2")]
    assert faults(doors.post("/v1/pickings", both)) == {("[1].code", "code-taken")}
    assert count(doors) == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "truncated"),
        (b'{"mass": NaN}', 400, "not-a-number"),
        (b'{"plot": "a", "plot": "b"}', 400, "duplicate-key"),
        (b"[" * 10_000, 400, "too-deep"),
        (b"\xff", 400, "not-utf-8"),
        (b"[]", 422, "empty"),
        (b"7", 422, "wrong-type"),
    ],
)
def test_what_is_no_record_is_refused(doors: Doors, body: bytes, status: int, code: str) -> None:
    answer = doors.send("/v1/pickings", body)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (status, code), answer.text


def test_other_kinds_of_body_and_bodies_beyond_five_megabytes_are_refused(doors: Doors) -> None:
    assert doors.send("/v1/pickings", b"plot=P001", Content_Type="text/plain").status_code == 415
    assert doors.send("/v1/pickings", b" " * 6_000_000).status_code == 413
    assert doors.post("/v1/pickings", [picking(doors)] * 1001).json["errors"][0]["code"] == "too-many"


def test_who_may_not_is_told_so(doors: Doors) -> None:
    for caller in ("laboratory", "brand", "officer", "auditor"):
        assert doors.post("/v1/pickings", picking(doors), caller).json["code"] == "role-closed"
    assert doors.post("/v1/pickings", picking(doors, party="C01"), "other coop").json["code"] == "not-for-them"
    assert doors.post("/v1/pickings", picking(doors), "reader").json["code"] == "scope-missing"
    assert doors.post("/v1/pickings", picking(doors, mode="history"), "no history").json["code"] == "history-closed"
    assert count(doors) == 0


def test_a_repeated_request_gets_its_first_answer(doors: Doors) -> None:
    body = picking(doors, code="H1")
    first = doors.post("/v1/pickings", body, Idempotency_Key="morning-1")
    again = doors.post("/v1/pickings", body, Idempotency_Key="morning-1")
    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert count(doors) == 1


def test_a_key_stands_for_one_request_of_one_holder(doors: Doors) -> None:
    doors.post("/v1/pickings", picking(doors, code="H1"), Idempotency_Key="k")
    other = doors.post("/v1/pickings", picking(doors, code="H2"), Idempotency_Key="k")
    assert (other.status_code, other.json["code"]) == (409, "key-reused")
    elsewhere = picking(doors, plot=doors.plots["other"], code="H1")
    assert doors.post("/v1/pickings", elsewhere, "other coop", Idempotency_Key="k").status_code == 201


def test_a_refused_record_is_mended_under_its_key(doors: Doors) -> None:
    assert doors.post("/v1/pickings", picking(doors, plot="nowhere"), Idempotency_Key="k").status_code == 422
    assert doors.post("/v1/pickings", picking(doors), Idempotency_Key="k").status_code == 201


@pytest.mark.parametrize("key", ["", "茶", "a b", "k" * 201])
def test_a_key_is_visible_ascii(doors: Doors, key: str) -> None:
    headers = {"Idempotency_Key": key.encode().decode("latin-1")}
    assert doors.post("/v1/pickings", picking(doors), **headers).status_code == 400
    with doors.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(Lot)) == 0
