"""A certificate by three keys: refused inside the interval, issued later, waited for at the gate, taken back."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from examples.client import Chasu, RefusedError
from tests.api.conftest import settings_for
from tests.api.doors import Settled
from tests.api.served import serving
from tests.databases import Kept, lay, open_quickly
from trace import clock
from trace.keys import create_first_key
from web import add_pages

KG5 = {"value": "5", "unit": "kg"}


@pytest.fixture
def served(settled: tuple[Kept, Settled], fresh_url: str, tmp_path: Path) -> Iterator[tuple[str, Settled]]:
    """A town served whole, with its pages."""
    kept, people = settled
    lay(kept, fresh_url)
    sessions = open_quickly(fresh_url)
    settings = settings_for(fresh_url, tmp_path)
    create_first_key(settings.keys_dir)
    app = create_app(settings, sessions)
    add_pages(app)
    with serving(app) as port:
        yield f"http://127.0.0.1:{port}", people
    sessions.dispose()


def scan(url: str, link: str) -> Any:
    """Follow the code on a certificate as a telephone does, without a key."""
    path = "/c/" + link.rpartition("/")[2]
    asked = urllib.request.Request(url + path, headers={"Accept": "application/json"})  # noqa: S310 -- our own server
    with urllib.request.urlopen(asked) as answer:  # noqa: S310 -- our own server
        return json.load(answer)


def test_leaf_waits_for_its_certificate(served: tuple[str, Settled]) -> None:
    url, town = served
    coop, plant, officer = (Chasu(url, town.tokens[who]) for who in ("coop", "plant", "officer"))
    now = clock.now().astimezone(clock.COUNTRY).replace(microsecond=0)
    plot = town.plots["own"]
    days = {name: (now - timedelta(days=ago)).isoformat() for name, ago in (("sprayed", 9), ("early", 4), ("late", 1))}
    coop.post("input-products", {"code": "IP9", "kind": "pesticide", "name": "示例农药", "interval_days": 7})
    coop.post("inputs", {"plot": plot, "product": "IP9", "used_at": days["sprayed"]})
    picked = {"plot": plot, "mass": KG5, "pluck_standard": "一芽一叶"}
    early = coop.post("pickings", {**picked, "picked_at": days["early"]})["code"]
    late = coop.post("pickings", {**picked, "picked_at": days["late"]})["code"]

    asked = coop.get("certificates", "issuable", lots=f"{early},{late}")
    assert [one["issuable"] for one in asked["lots"]] == [False, True]
    paper = {
        "product": "茶鲜叶",
        "origin": "上茶沟村",
        "basis": ["质量安全控制符合要求"],
        "issued_at": now.isoformat(),
        "mass": KG5,
    }
    with pytest.raises(RefusedError) as refused:
        coop.post("certificates", {**paper, "lots": [early]})
    assert refused.value.code == "certificate-not-issuable"
    free_on = (now.date() - timedelta(days=2)).isoformat()
    assert refused.value.problem["facts"]["reasons"][0]["free_on"] == free_on

    lots = [{"lot": late, "mass": KG5}]
    sent = coop.post("hand-overs", {"receiver": "PL1", "sent_at": now.isoformat(), "lots": lots})
    gate = {"hand_overs": [f"C01/{sent['code']}"], "received_at": now.isoformat(), "mass": KG5}
    received = plant.post("intakes", gate)
    assert received["accepted"] is False
    today = officer.get("certificates", "missing", on=now.date().isoformat())["items"]
    assert {(one["kind"], one["code"]) for one in today} == {("hand-over", sent["code"]), ("intake", received["code"])}

    _take_back(url, (coop, plant, officer), {**paper, "lots": [late]}, received["code"])


def _take_back(url: str, clients: tuple[Chasu, Chasu, Chasu], paper: Any, intake: str) -> None:
    """Bring a certificate, take it back, bring another, and let the officer revoke that."""
    coop, plant, officer = clients
    issued = coop.post("certificates", paper)
    door, today = f"intakes/PL1/{intake}/certificate", clock.today().isoformat()
    assert plant.post(door, {"certificate": f"C01/{issued['code']}"})["accepted"] is True
    assert officer.get("certificates", "missing", on=today)["items"] == []
    assert scan(url, issued["link"])["state"] == "valid"

    coop.post(f"certificates/C01/{issued['code']}/void", {"reason": "填错了产地"})
    assert scan(url, issued["link"])["state"] == "void"
    assert plant.get("intakes", f"PL1/{intake}")["accepted"] is False
    again = coop.post("certificates", paper)
    assert plant.post(door, {"certificate": f"C01/{again['code']}"})["accepted"] is True
    officer.post(f"certificates/C01/{again['code']}/revocation", {"reason": "抽检不合格"})
    assert scan(url, again["link"])["state"] == "revoked"
    assert plant.get("intakes", f"PL1/{intake}")["accepted"] is False
    with pytest.raises(urllib.error.HTTPError):
        scan(url, "/c/" + "0" * 26)
