"""`POST /v1/intakes`: what is on its way is weighed and received once, by whom it goes to."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.api.doors import Doors
from tests.api.moving import grams, kg, party_of, pick, send
from tests.api.test_pickings import faults
from tests.factories import make_certificate
from trace.intakes import Intake
from trace.lots import Lot

GROSS = {"gross": kg("5"), "tare": kg("0.8"), "deduction": {"mass": kg("0.3"), "reason": "含水"}}


def intake(**changes: Any) -> dict[str, Any]:
    """Return the body of a good intake."""
    body = {"hand_overs": ["C01/HO1"], "received_at": "2026-04-20T14:00:00+08:00", "mass": kg("3.9"), **changes}
    return {name: value for name, value in body.items() if value is not None}


@pytest.fixture
def sent(doors: Doors) -> str:
    """Four kilograms of leaf on their way to the plant."""
    pick(doors)
    send(doors, "HO1")
    return "HO1"


def test_what_was_sent_is_received_by_gross_tare_and_deduction(doors: Doors, sent: str) -> None:
    answer = doors.post("/v1/intakes", intake(code="IT1", mass=None, price_yuan_per_kg="120", **GROSS), "plant")
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == "/v1/intakes/PL1/IT1"
    assert (answer.json["delivered_g"], answer.json["received_g"], answer.json["supplier"]) == (4_000, 3_900, "C01")
    assert (answer.json["gross"], answer.json["deduction_reason"]) == (kg("5"), "含水")
    assert answer.json["lots"] == [{"lot": "H1", "mass_g": 4_000}]
    assert grams(doors, "PL1/IT1", "plant") == 3_900
    closed = doors.get("/v1/hand-overs/C01/HO1").json
    assert (closed["state"], closed["intake"]) == ("received", "IT1")
    assert doors.get("/v1/intakes/PL1/IT1", "coop").json["price_yuan_per_kg"] == "120"
    assert doors.get("/v1/intakes/PL1/IT1", "other plant").status_code == 404


def test_a_co_operative_takes_in_its_members_leaf_at_once_with_a_certificate(doors: Doors) -> None:
    pick(doors, "H2", "F001")
    with doors.sessions.write.begin() as session:
        lot = session.scalars(select(Lot).where(Lot.code == "H2")).one()
        make_certificate(session, issuer=party_of(session, "F001"), lots=[lot], code="Q1")
    lots = [{"lot": "F001/H2", "mass": kg("10")}]
    body = intake(hand_overs=None, supplier="F001", lots=lots, mass=kg("10"), certificate="F001/Q1")
    unknown = doors.post("/v1/intakes", {**body, "certificate": "F001/Q2"})
    assert faults(unknown) == {("certificate", "unknown-reference")}
    answer = doors.post("/v1/intakes", body)
    assert answer.status_code == 201, answer.text
    assert (answer.json["supplier"], answer.json["certificate"]) == ("F001", "F001/Q1")
    assert grams(doors, "F001/H2", "coop") == 0
    assert doors.post("/v1/intakes", body, "plant").json["code"] == "not-for-them"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"hand_overs": None}, ("hand_overs", "missing-field")),
        ({"hand_overs": ["C01/HO2"]}, ("hand_overs[0]", "unknown-reference")),
        ({"hand_overs": ["HO1", "C01/HO1"]}, ("hand_overs[1]", "duplicate-value")),
        ({"mass": None}, ("mass", "missing-field")),
        ({"mass": kg("0")}, ("mass", "not-positive")),
        ({"mass": kg("3"), **GROSS}, ("mass", "disagrees")),
        ({"tare": kg("1")}, ("gross", "missing-field")),
        ({"mass": None, "gross": kg("1"), "tare": kg("2")}, ("gross", "not-positive")),
        ({"received_at": "2026-04-19T14:00:00+08:00"}, ("received_at", "before-its-source")),
        ({"received_at": "2099-04-19T14:00:00+08:00"}, ("received_at", "in-the-future")),
        ({"certificate": "C01/Q9"}, ("certificate", "unknown-reference")),
    ],
)
def test_a_fault_names_its_field(doors: Doors, sent: str, changes: dict[str, Any], fault: tuple[str, str]) -> None:
    answer = doors.post("/v1/intakes", intake(**changes), "plant")
    assert answer.status_code == 422
    assert faults(answer) == {fault}
    assert all(one["detail"] for one in answer.json["errors"])


def test_someone_elses_hand_over_is_unknown_and_ones_own_giving_is_not_received(doors: Doors, sent: str) -> None:
    assert faults(doors.post("/v1/intakes", intake(), "other plant")) == {("hand_overs[0]", "unknown-reference")}
    assert faults(doors.post("/v1/intakes", intake(), "coop")) == {("hand_overs[0]", "not-yours")}


def test_of_twenty_receivers_at_once_one_wins(doors: Doors, sent: str) -> None:
    def receive(_: int) -> int:
        headers = {"Authorization": f"Bearer {doors.tokens['plant']}"}
        return doors.app.test_client().post("/v1/intakes", json=intake(), headers=headers).status_code

    with ThreadPoolExecutor(20) as gates:
        statuses = sorted(gates.map(receive, range(20)))
    assert statuses == [201] + [409] * 19
    with doors.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(Intake)) == 1
