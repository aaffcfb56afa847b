"""From plot to scan by five keys: a co-op picks, a plant makes, a laboratory tests, a brand sells, an officer sees."""

import json
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from api.app import create_app
from examples.client import Chasu, RefusedError
from tests.api.conftest import settings_for
from tests.api.doors import Settled
from tests.api.served import serving
from tests.databases import Kept, lay, open_quickly
from trace import clock
from trace.keys import create_first_key
from web import add_pages

HOLDERS = ("coop", "plant", "laboratory", "brand", "officer")


class Town:
    """A served town: a client for each key, and moments that go on."""

    def __init__(self, url: str, town: Settled) -> None:
        self.url = url
        self.plots = town.plots
        self.clients = {name: Chasu(url, town.tokens[name]) for name in HOLDERS}
        self._moment = clock.now().astimezone(clock.COUNTRY).replace(microsecond=0) - timedelta(hours=20)

    def post(self, who: str, noun: str, **record: Any) -> Any:
        """Write one record."""
        return self.clients[who].post(noun, record)

    def later(self) -> str:
        """Return a moment an hour after the last."""
        self._moment += timedelta(hours=1)
        return self._moment.isoformat()

    def scan(self, link: str, accept: str) -> bytes:
        """Follow a link as a telephone does, without a key."""
        path = link.removeprefix("http://127.0.0.1:8000")
        asked = urllib.request.Request(self.url + path, headers={"Accept": accept, "Accept-Language": "zh"})  # noqa: S310 -- our own server
        with urllib.request.urlopen(asked) as answer:  # noqa: S310 -- our own server
            body: bytes = answer.read()
            return body


@pytest.fixture
def town(settled: tuple[Kept, Settled], fresh_url: str, tmp_path: Path) -> Iterator[Town]:
    """A town served whole, with its pages."""
    kept, people = settled
    lay(kept, fresh_url)
    sessions = open_quickly(fresh_url)
    settings = settings_for(fresh_url, tmp_path)
    create_first_key(settings.keys_dir)
    app = create_app(settings, sessions)
    add_pages(app)
    with serving(app) as port:
        yield Town(f"http://127.0.0.1:{port}", people)
    sessions.dispose()


def kg(value: str) -> dict[str, str]:
    """Return a mass."""
    return {"value": value, "unit": "kg"}


def grow(town: Town) -> tuple[str, str]:
    """Spray, pick, certify and hand over; return the hand-over and the certificate."""
    used = {
        "product": "IP9",
        "per_mu": "30",
        "unit": "mL",
        "area_mu": "1.5",
        "total": "45",
        "used_at": "2026-03-05T08:00:00+08:00",
    }
    town.post("coop", "input-products", code="IP9", kind="pesticide", name="示例农药", interval_days=7)
    town.post("coop", "inputs", plot=town.plots["own"], mode="history", **used)
    picked = town.post(
        "coop",
        "pickings",
        plot=town.plots["own"],
        picked_at=town.later(),
        mass={"value": "50", "unit": "jin"},
        pluck_standard="一芽一叶",
    )
    lots = {"lot": picked["code"], "mass": kg("25")}
    paper = {
        "product": "茶鲜叶",
        "origin": "示例村",
        "basis": ["质量安全控制符合要求"],
        "mass": kg("25"),
        "issued_at": town.later(),
    }
    certificate = town.post("coop", "certificates", lots=[picked["code"]], **paper)
    sent = town.post("coop", "hand-overs", receiver="PL1", sent_at=town.later(), lots=[lots])
    return f"C01/{sent['code']}", f"C01/{certificate['code']}"


def make(town: Town, hand_over: str, certificate: str) -> str:
    """Take in, make and finish tea; return its lot."""
    weights = {"gross": kg("26"), "tare": kg("1"), "deduction": {"mass": kg("0.2"), "reason": "含水"}}
    received = town.post(
        "plant", "intakes", hand_overs=[hand_over], certificate=certificate, received_at=town.later(), **weights
    )
    lot, left = received["code"], kg("24.8")
    for noun, output in (("runs", "5.2"), ("blends", "5.1")):
        inputs = [{"lot": lot, "mass": left}]
        done = town.post("plant", noun, done_at=town.later(), inputs=inputs, output={"mass": kg(output)}, grade="一级")
        lot, left = done["output"], kg(output)
    return str(lot)


def analyse(town: Town, lot: str) -> None:
    """Let the laboratory test what the plant sampled."""
    sample = town.post("plant", "samples", lot=lot, sampled_at=town.later(), purpose="commissioned", laboratory="LAB1")
    item = {"analyte": "联苯菊酯", "value": "0.010", "unit": "mg/kg", "limit": "5", "basis": "GB 2763"}
    town.post("laboratory", "results", sample=f"PL1/{sample['code']}", reported_at=town.later(), items=[item])


def let_go(town: Town, lot: str) -> None:
    """Test in the plant what every tea needs, and let the lot go; before that nobody may."""
    with pytest.raises(RefusedError) as refusal:
        town.post("plant", f"lots/PL1/{lot}/release")
    assert refusal.value.code == "lot-not-releasable"
    moisture = {"value": "5.1", "unit": "%", "limit": "7.0", "basis": "GB/T 14456.1"}
    dust = {"value": "0.3", "unit": "%", "limit": "1.0", "basis": "GB/T 14456.1"}
    items = [
        {"analyte": "感官", "words": "符合"},
        {"analyte": "水分", **moisture},
        {"analyte": "粉末", **dust},
        {"analyte": "净含量", "words": "符合"},
    ]
    when = {"sampled_at": town.later(), "reported_at": town.later()}
    town.post("plant", "results", lot=lot, purpose="factory", items=items, **when)
    assert town.post("plant", f"lots/PL1/{lot}/release")["released_by"]


def sell(town: Town, lot: str) -> tuple[str, list[str], bytes]:
    """Pack for the brand, print, and ship; return the pack, the links of its labels and the picture of one."""
    town.post("brand", "brands", code="BR9", name="雾峪青", suppliers=["PL1"])
    town.post(
        "brand",
        "products",
        code="S9",
        brand="BR9",
        name="雾峪青 绿茶 一级 100g",
        grade="一级",
        net=kg("0.1"),
        gtin="9520000010997",
        shelf_life_months=18,
    )
    inputs = [{"lot": lot, "mass": kg("5.05")}]
    today = datetime.fromisoformat(town.later())
    packed = town.post(
        "plant",
        "packs",
        product="S9",
        inputs=inputs,
        packed_at=today.isoformat(),
        best_before=str(today.date() + timedelta(days=540)),
        units=50,
    )
    job = town.post("plant", "label-jobs", pack=packed["code"], count=3)
    one = town.post("plant", "label-jobs", pack=packed["code"], first=2, last=2)
    links = town.clients["plant"].labels(job["code"], "links").decode().split()
    town.post(
        "plant",
        "shipments",
        buyer="C02",
        shipped_at=town.later(),
        packs=[{"pack": packed["code"], "first": 1, "last": 2}],
    )
    return packed["code"], links, town.clients["plant"].labels(one["code"], "png")


def test_a_tea_goes_from_its_plot_to_a_scan(town: Town, tmp_path: Path) -> None:
    lot = make(town, *grow(town))
    analyse(town, lot)
    let_go(town, lot)
    pack, links, picture = sell(town, lot)
    (tmp_path / "label.png").write_bytes(picture)
    with Image.open(tmp_path / "label.png") as label:
        assert [code.text for code in zxingcpp.read_barcodes(label.convert("L"))] == [links[1]]
    told = [json.loads(town.scan(link, "application/json")) for link in links]
    assert [one["verdict"] for one in told] == ["genuine", "genuine", "inactive"]
    steps = ["picking", "intake", "run", "blend", "testing", "testing", "packing", "shipping"]
    assert [step["step"] for step in told[0]["steps"]] == steps
    assert (told[0]["brand"], told[0]["warnings"]) == ("雾峪青", [])
    tests = [(test["analyte"], test["passed"]) for test in told[0]["tests"]]
    assert sorted(tests) == sorted((item, True) for item in ("联苯菊酯", "感官", "水分", "粉末", "净含量"))
    page = town.scan(links[0], "text/html").decode()
    assert "雾峪青 绿茶 一级 100g" in page
    assert town.plots["own"] not in page

    findings = town.clients["officer"].get("findings")["items"]
    assert [one for one in findings if one["severity"] != "note"] == []
    seen = {who: town.clients[who].trace(f"PL1/{pack}")["sources"] for who in ("officer", "plant", "brand")}
    assert {(source["share"], source["mass_g"]) for [source] in seen.values()} == {(1, 5_000)}
    assert {who: source["party"] for who, [source] in seen.items()} == {"officer": "C01", "plant": "C01", "brand": None}
