"""`POST /v1/cases`: units and cases go into a case, which is shipped whole by its SSCC, or taken apart."""

from typing import Any

import pytest

from tests.api.doors import Doors
from tests.api.moving import make_packs, party_of
from tests.api.test_packs import ship
from tests.api.test_pickings import faults
from trace.ids import gs1_check_digit

FIRST, SECOND = (body + gs1_check_digit(body) for body in ("06901234000000001", "06901234000000002"))


def case(first: int = 1, last: int = 4, **changes: Any) -> dict[str, Any]:
    """Return the body of a good case."""
    return {
        "sscc": FIRST,
        "packed_at": "2026-05-23T09:00:00+08:00",
        "packs": [{"pack": "PK1", "first": first, "last": last}],
        **changes,
    }


@pytest.fixture
def packed(doors: Doors) -> str:
    """A pack of ten units."""
    return make_packs(doors)


def test_a_case_shipped_by_its_sscc_ships_its_positions(doors: Doors, packed: str) -> None:
    answer = doors.post("/v1/cases", case(), "plant")
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"/v1/cases/{FIRST}"
    assert (answer.json["state"], answer.json["shipment"], answer.json["opened_at"]) == ("packed", None, None)
    assert answer.json["contents"] == [{"pack": "PK1", "first_position": 1, "last_position": 4, "case": None}]
    assert doors.post("/v1/shipments", ship("PK1", 4, 5), "plant").json["code"] == "in-logistic-unit"
    pallet = case(sscc=SECOND, packs=[{"pack": "PK1", "first": 5, "last": 6}], cases=[FIRST])
    assert doors.post("/v1/cases", pallet, "plant").json["contents"][1]["case"] == FIRST
    assert doors.post("/v1/shipments", ship("PK1", packs=[], cases=[FIRST]), "plant").status_code == 409
    shipped = doors.post("/v1/shipments", ship("PK1", packs=[], cases=[SECOND], code="SH1"), "plant")
    assert shipped.status_code == 201, shipped.text
    ranges = {(one["first_position"], one["last_position"]) for one in shipped.json["ranges"]}
    assert (ranges, shipped.json["units"]) == ({(1, 4), (5, 6)}, 6)
    assert doors.get("/v1/packs/PL1/PK1", "plant").json["units_left"] == 4
    for sscc in (FIRST, SECOND):
        seen = doors.get(f"/v1/cases/{sscc}", "other coop").json
        assert (seen["state"], seen["shipment"], seen["buyer"]) == ("shipped", "SH1", "C02")
        assert doors.get(f"/v1/cases/{sscc}", "other plant").status_code == 404
    assert [one["code"] for one in doors.get("/v1/cases?shipment=SH1", "plant").json["items"]] == [FIRST, SECOND]


def test_a_case_is_taken_apart_and_its_units_go_their_own_way(doors: Doors, packed: str) -> None:
    doors.post("/v1/cases", case(), "plant")
    path, body = f"/v1/cases/{FIRST}/unpack", {"opened_at": "2026-05-24T09:00:00+08:00"}
    early = doors.post(path, {"opened_at": "2026-05-22T09:00:00+08:00"}, "plant")
    assert faults(early) == {("opened_at", "before-its-source")}
    assert doors.post(path, body, "other plant").status_code == 404
    answer = doors.post(path, body, "plant")
    assert answer.status_code == 201, answer.text
    assert (answer.json["state"], answer.json["opened_at"]) == ("opened", "2026-05-24T09:00:00+08:00")
    assert doors.post(path, body, "plant").json["code"] == "logistic-unit-gone"
    assert doors.post("/v1/shipments", ship("PK1"), "plant").status_code == 201


def test_who_bought_a_case_takes_it_apart(doors: Doors, packed: str) -> None:
    doors.post("/v1/cases", case(), "plant")
    doors.post("/v1/shipments", ship("PK1", buyer="PL2", packs=[], cases=[FIRST]), "plant")
    path, body = f"/v1/cases/{FIRST}/unpack", {"opened_at": "2026-05-24T09:00:00+08:00"}
    assert doors.post(path, body, "brand").status_code == 404
    answer = doors.post(path, body, "other plant")
    assert (answer.status_code, answer.json["state"]) == (201, "opened")
    assert doors.get("/v1/packs/PL1/PK1", "plant").json["units_left"] == 6


def test_who_enters_for_a_packer_takes_its_case_apart(doors: Doors) -> None:
    make_packs(doors, "PK9", "BR1")
    body = {"opened_at": "2026-05-24T09:00:00+08:00", "party": "BR1"}
    doors.post("/v1/cases", case(packs=[{"pack": "PK9", "first": 1, "last": 2}]), "brand")
    assert doors.post(f"/v1/cases/{FIRST}/unpack", body, "plant").status_code == 404
    doors.post("/v1/mandates", {"principal": "BR1", "agent": "PL1", "from_on": "2026-01-01"}, "brand")
    answer = doors.post(f"/v1/cases/{FIRST}/unpack", body, "plant")
    assert (answer.status_code, answer.json["state"], answer.json["party"]) == (201, "opened", "BR1")


def test_a_party_with_a_company_prefix_gets_its_numbers(doors: Doors, packed: str) -> None:
    assert doors.post("/v1/cases", case(sscc=None), "plant").status_code == 422
    bodies = [{name: value for name, value in case(at, at).items() if name != "sscc"} for at in (1, 2)]
    assert doors.post("/v1/cases", bodies, "plant").json["code"] == "no-gs1-prefix"
    with doors.sessions.write.begin() as session:
        party_of(session, "PL1").gs1_prefix = "6901234"
    codes = [one["sscc"] for one in doors.post("/v1/cases", bodies, "plant").json]
    assert codes == [body + gs1_check_digit(body) for body in ("06901234000000000", "06901234000000001")]


def test_what_is_out_or_in_another_case_goes_into_none(doors: Doors, packed: str) -> None:
    doors.post("/v1/shipments", ship("PK1", 9, 10), "plant")
    doors.post("/v1/cases", case(), "plant")
    for body, code in (
        (case(8, 9, sscc=SECOND), "positions-taken"),
        (case(4, 5, sscc=SECOND), "in-logistic-unit"),
        (case(5, 99, sscc=SECOND), "positions-taken"),
        (case(5, 5), "sscc-taken"),
    ):
        answer = doors.post("/v1/cases", [body], "plant")
        assert (answer.status_code, answer.json["code"]) == (409, code)


def test_every_fault_of_all_cases_is_told_at_once(doors: Doors, packed: str) -> None:
    make_packs(doors, "PK2", "PL2")
    bad = [
        case(4, 1, sscc=FIRST[:-1] + "0"),
        case(packs=[], packed_at="2099-05-23T09:00:00+08:00"),
        case(packs=[{"pack": "PK2", "first": 1, "last": 1}], cases=[SECOND]),
        case(packed_at="2026-01-01T09:00:00+08:00"),
    ]
    for language in ("zh", "en"):
        answer = doors.post("/v1/cases", bad, "plant", Accept_Language=language)
        assert answer.status_code == 422
        assert faults(answer) == {
            ("[0].sscc", "wrong-check-digit"),
            ("[0].packs[0]", "positions-outside"),
            ("[1].packs", "missing-field"),
            ("[1].packed_at", "in-the-future"),
            ("[2].packs[0].pack", "unknown-reference"),
            ("[2].cases[0]", "unknown-reference"),
            ("[3].packed_at", "before-its-source"),
        }
        assert all(one["detail"] for one in answer.json["errors"])


def test_who_packs_nothing_makes_no_case(doors: Doors, packed: str) -> None:
    for caller in ("coop", "broker", "officer", "auditor", "laboratory"):
        assert doors.post("/v1/cases", case(), caller).json["code"] == "role-closed"
    assert doors.post("/v1/cases", case(party="PL1"), "other plant").json["code"] == "not-for-them"
