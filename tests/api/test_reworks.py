"""`POST /v1/reworks`: packs are opened, their tea is a bulk lot again, and is packed anew."""

from typing import Any

import pytest

from tests.api.doors import Doors
from tests.api.moving import let_lot_go, make_packs, party_of
from tests.api.test_packs import pack, ship
from tests.api.test_pickings import faults
from tests.factories import make_brand, make_trade_item
from trace.rebuild import differences


def rework(first: int = 1, last: int = 4, **changes: Any) -> dict[str, Any]:
    """Return the body of a good rework: of units of 100 g."""
    return {
        "packs": [{"pack": "PK1", "first": first, "last": last}],
        "reworked_at": "2026-05-23T09:00:00+08:00",
        "losses": [{"reason": "sorting", "mass": {"value": "15", "unit": "g"}}],
        **changes,
    }


@pytest.fixture
def packed(doors: Doors) -> str:
    """A pack of ten units of 100 g."""
    return make_packs(doors)


def test_packs_are_opened_and_packed_anew(doors: Doors, packed: str) -> None:
    answer = doors.post("/v1/reworks", rework(code="RW1"), "plant")
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == "/v1/reworks/PL1/RW1"
    assert (answer.json["units"], answer.json["mass_g"], answer.json["lost_g"]) == (4, 385, 15)
    assert answer.json["packs"] == [{"pack": "PK1", "first_position": 1, "last_position": 4}]
    assert doors.get("/v1/reworks/RW1", "plant").json == answer.json
    assert doors.get("/v1/packs/PL1/PK1", "plant").json["units_left"] == 6
    lot = doors.get("/v1/lots/PL1/RW1", "plant").json
    assert (lot["kind"], lot["mass_g"]) == ("finished", 385)
    with doors.sessions.write.begin() as session:
        make_trade_item(session, brand=make_brand(session, owner=party_of(session, "PL1")), code="S1")
    refused = doors.post("/v1/packs", pack("RW1", grams=385, units=3, packed_at="2026-05-24T20:00:00+08:00"), "plant")
    assert (refused.status_code, refused.json["code"]) == (409, "lot-not-released")  # tea packed anew is tested anew
    let_lot_go(doors, "RW1")
    again = pack("RW1", grams=385, units=3, packed_at="2026-05-24T20:00:00+08:00")
    assert doors.post("/v1/packs", again, "plant").status_code == 201
    with doors.sessions.read() as session:
        assert differences(session) == []


def test_what_was_opened_is_neither_shipped_nor_opened_again(doors: Doors, packed: str) -> None:
    doors.post("/v1/reworks", rework(), "plant")
    assert doors.post("/v1/shipments", ship("PK1", 4, 5), "plant").json["code"] == "positions-taken"
    assert doors.post("/v1/reworks", rework(4, 5), "plant").json["code"] == "positions-taken"
    doors.post("/v1/shipments", ship("PK1", 9, 10), "plant")
    assert doors.post("/v1/reworks", rework(8, 9), "plant").json["code"] == "positions-taken"
    over = doors.post("/v1/reworks", rework(5, 99), "plant")
    assert over.status_code == 409
    assert doors.get("/v1/packs/PL1/PK1", "plant").json["units_left"] == 4


def test_every_fault_of_all_reworks_is_told_at_once(doors: Doors, packed: str) -> None:
    doors.post("/v1/reworks", rework(code="RW1"), "plant")
    everything = {"reason": "sorting", "mass": {"value": "400", "unit": "g"}}
    bad = [
        rework(code="RW1", reworked_at="2099-05-23T09:00:00+08:00"),
        rework(losses=[everything]),
        rework(losses=[rework()["losses"][0]] * 2, reworked_at="2026-01-01T09:00:00+08:00"),
        rework(packs=[{"pack": "PK9", "first": 2, "last": 1}]),
    ]
    for language in ("zh", "en"):
        answer = doors.post("/v1/reworks", bad, "plant", Accept_Language=language)
        assert answer.status_code == 422
        assert faults(answer) == {
            ("[0].code", "code-taken"),
            ("[0].reworked_at", "in-the-future"),
            ("[1].losses", "mass-imbalance"),
            ("[2].losses[1].reason", "duplicate-value"),
            ("[2].reworked_at", "before-its-source"),
            ("[3].packs[0]", "positions-outside"),
            ("[3].packs[0].pack", "unknown-reference"),
        }
        assert all(one["detail"] for one in answer.json["errors"])


def test_a_stranger_opens_nothing(doors: Doors, packed: str) -> None:
    doors.post("/v1/reworks", rework(code="RW1"), "plant")
    assert doors.get("/v1/reworks/PL1/RW1", "other plant").status_code == 404
    assert ("packs[0].pack", "unknown-reference") in faults(doors.post("/v1/reworks", rework(), "other plant"))
    for caller in ("coop", "broker", "officer", "auditor", "laboratory"):
        assert doors.post("/v1/reworks", rework(), caller).json["code"] == "role-closed"
