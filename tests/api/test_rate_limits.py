"""Who asks too often is told when to ask again; others, pages and health are not kept waiting by it."""

import multiprocessing
from collections.abc import Callable
from dataclasses import replace

import pytest

from api.app import create_app
from api.rate_limits import RateLimits
from api.settings import Settings
from api.worker import tidy, work_once
from tests.api.doors import Doors

LIMIT = 3


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_and_fills_again() -> None:
    clock = Clock()
    limits = RateLimits(60, clock)
    assert [limits.take(1) for _ in range(61)] == [0] * 60 + [1]
    assert limits.take(2) == 0
    clock.now += 0.5
    assert limits.take(1) == 0.5
    clock.now += 0.5
    assert limits.take(1) == 0
    clock.now += 3600
    assert [limits.take(1) for _ in range(61)][59:] == [0, 1]


def test_all_processes_of_one_server_share_a_bucket() -> None:
    limits = RateLimits(3)
    fork = multiprocessing.get_context("fork")
    for _ in range(2):
        other = fork.Process(target=limits.take, args=(7,))
        other.start()
        other.join()
    assert limits.take(7) == 0
    assert limits.take(7) > 0
    assert limits.take(8) == 0


def test_no_limit_is_none() -> None:
    limits = RateLimits(0, Clock())
    assert not any(limits.take(1) for _ in range(10_000))


@pytest.fixture
def limited(doors: Doors, fresh_url: str, make_settings: Callable[..., Settings]) -> Doors:
    """Doors through which each holder may go three times a minute."""
    app = create_app(make_settings(fresh_url, RATE_LIMIT=str(LIMIT)), doors.sessions)
    return replace(doors, app=app, client=app.test_client())


def test_a_holder_beyond_the_limit_is_told_when_to_ask_again(limited: Doors) -> None:
    answers = [limited.get("/v1/parties") for _ in range(LIMIT + 1)]
    assert [answer.status_code for answer in answers] == [200] * LIMIT + [429]
    assert answers[-1].json["code"] == "too-many-requests"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 20
    assert not any("Retry-After" in answer.headers for answer in answers[:-1])
    assert limited.post("/v1/pickings", {}).status_code == 429
    assert limited.get("/v1/parties", "plant").status_code == 200
    assert limited.client.get("/healthz").status_code == 200
    assert limited.client.get("/v1/docs").status_code == 200
    assert limited.client.get("/v1/parties").status_code == 401


def test_the_last_use_of_a_key_is_known_after_the_workers_round(doors: Doors) -> None:
    state = doors.app.extensions["chasu"]
    own = {key["code"] for key in doors.get("/v1/keys", "plant").json["items"]}
    work_once(state)
    tidy(state)
    keys = doors.get("/v1/keys?limit=200", "operator").json["items"]
    used = {key["code"] for key in keys if key["last_used_at"]}
    assert own <= used
    assert len(used) < len(keys)
