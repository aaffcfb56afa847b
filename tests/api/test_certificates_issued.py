"""Issuing certificates: a finding on the leaf stops it, what is promised is not promised twice, a test must fit."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from tests.api.doors import Doors
from tests.api.moving import kg, party_of
from tests.api.test_certificates import certificate
from tests.api.test_pickings import faults, picking
from tests.factories import make_leaf
from trace.events import Event
from trace.findings import Finding

SPRAY = {"product": "IP1", "used_at": "2026-04-15T08:00:00+08:00", "code": "U1"}


def spray(doors: Doors, days: int = 7, **changes: Any) -> None:
    """Spray the co-operative's plot three days before it is picked."""
    product = {"code": "IP1", "kind": "pesticide", "name": "示例农药", "active": "联苯菊酯", "interval_days": days}
    assert doors.post("/v1/input-products", product).status_code == 201
    answer = doors.post("/v1/inputs", {**SPRAY, "plot": doors.plots["own"], **changes})
    assert answer.status_code == 201, answer.text


def pick(doors: Doors, code: str = "H1", **changes: Any) -> None:
    """Pick 12.75 kg."""
    answer = doors.post("/v1/pickings", picking(doors, code=code, **changes))
    assert answer.status_code == 201, answer.text


def report(doors: Doors, code: str, caller: str = "laboratory", lot: str = "C01/H1", **item: Any) -> None:
    """Report on a lot."""
    body = {
        "code": code,
        "lot": lot,
        "sampled_at": "2026-04-18T08:00:00+08:00",
        "reported_at": "2026-04-18T09:00:00+08:00",
        "purpose": "commissioned",
        "items": [item or {"analyte": "联苯菊酯", "value": "0.010", "unit": "mg/kg", "limit": "5"}],
    }
    answer = doors.post("/v1/results", body, caller)
    assert answer.status_code == 201, answer.text


def standing(doors: Doors) -> list[tuple[str, str]]:
    """Return the findings above a note that stand, as (rule, record)."""
    with doors.sessions.read() as session:
        query = select(Finding.rule, Finding.record).where(Finding.withdrawn_at.is_(None), Finding.severity != "note")
        return [(rule, record) for rule, record in session.execute(query.order_by(Finding.id))]


def test_leaf_picked_inside_an_interval_gets_no_certificate_until_somebody_answers(doors: Doors) -> None:
    spray(doors)
    pick(doors)
    refused = doors.post("/v1/certificates", certificate())
    assert (refused.status_code, refused.json["code"]) == (409, "certificate-not-issuable")
    assert (refused.json["facts"]["lots"], refused.json["facts"]["rules"]) == (["H1"], ["harvest_inside_phi"])
    [reason] = refused.json["facts"]["reasons"]
    facts = {"product": "示例农药", "used_on": "2026-04-15", "free_on": "2026-04-22", "picked_on": "2026-04-18"}
    assert reason.items() >= {"lot": "H1", "rule": "harvest_inside_phi", **facts}.items()
    assert doors.get("/v1/certificates").json["items"] == []
    asked = doors.post("/v1/findings/harvest_inside_phi:H1/answers", {"answer": "误记，未施药"}, "operator")
    assert asked.status_code == 201, asked.text
    assert doors.post("/v1/certificates", certificate()).status_code == 201


def test_a_refused_issue_may_be_asked_again_under_its_key_once_the_leaf_is_free(doors: Doors) -> None:
    spray(doors)
    pick(doors)
    assert doors.post("/v1/certificates", certificate(), Idempotency_Key="issue-1").status_code == 409
    right = {"event": "inputs/U1", "reason": "喷的是另一块"}
    assert doors.post("/v1/corrections", right).status_code == 201
    first = doors.post("/v1/certificates", certificate(), Idempotency_Key="issue-1")
    again = doors.post("/v1/certificates", certificate(), Idempotency_Key="issue-1")
    assert (first.status_code, again.status_code, again.json) == (201, 201, first.json)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(doors.get("/v1/certificates").json["items"]) == 1


def test_what_was_issued_before_is_recorded_whatever_stands_against_it(doors: Doors) -> None:
    spray(doors)
    pick(doors)
    answer = doors.post("/v1/certificates", certificate(mode="history", basis=["自我承诺"]))
    assert answer.status_code == 201, answer.text
    assert standing(doors) == [("harvest_inside_phi", "H1")]
    assert doors.get("/v1/findings/harvest_inside_phi:H1").json["affects"] == ["CQ1"]


def test_a_correction_asks_nothing_of_the_leaf_that_was_promised_and_all_of_other_leaf(doors: Doors) -> None:
    pick(doors)
    assert doors.post("/v1/certificates", certificate()).status_code == 201
    spray(doors)
    pick(doors, "H2")
    less = {**certificate(mass=kg("10")), "code": None}
    body = {"event": "certificates/CQ1", "reason": "看错了秤", "instead": {k: v for k, v in less.items() if v}}
    other = {**body, "instead": {**body["instead"], "lots": ["H1", "H2"]}}  # type: ignore[dict-item]
    refused = doors.post("/v1/corrections", other)
    assert (refused.status_code, refused.json["facts"]["lots"]) == (409, ["H2"])
    assert doors.post("/v1/corrections", body).status_code == 201
    assert doors.get("/v1/certificates/CQ1").json["mass_g"] == 10_000


def test_more_than_was_picked_is_recorded_and_a_reason_is_asked(doors: Doors) -> None:
    pick(doors)
    assert doors.post("/v1/certificates", certificate(mass=kg("12.75"))).status_code == 201
    assert standing(doors) == []
    assert doors.post("/v1/certificates", certificate(code="CQ2", mass=kg("0.001"))).status_code == 201
    assert standing(doors) == [("certificate_quantity", "CQ2")]
    facts = doors.get("/v1/findings/certificate_quantity:CQ2").json["facts"]
    assert facts == {"why": "more-than-picked", "certified_g": 1, "picked_g": 0, "excess_g": 1}
    assert doors.post("/v1/certificates", certificate(code="CQ3", mass=kg("1"))).json["code"] == (
        "certificate-not-issuable"
    )
    assert doors.post("/v1/certificates/CQ1/void", {"reason": "重复开具"}).status_code == 201
    assert standing(doors) == []


def test_a_picking_corrected_downwards_leaves_its_certificate_promising_too_much(doors: Doors) -> None:
    pick(doors)
    doors.post("/v1/certificates", certificate(mass=kg("12.75")))
    body = {"event": "pickings/H1", "reason": "看错了秤", "instead": {**picking(doors), "mass": kg("12")}}
    assert doors.post("/v1/corrections", body).status_code == 201
    assert standing(doors) == [("certificate_quantity", "CQ1")]
    fewer = {"event": "certificates/CQ1", "reason": "随之改少", "instead": certificate(mass=kg("12"))}
    assert doors.post("/v1/corrections", fewer).status_code == 201, standing(doors)
    assert standing(doors) == []
    gone = {"event": "certificates/CQ1", "reason": "没有开过"}
    assert doors.post("/v1/corrections", gone).status_code == 201
    assert doors.get("/v1/certificates/CQ1").status_code == 404


def test_of_two_clients_that_certify_the_same_leaf_at_once_one_is_asked_for_a_reason(doors: Doors) -> None:
    pick(doors)

    def issue(number: int) -> int:
        headers = {"Authorization": f"Bearer {doors.tokens['coop']}"}
        body = certificate(code=f"CQ{number}", mass=kg("12.75"))
        return doors.app.test_client().post("/v1/certificates", json=body, headers=headers).status_code

    with ThreadPoolExecutor(2) as clients:
        statuses = sorted(clients.map(issue, (1, 2)))
    # The second sees the first's, or comes after its finding holds the leaf: never both without a finding.
    assert statuses == [201, 201]
    assert [rule for rule, _ in standing(doors)] == ["certificate_quantity"]


def issuable(doors: Doors, *lots: str) -> Any:
    answer = doors.get(f"/v1/certificates/issuable?lots={','.join(lots)}")
    assert answer.status_code == 200, answer.text
    return answer.json


def test_before_issuing_one_asks_whether_and_for_how_much(doors: Doors) -> None:
    pick(doors)
    pick(doors, "H2", mass=kg("2"))
    doors.post("/v1/certificates", certificate(mass=kg("10")))
    told = issuable(doors, "H1", "H2")
    assert (told["issuable"], told["issuer_form"]) == (True, "producer")
    assert (told["mass_g"], told["available_g"], told["tests_for"]) == (14_750, 4_750, [])
    assert [(one["lot"], one["available_g"]) for one in told["lots"]] == [("H1", 2_750), ("H2", 2_000)]
    spray(doors)
    told = issuable(doors, "H1", "H2")
    assert (told["issuable"], told["tests_for"]) == (False, ["联苯菊酯"])
    assert [one["issuable"] for one in told["lots"]] == [False, False]
    assert told["lots"][0]["reasons"][0]["free_on"] == "2026-04-22"


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 400, "bad-parameter"),
        ("?lots=", 400, "bad-parameter"),
        ("?lots=H9", 422, "invalid"),
        ("?lots=H1&party=C02", 403, "not-for-them"),
        ("?lots=H1&colour=red", 400, "bad-parameter"),
    ],
)
def test_a_preview_refuses_what_it_cannot_read(doors: Doors, query: str, status: int, code: str) -> None:
    answer = doors.get(f"/v1/certificates/issuable{query}")
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_a_preview_says_which_of_the_lots_it_does_not_know(doors: Doors) -> None:
    pick(doors)
    answer = doors.get("/v1/certificates/issuable?lots=H1,H9")
    assert [fault["field"] for fault in answer.json["errors"]] == ["lots[1]"]


OWN, CONTRACTED = "自检合格", "委托检测合格"


def resting_on(doors: Doors, *bases: str, results: Sequence[str] = ()) -> Any:
    reports = {"results": list(results)} if results else {}
    return doors.post("/v1/certificates", certificate(basis=list(bases), **reports))


def test_a_certificate_may_rest_on_tests_of_what_was_sprayed(doors: Doors) -> None:
    spray(doors, days=3)
    pick(doors)
    report(doors, "T1")
    report(doors, "T2", "coop")
    answer = resting_on(doors, OWN, CONTRACTED, results=["LAB1/T1", "C01/T2"])
    assert answer.status_code == 201, answer.text
    assert answer.json["results"] == ["LAB1/T1", "C01/T2"]


def test_a_test_named_as_ground_must_be_there_be_of_this_leaf_have_passed_and_fit(doors: Doors) -> None:
    spray(doors, days=3)
    pick(doors)
    pick(doors, "H2")
    assert faults(resting_on(doors, OWN)) == {("results", "test-missing")}
    report(doors, "T1")
    assert faults(resting_on(doors, OWN, results=["LAB1/T1"])) == {("results", "test-missing")}
    report(doors, "T2", lot="C01/H2")
    assert faults(resting_on(doors, CONTRACTED, results=["LAB1/T2"])) == {("results[0]", "test-elsewhere")}
    report(doors, "T3", analyte="水分", value="75", unit="%")
    missing = resting_on(doors, CONTRACTED, results=["LAB1/T3"])
    assert faults(missing) == {("results", "test-misses-target")}
    assert "联苯菊酯" in missing.json["errors"][0]["detail"]
    report(doors, "T4", analyte="联苯菊酯", value="6", unit="mg/kg", limit="5")
    failed = resting_on(doors, CONTRACTED, results=["LAB1/T4"])
    assert faults(failed) == {("results[0]", "test-failed")}
    assert faults(resting_on(doors, CONTRACTED, results=["LAB1/T9"])) >= {("results[0]", "unknown-reference")}


def test_a_contact_is_typed_once_and_told_to_nobody_else(doors: Doors) -> None:
    pick(doors)
    doors.post("/v1/certificates", certificate(contact="0633-5550123", mass=kg("1")))
    second = doors.post("/v1/certificates", certificate(code="CQ2", mass=kg("1")))
    assert second.json["contact"] == "0633-5550123"
    assert doors.get("/v1/certificates/C01/CQ2", "auditor").json["contact"] == "0633-5550123"
    doors.post(
        "/v1/hand-overs",
        {"receiver": "PL1", "sent_at": "2026-04-20T12:00:00+08:00", "lots": [{"lot": "H1", "mass": kg("1")}]},
    )
    assert doors.get("/v1/certificates/C01/CQ2", "plant").json["contact"] is None


def test_each_of_several_issuers_gets_its_own_contact_back(doors: Doors) -> None:
    with doors.sessions.write.begin() as session:
        for party in ("C01", "PL1"):
            make_leaf(session, party=party_of(session, party), code=f"{party}-LEAF")

    def issue(party: str, code: str, **changes: Any) -> dict[str, Any]:
        given = {"lots": [f"{party}-LEAF"], "mass": kg("1"), "issued_at": "2026-04-20T12:00:00+08:00"}
        return certificate(party=party, code=code, **given, **changes)

    for number, (party, contact) in enumerate([("PL1", "0633-1"), ("C01", "0633-2"), ("C01", "0633-3")]):
        doors.post("/v1/certificates", issue(party, f"B{number}", contact=contact), "operator")
    issued = doors.post("/v1/certificates", [issue("C01", "N1"), issue("PL1", "N2")], "operator")
    assert issued.status_code == 201, issued.text
    assert [one["contact"] for one in issued.json] == ["0633-3", "0633-1"]


def test_no_event_names_a_contact_or_the_page_of_a_certificate(doors: Doors) -> None:
    pick(doors)
    answer = doors.post("/v1/certificates", certificate(contact="13800138000"))
    assert answer.status_code == 201, answer.text
    token = answer.json["link"].rpartition("/")[2]
    assert len(token) == 26
    with doors.sessions.read() as session:
        said = b"".join(session.scalars(select(Event.document)))
    assert b"certifying" in said
    assert b"13800138000" not in said
    assert token.encode() not in said
