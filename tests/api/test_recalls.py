"""`POST /v1/recalls`: who answers for a lot takes it back, and everything made of it."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.api.doors import Doors
from tests.api.test_pickings import faults
from tests.factories import make_brand, make_leaf, make_pack, make_trade_item
from trace.parties import Party


@pytest.fixture(autouse=True)
def tea(doors: Doors) -> None:
    """A lot of leaf at the plant, and a pack of the brand's that the plant made."""
    with doors.sessions.write.begin() as session:
        parties = {party.code: party for party in session.scalars(select(Party))}
        make_leaf(session, party=parties["PL1"], code="L1")
        item = make_trade_item(session, brand=make_brand(session, owner=parties["BR1"]))
        make_pack(session, packer=parties["PL1"], item=item, code="PK1")


def recall(**changes: Any) -> dict[str, Any]:
    """Return the body of a good recall."""
    return {
        "code": "RC1",
        "lots": ["L1"],
        "level": 2,
        "known_at": "2026-05-01T08:00:00+08:00",
        "started_at": "2026-05-01T10:00:00+08:00",
        "reason": "农残超标",
        **changes,
    }


def test_a_plant_recalls_its_lot(doors: Doors) -> None:
    answer = doors.post("/v1/recalls", recall(), "plant")
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == "/v1/recalls/PL1/RC1"
    assert (answer.json["lots"], answer.json["reason"]) == (["L1"], "农残超标")
    assert doors.get("/v1/lots/L1", "plant").json["recalled"] is True


def test_a_brand_recalls_its_packs_and_an_officer_what_is_in_the_area(doors: Doors) -> None:
    assert doors.post("/v1/recalls", recall(lots=["PL1/PK1"]), "brand").status_code == 201
    assert faults(doors.post("/v1/recalls", recall(), "brand")) >= {("lots[0]", "unknown-reference")}
    assert doors.post("/v1/recalls", recall(), "officer").status_code == 201


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"lots": []}, ("lots", "empty")),
        ({"lots": ["L1", "L1"]}, ("lots[1]", "duplicate-value")),
        ({"level": 4}, ("level", "out-of-range")),
        ({"started_at": "2026-05-01T07:00:00+08:00"}, ("started_at", "before-its-source")),
        ({"known_at": "2126-05-01T07:00:00+08:00"}, ("known_at", "in-the-future")),
        ({"result": "nothing"}, ("result", "unknown-reference")),
    ],
)
def test_a_fault_names_its_field(doors: Doors, changes: dict[str, Any], fault: tuple[str, str]) -> None:
    assert fault in faults(doors.post("/v1/recalls", recall(**changes), "plant"))


def test_a_stranger_recalls_nothing(doors: Doors) -> None:
    assert faults(doors.post("/v1/recalls", recall(), "other plant")) == {("lots[0]", "unknown-reference")}
    assert doors.post("/v1/recalls", recall(), "coop").json["code"] == "role-closed"
