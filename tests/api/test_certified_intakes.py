"""Leaf without a certificate is received, weighed and held until one comes, and again when that one is taken back."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.api.doors import ALL, Doors
from tests.api.moving import certify, kg, party_of, pick, send
from tests.api.test_certificates import certificate
from tests.api.test_certificates_issued import standing
from tests.api.test_intakes import intake
from tests.api.test_pickings import faults, picking
from tests.factories import make_leaf, make_party
from trace.accounts import Role, create_key
from trace.events import Event

TESTED = {"kind": "household", "tested_on": "2026-04-20", "method": "农残速测卡", "passed": True}


@pytest.fixture(autouse=True)
def received(doors: Doors) -> str:
    """Four kilograms of a co-operative's leaf, received by the plant without a certificate."""
    doors.post("/v1/pickings", picking(doors, code="H1"))
    send(doors, "HO1")
    answer = doors.post("/v1/intakes", intake(code="IT1"), "plant")
    assert (answer.status_code, answer.json["accepted"]) == (201, False)
    return "IT1"


def accepted(doors: Doors, code: str = "PL1/IT1", caller: str = "plant") -> bool:
    return bool(doors.get(f"/v1/intakes/{code}", caller).json["accepted"])


def arrive(doors: Doors, code: str = "PL1/IT1", caller: str = "plant", **body: Any) -> Any:
    return doors.post(f"/v1/intakes/{code}/certificate", body, caller)


def test_it_is_held_until_its_certificate_comes(doors: Doors) -> None:
    assert doors.get("/v1/lots/PL1/IT1", "plant").json["held"] is True
    assert standing(doors) == [("certificate_missing", "IT1")]
    assert doors.post("/v1/certificates", certificate(mass=kg("4"))).status_code == 201
    answer = arrive(doors, certificate="C01/CQ1")
    assert answer.status_code == 201, answer.text
    assert (answer.json["certificate"], answer.json["accepted"]) == ("C01/CQ1", True)
    assert doors.get("/v1/lots/PL1/IT1", "plant").json["held"] is False
    assert standing(doors) == []
    with doors.sessions.read() as session:
        last = session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
    assert last.biz_step.endswith("collecting-certificate")
    assert b"conformity-certificate/C01/CQ1" in last.document


def test_a_certificate_taken_back_holds_the_leaf_again_until_another_comes(doors: Doors) -> None:
    doors.post("/v1/certificates", certificate(mass=kg("4")))
    arrive(doors, certificate="C01/CQ1")
    assert arrive(doors, certificate="C01/CQ1").json["code"] == "intake-certified"
    assert doors.post("/v1/certificates/CQ1/void", {"reason": "填错了产地"}).status_code == 201
    assert (accepted(doors), standing(doors)) == (False, [("certificate_missing", "IT1")])
    facts = doors.get("/v1/findings/certificate_missing:IT1", "plant").json["facts"]
    assert (facts["certificate"], facts["state"]) == ("C01/CQ1", "void")
    assert faults(arrive(doors, certificate="C01/CQ1")) == {("certificate", "certificate-void")}
    doors.post("/v1/certificates", certificate(code="CQ2", mass=kg("4")))
    assert arrive(doors, certificate="C01/CQ2").status_code == 201
    assert (accepted(doors), standing(doors)) == (True, [])


def test_an_officer_of_the_area_revokes_in_the_own_name_and_nobody_else(doors: Doors) -> None:
    doors.post("/v1/certificates", certificate(mass=kg("4")))
    arrive(doors, certificate="C01/CQ1")
    path, body = "/v1/certificates/C01/CQ1/revocation", {"reason": "抽检不合格"}
    assert doors.post(path, body, "coop").json["code"] == "role-closed"
    answer = doors.post(path, body, "officer")
    assert answer.status_code == 201, answer.text
    assert (answer.json["state"], answer.json["revoked_reason"]) == ("revoked", "抽检不合格")
    assert answer.json["revoked_by"]
    assert (answer.json["void_at"], accepted(doors)) == (None, False)
    assert doors.post(path, body, "officer").json["code"] == "certificate-revoked"
    assert doors.post("/v1/certificates/CQ1/void", {"reason": "不要了"}).json["code"] == "certificate-revoked"
    assert faults(arrive(doors, certificate="C01/CQ1")) == {("certificate", "certificate-revoked")}
    assert [one["code"] for one in doors.get("/v1/certificates?state=revoked").json["items"]] == ["CQ1"]
    assert doors.get("/v1/certificates?state=valid").json["items"] == []


def test_an_officer_of_where_the_leaf_went_sees_the_certificate_and_does_not_revoke_it(doors: Doors) -> None:
    doors.post("/v1/certificates", certificate(mass=kg("4")))
    arrive(doors, certificate="C01/CQ1")
    with doors.sessions.write.begin() as session:
        party_of(session, "PL1").area_code = "379902101"
        make_party(session, code="379902101", kind="government", area_code="379902101")
        doors.tokens["elsewhere"] = create_key(session, "379902101", Role.OFFICER, ALL)
    assert doors.get("/v1/certificates/C01/CQ1", "elsewhere").status_code == 200
    answer = doors.post("/v1/certificates/C01/CQ1/revocation", {"reason": "抽检不合格"}, "elsewhere")
    assert (answer.status_code, answer.json["code"]) == (403, "not-yours-to-revoke")
    assert accepted(doors)


def test_a_certificate_of_other_leaf_is_none(doors: Doors) -> None:
    doors.post("/v1/pickings", picking(doors, code="H2", mass=kg("4")))
    doors.post("/v1/certificates", certificate(code="CQ2", lots=["H2"], mass=kg("4")))
    assert arrive(doors, certificate="C01/CQ2").json["accepted"] is False
    assert doors.get("/v1/findings/certificate_missing:IT1", "plant").json["facts"]["uncovered"] == ["H1"]


def test_delivered_must_be_what_was_certified_but_for_one_percent(doors: Doors) -> None:
    doors.post("/v1/certificates", certificate(mass=kg("4.5")))
    assert arrive(doors, certificate="C01/CQ1").json["accepted"] is True
    assert standing(doors) == [("certificate_quantity", "IT1")]
    assert doors.get("/v1/lots/PL1/IT1", "plant").json["held"] is True
    send(doors, "HO2", lots=[{"lot": "H1", "mass": kg("0.5")}])
    rest = intake(code="IT2", hand_overs=["C01/HO2"], mass=kg("0.5"), certificate="C01/CQ1")
    assert doors.post("/v1/intakes", rest, "plant").status_code == 201
    assert standing(doors) == []


def test_an_intake_that_never_was_is_asked_for_nothing(doors: Doors) -> None:
    assert doors.post("/v1/corrections", {"event": "intakes/IT1", "reason": "没有收"}, "plant").status_code == 201
    assert standing(doors) == []


def test_an_intake_may_be_corrected_though_its_certificate_was_taken_back(doors: Doors) -> None:
    doors.post("/v1/certificates", certificate(mass=kg("4")))
    arrive(doors, certificate="C01/CQ1")
    doors.post("/v1/certificates/CQ1/void", {"reason": "填错了产地"})
    instead = intake(mass=kg("3.8"), certificate="C01/CQ1")
    right = {"event": "intakes/IT1", "reason": "看错了秤", "instead": instead}
    answer = doors.post("/v1/corrections", right, "plant")
    assert answer.status_code == 201, answer.text
    assert (doors.get("/v1/intakes/IT1", "plant").json["received_g"], accepted(doors)) == (3_800, False)


def test_only_the_receiver_says_what_came(doors: Doors) -> None:
    doors.post("/v1/certificates", certificate(mass=kg("4")))
    assert arrive(doors, caller="coop", certificate="C01/CQ1").json["code"] == "not-for-them"
    assert arrive(doors, caller="other plant", certificate="C01/CQ1").status_code == 404
    assert faults(arrive(doors)) == {("certificate", "missing-field")}
    assert faults(arrive(doors, certificate="C01/CQ9")) == {("certificate", "unknown-reference")}
    assert faults(arrive(doors, exemption=TESTED)) == {("exemption", "not-a-household")}


def household(doors: Doors, member_of: str | None = None) -> None:
    """Let a household pick ten kilograms and hand them over to the broker."""
    with doors.sessions.write.begin() as session:
        member = party_of(session, member_of).id if member_of else None
        farmer = make_party(session, code="F009", kind="grower", member_of_id=member)
        make_leaf(session, party=farmer, code="H9")
    sent = {"party": "F009", "receiver": "B01", "sent_at": "2026-04-20T12:00:00+08:00", "code": "HO9"}
    answer = doors.post("/v1/hand-overs", {**sent, "lots": [{"lot": "H9", "mass": kg("10")}]}, "operator")
    assert answer.status_code == 201, answer.text


def take_in(doors: Doors, **changes: Any) -> Any:
    body = intake(code="BT1", hand_overs=["F009/HO9"], mass=kg("10"), **changes)
    return doors.post("/v1/intakes", body, "broker")


def test_a_household_need_give_none_but_a_test_of_its_own(doors: Doors) -> None:
    household(doors)
    answer = take_in(doors, exemption=TESTED)
    assert answer.status_code == 201, answer.text
    assert (answer.json["accepted"], answer.json["exemption"]) == (True, TESTED)


def test_a_household_that_has_not_tested_is_waited_for_and_one_that_failed_is_held(doors: Doors) -> None:
    household(doors)
    assert take_in(doors).json["accepted"] is False
    assert arrive(doors, "B01/BT1", "broker", exemption={**TESTED, "passed": False}).json["accepted"] is False
    assert arrive(doors, "B01/BT1", "broker", exemption=TESTED).json["accepted"] is True
    later = {**TESTED, "tested_on": "2999-01-01"}
    assert faults(arrive(doors, "B01/BT1", "broker", exemption=later)) == {("exemption.tested_on", "in-the-future")}


def test_leaf_of_its_own_member_a_co_operative_takes_in_as_its_own(doors: Doors) -> None:
    pick(doors, "H5", "F001")
    body = intake(code="CT1", hand_overs=None, supplier="F001", lots=[{"lot": "F001/H5", "mass": kg("10")}])
    answer = doors.post("/v1/intakes", {**body, "mass": kg("10")})
    assert (answer.status_code, answer.json["accepted"]) == (201, True)
    own = certificate(lots=["CT1"], mass=kg("10"), issued_at="2026-04-20T15:00:00+08:00")
    issued = doors.post("/v1/certificates", own)
    assert (issued.status_code, issued.json["issuer_form"]) == (201, "producer")


def test_a_broker_mixes_leaf_and_certifies_it_anew_by_the_certificates_collected(doors: Doors) -> None:
    certify(doors, "H1", "Q1", mass_g=3_000)
    send(doors, "HO2", receiver="B01", lots=[{"lot": "H1", "mass": kg("3")}])
    household(doors)
    both = [
        intake(code="BT1", hand_overs=["F009/HO9"], mass=kg("10"), exemption=TESTED),
        intake(code="BT2", hand_overs=["C01/HO2"], mass=kg("3")),
    ]
    assert doors.post("/v1/intakes", both, "broker").status_code == 201
    mixed = certificate(code="CB1", lots=["BT1", "BT2"], mass=kg("13"), issued_at="2026-04-20T15:00:00+08:00")
    refused = doors.post("/v1/certificates", mixed, "broker")
    assert refused.json["facts"]["rules"] == ["certificate_missing"]
    arrive(doors, "B01/BT2", "broker", certificate="C01/Q1")
    assert faults(doors.post("/v1/certificates", {**mixed, "issuer_form": "producer"}, "broker")) == {
        ("issuer_form", "disagrees")
    }
    issued = doors.post("/v1/certificates", mixed, "broker")
    assert issued.status_code == 201, issued.text
    assert (issued.json["issuer_form"], issued.json["collected"]) == ("buyer", ["C01/Q1"])
    sent = [{"lot": "BT1", "mass": kg("10")}, {"lot": "BT2", "mass": kg("3")}]
    send(doors, "HB1", "broker", lots=sent, sent_at="2026-04-20T16:00:00+08:00")
    body = intake(code="IT2", hand_overs=["B01/HB1"], mass=kg("13"), received_at="2026-04-20T17:00:00+08:00")
    answer = doors.post("/v1/intakes", {**body, "certificate": "B01/CB1"}, "plant")
    assert (answer.status_code, answer.json["accepted"]) == (201, True)
    doors.post("/v1/certificates/C01/Q1/void", {"reason": "填错了产地"})
    assert accepted(doors, "PL1/IT2") is False  # what was mixed in is held, and so is what it went into


def test_leaf_that_goes_on_as_it_came_keeps_its_certificate(doors: Doors) -> None:
    certify(doors, "H1", "Q1", mass_g=3_000)
    send(doors, "HO2", receiver="B01", lots=[{"lot": "H1", "mass": kg("3")}])
    first = intake(code="BT2", hand_overs=["C01/HO2"], mass=kg("3"), certificate="C01/Q1")
    assert doors.post("/v1/intakes", first, "broker").json["accepted"] is True
    send(doors, "HB1", "broker", lots=[{"lot": "BT2", "mass": kg("3")}], sent_at="2026-04-20T16:00:00+08:00")
    on = intake(code="IT2", hand_overs=["B01/HB1"], mass=kg("3"), received_at="2026-04-20T17:00:00+08:00")
    answer = doors.post("/v1/intakes", {**on, "certificate": "C01/Q1"}, "plant")
    assert (answer.status_code, answer.json["accepted"]) == (201, True), answer.text


def test_own_and_bought_leaf_need_a_certificate_each(doors: Doors) -> None:
    household(doors)
    take_in(doors, exemption=TESTED)
    with doors.sessions.write.begin() as session:
        make_leaf(session, party=party_of(session, "B01"), code="H7")
    both = certificate(lots=["BT1", "H7"], mass=kg("13"), issued_at="2026-04-20T15:00:00+08:00")
    assert faults(doors.post("/v1/certificates", both, "broker")) == {("lots", "own-and-bought")}


def test_made_tea_is_past_the_gate_and_gets_no_certificate(doors: Doors) -> None:
    run = {"done_at": "2026-04-20T18:00:00+08:00", "inputs": [{"lot": "IT1", "mass": kg("3.9")}], "code": "R1"}
    made = doors.post("/v1/runs", {**run, "output": {"mass": kg("0.8"), "code": "M1"}}, "plant")
    assert made.status_code == 201, made.text
    body = certificate(lots=["M1"], mass=kg("0.8"), issued_at="2026-04-20T19:00:00+08:00")
    assert faults(doors.post("/v1/certificates", body, "plant")) >= {("lots[0]", "past-the-gate")}


def test_who_passes_on_a_part_of_what_was_certified_is_asked_nothing(doors: Doors) -> None:
    certify(doors, "H1", "Q1", mass_g=7_000)
    send(doors, "HO2", receiver="B01", lots=[{"lot": "H1", "mass": kg("3")}])
    bought = intake(code="BT2", hand_overs=["C01/HO2"], mass=kg("3"), certificate="C01/Q1")
    assert doors.post("/v1/intakes", bought, "broker").status_code == 201
    assert arrive(doors, certificate="C01/Q1").status_code == 201  # the rest went to the plant without a broker
    sent = {"lots": [{"lot": "BT2", "mass": kg("2")}], "sent_at": "2026-04-20T16:00:00+08:00"}
    send(doors, "HB1", "broker", **sent)
    body = intake(code="IT2", hand_overs=["B01/HB1"], mass=kg("2"), received_at="2026-04-20T17:00:00+08:00")
    assert doors.post("/v1/intakes", {**body, "certificate": "C01/Q1"}, "plant").json["accepted"] is True
    assert doors.get("/v1/lots/PL1/IT2", "plant").json["held"] is False
