"""`/v1/slips`: what the scale said, on paper and at a link, for both sides and nobody else."""

import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from tests.api.doors import Doors
from tests.api.moving import hand_over, kg, party_of, pick, send
from tests.api.test_pickings import faults
from tests.factories import make_leaf, make_party
from trace.persons import Person

JIN = {"value": "60", "unit": "jin"}


def jin(value: str) -> dict[str, str]:
    """Return a mass in jin."""
    return {"value": value, "unit": "jin"}


WEIGHED = {
    "gross": jin("9"),
    "tare": jin("0.6"),
    "deduction": {"mass": jin("0.4"), "reason": "含水"},
    "price": JIN,
    "pluck_standard": "一芽一叶",
    "weigher": "王芳",
}


def take_in(doors: Doors, code: str = "HO1", **changes: Any) -> dict[str, Any]:
    """Let the plant weigh what was handed over; return the intake."""
    body = {"hand_overs": [f"C01/{code}"], "received_at": "2026-04-20T14:00:00+08:00", **WEIGHED, **changes}
    answer = doors.post("/v1/intakes", body, "plant")
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def household(doors: Doors, member: str | None = None) -> None:
    """Let a grower with a name of her own have ten kilograms of leaf."""
    with doors.sessions.write.begin() as session:
        member_of = party_of(session, member).id if member else None
        grower = make_party(session, code="F9", kind="grower", name="示例农户9", member_of_id=member_of)
        session.add(Person(party_id=grower.id, name="李秀英"))
        make_leaf(session, party=grower, code="H9")


def text_of(data: bytes) -> str:
    """Return the words of a PDF, without spaces."""
    pages = pypdfium2.PdfDocument(data)
    return "".join("".join(page.get_textpage().get_text_range().split()) for page in pages)


def codes_of(data: bytes) -> list[str]:
    """Return what the symbols on the first page of a PDF say."""
    picture = pypdfium2.PdfDocument(data)[0].render(scale=4).to_pil()
    return [found.text for found in zxingcpp.read_barcodes(Image.open(_png(picture)))]


def _png(picture: Image.Image) -> io.BytesIO:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file


def test_an_intake_answers_with_the_number_of_its_slip(doors: Doors) -> None:
    pick(doors)
    send(doors, "HO1", **{**WEIGHED, "gross": jin("9"), "deduction": {"mass": jin("0.4"), "reason": "含水"}})
    intake = take_in(doors)
    assert (intake["slip"], intake["amount_yuan"], intake["price"]) == ("WS-260420-001", "480.00", JIN)
    assert intake["price_yuan_per_kg"] == "120"
    slip = doors.get(f"/v1/slips/PL1/{intake['slip']}", "plant").json
    assert (slip["gross"], slip["tare"], slip["deduction"]) == (jin("9"), jin("0.6"), jin("0.4"))
    assert (slip["net_g"], slip["amount_yuan"], slip["state"]) == (4_000, "480.00", "standing")
    assert (slip["giver"], slip["receiver"], slip["record"]) == ("C01", "PL1", intake["code"])
    assert slip["weighed_at"] == "2026-04-20T14:00:00+08:00"


def test_a_hand_over_shows_what_its_slip_says(doors: Doors) -> None:
    pick(doors)
    sent = send(doors, "HO1", **WEIGHED).json
    assert (sent["slip"], sent["gross"], sent["price"]) == ("WS-260420-001", jin("9"), JIN)
    assert (sent["amount_yuan"], sent["pluck_standard"]) == ("480.00", "一芽一叶")
    assert doors.get("/v1/slips?kind=hand-over", "plant").json["items"][0]["party"] == "C01"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"gross": jin("10")}, ("lots", "disagrees")),
        ({"gross": jin("0.5")}, ("gross", "not-positive")),
        ({"gross": None}, ("gross", "missing-field")),
        ({"price_yuan_per_kg": "3"}, ("price_yuan_per_kg", "not-both")),
        ({"price": {"value": "3", "unit": "g"}}, ("price", "price-shape")),
        ({"price": {"value": "-3", "unit": "kg"}}, ("price", "out-of-range")),
        ({"price": 3}, ("price", "price-shape")),
        ({"weigher": " "}, ("weigher", "empty")),
    ],
)
def test_a_fault_of_a_weighing_names_its_field(doors: Doors, changes: dict[str, Any], fault: tuple[str, str]) -> None:
    pick(doors)
    body = {name: value for name, value in hand_over(**{**WEIGHED, **changes}).items() if value is not None}
    answer = doors.post("/v1/hand-overs", body)
    assert (answer.status_code, faults(answer)) == (422, {fault})


def test_both_sides_read_a_slip_and_a_stranger_does_not(doors: Doors) -> None:
    pick(doors)
    send(doors, "HO1")
    take_in(doors)
    told = {"coop": 200, "plant": 200, "other plant": 404, "officer": 200, "operator": 200}
    for path in ("/v1/slips/PL1/WS-260420-001", "/v1/slips/PL1/WS-260420-001/print"):
        assert {caller: doors.get(path, caller).status_code for caller in told} == told, path
    assert doors.get("/v1/slips", "other plant").json["items"] == []
    assert doors.get("/v1/slips/WS-260420-001", "coop").json["code"] == "ambiguous-code"


def test_leaf_of_a_grower_is_weighed_by_the_co_op_which_alone_sees_the_person(doors: Doors) -> None:
    household(doors, "C01")
    body = {"supplier": "F9", "lots": [{"lot": "H9", "mass": kg("4")}], "received_at": "2026-04-20T14:00:00+08:00"}
    answer = doors.post("/v1/intakes", {**body, **WEIGHED})
    assert answer.status_code == 201, answer.text
    path = f"/v1/slips/C01/{answer.json['slip']}"
    names = {
        caller: [doors.get(path, caller).json[name] for name in ("giver_name", "giver_person", "weigher_person")]
        for caller in ("coop", "operator", "officer", "auditor")
    }
    assert names["coop"] == names["operator"] == ["示例农户9", "李秀英", "王芳"]
    assert names["officer"] == names["auditor"] == ["示例农户9", None, None]
    assert "李秀英" in text_of(doors.get(f"{path}/print").data)
    assert "李秀英" not in text_of(doors.get(f"{path}/print", "officer").data)
    sold = doors.get("/v1/slips?giver=F9&day=2026-04-20&state=standing").json["items"]
    assert [one["code"] for one in sold] == [answer.json["slip"]]
    for path in ("slips?day=yesterday", "day-closes?day=2026-02-30", "certificates/missing?on=20260420"):
        refused = doors.get(f"/v1/{path}")
        assert (refused.status_code, refused.json["errors"][0]["code"]) == (400, "not-a-day")


def test_a_corrected_intake_has_its_old_slip_reversed_and_says_by_which(doors: Doors) -> None:
    pick(doors)
    send(doors, "HO1")
    intake = take_in(doors)
    right = {"hand_overs": ["C01/HO1"], "received_at": "2026-04-20T14:00:00+08:00", "mass": kg("3.9"), "price": JIN}
    fixed = {"event": f"intakes/PL1/{intake['code']}", "reason": "看错了秤", "instead": right}
    assert doors.post("/v1/corrections", fixed, "plant").status_code == 201
    old, new = (doors.get(f"/v1/slips/PL1/WS-260420-{number}", "plant").json for number in ("001", "002"))
    assert (old["state"], old["replaced_by"], old["reversal_reason"]) == ("reversed", new["code"], "看错了秤")
    assert (new["state"], new["replaces"], new["net_g"]) == ("standing", old["code"], 3_900)
    assert old["net_g"] == 4_000, "the paper stays what it was"
    assert doors.get(f"/v1/intakes/{intake['code']}", "plant").json["slip"] == new["code"]
    states = {state: doors.get(f"/v1/slips?party=PL1&state={state}", "plant") for state in ("reversed", "standing")}
    assert [answer.json["items"][0]["code"] for answer in states.values()] == [old["code"], new["code"]]
    assert "作废" in text_of(doors.get(f"/v1/slips/PL1/{old['code']}/print?format=receipt", "plant").data)


def test_a_repeated_weighing_has_one_slip(doors: Doors) -> None:
    pick(doors)
    body = hand_over(**WEIGHED)
    first, again = (doors.post("/v1/hand-overs", body, Idempotency_Key="w-1") for _ in range(2))
    assert again.json == first.json
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(doors.get("/v1/slips").json["items"]) == 1


@pytest.mark.parametrize(("paper", "width_mm"), [("a4", 210), ("receipt", 80)])
def test_a_slip_is_printed_with_its_link(doors: Doors, paper: str, width_mm: int) -> None:
    pick(doors)
    send(doors, "HO1")
    slip = doors.get(f"/v1/slips/PL1/{take_in(doors)['slip']}", "plant").json
    answer = doors.get(f"/v1/slips/PL1/{slip['code']}/print?format={paper}", "plant")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert codes_of(answer.data) == [slip["link"]]
    assert round(pypdfium2.PdfDocument(answer.data)[0].get_width() / 72 * 25.4) == width_mm
    words = text_of(answer.data)
    for said in (
        "磅单",
        slip["code"],
        "净重",
        "8斤",
        "4kg",
        "480.00元",
        "60元/斤",
        "一芽一叶",
        "含水",
        "2026-04-2014:00",
    ):
        assert said in words, said
    assert ("签字" in words) == (paper == "a4")


def test_a_slip_on_no_known_paper_is_refused(doors: Doors) -> None:
    pick(doors)
    send(doors, "HO1")
    answer = doors.get("/v1/slips/WS-260420-001/print?format=a5")
    assert (answer.status_code, answer.json["code"]) == (400, "bad-parameter")


def test_the_demo_town_has_a_slip_for_each_intake(ask: Any) -> None:
    intakes, slips = (ask.codes(path, "operator") for path in ("/v1/intakes", "/v1/slips?kind=intake"))
    assert len(intakes) > 0
    assert len(ask("/v1/slips?kind=intake&limit=200").json["items"]) == len(ask("/v1/intakes?limit=200").json["items"])
    assert slips


def test_a_slip_of_leaf_refused_at_the_gate_says_so(doors: Doors) -> None:
    pick(doors)
    send(doors, "HO1")
    assert doors.get("/v1/slips/WS-260420-001").json["hand_over_state"] == "sent"
    refusal = {"returned_at": "2026-04-20T15:00:00+08:00", "reason": "含水过高"}
    assert doors.post("/v1/hand-overs/C01/HO1/refusals", refusal, "plant").status_code == 201
    slip = doors.get("/v1/slips/WS-260420-001").json
    assert (slip["state"], slip["hand_over_state"]) == ("standing", "returned")
    assert "退回" in text_of(doors.get("/v1/slips/WS-260420-001/print").data)


def test_two_who_correct_slips_of_the_same_days_in_opposite_order_wait_for_each_other(doors: Doors) -> None:
    days = ("2026-04-20", "2026-04-21")
    bodies = {}
    for number in range(4):
        lot, sent = pick(doors, f"H{number}"), f"HO{number}"
        send(doors, sent, lots=[{"lot": lot, "mass": kg("4.0")}])
        received_at = f"{days[number % 2]}T18:00:00+08:00"
        code = take_in(doors, sent, received_at=received_at)["code"]
        right = {"hand_overs": [f"C01/{sent}"], "mass": kg("3.9"), "received_at": received_at, "code": code}
        bodies[number] = {"event": f"intakes/{code}", "reason": "看错了秤", "instead": right}

    def correct(order: tuple[int, int]) -> int:
        headers = {"Authorization": f"Bearer {doors.tokens['plant']}"}
        body = [bodies[number] for number in order]
        return doors.app.test_client().post("/v1/corrections", json=body, headers=headers).status_code

    with ThreadPoolExecutor(2) as clients:
        assert list(clients.map(correct, [(0, 1), (3, 2)])) == [201, 201]
