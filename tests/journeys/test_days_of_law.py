"""What the law says changes with the day: a ban begins, an interval ends, a table is replaced by spreadsheet."""

import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest

from tests.api.conftest import doors
from tests.api.doors import Doors
from tests.api.test_pickings import picking
from trace import clock

__all__ = ["doors"]

BAN = "2026-06-01"  # of 氧乐果, by announcement 736


def add_product(doors: Doors, code: str, **said: Any) -> None:
    """Write what stands on a pack into the register."""
    body = {"code": code, "kind": "pesticide", "name": "示例农药", "crops": ["茶树"], **said}
    assert doors.post("/v1/input-products", body).status_code == 201


def above_note(doors: Doors) -> set[tuple[str, str, str]]:
    """Return (rule, severity, record) of what stands above a note."""
    found = [one for kind in ("reason", "refuse") for one in doors.get(f"/v1/findings?severity={kind}").json["items"]]
    return {(one["rule"], one["severity"], one["record"]) for one in found if one["withdrawn_at"] is None}


@pytest.mark.parametrize(("moment", "legal"), [("2026-05-31T23:59:00+08:00", True), (f"{BAN}T00:01:00+08:00", False)])
def test_a_banned_substance_is_legal_the_day_before_its_ban(doors: Doors, moment: str, legal: bool) -> None:
    add_product(doors, "IP1", active="氧乐果", registration="PD20990009", interval_days=1)
    use = {"code": "U1", "plot": doors.plots["own"], "product": "IP1", "used_at": moment}
    assert doors.post("/v1/inputs", use).status_code == 201, "what happened is recorded"
    assert above_note(doors) == (set() if legal else {("substance_banned", "refuse", "U1")})
    doors.post("/v1/pickings", picking(doors, code="H1", picked_at="2026-06-20T06:00:00+08:00"))
    paper = {"lots": ["H1"], "product": "茶鲜叶", "origin": "示例村", "basis": ["质量安全控制符合要求"]}
    paper |= {"mass": {"value": "1", "unit": "kg"}, "issued_at": "2026-06-20T08:00:00+08:00"}
    assert doors.post("/v1/certificates", paper).status_code == (201 if legal else 409)


@pytest.mark.parametrize(
    ("moment", "passes"), [("2026-04-16T23:59:00+08:00", False), ("2026-04-17T00:00:00+08:00", True)]
)
def test_an_interval_ends_with_the_last_minute_of_its_last_day(doors: Doors, moment: str, passes: bool) -> None:
    add_product(doors, "IP1", active="联苯菊酯", registration="PD20990001", interval_days=7)
    use = {"code": "U1", "plot": doors.plots["own"], "product": "IP1", "used_at": "2026-04-10T23:00:00+08:00"}
    assert doors.post("/v1/inputs", use).status_code == 201
    doors.post("/v1/pickings", picking(doors, code="H1", picked_at=moment))
    assert above_note(doors) == (set() if passes else {("harvest_inside_phi", "reason", "H1")})


def report(doors: Doors, code: str, lot: str) -> None:
    """Report 0.3 mg/kg on a lot, sampled today."""
    now = clock.now().isoformat()
    item = {"analyte": "吡虫啉", "value": "0.3", "unit": "mg/kg"}
    body = {"code": code, "lot": f"C01/{lot}", "sampled_at": now, "reported_at": now, "items": [item]}
    answer = doors.post("/v1/results", {**body, "purpose": "supervision"}, "laboratory")
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("unit", ["mg/kg", "mg/Kg", "ppm", "mg／kg", "毫克/千克"])
def test_a_unit_spelt_otherwise_hides_nothing(doors: Doors, unit: str) -> None:
    now = clock.now().isoformat()
    assert doors.post("/v1/pickings", picking(doors, code="H1")).status_code == 201
    body = {"code": "T1", "lot": "C01/H1", "sampled_at": now, "reported_at": now, "purpose": "supervision"}
    item = {"analyte": "吡虫啉", "value": "0.51", "unit": unit}
    told = doors.post("/v1/results", {**body, "items": [item]}, "laboratory")
    assert (told.status_code, told.json["passed"]) == (201, False)
    assert above_note(doors) == {("mrl_exceeded", "refuse", "T1")}


def test_a_unit_that_is_none_of_residues_is_noted(doors: Doors) -> None:
    now = clock.now().isoformat()
    assert doors.post("/v1/pickings", picking(doors, code="H1")).status_code == 201
    body = {"code": "T1", "lot": "C01/H1", "sampled_at": now, "reported_at": now, "purpose": "supervision"}
    item = {"analyte": "吡虫啉", "value": "0.51", "unit": "%"}
    assert doors.post("/v1/results", {**body, "items": [item]}, "laboratory").status_code == 201
    note = doors.get("/v1/findings/mrl_exceeded:T1").json
    assert (note["severity"], note["facts"]["missing"]) == ("note", "residue-unit")
    assert "mg/kg" in note["detail"]


def lowered(file: bytes) -> bytes:
    """Return the limits as an officer changes them: ten times less of 吡虫啉 in China."""
    book, saved = openpyxl.load_workbook(io.BytesIO(file)), io.BytesIO()
    sheet = book.worksheets[0]
    at = {str(cell.value): cell.column - 1 for cell in sheet[2]}
    for line in sheet.iter_rows(min_row=3):
        if (line[at["market"]].value, line[at["analyte"]].value) == ("CN", "吡虫啉"):
            line[at["mg_per_kg"]].value = "0.05"
    book.save(saved)
    return saved.getvalue()


def test_a_table_replaced_by_spreadsheet_leaves_what_was_judged(doors: Doors) -> None:
    day = clock.today()
    for code in ("H1", "H2"):
        moment = f"{day - timedelta(days=2)}T06:00:00+08:00"
        assert doors.post("/v1/pickings", picking(doors, code=code, picked_at=moment)).status_code == 201
    report(doors, "T1", "H1")
    path, said = "/v1/exchange/tables/residue-limits", f"edition=2026-12&valid_from={day}&source=标准文本"
    file = lowered(doors.get(path, "officer").data)
    sheet = {"Content_Type": "application/octet-stream"}
    checked = doors.send(f"{path}?dry_run=true", file, "officer", **sheet).json
    assert (checked["new"], checked["gone"], checked["errors"]) == (1, 1, [])
    entered = doors.send(f"{path}?{said}", file, "officer", **sheet)
    assert entered.status_code == 201, entered.text

    report(doors, "T2", "H2")
    assert above_note(doors) == {("mrl_exceeded", "refuse", "T2")}
    told = {code: doors.get(f"/v1/results/{code}/judgements?market=CN", "laboratory").json for code in ("T1", "T2")}
    abroad = doors.get("/v1/results/T1/judgements?market=EU", "laboratory").json["items"][0]
    assert abroad["passed"] is False, "the leaf is tea although nobody said so"
    seen = {code: one["items"][0]["items"][0] for code, one in told.items()}
    assert {code: (one["outcome"], one["edition"]) for code, one in seen.items()} == {
        "T1": ("passed", "2026-11"),
        "T2": ("failed", "2026-12"),
    }
