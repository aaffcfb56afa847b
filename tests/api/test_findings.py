"""`POST /v1/findings/{code}/answers`: a named person answers once, and the lot is free."""

import json

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


def test_a_finding_says_what_it_found_in_the_language_asked_for(doors: Doors) -> None:
    product = {"code": "IP1", "kind": "pesticide", "name": "示例农药", "active": "联苯菊酯", "interval_days": 7}
    assert doors.post("/v1/input-products", product).status_code == 201
    use = {"plot": doors.plots["own"], "product": "IP1", "used_at": "2026-04-15T08:00:00+08:00"}
    assert doors.post("/v1/inputs", use).status_code == 201
    doors.post("/v1/pickings", picking(doors, code="H1", picked_at="2026-04-18T06:00:00+08:00"))
    said = {}
    for language in ("zh", "en"):
        headers = {"Authorization": f"Bearer {doors.tokens['coop']}", "Accept-Language": language}
        one = doors.client.get("/v1/findings/harvest_inside_phi:H1", headers=headers).json["detail"]
        streamed = doors.client.get("/v1/exports/findings", headers=headers).text.splitlines()
        assert one in {json.loads(line)["detail"] for line in streamed}
        said[language] = one
    assert said["zh"].startswith("2026-04-15 施用 示例农药，安全间隔期 7 天")
    assert "2026-04-22" in said["en"]


def test_what_is_still_open_is_listed_apart(doors: Doors, address: str) -> None:
    def codes(state: str) -> list[str]:
        return [finding["code"] for finding in doors.get(f"/v1/findings?state={state}").json["items"]]

    code = address.removeprefix("/v1/findings/").removesuffix("/answers")
    assert code in codes("open")
    assert doors.post(address, {"answer": "已复检，合格"}).status_code == 201
    assert code not in codes("open")
    assert (codes("answered"), codes("withdrawn")) == ([code], [])
    assert doors.get("/v1/findings?state=gone").status_code == 400
