"""Notices of a recall: to whom, by what, sent at least once and not again; what was not sent is for paper."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any
from urllib.parse import unquote

import pytest
from sqlalchemy import select, update

from api.sending import send_due, signature
from api.state import State, state_of
from api.worker import SendingEndedError, work
from tests.api.doors import Doors
from tests.api.test_pickings import faults
from tests.conftest import ROOT
from tests.databases import url_of
from tests.factories import make_pack, make_party
from tests.listeners import Mailed, Posted, mail_listener, web_listener
from tests.packing import make_shipment
from trace import clock
from trace.parties import Party
from trace.recalling.contacts import Channel
from trace.recalling.notices import (
    MOST_TRIES,
    NoticeState,
    RecallNotice,
    lease_notices,
    mark_failed,
    mark_sent,
)

BUYERS = ("BUY-A", "BUY-B")


@pytest.fixture(autouse=True)
def recalled(doors: Doors) -> None:
    """A pack of ten units, of which one buyer has three and another two; and its recall."""
    with doors.sessions.write.begin() as session:
        plant = session.scalars(select(Party).where(Party.code == "PL1")).one()
        pack = make_pack(session, packer=plant, code="PK1")
        for code, positions in zip(BUYERS, ((1, 3), (4, 5)), strict=True):
            make_shipment(session, pack=pack, buyer=make_party(session, code=code, kind="buyer"), positions=positions)
    recall = {"code": "RC1", "lots": ["PK1"], "level": 2, "reason": "吡虫啉超标"}
    moments = {"known_at": "2026-05-01T08:00:00+08:00", "started_at": "2026-05-01T10:00:00+08:00"}
    assert doors.post("/v1/recalls", {**recall, **moments}, "plant").status_code == 201


@pytest.fixture
def web() -> Iterator[Posted]:
    """A web server that keeps what it is sent."""
    with web_listener() as posted:
        yield posted


@pytest.fixture
def mail() -> Iterator[Mailed]:
    """A mail server that keeps what it is sent."""
    with mail_listener() as mailed:
        yield mailed


def open_to(doors: Doors, **changes: Any) -> State:
    """Let the application send by what its settings say."""
    state = state_of(doors.app)
    state = replace(state, settings=replace(state.settings, **changes))
    doors.app.extensions["chasu"] = state
    return state


def keep_contact(doors: Doors, channel: Channel, address: str, of: str = BUYERS[0]) -> dict[str, Any]:
    answer = doors.post("/v1/recall-contacts", {"of": of, "channel": channel, "address": address}, "plant")
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def tell(doors: Doors, **body: Any) -> list[dict[str, Any]]:
    answer = doors.post("/v1/recalls/RC1/notices", body, "plant")
    assert answer.status_code == 201, answer.text
    return list(answer.json["notices"])


def state_of_notice(doors: Doors, code: str) -> dict[str, Any]:
    return dict(doors.get(f"/v1/recall-notices/{code}", "plant").json)


def let_time_pass(doors: Doors) -> None:
    """Let every wait and lease be over."""
    past = clock.now() - timedelta(seconds=1)
    queued = update(RecallNotice).where(RecallNotice.state == NoticeState.QUEUED)
    with doors.sessions.write.begin() as session:
        session.execute(queued.values(next_try_at=past, leased_until=past))


def test_every_buyer_with_units_is_told_once_with_its_own_ranges(doors: Doors) -> None:
    notices = tell(doors)
    assert [(one["buyer"], one["units"], one["state"]) for one in notices] == [
        ("BUY-A", 3, "to-print"),
        ("BUY-B", 2, "to-print"),
    ]
    assert "3 件" in notices[0]["text_zh"]
    assert "1–3" in notices[0]["text_zh"]
    assert "4–5" in notices[1]["text_en"]
    assert "绿茶" in notices[0]["text_zh"]
    assert [mark for mark in "{}…[]" if mark in notices[0]["text_zh"] + notices[1]["text_en"]] == []
    assert tell(doors) == []
    assert len(tell(doors, buyers=["BUY-A"])) == 1


def test_a_contact_without_an_open_channel_is_for_paper_and_telephone(doors: Doors) -> None:
    keep_contact(doors, Channel.SMS, "+86 633 1234567")
    state = open_to(doors)
    [notice] = tell(doors, buyers=["BUY-A"])
    assert (notice["channel"], notice["state"]) == ("sms", "to-print")
    assert send_due(state) == 0


def test_a_webhook_is_signed_and_not_sent_again_after_it_was_taken(doors: Doors, web: Posted) -> None:
    state = open_to(doors, private_webhooks=True)
    kept = keep_contact(doors, Channel.WEBHOOK, web.url)
    [notice] = tell(doors, buyers=["BUY-A"])
    assert (send_due(state), send_due(state)) == (1, 0)
    [body], [headers] = web.bodies, web.headers
    assert headers["Chasu-Signature"] == signature(kept["secret"], body)
    assert headers["Chasu-Delivery"] == notice["code"] == json.loads(body)["delivery"]
    assert json.loads(body)["text"]["zh"] == notice["text_zh"]
    assert state_of_notice(doors, notice["code"])["state"] == "sent"
    assert "secret" not in doors.get(f"/v1/recall-contacts/{kept['code']}", "plant").json


@pytest.mark.parametrize("status", [500, 302])
def test_what_is_not_taken_is_tried_again_and_at_last_given_up(doors: Doors, web: Posted, status: int) -> None:
    state = open_to(doors, private_webhooks=True)
    keep_contact(doors, Channel.WEBHOOK, web.url)
    [notice] = tell(doors, buyers=["BUY-A"])
    web.answers = [status] * MOST_TRIES
    assert (send_due(state), send_due(state)) == (1, 0), "not before its time"
    for _ in range(MOST_TRIES):
        let_time_pass(doors)
        send_due(state)
    told = state_of_notice(doors, notice["code"])
    assert (told["state"], told["tries"], len(web.bodies)) == ("failed", MOST_TRIES, MOST_TRIES)
    assert str(status) in told["last_error"]


def test_a_worker_killed_before_it_could_say_so_sends_again_under_the_same_id(doors: Doors, web: Posted) -> None:
    state = open_to(doors, private_webhooks=True)
    keep_contact(doors, Channel.WEBHOOK, web.url)
    [notice] = tell(doors, buyers=["BUY-A"])
    settings = state.settings
    given = {"DATABASE_URL": url_of(doors.sessions), "INSTANCE_DIR": str(settings.instance_dir)}
    given |= {"PRIVATE_WEBHOOKS": "1", "FONT_DIR": str(settings.font_dir), "ID_URL": settings.id_url}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
    worker = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": ".", **given})
    web.before_answer = lambda: os.kill(worker.pid, signal.SIGKILL)
    assert worker.wait(timeout=60) == -signal.SIGKILL
    assert state_of_notice(doors, notice["code"])["state"] == "queued"
    assert send_due(state) == 0, "its lease still runs"
    web.before_answer = lambda: None
    let_time_pass(doors)
    assert (send_due(state), send_due(state)) == (1, 0)
    assert [headers["Chasu-Delivery"] for headers in web.headers] == [notice["code"]] * 2
    assert web.bodies[0] == web.bodies[1]


def test_a_mail_carries_both_languages_and_its_delivery_id(doors: Doors, mail: Mailed) -> None:
    keep_contact(doors, Channel.EMAIL, "quality@buyer.example")
    state = open_to(doors, smtp_url=mail.url)
    [notice] = tell(doors, buyers=["BUY-A"])
    assert send_due(state) == 1
    message = message_from_bytes(mail.messages[0], policy=policy.default)
    body = message.get_body()
    assert body is not None
    text = body.get_content().replace("\r", "")
    assert (mail.to, notice["code"] in message["Message-ID"]) == (["quality@buyer.example"], True)
    assert notice["text_zh"] in text
    assert notice["text_en"] in text
    assert state_of_notice(doors, notice["code"])["state"] == "sent"


def test_a_mail_server_without_encryption_gets_no_password(doors: Doors, mail: Mailed) -> None:
    keep_contact(doors, Channel.EMAIL, "quality@buyer.example")
    state = open_to(doors, smtp_url=mail.url.replace("//", "//town:secret@"))
    [notice] = tell(doors, buyers=["BUY-A"])
    assert (send_due(state), mail.messages) == (1, [])
    assert "no encryption" in state_of_notice(doors, notice["code"])["last_error"]


def test_a_mail_that_was_taken_is_not_sent_again_however_the_parting_goes(doors: Doors, mail: Mailed) -> None:
    keep_contact(doors, Channel.EMAIL, "quality@buyer.example")
    state, mail.parting = open_to(doors, smtp_url=mail.url), "421 too busy to part"
    [notice] = tell(doors, buyers=["BUY-A"])
    assert send_due(state) == 1
    let_time_pass(doors)
    assert (send_due(state), len(mail.messages)) == (0, 1)
    assert state_of_notice(doors, notice["code"])["state"] == "sent"


def test_a_holder_whose_machine_trickles_keeps_no_other_from_being_told(
    doors: Doors, web: Posted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.sending.SENDING_S", 0.1)
    state, web.trickles = open_to(doors, private_webhooks=True), True
    keep_contact(doors, Channel.WEBHOOK, web.url)
    with web_listener() as other:
        keep_contact(doors, Channel.WEBHOOK, other.url, of="BUY-B")
        slow, quick = tell(doors)
        assert (send_due(state), send_due(state), send_due(state)) == (1, 1, 0)
    assert state_of_notice(doors, slow["code"])["state"] == "queued"
    assert state_of_notice(doors, quick["code"])["state"] == "sent"


def test_what_a_worker_says_of_a_lease_that_ran_out_counts_only_when_it_was_taken(doors: Doors) -> None:
    channels = (Channel.WEBHOOK,)
    open_to(doors, private_webhooks=True)
    keep_contact(doors, Channel.WEBHOOK, "http://127.0.0.1:9/in")
    [notice] = tell(doors, buyers=["BUY-A"])
    with doors.sessions.write.begin() as session:
        [first] = lease_notices(session, channels, most=1)
    let_time_pass(doors)
    with doors.sessions.write.begin() as session:
        [second] = lease_notices(session, channels, most=1)
        mark_failed(session, first, "too late")
        assert lease_notices(session, channels, most=1) == [], "the second still has it"
        mark_sent(session, first)
        mark_failed(session, second, "nobody there")
    assert state_of_notice(doors, notice["code"])["state"] == "sent"
    let_time_pass(doors)
    with doors.sessions.write.begin() as session:
        assert lease_notices(session, channels, most=1) == []


def test_a_notice_over_which_sending_stumbles_is_no_end_of_sending(doors: Doors, mail: Mailed) -> None:
    state = open_to(doors, smtp_url=mail.url)
    for buyer in BUYERS:
        keep_contact(doors, Channel.EMAIL, "quality@buyer.example", of=buyer)
    stumbling, fine = tell(doors)
    with doors.sessions.write.begin() as session:  # the library that writes mails stumbles over this one
        odd = update(RecallNotice).where(RecallNotice.code == stumbling["code"])
        session.execute(odd.values(address="():@buyer.example"))
    assert (send_due(state), send_due(state)) == (1, 1)
    assert state_of_notice(doors, stumbling["code"])["state"] == "queued"
    assert state_of_notice(doors, fine["code"])["state"] == "sent"


@pytest.mark.parametrize("address", [f"https://{'a' * 70}.example/", "https://buyer.example:99999/"])
def test_a_webhook_that_leads_nowhere_is_said_not_to_have_been_told(doors: Doors, web: Posted, address: str) -> None:
    state = open_to(doors, private_webhooks=True)
    keep_contact(doors, Channel.WEBHOOK, web.url)
    [notice] = tell(doors, buyers=["BUY-A"])
    with doors.sessions.write.begin() as session:
        session.execute(update(RecallNotice).where(RecallNotice.code == notice["code"]).values(address=address))
    assert send_due(state) == 1
    assert state_of_notice(doors, notice["code"])["last_error"] == "UndeliveredError: no such host or port"


def test_a_webhook_with_chinese_in_its_address_is_told(doors: Doors, web: Posted) -> None:
    state = open_to(doors, private_webhooks=True)
    keep_contact(doors, Channel.WEBHOOK, f"{web.url}/通知?给=买家%20甲&x=1")
    [notice] = tell(doors, buyers=["BUY-A"])
    assert send_due(state) == 1
    assert state_of_notice(doors, notice["code"])["state"] == "sent"
    assert [unquote(path) for path in web.paths] == ["/in/通知?给=买家 甲&x=1"]


def test_a_token_that_cannot_be_sent_is_said_and_not_shown(doors: Doors, web: Posted) -> None:
    keep_contact(doors, Channel.SMS, "13800000000")
    state = open_to(doors, sms_url=web.url, sms_token="密钥")
    [notice] = tell(doors, buyers=["BUY-A"])
    assert send_due(state) == 1
    said = state_of_notice(doors, notice["code"])["last_error"]
    assert said == "UndeliveredError: the token has letters that cannot be sent"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_worker_whose_sending_ended_does_not_go_on_as_if_it_sent(doors: Doors) -> None:
    state = open_to(doors, smtp_url="smtp://[nowhere")  # no setting: it would be refused at start
    keep_contact(doors, Channel.EMAIL, "quality@buyer.example")
    tell(doors, buyers=["BUY-A"])
    with pytest.raises(SendingEndedError):
        work(state, threading.Event())


def test_a_text_message_goes_to_the_gateway_with_its_token(doors: Doors, web: Posted) -> None:
    keep_contact(doors, Channel.SMS, "13800000000")
    state = open_to(doors, sms_url=web.url, sms_token="T0KEN")
    [notice] = tell(doors, buyers=["BUY-A"])
    assert send_due(state) == 1
    assert json.loads(web.bodies[0]) == {
        "delivery": notice["code"],
        "to": "13800000000",
        "text": notice["text_zh"],
    }
    assert web.headers[0]["Authorization"] == "Bearer T0KEN"


def test_a_webhook_into_a_private_network_is_refused_and_by_name_not_sent(doors: Doors, web: Posted) -> None:
    body = {"of": "BUY-A", "channel": "webhook", "address": web.url}
    assert ("address", "private-address") in faults(doors.post("/v1/recall-contacts", body, "plant"))
    open_to(doors, private_webhooks=True)
    keep_contact(doors, Channel.WEBHOOK, web.url)
    [notice] = tell(doors, buyers=["BUY-A"])
    assert send_due(open_to(doors, private_webhooks=False)) == 1
    assert web.bodies == []
    assert "private network" in state_of_notice(doors, notice["code"])["last_error"]


@pytest.mark.parametrize(
    ("channel", "address", "code"),
    [
        ("webhook", "ftp://buyer.example/in", "not-a-web-address"),
        ("webhook", "http://name:word@buyer.example/", "not-a-web-address"),
        ("webhook", "http://169.254.169.254/latest", "private-address"),
        ("webhook", "http://[::1]/", "private-address"),
        ("webhook", "https://localhost/", "private-address"),
        ("webhook", "http://2130706433/", "private-address"),
        ("webhook", "http://0x7f.1/", "private-address"),
        ("webhook", "http://[64:ff9b::a00:1]/", "private-address"),
        ("email", "():@b.example", "not-an-email"),
        ("email", "a..b@b.example", "not-an-email"),
        ("email", "王@b.example", "not-an-email"),
        ("email", "buyer", "not-an-email"),
        ("email", "a@b.example\nBcc: c@d.example", "not-an-email"),
        ("sms", "1380000000a", "not-a-telephone"),
    ],
)
def test_an_address_must_fit_its_channel(doors: Doors, channel: str, address: str, code: str) -> None:
    body = {"of": "BUY-A", "channel": channel, "address": address}
    assert ("address", code) in faults(doors.post("/v1/recall-contacts", body, "plant"))


def test_an_erased_contact_leaves_no_person(doors: Doors) -> None:
    code = keep_contact(doors, Channel.EMAIL, "quality@buyer.example")["code"]
    path = f"/v1/recall-contacts/{code}"
    erased = doors.client.delete(path, headers={"Authorization": f"Bearer {doors.tokens['plant']}"}).json
    assert (erased["address"], erased["person"]) == (None, None)
    assert doors.get(path, "auditor").status_code == 404
    assert [notice["channel"] for notice in tell(doors, buyers=["BUY-A"])] == ["print"]


def test_where_a_notice_was_to_go_is_forgotten_with_the_contact(doors: Doors, mail: Mailed) -> None:
    code = keep_contact(doors, Channel.EMAIL, "quality@buyer.example")["code"]
    state = open_to(doors, smtp_url=mail.url)
    sent = tell(doors, buyers=["BUY-A"])[0]
    assert send_due(state) == 1
    waiting = tell(doors, buyers=["BUY-A"])[0]
    answer = doors.client.delete(
        f"/v1/recall-contacts/{code}", headers={"Authorization": f"Bearer {doors.tokens['plant']}"}
    )
    assert answer.status_code == 200, answer.text
    assert (send_due(state), len(mail.messages)) == (0, 1)
    told = [state_of_notice(doors, one["code"]) for one in (sent, waiting)]
    assert [(one["state"], one["address"]) for one in told] == [("sent", None), ("to-print", None)]


def test_others_are_told_too_and_a_stranger_to_the_case_is_no_buyer(doors: Doors) -> None:
    answer = doors.post("/v1/recalls/RC1/notices", {"buyers": ["PL2"]}, "plant")
    assert faults(answer) == {("buyers[0]", "unknown-reference")}
    body = {"buyers": ["BUY-B"], "others": [{"name": "县局", "channel": "webhook", "address": "https://x.example/"}]}
    assert faults(doors.post("/v1/recalls/RC1/notices", body, "plant")) == {
        ("others[0].address", "webhook-wants-contact")
    }
    others = tell(doors, buyers=["BUY-B"], others=[{"name": "县市场监管局", "channel": "print"}])
    assert [one["recipient"] for one in others][-1] == "县市场监管局"


def test_a_named_person_says_whether_a_holder_knows(doors: Doors) -> None:
    code = tell(doors, buyers=["BUY-A"])[0]["code"]
    path = f"/v1/recall-notices/{code}/outcomes"
    assert faults(doors.post(path, {"reached": False, "person": "王芳"}, "plant")) == {("outcome", "missing-field")}
    not_yet = doors.post(path, {"reached": False, "person": "王芳", "outcome": "电话无人接听"}, "plant")
    assert (not_yet.status_code, not_yet.json["state"]) == (201, "not-reached")
    reached = doors.post(path, {"reached": True, "person": "王芳"}, "plant").json
    assert (reached["state"], reached["settled_by"]) == ("reached", "王芳")
    assert (
        doors.post(path, {"reached": False, "person": "李", "outcome": "误报"}, "plant").json["code"]
        == "notice-settled"
    )
