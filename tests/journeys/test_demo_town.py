"""The demo town as its people find it over the API: its findings, its recall, and the day on which a result fails."""

import io
import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import openpyxl
import pytest

from examples.client import Chasu, RefusedError
from tests.conftest import ROOT
from tests.journeys.served_towns import DemoTown
from trace import clock

FILE = json.loads((ROOT / "demo" / "demo-town.json").read_text(encoding="utf-8"))


def above_note(client: Chasu) -> dict[str, dict[str, Any]]:
    """Return what stands above a note, by record."""
    return {one["record"]: one for one in client.every("findings") if one["severity"] != "note"}


def row(array: str, code: str) -> dict[str, Any]:
    """Return a row of the season's file."""
    found: dict[str, Any] = next(one for one in FILE[array] if one["id"] == code)
    return found


def test_the_demo_town_has_three_findings_and_they_stop_what_follows(demo: DemoTown) -> None:
    officer, coop, operator = (demo.clients[who] for who in ("officer", "coop", "operator"))
    found = above_note(officer)
    assert {(one["rule"], one["severity"], one["record"]) for one in found.values()} == {
        ("harvest_inside_phi", "reason", "H0142"),
        ("output_exceeds_input", "reason", "R0023"),
        ("mrl_exceeded", "refuse", "T016"),
    }
    [asked] = coop.get("certificates", "issuable", lots="H0142")["lots"]
    assert (asked["issuable"], asked["reasons"][0]["rule"]) == (False, "harvest_inside_phi")
    paper = {"lots": ["H0142"], "product": "茶鲜叶", "origin": "东雾峪村", "basis": ["质量安全控制符合要求"]}
    with pytest.raises(RefusedError) as refused:
        coop.post("certificates", {**paper, "mass": {"value": "1", "unit": "kg"}, "issued_at": clock.now().isoformat()})
    assert refused.value.code == "certificate-not-issuable"
    held = {lot["code"] for lot in operator.every("lots") if lot["held"]}
    assert held >= {"B0023", "L012", "PK012", "L008", "PK008"}
    assert held == {"H0142", *(code for one in found.values() for code in one["affects"] if code in held)}


def test_the_demo_recall_has_its_figures(demo: DemoTown) -> None:
    said, owner = FILE["recalls"][0], demo.clients["recall owner"]
    recall, scope = owner.get("recalls", "RC01"), owner.get("recalls", "RC01", "scope")
    assert (recall["level"], recall["known_at"], recall["start_by"], recall["started_at"]) == tuple(
        said[name] for name in ("level", "known_at", "must_start_by", "started_at")
    )
    totals = scope["totals"]
    assert (totals["units"], totals["shipped"], totals["in_stock"]) == (1200, 689, 511)
    assert [one["pack"] for one in scope["packs"]] == said["packs"]
    assert {one["name"] for one in scope["buyers"]} == set(said["buyers"])
    assert {one["plot"] for one in scope["plots"]} == {row("plots", plot)["code"] for plot in said["plots"]}


def test_from_a_failing_result_to_pages_buyers_and_spreadsheet_in_one_go(demo: DemoTown) -> None:
    plant, laboratory, officer = (demo.clients[who] for who in ("plant", "laboratory", "officer"))
    job = plant.post("label-jobs", {"pack": "PK001", "count": 5})
    pages = ["/" + link.split("/", 3)[3] for link in plant.labels(job["code"], "links").decode().split()]
    before = {page: demo.scan(page) for page in pages}
    assert {told["verdict"] for _, told in before.values()} == {"genuine"}

    now = clock.now().replace(microsecond=0)
    sampled = (now - timedelta(hours=2)).isoformat()
    taken = {"lot": "L001", "sampled_at": sampled, "purpose": "supervision", "laboratory": "LAB-2"}
    sample = plant.post("samples", taken)["code"]
    item = {"analyte": "吡虫啉", "value": "0.51", "unit": "mg/kg"}
    report = {"sample": f"PL1/{sample}", "reported_at": now.isoformat(), "items": [item]}
    result = laboratory.post("results", report)["code"]

    held = {page: demo.scan(page) for page in pages}
    assert {told["verdict"] for _, told in held.values()} == {"held"}
    assert [one["passed"] for one in held[pages[0]][1]["tests"] if one["value"] == "0.51"] == [False]
    assert all(held[page][0] != before[page][0] for page in pages)
    assert set(above_note(officer)[result]["affects"]) >= {"PK001"}
    sent = {"buyer": "BUY-1", "shipped_at": now.isoformat(), "packs": [{"pack": "PK001", "first": 139, "last": 140}]}
    with pytest.raises(RefusedError) as refused:
        plant.post("shipments", sent)
    assert refused.value.code == "lot-refused"

    start = {"known_at": now.isoformat(), "started_at": now.isoformat(), "trigger": "result", "reason": "吡虫啉超标"}
    recall = plant.post("recalls", {"lots": ["L001"], "level": 2, "result": f"LAB-2/{result}", **start})["code"]
    after = {page: demo.scan(page) for page in pages}
    assert {told["verdict"] for _, told in after.values()} == {"recalled"}
    assert all(after[page][0] != held[page][0] for page in pages)
    assert "召回" in demo.scan(pages[0], "text/html")[1]
    for caller in ("plant", "officer"):
        is_told(demo, caller, f"/v1/recalls/PL1/{recall}", pages)


def is_told(demo: DemoTown, caller: str, recall: str, pages: Iterable[str]) -> None:
    """Check the buyers, the workbook and the codes of the recall of PK001 against the season's file."""
    sold = {}
    for one in FILE["shipments"]:
        if one["pack"] == "PK001":
            sold[one["buyer"]] = sold.get(one["buyer"], 0) + one["units"]
    scope = json.loads(demo.read(f"{recall}/scope", caller)[1])
    assert {one["name"]: one["units"] for one in scope["buyers"]} == sold
    assert scope["totals"]["units"] == row("packs", "PK001")["units"]
    book = openpyxl.load_workbook(io.BytesIO(demo.read(f"{recall}/scope?format=xlsx", caller)[1]))
    cells = {str(cell) for line in book["买方 Buyers"].values for cell in line}
    assert cells >= {*sold, *map(str, sold.values())}
    codes = demo.read(f"{recall}/codes", caller)[1].decode("utf-8-sig")
    assert [page for page in pages if page.rpartition("/")[2] not in codes] == []
