"""`POST /v1/recalls`: who answers for a lot takes it back, and everything made of it."""

import csv
import io
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from api.state import state_of
from tests.api.doors import Doors
from tests.api.test_pickings import faults
from tests.factories import make_brand, make_intake, make_leaf, make_pack, make_trade_item
from trace.keys import create_first_key
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


def test_leaf_that_one_received_is_its_givers_to_recall(doors: Doors) -> None:
    with doors.sessions.write.begin() as session:
        parties = {party.code: party for party in session.scalars(select(Party))}
        leaf = make_leaf(session, party=parties["C01"], code="L2")
        make_intake(session, plant=parties["PL1"], supplier=parties["C01"], taken=[(leaf, 10_000)])
    [fault] = doors.post("/v1/recalls", recall(lots=["C01/L2"]), "plant").json["errors"]
    assert (fault["code"], fault["detail"]) == ("not-yours", "C01/L2 属于 C01，不能由您使用")


def test_a_stranger_recalls_nothing(doors: Doors) -> None:
    assert faults(doors.post("/v1/recalls", recall(), "other plant")) == {("lots[0]", "unknown-reference")}
    assert doors.post("/v1/recalls", recall(), "coop").json["code"] == "role-closed"


def test_who_may_enter_for_a_party_starts_its_recall_and_runs_the_case(doors: Doors) -> None:
    step = {"state": "planned", "person": "王芳"}
    refused = doors.post("/v1/recalls", recall(party="PL1", lots=["PL1/PK1"]), "brand")
    assert (refused.status_code, refused.json["code"]) == (403, "not-for-them")
    mandate = doors.post("/v1/mandates", {"agent": "BR1", "from_on": "2026-01-01"}, "plant").json["code"]
    assert doors.post("/v1/recalls", recall(party="PL1", lots=["PL1/PK1"]), "brand").status_code == 201
    assert doors.post("/v1/recalls/PL1/RC1/steps", step, "brand").status_code == 201
    assert doors.post("/v1/recalls/PL1/RC1/notices", {}, "brand").status_code == 201
    assert doors.get("/v1/recalls/PL1/RC1/progress", "brand").json["state"] == "planned"
    report = {"kind": "progress", "person": "王芳"}
    assert doors.post("/v1/recalls/PL1/RC1/reports", report, "brand").status_code == 201
    assert doors.get("/v1/recalls/PL1/RC1/progress", "other plant").status_code == 404
    doors.client.delete(f"/v1/mandates/{mandate}", headers=doors._headers("plant", {}))
    assert doors.post("/v1/recalls/PL1/RC1/reports", report, "brand").status_code in (403, 404)


def test_a_scope_is_told_before_and_after_the_start(doors: Doors) -> None:
    before = doors.get("/v1/lots/PK1/recall-scope", "plant").json
    assert (before["totals"]["units"], before["totals"]["in_stock"], before["packs"][0]["pack"]) == (10, 10, "PK1")
    doors.post("/v1/recalls", recall(lots=["PL1/PK1"]), "brand")
    assert doors.get("/v1/recalls/RC1/scope", "brand").json["totals"] == before["totals"]
    assert doors.get("/v1/recalls/RC1/scope", "plant").json["code"] == "not-recallable"
    assert doors.get("/v1/lots/PK1/recall-scope", "other plant").status_code == 404


def test_a_scope_is_a_workbook_too(doors: Doors) -> None:
    answer = doors.get("/v1/lots/PK1/recall-scope?format=xlsx", "plant")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert [sheet.title for sheet in book] == ["批次 Lots", "码段 Ranges", "买方 Buyers", "库存 Stock", "地块 Plots"]
    assert [cell.value for cell in list(book["码段 Ranges"].rows)[1]][4:8] == [1, 10, 10, "stock"]


def test_the_codes_of_a_recall_are_those_on_its_labels(doors: Doors) -> None:
    create_first_key(state_of(doors.app).settings.keys_dir)
    doors.post("/v1/label-jobs", {"pack": "PK1", "count": 4}, "plant")
    doors.post("/v1/recalls", recall(lots=["PL1/PK1"]), "plant")
    links = doors.get("/v1/label-jobs/PK1:1/labels?format=links", "plant").text.split()
    rows = list(csv.DictReader(io.StringIO(doors.get("/v1/recalls/RC1/codes", "plant").text.removeprefix("\ufeff"))))
    assert [row["serial"] for row in rows] == [*(link.rpartition("/21/")[2] for link in links), *[""] * 6]
    assert doors.get("/v1/recalls/RC1/codes", "brand").status_code == 404


def test_moments_are_told_in_the_towns_time_and_days_by_working_days(doors: Doors) -> None:
    told = doors.post("/v1/recalls", recall(known_at="2026-05-01T00:00:00Z"), "plant").json
    assert (told["known_at"], told["start_by"]) == ("2026-05-01T08:00:00+08:00", "2026-05-03T08:00:00+08:00")
    assert (told["finish_by"], told["state"], told["trigger"]) == ("2026-05-28", "open", "own-finding"), (
        "9 May is worked"
    )


def test_a_recall_set_off_by_a_result_names_it(doors: Doors) -> None:
    assert ("result", "missing-field") in faults(doors.post("/v1/recalls", recall(trigger="result"), "plant"))
    assert doors.post("/v1/recalls", recall(trigger="complaint"), "plant").json["trigger"] == "complaint"
