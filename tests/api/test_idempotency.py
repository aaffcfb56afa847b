"""A repeated write is done once, also while the first is at work, and whoever sends it at the same time."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import g
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from api.app import create_app
from api.auth import open_to_all
from api.settings import Settings
from tests.api.doors import Doors
from trace import clock
from trace.accounts import Account, ApiKey
from trace.parties import Party
from trace.pickings import Picking
from trace.repeats import KeptAnswer

AT_ONCE = 20


def picking(doors: Doors, **changes: Any) -> dict[str, Any]:
    """Return the body of a good picking."""
    return {
        "plot": doors.plots["own"],
        "picked_at": "2026-04-18T06:30:00+08:00",
        "mass": {"value": "25.5", "unit": "jin"},
        "pluck_standard": "一芽一叶",
        **changes,
    }


@pytest.fixture
def alone(doors: Doors, fresh_url: str, make_settings: Callable[..., Settings]) -> Doors:
    """The same doors, of an application that nobody else's views are in."""
    app = create_app(make_settings(fresh_url), doors.sessions)
    return replace(doors, app=app, client=app.test_client())


def count(doors: Doors) -> int:
    """Return how many pickings there are."""
    with doors.sessions.read() as session:
        return session.scalar(select(func.count()).select_from(Picking)) or 0


def post(doors: Doors, path: str, body: Any, key: str, caller: str = "coop") -> TestResponse:
    """Write with a client of one's own, as another program would."""
    headers = {"Authorization": f"Bearer {doors.tokens[caller]}", "Idempotency-Key": key}
    return doors.app.test_client().post(path, json=body, headers=headers)


def test_twenty_requests_at_once_under_one_key_are_one_picking(doors: Doors) -> None:
    body = picking(doors)
    start = threading.Barrier(AT_ONCE)

    def send(_: int) -> TestResponse:
        start.wait()
        return post(doors, "/v1/pickings", body, "k")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(send, range(AT_ONCE)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == AT_ONCE - 1
    assert count(doors) == 1


def test_a_replay_waits_for_the_first_that_is_still_at_work(alone: Doors) -> None:
    inside, go_on = threading.Event(), threading.Event()

    @open_to_all
    def slow() -> dict[str, str]:
        inside.set()
        assert go_on.wait(30)
        g.session.add(Party(code="SLOW", name="茶农", kind="grower", area_code="379901101"))
        g.session.flush()
        return {"made": "SLOW"}

    alone.app.add_url_rule("/v1/slow", "slow", slow, methods=["POST"])
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(post, alone, "/v1/slow", {}, "k")
        assert inside.wait(30)
        again = pool.submit(post, alone, "/v1/slow", {}, "k")
        with pytest.raises(TimeoutError):
            again.result(0.3)
        go_on.set()
        assert (first.result().status_code, again.result().status_code) == (200, 200)
        assert again.result().data == first.result().data
        assert again.result().headers["Idempotent-Replayed"] == "true"
    with alone.sessions.read() as session:
        assert session.scalar(select(func.count()).where(Party.code == "SLOW")) == 1


def test_a_replay_of_a_first_that_failed_takes_its_place(alone: Doors) -> None:
    inside, go_on = threading.Event(), threading.Event()

    @open_to_all
    def failing() -> tuple[dict[str, str], int]:
        if inside.is_set():
            return {"made": "now"}, 201
        inside.set()
        assert go_on.wait(30)
        raise ZeroDivisionError

    alone.app.add_url_rule("/v1/failing", "failing", failing, methods=["POST"])
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(post, alone, "/v1/failing", {}, "k")
        assert inside.wait(30)
        again = pool.submit(post, alone, "/v1/failing", {}, "k")
        go_on.set()
        assert (first.result().status_code, again.result().status_code) == (500, 201)
        assert "Idempotent-Replayed" not in again.result().headers


def test_the_same_key_of_two_holders_is_two_keys(doors: Doors) -> None:
    assert post(doors, "/v1/pickings", picking(doors), "k").status_code == 201
    other = post(doors, "/v1/pickings", picking(doors, plot=doors.plots["other"]), "k", "other coop")
    assert (other.status_code, other.json["party"]) == (201, "C02")
    same_party = post(doors, "/v1/pickings", picking(doors), "k", "no history")  # another account of C01
    assert (same_party.status_code, "Idempotent-Replayed" in same_party.headers) == (201, False)
    assert count(doors) == 3


def test_a_token_is_never_shown_again(doors: Doors) -> None:
    account = doors.get("/v1/me", "plant").json["account"]
    first = post(doors, "/v1/keys", {"account": account}, "k", "operator")
    again = post(doors, "/v1/keys", {"account": account}, "k", "operator")
    assert len(first.json["token"]) >= 43
    assert again.json == {**first.json, "token": None}
    assert again.headers["Location"] == first.headers["Location"]
    path = f"{first.headers['Location']}/rotate"
    rotated, repeated = (post(doors, path, None, "r", "plant") for _ in range(2))
    assert (rotated.status_code, repeated.json) == (201, {**rotated.json, "token": None})
    database = [row for answer in (first, rotated) for row in _kept(doors) if answer.json["token"].encode() in row]
    assert database == []


def _kept(doors: Doors) -> list[bytes]:
    with doors.sessions.read() as session:
        return [body for body in session.scalars(select(KeptAnswer.body)) if body]


@pytest.mark.parametrize("how", ["revoked", "expired", "closed"])
def test_what_opens_no_more_gets_no_first_answer_either(doors: Doors, how: str) -> None:
    assert post(doors, "/v1/pickings", picking(doors), "k").status_code == 201
    past = clock.now() - timedelta(seconds=1)
    changes = {
        "revoked": update(ApiKey).values(revoked_at=past),
        "expired": update(ApiKey).values(expires_at=past),
        "closed": update(Account).values(closed_at=past),
    }
    with doors.sessions.write.begin() as session:
        session.execute(changes[how])
    assert post(doors, "/v1/pickings", picking(doors), "k").status_code == 401
    assert doors.get("/v1/me").status_code == 401
