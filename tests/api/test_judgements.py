"""Judgements by market over HTTP: read beside a report, and stopping what a buyer of that market would get."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.api.doors import Doors
from tests.api.moving import factory_report, make_packs, party_of
from tests.api.test_packs import ship
from tests.editions import limit_row, make_edition, shipped_rows
from tests.factories import make_tea
from trace.lots import Lot


@pytest.fixture
def packed(doors: Doors) -> str:
    """Ten units of the plant's tea T1, with a report of imidacloprid at 0.3 mg/kg."""
    with doors.sessions.write.begin() as session:
        make_tea(session, plant=party_of(session, "PL1"), output_code="T1", crop="茶鲜叶")
    code = make_packs(doors, lot=_lot(doors, "T1"))
    item = {"analyte": "吡虫啉", "value": "0.3", "unit": "mg/kg", "loq": "0.01", "method": "GB 23200.121-2021"}
    body = {
        "code": "T1",
        "lot": "PL1/T1",
        "sampled_at": "2026-05-19T09:00:00+08:00",
        "purpose": "commissioned",
        "reported_at": "2026-05-20T09:00:00+08:00",
        "accreditation": "CMA 209900000001",
        "items": [item, *factory_report("T1")["items"]],
    }
    answer = doors.post("/v1/results", body, "laboratory")
    assert answer.status_code == 201, answer.text
    assert (answer.json["accreditation"], answer.json["items"][0]["method"]) == (
        "CMA 209900000001",
        "GB 23200.121-2021",
    )
    return code


def _lot(doors: Doors, code: str) -> Lot:
    with doors.sessions.read() as session:
        return session.scalars(select(Lot).where(Lot.code == code)).one()


def judgement(doors: Doors, market: str) -> dict[str, Any]:
    """Return what the report means to a market."""
    [told] = doors.get(f"/v1/results/LAB1/T1/judgements?market={market}", "plant").json["items"]
    return dict(told)


def test_a_report_passes_at_home_and_fails_abroad(doors: Doors, packed: str) -> None:
    home, abroad = judgement(doors, "CN"), judgement(doors, "EU")
    assert [one["outcome"] for one in home["items"]] == ["passed", *["not-judged"] * 4]
    assert home["items"][0]["limit_mg_per_kg"] == "0.5"
    assert home["items"][0]["table_row"]
    assert (abroad["passed"], abroad["items"][0]["is_default"]) == (False, True)
    assert abroad["items"][1]["why"] == "unit"
    every = doors.get("/v1/results/LAB1/T1/judgements", "plant").json["items"]
    assert {"CN", "EU"} <= {one["market"] for one in every}
    assert doors.get("/v1/findings", "plant").json["items"] == []


@pytest.mark.parametrize(("market", "code"), [("", "empty"), ("x" * 61, "too-long")])
def test_a_market_without_a_name_is_refused(doors: Doors, market: str, code: str) -> None:
    refused = doors.get(f"/v1/results/LAB1/T1/judgements?market={market}", "plant")
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (400, code)


def test_a_buyer_with_a_list_of_its_own_gets_nothing_that_fails_it(doors: Doors, packed: str) -> None:
    assert doors.post("/v1/shipments", ship(packed, last=1), "plant").status_code == 201
    rows = [*shipped_rows("residue-limits"), limit_row("0.1", market="C02")]
    with doors.sessions.write.begin() as session:
        make_edition(session, rows=rows, valid_from=date(2026, 1, 1))
    # The list was not known when the report was recorded: what was judged before stays as it was.
    assert judgement(doors, "C02")["items"][0]["why"] == "limit"
    again = {
        "code": "T2",
        "lot": "PL1/T1",
        "sampled_at": "2026-05-20T09:00:00+08:00",
        "purpose": "commissioned",
        "reported_at": "2026-05-21T09:00:00+08:00",
        "items": [{"analyte": "吡虫啉", "value": "0.3", "unit": "mg/kg"}],
    }
    assert doors.post("/v1/results", again, "laboratory").status_code == 201
    refused = doors.post("/v1/shipments", ship(packed, first=2), "plant")
    assert (refused.status_code, refused.json["code"]) == (409, "market-refused")
    assert refused.json["facts"] == {"market": "C02", "analytes": ["吡虫啉"]}
    assert doors.post("/v1/shipments", ship(packed, first=2, buyer="B01"), "plant").status_code == 201


def test_who_may_not_read_the_report_learns_no_judgement(doors: Doors, packed: str) -> None:
    assert doors.get("/v1/results/LAB1/T1/judgements", "other plant").status_code == 404
    assert doors.get("/v1/results/LAB1/T1/judgements?marke=EU", "plant").status_code == 400
