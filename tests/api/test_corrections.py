"""`/v1/corrections`: records corrected in order or not at all, by who answers for them, with both names."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select

from tests.api.doors import Doors, statements
from tests.api.moving import certify, grams, hand_over, kg, make, pick, send
from trace.entries.correctable import KINDS, Kind
from trace.events import Event
from trace.events.sequencer import sequence_events
from trace.findings import Finding, answer_finding
from trace.rebuild import differences


def picking(plot: str, mass: str = "10", **changes: Any) -> dict[str, Any]:
    """Return the body of a picking."""
    return {
        "plot": plot,
        "picked_at": "2026-04-18T06:30:00+08:00",
        "mass": kg(mass),
        "pluck_standard": "一芽一叶",
        **changes,
    }


def correction(event: str, instead: Any = None, reason: str = "看错了秤") -> dict[str, Any]:
    """Return the body of a correction."""
    return {"event": event, "reason": reason, **({"instead": instead} if instead is not None else {})}


def events_of(doors: Doors) -> list[Event]:
    """Return all events, the first first."""
    with doors.sessions.read() as session:
        return list(session.scalars(select(Event).order_by(Event.id)))


def assert_books_agree(doors: Doors) -> None:
    """Check stock and lineage against the events."""
    with doors.sessions.write.begin() as session:
        assert differences(session) == []


def test_a_picking_is_corrected_by_its_address_and_keeps_its_code(doors: Doors) -> None:
    doors.post("/v1/pickings", picking(doors.plots["own"], code="H7"))
    answer = doors.post("/v1/corrections", correction("pickings/H7", picking(doors.plots["own"], "8")))
    assert answer.status_code == 201, answer.text
    assert (answer.json["party"], answer.json["reason"], answer.json["error"]) == ("C01", "看错了秤", "incorrect_data")
    shown = doors.get("/v1/pickings/H7").json
    assert (shown["mass_g"], [shown["event"]]) == (8_000, answer.json["instead"])
    assert grams(doors, "H7", "coop") == 8_000
    assert doors.get(answer.headers["Location"]).json == answer.json
    assert doors.get("/v1/corrections").json["items"] == [answer.json]
    assert_books_agree(doors)


def test_a_record_is_named_by_its_events_id_or_position_too(doors: Doors) -> None:
    for code in ("H7", "H8"):
        doors.post("/v1/pickings", picking(doors.plots["own"], code=code))
    sequence_events(doors.sessions.write)
    event = doors.get("/v1/pickings/H7").json["event"]
    assert doors.post("/v1/corrections", correction(event)).status_code == 201
    assert doors.post("/v1/corrections", correction("2")).status_code == 201
    for code in ("H7", "H8"):
        assert doors.get(f"/v1/pickings/{code}").status_code == 404
        assert grams(doors, code, "coop") == 0
    again = doors.post("/v1/corrections", correction(event))
    assert (again.status_code, again.json["code"]) == (409, "already-corrected")
    assert doors.get(f"/v1/corrections/{quote(event, safe='')}").json["error"] == "did_not_occur"


def test_several_are_corrected_in_order_and_a_refusal_leaves_all_as_they_were(doors: Doors) -> None:
    pick(doors)
    send(doors, "D1", mass="10")
    doors.post(
        "/v1/intakes",
        {"hand_overs": ["C01/D1"], "code": "IN1", "received_at": "2026-04-20T14:00:00+08:00", "mass": kg("9.8")},
        "plant",
    )
    pick_less = correction("pickings/C01/H1", picking(doors.plots["own"], "7", party="C01"))
    blocked = doors.post("/v1/corrections", [pick_less], "coop")
    assert (blocked.status_code, blocked.json["code"]) == (409, "correction-blocked")
    assert len(blocked.json["facts"]["events"]) == 1
    never = correction("intakes/PL1/IN1")
    less = correction("hand-overs/C01/D1", hand_over(mass="7", party="C01"))
    again = [never, less, pick_less]
    answer = doors.post("/v1/corrections", again, "operator")
    assert answer.status_code == 201, answer.text
    assert [one["error"] for one in answer.json] == ["did_not_occur", "incorrect_data", "incorrect_data"]
    assert (grams(doors, "H1", "coop"), grams(doors, "IN1", "plant")) == (0, 0)
    assert doors.get("/v1/hand-overs/D1").json["state"] == "sent"
    assert_books_agree(doors)


def test_a_refused_one_leaves_the_others_as_they_were(doors: Doors) -> None:
    for code in ("H7", "H8"):
        doors.post("/v1/pickings", picking(doors.plots["own"], code=code))
    bad = picking("P404", "8", code="H9")
    answer = doors.post("/v1/corrections", [correction("pickings/H7"), correction("pickings/H8", bad)])
    assert answer.status_code == 422
    assert {(one["field"], one["code"]) for one in answer.json["errors"]} == {
        ("[1].instead.plot", "unknown-reference"),
        ("[1].instead.code", "code-stays"),
    }
    assert grams(doors, "H7", "coop") == 10_000
    assert len(events_of(doors)) == 2


def test_what_is_right_is_read_by_the_kind_of_the_record(doors: Doors) -> None:
    doors.post("/v1/pickings", picking(doors.plots["own"], code="H7"))
    answer = doors.post("/v1/corrections", correction("pickings/H7", {"plot": 7, "units": 3}))
    assert answer.status_code == 422
    fields = {one["field"] for one in answer.json["errors"]}
    assert fields == {f"instead.{name}" for name in ("plot", "units", "picked_at", "mass", "pluck_standard")}


def test_only_who_answers_for_a_record_or_enters_for_it_corrects_it(doors: Doors) -> None:
    doors.post("/v1/pickings", picking(doors.plots["own"], code="H7", party="F001"))
    send(doors, "D1", lots=[{"lot": "F001/H7", "mass": kg("1")}], party="F001")
    assert doors.post("/v1/corrections", correction("pickings/F001/H7"), "plant").json["code"] == "not-for-them"
    assert doors.post("/v1/corrections", correction("pickings/F001/H7"), "other coop").status_code == 404
    assert doors.post("/v1/corrections", correction("pickings/F001/H7"), "auditor").json["code"] == "role-closed"
    answer = doors.post("/v1/corrections", correction("pickings/F001/H7", picking(doors.plots["own"], "9")))
    assert answer.status_code == 201, answer.text
    assert (answer.json["party"], answer.json["entered_by"]) == ("F001", "C01")
    declared = events_of(doors)[-2].document
    assert b'"chasu:enteredBy":"http' in declared.partition(b"errorDeclaration")[2]
    [event] = answer.json["instead"]
    other = doors.post("/v1/corrections", correction(event, picking(doors.plots["own"], "9", party="C01")))
    assert other.json["errors"][0]["code"] == "party-stays"


def test_a_reason_alone_is_kept_with_an_event(doors: Doors) -> None:
    doors.post("/v1/pickings", picking(doors.plots["own"], code="H7"))
    right = picking(doors.plots["own"], weather="小雨")
    assert doors.post("/v1/corrections", correction("pickings/H7", right)).status_code == 201
    assert doors.get("/v1/pickings/H7").json["weather"] == "小雨"
    assert [event.declares_error for event in events_of(doors)] == [False, True, False]


def test_a_run_corrected_is_judged_again(doors: Doors) -> None:
    pick(doors)
    certify(doors)
    taken = {"supplier": "C01", "lots": [{"lot": "C01/H1", "mass": kg("10")}], "code": "IN1", "certificate": "C01/Q1"}
    received = {"received_at": "2026-04-20T14:00:00+08:00", "mass": kg("10"), "moisture_percent": "76", **taken}
    assert doors.post("/v1/intakes", {"party": "PL1", **received}, "operator").status_code == 201
    run = {
        "done_at": "2026-04-20T18:00:00+08:00",
        "inputs": [{"lot": "IN1", "mass": kg("10")}],
        "moisture_percent": "5",
    }
    made = doors.post("/v1/runs", {**run, "code": "R1", "output": {"mass": kg("4"), "code": "M1"}}, "plant")
    assert made.status_code == 201, made.text
    assert standing(doors) == ["output_exceeds_input"]
    right = {**run, "output": {"mass": kg("2.2")}}
    assert doors.post("/v1/corrections", correction("runs/R1", right), "plant").status_code == 201
    assert standing(doors) == []
    assert (grams(doors, "M1", "plant"), doors.get("/v1/runs/R1", "plant").json["output"]) == (2_200, "M1")
    wrong = doors.post(
        "/v1/corrections", correction("runs/R1", {**right, "output": {"mass": kg("2"), "code": "M9"}}), "plant"
    )
    assert [(one["field"], one["code"]) for one in wrong.json["errors"]] == [("instead.output.code", "code-stays")]
    assert doors.post("/v1/corrections", correction("runs/R1"), "plant").status_code == 201
    assert doors.get("/v1/runs/R1", "plant").status_code == 404
    assert_books_agree(doors)


def standing(doors: Doors) -> list[str]:
    """Return the rules whose findings above a note stand."""
    with doors.sessions.read() as session:
        query = select(Finding.rule).where(Finding.withdrawn_at.is_(None), Finding.severity != "note")
        return list(session.scalars(query))


def test_tea_is_never_made_of_itself(doors: Doors) -> None:
    make(doors, "T1")
    blend = {"done_at": "2026-06-20T18:00:00+08:00", "inputs": [{"lot": "T1", "mass": {"value": 100, "unit": "g"}}]}
    made = doors.post(
        "/v1/blends", {**blend, "code": "B1", "output": {"mass": {"value": 90, "unit": "g"}, "code": "L1"}}, "plant"
    )
    assert made.status_code == 201, made.text
    circle = {
        **blend,
        "inputs": [{"lot": "L1", "mass": {"value": 50, "unit": "g"}}],
        "output": {"mass": {"value": 50, "unit": "g"}},
    }
    answer = doors.post("/v1/corrections", correction("blends/B1", circle), "plant")
    assert (answer.status_code, answer.json["code"]) == (409, "made-of-itself")


def test_what_became_of_units_is_corrected_by_its_event(doors: Doors) -> None:
    make(doors, "T1")
    doors.post("/v1/brands", {"code": "BR", "name": "雾峪青", "owner": "PL1"}, "operator")
    doors.post(
        "/v1/products", {"code": "SKU", "brand": "BR", "name": "雾峪青", "net": {"value": 100, "unit": "g"}}, "plant"
    )
    packed = {"code": "PK1", "product": "SKU", "inputs": [{"lot": "T1", "mass": {"value": 1000, "unit": "g"}}]}
    packed |= {"packed_at": "2026-06-21T18:00:00+08:00", "best_before": "2028-01-01", "units": 10, "mode": "history"}
    answer = doors.post("/v1/packs", packed, "plant")
    assert answer.status_code == 201, answer.text
    mark = {"first": 1, "last": 5, "marked_at": "2026-06-22T18:00:00+08:00"}
    assert doors.post("/v1/packs/PK1/spoilings", mark, "plant").status_code == 201
    event = events_of(doors)[-1].event_id
    answer = doors.post("/v1/corrections", correction(event, {**mark, "last": 2}), "plant")
    assert answer.status_code == 201, answer.text
    shipped = {
        "buyer": "PL2",
        "shipped_at": "2026-06-23T18:00:00+08:00",
        "packs": [{"pack": "PK1", "first": 3, "last": 5}],
    }
    assert doors.post("/v1/shipments", {**shipped, "mode": "history"}, "plant").status_code == 201


def test_an_event_that_is_answered_by_another_is_not_corrected(doors: Doors) -> None:
    pick(doors)
    body = {
        "code": "CQ1",
        "lots": ["H1"],
        "product": "茶鲜叶",
        "origin": "茶沟村",
        "issued_at": "2026-04-25T08:00:00+08:00",
    }
    body |= {"basis": ["质量安全控制符合要求"], "mass": kg("1")}
    assert doors.post("/v1/certificates", body).status_code == 201
    assert doors.post("/v1/certificates/CQ1/void", {"reason": "填错了"}).status_code == 201
    answer = doors.post("/v1/corrections", correction(events_of(doors)[-1].event_id))
    assert (answer.status_code, answer.json["code"]) == (409, "not-correctable")


def test_a_spray_corrected_to_another_plot_frees_the_picking(doors: Doors) -> None:
    doors.post("/v1/input-products", {"code": "IP", "kind": "pesticide", "name": "示例农药", "interval_days": 14})
    spray = {"product": "IP", "used_at": "2026-04-15T08:00:00+08:00", "plot": doors.plots["own"]}
    assert doors.post("/v1/inputs", {**spray, "code": "U1"}).status_code == 201
    doors.post("/v1/pickings", picking(doors.plots["own"], code="H7"))
    assert standing(doors) == ["harvest_inside_phi"]
    right = {**spray, "used_at": "2026-03-15T08:00:00+08:00"}
    assert doors.post("/v1/corrections", correction("inputs/C01/U1", right)).status_code == 201
    assert standing(doors) == []


def test_a_corrected_report_says_what_it_said_first_no_more(doors: Doors) -> None:
    make(doors, "T1")
    report = {"lot": "PL1/T1", "sampled_at": "2026-06-21T08:00:00+08:00", "purpose": "commissioned", "code": "RE1"}
    report |= {"reported_at": "2026-06-22T08:00:00+08:00"}
    bad = [{"analyte": "联苯菊酯", "value": "6.1", "unit": "mg/kg", "limit": "5"}]
    assert doors.post("/v1/results", {**report, "items": bad}, "laboratory").status_code == 201
    assert standing(doors) == ["mrl_exceeded"]
    right = {**report, "items": [{**bad[0], "value": "0.61"}]}
    answer = doors.post("/v1/corrections", correction("results/RE1", right), "laboratory")
    assert answer.status_code == 201, answer.text
    assert standing(doors) == []
    assert doors.get("/v1/results/RE1", "laboratory").json["passed"] is True


def test_a_hundred_are_corrected_at_once_and_no_more(doors: Doors) -> None:
    answer = doors.post("/v1/corrections", [correction("pickings/H1")] * 101)
    assert (answer.json["errors"][0]["code"], answer.json["errors"][0]["field"]) == ("too-many", "")


def test_a_plant_corrects_its_own_weight_of_leaf_that_was_taken_over_at_once(doors: Doors) -> None:
    pick(doors)
    taken = {"supplier": "C01", "lots": [{"lot": "C01/H1", "mass": kg("6")}], "code": "IN1", "party": "PL1"}
    received = {"received_at": "2026-04-20T14:00:00+08:00", "mass": kg("5.8"), **taken}
    assert doors.post("/v1/intakes", received, "operator").status_code == 201
    before = len(events_of(doors))
    right = {**received, "received_at": "2026-04-20T15:00:00+08:00", "mass": kg("5.9")}
    answer = doors.post("/v1/corrections", correction("intakes/IN1", right), "plant")
    assert answer.status_code == 201, answer.text
    assert doors.get("/v1/intakes/IN1", "plant").json["received_g"] == 5_900
    assert len(events_of(doors)) == before + 2  # the hand-over stands
    more = {**right, "lots": [{"lot": "C01/H1", "mass": kg("7")}]}
    refused = doors.post("/v1/corrections", correction("intakes/IN1", more), "plant")
    assert (refused.status_code, refused.json["code"]) == (403, "not-for-them")
    assert_books_agree(doors)


def test_of_two_who_correct_the_same_at_once_one_is_told_so(doors: Doors) -> None:
    doors.post("/v1/pickings", picking(doors.plots["own"], code="H7"))
    event = doors.get("/v1/pickings/H7").json["event"]
    right = correction(event, picking(doors.plots["own"], "9"))
    headers = {"Authorization": f"Bearer {doors.tokens['coop']}"}
    clients = [doors.app.test_client() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: one.post("/v1/corrections", json=right, headers=headers), clients))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {answer.json["code"] for answer in answers if answer.status_code == 409} == {"already-corrected"}
    assert grams(doors, "H7", "coop") == 9_000


def statements_for(doors: Doors, body: Any) -> int:
    """Return how many statements it takes to correct something."""
    with statements(doors) as sent:
        answer = doors.post("/v1/corrections", body)
    assert answer.status_code == 201, answer.text
    return len(sent)


def test_what_rests_on_several_is_judged_once_and_nothing_is_asked_twice(doors: Doors) -> None:
    codes = [f"H{number}" for number in range(1, 11)]
    doors.post("/v1/pickings", [picking(doors.plots["own"], code=code) for code in codes])
    named = doors.get("/v1/pickings/H1").json["event"]
    assert statements_for(doors, correction(named, picking(doors.plots["own"], "9"))) <= 58
    less = [correction(f"pickings/{code}", picking(doors.plots["own"], "8")) for code in codes]
    assert statements_for(doors, less[0]) <= 58
    assert statements_for(doors, less[1:]) <= 30 + 29 * 9  # 30 for the request, 29 for each; 3 + 50 for each before


def test_one_event_is_corrected_once_in_a_request_and_one_record_as_often_as_it_is_named(doors: Doors) -> None:
    doors.post("/v1/pickings", picking(doors.plots["own"], code="H7"))
    named = doors.get("/v1/pickings/H7").json["event"]
    twice = [correction(named, picking(doors.plots["own"], mass)) for mass in ("9", "8")]
    answer = doors.post("/v1/corrections", twice)
    assert (answer.status_code, answer.json["code"]) == (409, "already-corrected")
    twice[1]["event"] = "pickings/H7"
    assert doors.post("/v1/corrections", twice).status_code == 201
    assert grams(doors, "H7", "coop") == 8_000
    never = doors.post("/v1/corrections", [correction("pickings/H7"), twice[1]])
    assert (never.status_code, never.json["code"]) == (409, "already-corrected")
    assert_books_agree(doors)


def test_an_answer_stands_while_the_record_is_corrected_and_corrected_back(doors: Doors) -> None:
    doors.post("/v1/input-products", {"code": "IP", "kind": "pesticide", "name": "示例农药", "interval_days": 14})
    spray = {"product": "IP", "used_at": "2026-04-15T08:00:00+08:00", "plot": doors.plots["own"]}
    assert doors.post("/v1/inputs", {**spray, "code": "U1"}).status_code == 201
    doors.post("/v1/pickings", picking(doors.plots["own"], code="H7"))
    [found] = doors.get("/v1/findings?severity=reason").json["items"]
    with doors.sessions.write.begin() as session:
        grave = session.scalars(select(Finding).where(Finding.severity == "reason")).one()
        answer_finding(session, grave, by="王芳", answer="只打了地头")
    there_and_back = [{**spray, "used_at": "2026-03-15T08:00:00+08:00"}, spray]
    answer = doors.post("/v1/corrections", [correction("inputs/C01/U1", body) for body in there_and_back])
    assert answer.status_code == 201, answer.text
    [stands] = doors.get("/v1/findings?severity=reason").json["items"]
    assert (stands["code"], stands["answer"]) == (found["code"], "只打了地头")


def test_who_may_not_correct_a_record_is_told_so_whatever_became_of_it(doors: Doors) -> None:
    doors.post("/v1/pickings", picking(doors.plots["own"], code="H7"))
    event = doors.get("/v1/pickings/H7").json["event"]
    assert doors.post("/v1/corrections", correction(event)).status_code == 201
    for caller, code in (("coop", "already-corrected"), ("officer", "not-for-them"), ("other coop", "not-found")):
        assert doors.post("/v1/corrections", correction(event), caller).json["code"] == code


def test_leaf_is_not_picked_after_it_was_handed_over(doors: Doors) -> None:
    doors.post("/v1/pickings", picking(doors.plots["own"], code="H7"))
    sent = send(doors, "D1", lots=[{"lot": "H7", "mass": kg("1")}], sent_at="2026-04-18T12:00:00+08:00").json["event"]
    late = picking(doors.plots["own"], picked_at="2026-04-19T06:30:00+08:00")
    answer = doors.post("/v1/corrections", correction("pickings/H7", late))
    assert (answer.status_code, answer.json["code"]) == (409, "correction-blocked")
    assert answer.json["facts"]["events"] == [sent]
    noon = picking(doors.plots["own"], picked_at="2026-04-18T11:30:00+08:00")
    assert doors.post("/v1/corrections", correction("pickings/H7", noon)).status_code == 201
    both = [correction("hand-overs/C01/D1"), correction("pickings/H7", late)]
    assert doors.post("/v1/corrections", both).status_code == 201
    assert doors.get("/v1/pickings/H7").json["picked_on"] == "2026-04-19"


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_record_is_found_by_its_event_without_reading_all_of_its_kind(kind: Kind) -> None:
    indexed = {next(iter(index.columns)).name for index in kind.row.__table__.indexes}
    assert set(kind.events) <= indexed
