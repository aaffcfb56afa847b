"""`/v1/certificates`: a promise for leaf of one's own is recorded, and may be taken back once by who gave it."""

from typing import Any

import pytest

from tests.api.doors import Doors
from tests.api.test_pickings import faults, picking


@pytest.fixture(autouse=True)
def leaf(doors: Doors) -> str:
    """A picking of the co-operative."""
    return str(doors.post("/v1/pickings", picking(doors, code="H1")).json["code"])


def certificate(**changes: Any) -> dict[str, Any]:
    """Return the body of a good certificate."""
    return {
        "code": "CQ1",
        "lots": ["H1"],
        "product": "茶鲜叶",
        "origin": "上茶沟村",
        "issued_at": "2026-04-18T10:00:00+08:00",
        "basis": ["质量安全控制符合要求"],
        "mass": {"value": "25.5", "unit": "jin"},
        **changes,
    }


def test_a_certificate_is_recorded_over_its_lots(doors: Doors) -> None:
    answer = doors.post("/v1/certificates", certificate())
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == "/v1/certificates/C01/CQ1"
    assert (answer.json["lots"], answer.json["issuer_form"], answer.json["mass_g"]) == (["H1"], "producer", 12_750)
    assert answer.json["mass"] == {"value": "25.5", "unit": "jin"}
    assert doors.get(answer.headers["Location"]).json == answer.json


def test_a_certificate_is_taken_back_once_and_stays_readable(doors: Doors) -> None:
    doors.post("/v1/certificates", certificate())
    answer = doors.post("/v1/certificates/C01/CQ1/void", {"reason": "填错了重量"})
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == "/v1/certificates/C01/CQ1"
    assert answer.json["void_reason"] == "填错了重量"
    assert doors.get("/v1/certificates/CQ1").json == answer.json
    again = doors.post("/v1/certificates/CQ1/void", {"reason": "又一次"})
    assert (again.status_code, again.json["code"]) == (409, "certificate-void")


def test_only_its_issuer_takes_it_back(doors: Doors) -> None:
    doors.post("/v1/certificates", certificate())
    assert doors.post("/v1/certificates/CQ1/void", {"reason": "不合格"}, "other coop").status_code == 404
    assert doors.post("/v1/certificates/CQ1/void", {"reason": "不合格"}, "operator").status_code == 201


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"lots": []}, ("lots", "empty")),
        ({"lots": ["H1", "nothing"]}, ("lots[1]", "unknown-reference")),
        ({"lots": ["H1", "C01/H1"]}, ("lots[1]", "duplicate-value")),
        ({"issued_at": "2026-04-17T10:00:00+08:00"}, ("issued_at", "before-its-source")),
        ({"issued_at": "2126-04-17T10:00:00+08:00"}, ("issued_at", "in-the-future")),
        ({"issuer_form": "seller"}, ("issuer_form", "not-allowed")),
        ({"basis": ["张三 13800138000"]}, ("basis[0]", "personal-number")),
    ],
)
def test_a_fault_names_its_field(doors: Doors, changes: dict[str, Any], fault: tuple[str, str]) -> None:
    answer = doors.post("/v1/certificates", certificate(**changes))
    assert answer.status_code == 422
    assert fault in faults(answer)


def test_anothers_leaf_is_unknown(doors: Doors) -> None:
    answer = doors.post("/v1/certificates", certificate(), "other coop")
    assert faults(answer) == {("lots[0]", "unknown-reference")}
