"""`/c/…`: whoever scans a certificate learns whether it counts, and no person."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.databases import Kept, MakeSessions
from tests.factories import PICKED_AT, get_lot_of, make_certificate
from tests.web.certified import PHONE_NUMBER, open_certified
from tests.web.town import JSON, Town, open_town
from trace.arrivals import Arrive, record_arrival
from trace.certificate_endings import EndCertificate, void_certificates
from trace.conformity import ConformityCertificate
from trace.events import LIVE
from trace.ids import find_personal_numbers
from trace.intakes import Intake


@pytest.fixture(scope="module")
def certified(
    make_sessions: MakeSessions, demo_kept: Kept, keys_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Town:
    """Open the town with certificates in every state."""
    return open_certified(make_sessions(demo_kept), keys_dir, tmp_path_factory.mktemp("certified") / "spool")


@pytest.fixture
def phone(certified: Town) -> FlaskClient:
    """Return a client without cookies or memory."""
    return certified.app.test_client()


def told(phone: FlaskClient, certified: Town, name: str) -> dict[str, Any]:
    answer = phone.get(certified.codes[name], headers=JSON)
    assert answer.content_type == "application/json"
    return dict(answer.json)


@pytest.mark.parametrize(
    ("state", "status", "words"),
    [
        ("valid", 200, "这张合格证有效"),
        ("void", 200, "这张合格证已作废"),
        ("revoked", 200, "这张合格证已被撤销"),
        ("unknown", 404, "没有开具过这样的合格证"),
    ],
)
def test_the_page_says_whether_it_counts(
    phone: FlaskClient, certified: Town, state: str, status: int, words: str
) -> None:
    page = phone.get(certified.codes[state])
    assert (page.status_code, page.content_type) == (status, "text/html; charset=utf-8")
    assert words in page.text
    assert "承诺达标合格证" in page.text
    answer = phone.get(certified.codes[state], headers=JSON)
    assert (answer.status_code, answer.json["state"]) == (status, state)
    for one in (page, answer):
        assert (one.headers["Cache-Control"], one.headers["X-Robots-Tag"]) == ("private, no-cache", "noindex, nofollow")


def test_it_tells_what_was_promised_and_what_became_of_the_leaf(phone: FlaskClient, certified: Town) -> None:
    answer = told(phone, certified, "valid")
    promised = answer["certificate"]
    assert promised["name"] == "承诺达标合格证"
    assert (promised["code"], promised["product"], promised["mass_g"]) == ("CT0001", "茶鲜叶", 33_500)
    assert (promised["lots"], promised["basis"]) == (["H0004", "H0005"], ["质量安全控制符合要求"])
    assert (promised["issued_on"], promised["form"]) == ("2026-04-13", "producer")
    assert answer["warnings"] == []
    link = answer["became"][0]["link"]
    assert link.startswith("/01/")
    assert phone.get(link).status_code == 200
    assert f'href="{link}"' in phone.get(certified.codes["valid"]).text


def test_a_certificate_over_leaf_that_a_finding_holds_says_so(phone: FlaskClient, certified: Town) -> None:
    answer = told(phone, certified, "questioned")
    assert (answer["state"], answer["warnings"]) == ("valid", ["questioned"])
    assert "尚未解决的判定" in phone.get(certified.codes["questioned"]).text


def test_a_buyers_certificate_names_those_behind_it_and_says_which_no_longer_count(
    phone: FlaskClient, certified: Town
) -> None:
    answer = told(phone, certified, "unsupported")
    assert answer["warnings"] == ["unsupported"]
    assert [(one["code"], one["state"]) for one in answer["certificate"]["collected"]] == [("CT0002", "void")]
    assert answer["certificate"]["mass"] == "600 斤（300 kg）"
    assert "已收取并保存承诺达标合格证" in phone.get(certified.codes["unsupported"]).text


def test_no_household_telephone_and_no_person_is_public(phone: FlaskClient, certified: Town) -> None:
    for name, path in certified.codes.items():
        for headers in ({}, JSON, {"Accept-Language": "en"}):
            text = phone.get(path, headers=headers).text
            assert PHONE_NUMBER not in text
            assert "周立" not in text
            assert find_personal_numbers(text) == (), name
    assert told(phone, certified, "household")["certificate"]["contact"] is None
    assert told(phone, certified, "unsupported")["certificate"]["contact"] == "0633-5550123"
    assert "农户的电话不公开" in phone.get(certified.codes["household"]).text


def test_english_readers_get_english(phone: FlaskClient, certified: Town) -> None:
    page = phone.get(certified.codes["valid"], headers={"Accept-Language": "en"})
    assert page.headers["Content-Language"] == "en"
    assert "This certificate is valid" in page.text
    assert "Fresh tea leaf" in page.text


def test_the_page_runs_no_script_and_no_cache_shares_it(phone: FlaskClient, certified: Town) -> None:
    for name in ("valid", "unknown"):
        answer = phone.get(certified.codes[name])
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert "<script" not in answer.text


@pytest.mark.parametrize("token", ["x", "%00", "0" * 300, "CT0001", "1", "茶"])
def test_a_page_is_not_found_by_counting(phone: FlaskClient, token: str) -> None:
    assert phone.get(f"/c/{token}", headers=JSON).json == {"state": "unknown", "certificate": None}


def test_a_token_typed_in_small_letters_is_the_same(phone: FlaskClient, certified: Town) -> None:
    assert phone.get(certified.codes["valid"].lower(), headers=JSON).json["state"] == "valid"


def test_the_page_of_the_tea_counts_the_certificates_that_stand_and_names_none(
    make_sessions: MakeSessions, demo_kept: Kept, keys_dir: Path, tmp_path: Path
) -> None:
    sessions = make_sessions(demo_kept)
    town = open_town(sessions, keys_dir, tmp_path / "spool")
    phone, path = town.app.test_client(), town.codes["genuine"]
    before = phone.get(f"{path}?lang=zh").text
    assert "随鲜叶收取承诺达标合格证 3 张" in before
    assert "CT0001" not in before
    assert "received with the leaf: 3" in phone.get(f"{path}?lang=en").text
    with sessions.write.begin() as session:
        wrong = session.scalars(select(ConformityCertificate).where(ConformityCertificate.code == "CT0001")).one()
        void = EndCertificate(certificate=wrong.id, reason="产地写错", ended_at=PICKED_AT + timedelta(days=60))
        void_certificates(session, [void], LIVE)
    assert "承诺达标合格证 2 张" in phone.get(f"{path}?lang=zh").text
    with sessions.write.begin() as session:
        intake = session.scalars(select(Intake).where(Intake.certificate_id == wrong.id)).one()
        another = make_certificate(session, lots=[get_lot_of(session, intake)])
        came = Arrive(intake=intake, certificate=another, exemption=None, arrived_at=PICKED_AT + timedelta(days=61))
        record_arrival(session, came, LIVE)
    assert "承诺达标合格证 3 张" in phone.get(f"{path}?lang=zh").text
