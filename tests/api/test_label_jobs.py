"""`POST /v1/label-jobs`: positions are taken to print; who holds the pack downloads the labels, always the same."""

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from api.state import state_of
from tests.api.doors import Doors
from tests.api.moving import make_packs, party_of
from tests.api.test_pickings import faults
from tests.factories import get_lot_of, make_finding, make_leaf, make_pack, make_run, make_trade_item
from trace.keys import create_first_key
from trace.label_jobs import LabelReprint
from trace.lots import Lot


@pytest.fixture
def packed(doors: Doors) -> str:
    """A pack of ten units, and a key to seal serials with."""
    create_first_key(state_of(doors.app).settings.keys_dir)
    return make_packs(doors)


def job(**changes: Any) -> dict[str, Any]:
    """Return the body of a good print job."""
    return {"pack": "PK1", **(changes or {"count": 3})}


def labels(doors: Doors, code: str, how: str = "links", caller: str = "plant") -> Any:
    """Download the labels of a job."""
    return doors.get(f"/v1/label-jobs/{code}/labels?format={how}", caller)


def test_labels_are_taken_in_order_and_drawn_as_often_as_one_likes(doors: Doors, packed: str) -> None:
    answer = doors.post("/v1/label-jobs", job(), "plant")
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == "/v1/label-jobs/PL1/PK1%3A1"
    assert (answer.json["code"], answer.json["last_position"], answer.json["reprint"]) == ("PK1:1", 3, False)
    assert doors.get(answer.headers["Location"], "plant").json == answer.json
    assert doors.post("/v1/label-jobs", job(count=2), "plant").json["code"] == "PK1:4"
    links = labels(doors, "PK1:1").text.splitlines()
    assert len(set(links)) == 3
    assert labels(doors, "PL1/PK1:1").text.splitlines() == links
    assert doors.get("/v1/packs/PL1/PK1", "plant").json["printed"] == 5
    again = doors.post("/v1/label-jobs", job(first=2, last=4), "plant").json
    assert (again["code"], again["reprint"]) == ("PK1:2-4", True)
    assert labels(doors, "PK1:2-4").text.splitlines() == [*links[1:], labels(doors, "PK1:4").text.splitlines()[0]]
    assert [one["code"] for one in doors.get("/v1/label-jobs", "plant").json["items"]] == ["PK1:1", "PK1:4"]


def test_labels_come_as_pdf_and_as_pictures(doors: Doors, packed: str) -> None:
    doors.post("/v1/label-jobs", [job(count=1), job(count=2)], "plant")
    told = {
        ("PK1:1", "pdf"): ("application/pdf", b"%PDF"),
        ("PK1:1", "png"): ("image/png", b"\x89PNG"),
        ("PK1:1", "svg"): ("image/svg+xml", b"<svg"),
        ("PK1:2", "pdf"): ("application/pdf", b"%PDF"),
        ("PK1:2", "png"): ("application/zip", b"PK"),
        ("PK1:2", "svg"): ("application/zip", b"PK"),
    }
    for (code, how), (kind, magic) in told.items():
        answer = labels(doors, code, how)
        assert (answer.status_code, answer.mimetype) == (200, kind)
        assert answer.data.startswith(magic), how
        assert answer.headers["Cache-Control"] == doors.get("/v1/packs/PK1", "plant").headers["Cache-Control"]
        assert int(answer.headers["Content-Length"]) == len(answer.data)
    names = zipfile.ZipFile(io.BytesIO(labels(doors, "PK1:2", "svg").data)).namelist()
    assert names == ["000001.svg", "000002.svg"]
    for bad in ("format=zpl", "stock=none", "size=1"):
        assert doors.get(f"/v1/label-jobs/PK1:1/labels?{bad}", "plant").json["code"] == "bad-parameter"


def test_a_part_of_a_job_is_drawn_and_a_whole_warehouse_is_not(doors: Doors, packed: str) -> None:
    doors.post("/v1/label-jobs", job(count=5), "plant")
    links = labels(doors, "PK1:1").text.splitlines()
    assert labels(doors, "PK1:1", "links&first=2&last=4").text.splitlines() == links[1:4]
    for part, field in (("first=6", "first"), ("last=6", "last"), ("first=4&last=3", "last")):
        answer = labels(doors, "PK1:1", f"links&{part}")
        assert (answer.status_code, faults(answer)) == (422, {(field, "position-range")})
    assert labels(doors, "PK1:1", "links&first=x").json["code"] == "bad-parameter"
    with doors.sessions.write.begin() as session:
        plant = party_of(session, "PL1")
        leaf = make_leaf(session, 60_000, party=plant)
        made = get_lot_of(session, make_run(session, plant=plant, taken=[(leaf, leaf.mass_g)]))
        spoonful = make_trade_item(session, net_g=1)
        make_pack(session, packer=plant, lot=made, item=spoonful, code="PK2", units=10_500)
    doors.post("/v1/label-jobs", job(pack="PK2", count=10_001), "plant")
    assert faults(labels(doors, "PK2:1")) == {("last", "too-many")}
    assert labels(doors, "PK2:1", "links&first=10001").status_code == 200


def test_a_download_records_nothing(doors: Doors, packed: str) -> None:
    doors.post("/v1/label-jobs", job(), "plant")
    before = doors.get("/v1/packs/PL1/PK1", "plant").json
    labels(doors, "PK1:1", "pdf")
    assert doors.get("/v1/packs/PL1/PK1", "plant").json == before
    with doors.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(LabelReprint)) == 0


def test_a_pack_has_no_more_labels_than_units_and_waste(doors: Doors, packed: str) -> None:
    over = doors.post("/v1/label-jobs", [job(count=6), job(count=6)], "plant")
    assert (over.status_code, over.json["code"]) == (409, "labels-exceed-units")
    assert doors.get("/v1/packs/PL1/PK1", "plant").json["printed"] == 0

    def take(_: int) -> int:
        headers = {"Authorization": f"Bearer {doors.tokens['plant']}"}
        return doors.app.test_client().post("/v1/label-jobs", json=job(count=3), headers=headers).status_code

    with ThreadPoolExecutor(8) as printers:
        assert sorted(printers.map(take, range(8))) == [201] * 3 + [409] * 5


def test_what_a_finding_holds_is_not_printed(doors: Doors, packed: str) -> None:
    with doors.sessions.write.begin() as session:
        make_finding(session, lot=session.scalars(select(Lot).where(Lot.code == "PK1")).one())
    assert doors.post("/v1/label-jobs", job(), "plant").json["code"] == "lot-refused"


def test_a_repeated_request_takes_positions_once(doors: Doors, packed: str) -> None:
    first, second = (doors.post("/v1/label-jobs", job(), "plant", Idempotency_Key="K1") for _ in range(2))
    assert (first.json, second.headers["Idempotent-Replayed"]) == (second.json, "true")
    assert doors.get("/v1/packs/PL1/PK1", "plant").json["printed"] == 3


def test_every_fault_of_all_jobs_is_told_at_once(doors: Doors, packed: str) -> None:
    doors.post("/v1/label-jobs", job(), "plant")
    bad = [
        job(pack="PK9"),
        job(count=1, first=1),
        job(first=2),
        job(first=3, last=4),
        job(first=3, last=2),
    ]
    for language in ("zh", "en"):
        answer = doors.post("/v1/label-jobs", bad, "plant", Accept_Language=language)
        assert answer.status_code == 422
        assert faults(answer) == {
            ("[0].pack", "unknown-reference"),
            ("[0].count", "missing-field"),
            ("[1].first", "not-both"),
            ("[2].last", "missing-field"),
            ("[3].last", "position-range"),
            ("[4].last", "position-range"),
        }
        assert all(one["detail"] for one in answer.json["errors"])


def test_only_who_holds_the_pack_prints_it(doors: Doors, packed: str) -> None:
    doors.post("/v1/label-jobs", job(), "plant")
    doors.post("/v1/label-jobs", job(first=1, last=2), "plant")
    assert faults(doors.post("/v1/label-jobs", job(), "other plant")) == {("pack", "unknown-reference")}
    for code in ("PK1:1", "PL1/PK1:1", "PK1:1-2", "PK1:1-3", "PK1", "PK1:x", "PK1:9"):
        assert labels(doors, code, caller="other plant").status_code == 404, code
    for caller in ("coop", "officer", "auditor", "laboratory"):
        assert doors.post("/v1/label-jobs", job(), caller).json["code"] == "role-closed"
        assert labels(doors, "PK1:1", caller=caller).json["code"] == "role-closed"
