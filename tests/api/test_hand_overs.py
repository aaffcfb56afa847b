"""`POST /v1/hand-overs`: leaf leaves its lots for a receiver, who sees it coming; tea and units do not go this way."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.api.doors import Doors
from tests.api.moving import grams, hand_over, kg, make, party_of, pick, send
from tests.api.test_pickings import faults
from tests.factories import make_pack
from trace.events.sequencer import sequence_events


def test_leaf_leaves_its_lot_at_once(doors: Doors) -> None:
    pick(doors)
    answer = send(doors, "HO1", note_number="N-7")
    assert answer.headers["Location"] == "/v1/hand-overs/C01/HO1"
    assert (answer.json["state"], answer.json["receiver"], answer.json["mass_g"]) == ("sent", "PL1", 4_000)
    assert answer.json["lots"] == [{"lot": "H1", "mass": kg("4"), "mass_g": 4_000}]
    assert (answer.json["note_number"], answer.json["intake"]) == ("N-7", None)
    assert doors.get("/v1/hand-overs/HO1").json == answer.json
    assert grams(doors, "C01/H1", "coop") == 6_000


def test_the_receiver_sees_what_is_coming_and_a_stranger_does_not(doors: Doors) -> None:
    pick(doors)
    event = send(doors, "HO1").json["event"]
    sequence_events(doors.sessions.write)
    told = {"plant": 200, "other plant": 404}
    for path in ("/v1/hand-overs/C01/HO1", "/v1/lots/C01/H1", f"/v1/events/{quote(event)}", "/v1/parties/C01"):
        assert {caller: doors.get(path, caller).status_code for caller in told} == told, path
    trace = doors.get("/v1/lots/C01/H1/trace", "plant").json
    assert trace["sources"][0]["party"] == "C01"
    assert doors.get("/v1/hand-overs?state=sent", "plant").json["items"][0]["code"] == "HO1"
    assert doors.get("/v1/hand-overs", "other plant").json["items"] == []
    assert doors.get("/v1/parties/PL1", "coop").status_code == 200


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"receiver": "nobody"}, ("receiver", "unknown-reference")),
        ({"receiver": "C01"}, ("receiver", "not-itself")),
        ({"sent_at": "2026-04-19T12:00:00+08:00"}, ("sent_at", "before-its-source")),
        ({"sent_at": "2099-04-19T12:00:00+08:00"}, ("sent_at", "in-the-future")),
        ({"lots": []}, ("lots", "empty")),
        ({"lots": [{"lot": "H1", "mass": kg("0")}]}, ("lots[0].mass", "not-positive")),
        ({"lots": [{"lot": "H1", "mass": kg("1")}] * 2}, ("lots[1].lot", "duplicate-value")),
        ({"lots": [{"lot": "H9", "mass": kg("1")}]}, ("lots[0].lot", "unknown-reference")),
        ({"code": "HO1"}, ("code", "code-taken")),
    ],
)
def test_a_fault_names_its_field(doors: Doors, changes: dict[str, Any], fault: tuple[str, str]) -> None:
    pick(doors)
    send(doors, "HO1")
    pick(doors, "H9", "C02")
    answer = doors.post("/v1/hand-overs", {**hand_over(), **changes})
    assert answer.status_code == 422
    assert faults(answer) == {fault}
    assert all(one["detail"] for one in answer.json["errors"])
    assert grams(doors, "C01/H1", "coop") == 6_000


def test_tea_and_packs_are_not_handed_over(doors: Doors) -> None:
    make(doors)
    with doors.sessions.write.begin() as session:
        make_pack(session, packer=party_of(session, "PL1"), code="PK1")
    later = {"receiver": "PL2", "sent_at": "2026-04-30T12:00:00+08:00"}
    told = {"T1": ("lots", "not-leaf"), "PL1/PK1": ("lots[0].lot", "packed-lot")}
    for lot, fault in told.items():
        answer = doors.post("/v1/hand-overs", hand_over(lot, "0.1", **later), "plant")
        assert faults(answer) == {fault}


def test_more_than_is_there_is_a_conflict_and_writes_nothing(doors: Doors) -> None:
    pick(doors)
    answer = doors.post("/v1/hand-overs", [hand_over(mass="6"), hand_over(mass="6")])
    assert (answer.status_code, answer.json["code"]) == (409, "lot-overdrawn")
    assert grams(doors, "C01/H1", "coop") == 10_000
