"""The tables that rules judge by go out as spreadsheets, are changed there, and come back as new editions."""

import io
from collections.abc import Callable

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from werkzeug.test import TestResponse

from tests.api.doors import Doors
from trace.rules.tables import SHAPES

WASTE = "/v1/exchange/tables/label-waste"
SAID = "edition=2027-01&valid_from=2027-01-01&source=打印中心统计"


def changed(file: bytes, change: Callable[[Worksheet], object]) -> bytes:
    """Return a workbook after somebody worked on it."""
    book, buffer = openpyxl.load_workbook(io.BytesIO(file)), io.BytesIO()
    change(book.worksheets[0])
    book.save(buffer)
    return buffer.getvalue()


def send(doors: Doors, path: str, file: bytes, query: str = "dry_run=true") -> TestResponse:
    """Send a file as the officer."""
    return doors.send(f"{path}?{query}", file, "officer", Content_Type="application/octet-stream")


@pytest.mark.parametrize("name", sorted(SHAPES))
@pytest.mark.parametrize("query", ["format=xlsx", "format=csv&encoding=gb18030"])
def test_a_table_that_went_out_and_comes_back_has_nothing_to_do(doors: Doors, name: str, query: str) -> None:
    path = f"/v1/exchange/tables/{name}"
    answer = send(doors, path, doors.get(f"{path}?{query}", "officer").data)
    assert answer.status_code == 200, answer.text
    assert (answer.json["errors"], answer.json["new"], answer.json["gone"]) == ([], 0, 0)
    assert answer.json["same"] == answer.json["rows"]


def test_a_changed_table_becomes_an_edition_and_the_former_stays(doors: Doors) -> None:
    def work(sheet: Worksheet) -> None:
        names = [cell.value for cell in sheet[2]]
        sheet.cell(3, names.index("percent") + 1).value = 2.5

    file = changed(doors.get(WASTE, "officer").data, work)
    checked = send(doors, WASTE, file)
    assert (checked.json["new"], checked.json["gone"], checked.json["errors"]) == (1, 1, [])
    assert doors.get("/v1/tables/label-waste").json["edition"] == "2026-11"
    unsaid = send(doors, WASTE, file, "dry_run=false")
    assert {one["field"] for one in unsaid.json["errors"]} == {"edition", "valid_from", "source"}
    entered = send(doors, WASTE, file, SAID)
    assert entered.status_code == 201, entered.text
    assert doors.get("/v1/tables/label-waste?edition=2027-01").json["rows"][0]["percent"] == "2.5"
    assert doors.get("/v1/tables/label-waste?edition=2026-11").json["rows"][0]["percent"] != "2.5"
    taken = send(doors, WASTE, file, SAID)
    assert {(one["field"], one["code"]) for one in taken.json["errors"]} == {("edition", "code-taken")}


def test_a_table_that_says_the_same_is_no_new_edition(doors: Doors) -> None:
    answer = send(doors, WASTE, doors.get(WASTE, "officer").data, SAID)
    assert answer.status_code == 200
    assert len(doors.get("/v1/tables/label-waste/editions").json["items"]) == 1


def test_each_fault_of_a_table_is_told_at_its_cell(doors: Doors) -> None:
    path = "/v1/exchange/tables/residue-limits"

    def work(sheet: Worksheet) -> None:
        names = {cell.value: cell.column for cell in sheet[2]}
        sheet.cell(3, names["mg_per_kg"]).value = "很少"
        sheet.cell(4, names["analyte"]).value = None
        sheet.cell(5, names["confidence"]).value = "sure"

    file = changed(doors.get(path, "officer").data, work)
    answer = send(doors, path, file)
    told = [(one["row"], one["header"], one["code"]) for one in answer.json["errors"]]
    assert [(row, header) for row, header, _ in told] == [(3, "mg_per_kg"), (4, "analyte"), (5, "confidence")]
    refused = send(doors, path, file, SAID)
    assert (refused.status_code, len(refused.json["errors"])) == (422, 3)
    assert len(doors.get("/v1/tables/residue-limits/editions").json["items"]) == 1


def test_an_unknown_table_is_not_found(doors: Doors) -> None:
    assert doors.get("/v1/exchange/tables/horoscopes").status_code == 404
