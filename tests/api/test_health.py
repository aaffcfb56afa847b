"""`/healthz`, `/readyz` part by part, `/metrics`."""

import shutil
from collections.abc import Callable
from datetime import timedelta

import pytest

from api.app import Api, create_app
from api.settings import Settings
from api.worker import work_once
from tests.api.conftest import OpenApp
from tests.databases import Kept, lay
from trace import clock
from trace.health import beat
from trace.keys import create_first_key
from trace.label_jobs import get_pack, start_label_job


def _parts(app: Api) -> tuple[int, dict[str, str]]:
    answer = app.test_client().get("/readyz")
    return answer.status_code, answer.json["parts"]


def test_alive_asks_nothing_of_the_database(make_settings: Callable[..., Settings]) -> None:
    app = create_app(make_settings("sqlite:////nowhere/at/all.db"))
    assert app.test_client().get("/healthz").json == {"status": "ok"}


def test_a_database_out_of_reach_is_told(make_settings: Callable[..., Settings]) -> None:
    status, parts = _parts(create_app(make_settings("sqlite:////nowhere/at/all.db")))
    assert (status, parts["database"]) == (503, "database-unreachable")


def test_tables_that_are_behind_are_told(make_settings: Callable[..., Settings], empty_url: str) -> None:
    status, parts = _parts(create_app(make_settings(empty_url)))
    assert (status, parts["database"], parts["migrations"]) == (503, "ok", "migrations-behind")


def test_without_a_worker_it_is_not_ready_and_says_so_in_both_languages(empty_app: Api) -> None:
    status, parts = _parts(empty_app)
    assert (status, parts) == (503, {"database": "ok", "migrations": "ok", "keys": "ok", "worker": "worker-silent"})
    client = empty_app.test_client()
    assert "flask worker" in client.get("/readyz").json["details"]["worker"]
    assert client.get("/readyz", headers={"Accept-Language": "en"}).json["details"]["worker"].startswith("no worker")


def test_a_round_of_the_worker_makes_it_ready(empty_app: Api) -> None:
    work_once(empty_app.extensions["chasu"])
    assert _parts(empty_app)[0] == 200


def test_a_heartbeat_of_over_a_minute_ago_is_no_heartbeat(empty_app: Api) -> None:
    state = empty_app.extensions["chasu"]
    beat(state.settings.spool_dir, clock.now() - timedelta(seconds=61))
    assert _parts(empty_app)[1]["worker"] == "worker-silent"
    beat(state.settings.spool_dir, clock.now() - timedelta(seconds=50))
    assert _parts(empty_app)[1]["worker"] == "ok"


@pytest.fixture
def printed_app(open_app: OpenApp, fresh_url: str, demo_kept: Kept, make_settings: Callable[..., Settings]) -> Api:
    """The demo town with one label printed."""
    lay(demo_kept, fresh_url)
    app = open_app(make_settings(fresh_url))
    state = app.extensions["chasu"]
    create_first_key(state.settings.keys_dir)
    with state.sessions.write.begin() as session:
        start_label_job(session, get_pack(session, "PK001")[0], 1, state.keys.ring().signing.id)
    return app


def test_keys_missing_after_a_print_is_told(printed_app: Api) -> None:
    work_once(printed_app.extensions["chasu"])
    assert _parts(printed_app)[0] == 200
    shutil.rmtree(printed_app.extensions["chasu"].settings.keys_dir)
    assert _parts(printed_app) == (503, {"database": "ok", "migrations": "ok", "keys": "keys-missing", "worker": "ok"})


def test_keys_open_to_others_are_told(printed_app: Api) -> None:
    printed_app.extensions["chasu"].settings.keys_dir.chmod(0o755)
    assert _parts(printed_app)[1]["keys"] == "keys-too-open"


def test_metrics_count_requests_by_status_and_time(empty_app: Api) -> None:
    client = empty_app.test_client()
    client.get("/healthz")
    client.get("/v1/lots")
    client.post("/v1/lots")
    lines = client.get("/metrics").text.splitlines()
    assert 'chasu_requests_total{method="read",status="2xx"} 1' in lines
    assert 'chasu_requests_total{method="read",status="4xx"} 1' in lines
    assert 'chasu_requests_total{method="write",status="4xx"} 1' in lines
    assert "chasu_request_seconds_count 3" in lines
    assert 'chasu_request_seconds_bucket{le="+Inf"} 3' in lines
    assert "chasu_events 0" in lines
    assert "chasu_spool_bytes 0" in lines
