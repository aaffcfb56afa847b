"""`/v1/registers`: the columns of the law in pages, as workbook and as CSV, for whom they concern."""

import csv
import io
from typing import Any

import pytest
import python_calamine as calamine

from tests.api.conftest import Asking

SOLD = "/v1/registers/outgoing?party=PL3"


def _all(ask: Asking, path: str, caller: str = "operator") -> list[dict[str, Any]]:
    found, address = [], path
    while True:
        answer = ask(address, caller)
        assert answer.status_code == 200, answer.text
        found += answer.json["items"]
        if answer.json["next"] is None:
            return found
        address = f"{path}&after={answer.json['next']}"


def test_the_shipments_of_a_plant_are_its_outgoing_register(ask: Asking) -> None:
    lines = _all(ask, f"{SOLD}&limit=3")
    shipped = [one for one in ask("/v1/shipments?limit=200").json["items"] if one["party"] == "PL3"]
    assert {line["record"] for line in lines} == {one["code"] for one in shipped}
    assert sum(line["units"] for line in lines) == sum(one["units"] for one in shipped)
    of_pk008 = [line for line in lines if line["lot"] == "L008"]
    assert (len(of_pk008), sum(line["units"] for line in of_pk008)) == (3, 689)
    assert {line["best_before"] for line in of_pk008} == {"2027-11-10"}
    assert all({"address", "contact"} <= set(line["missing"]) for line in lines)


def test_a_span_of_days_keeps_a_register_to_it(ask: Asking) -> None:
    lines = _all(ask, "/v1/registers/incoming?party=PL3&from=2026-04-20&to=2026-04-30&limit=200")
    days = [line["date"] for line in lines]
    assert days == sorted(days)
    assert days[0] >= "2026-04-20"
    assert days[-1] <= "2026-04-30"


def test_a_party_reads_its_own_register_without_naming_itself(ask: Asking) -> None:
    assert ask("/v1/registers/outgoing", "recall owner").json == ask(SOLD).json
    assert ask(SOLD, "officer").json == ask(SOLD).json


@pytest.mark.parametrize("caller", ["plant", "coop", "laboratory"])
def test_a_neighbours_register_is_not_found(ask: Asking, caller: str) -> None:
    assert ask(SOLD, caller).status_code == 404


def test_who_acts_for_nobody_says_whose_register_is_meant(ask: Asking) -> None:
    refused = ask("/v1/registers/incoming")
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (400, "missing-field")


@pytest.mark.parametrize("query", ["from=yesterday", "to=2026-02-30", "format=pdf", "limit=0", "after=AAAA"])
def test_a_wrong_parameter_of_a_register_is_refused(ask: Asking, query: str) -> None:
    assert ask(f"{SOLD}&{query}").status_code == 400


def test_a_token_is_good_for_the_register_and_the_days_it_was_given_for(ask: Asking) -> None:
    token = ask(f"{SOLD}&limit=1").json["next"]
    assert ask(f"{SOLD}&limit=1&after={token}").status_code == 200
    assert ask(f"/v1/registers/incoming?party=PL3&limit=1&after={token}").status_code == 400
    assert ask(f"{SOLD}&limit=1&from=2026-05-01&after={token}").status_code == 400


def test_a_workbook_holds_the_whole_register_and_a_list_of_what_is_missing(ask: Asking) -> None:
    answer = ask(f"{SOLD}&format=xlsx")
    book = calamine.load_workbook(io.BytesIO(answer.data))
    assert book.sheet_names == ["销售台账", "缺项"]
    head, *rows = book.get_sheet_by_name("销售台账").to_python()
    lines = _all(ask, f"{SOLD}&limit=200")
    assert [row[head.index("件数\nUnits")] for row in rows] == [line["units"] for line in lines]
    assert [row[head.index("数量（千克）\nMass (kg)")] * 1000 for row in rows] == pytest.approx(
        [line["mass_g"] for line in lines]
    )
    missing = book.get_sheet_by_name("缺项").to_python()
    assert len(missing) == 1 + len(lines)
    assert missing[1][-1] == "购货者地址、购货者联系方式"


def test_a_csv_holds_the_same_lines_for_a_spreadsheet(ask: Asking) -> None:
    text = ask(f"{SOLD}&format=csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["批次代码"], int(row["件数"]), row["购货者代码"]) for row in rows] == [
        (line["lot"], line["units"], line["party"]) for line in _all(ask, f"{SOLD}&limit=200")
    ]


GROWN = "/v1/registers/growing?party=C05"


def test_the_register_of_growing_holds_all_uses_work_and_pickings_of_a_cooperative(ask: Asking) -> None:
    lines = _all(ask, f"{GROWN}&limit=200")
    for doing, path in (("input-use", "inputs"), ("field-work", "field-work"), ("picking", "pickings")):
        codes = ask.codes(f"/v1/{path}?party=C05&limit=200", "operator")
        assert {line["record"] for line in lines if line["doing"] == doing} >= codes
    assert any(line["doing"] == "picking" for line in lines)
    assert [line["date"] for line in lines] == sorted(line["date"] for line in lines)
    assert _all(ask, "/v1/registers/growing?limit=7", "grower coop") == lines
    assert ask(GROWN, "plant").status_code == 404


def test_a_growing_register_comes_as_workbook_and_as_csv(ask: Asking) -> None:
    lines = _all(ask, f"{GROWN}&limit=200")
    book = calamine.load_workbook(io.BytesIO(ask(f"{GROWN}&format=xlsx").data))
    assert book.sheet_names == ["生产记录", "缺项"]
    head, *rows = book.get_sheet_by_name("生产记录").to_python()
    assert [row[head.index("记录\nRecord")] for row in rows] == [line["record"] for line in lines]
    lacking = [line for line in lines if line["missing"]]
    assert len(book.get_sheet_by_name("缺项").to_python()) == 1 + len(lacking)
    text = ask(f"{GROWN}&format=csv").data.decode("utf-8-sig")
    told = list(csv.DictReader(io.StringIO(text)))
    assert [(row["记录"], row["停用期至（当日起可采）"]) for row in told] == [
        (line["record"], line["free_on"] or "") for line in lines
    ]
    picked = [row["采收量（千克）"] for row in told if row["事项"] == "采摘"]
    grams = [line["mass_g"] for line in lines if line["doing"] == "picking"]
    assert [float(mass) * 1000 for mass in picked] == pytest.approx(grams)
