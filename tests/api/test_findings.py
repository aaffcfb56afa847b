"""`POST /v1/findings/{code}/answers`: a named person answers once, and the lot is free."""

import pytest
from sqlalchemy import select

from tests.api.doors import Doors
from tests.api.test_pickings import picking
from tests.factories import make_finding
from trace.findings import Severity
from trace.lots import Lot


@pytest.fixture
def address(doors: Doors) -> str:
    """Where the finding on a lot of the co-operative is answered."""
    doors.post("/v1/pickings", picking(doors, code="H1"))
    return find(doors, Severity.REASON)


def find(doors: Doors, severity: Severity) -> str:
    """Raise a finding on the leaf."""
    with doors.sessions.write.begin() as session:
        lot = session.scalars(select(Lot).where(Lot.code == "H1")).one()
        finding = make_finding(session, lot=lot, severity=severity)
        return f"/v1/findings/{finding.rule}:{finding.record}/answers"


def test_an_answer_frees_the_lot_once(doors: Doors, address: str) -> None:
    assert doors.get("/v1/lots/H1").json["held"] is True
    answer = doors.post(address, {"answer": "已复测"})
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == address.removesuffix("/answers")
    assert (answer.json["answer"], answer.json["answered_by"]) == ("已复测", "coop C01")
    assert doors.get("/v1/lots/H1").json["held"] is False
    again = doors.post(address, {"answer": "又一次"})
    assert (again.status_code, again.json["code"]) == (409, "finding-answered")


def test_who_may_not_answer_is_told_so(doors: Doors, address: str) -> None:
    assert doors.post(address, {"answer": "好"}, "auditor").json["code"] == "role-closed"
    assert doors.post(address, {"answer": "好"}, "reader").json["code"] == "scope-missing"
    assert doors.post(address, {"answer": "好"}, "other coop").status_code == 404


def test_an_empty_answer_is_none(doors: Doors, address: str) -> None:
    assert doors.post(address, {"answer": " "}).json["errors"][0]["code"] == "empty"
    assert doors.post(address, {}).json["errors"][0]["code"] == "missing-field"
