"""Who wrote a moment ago reads it, also beside a replica that does not show it yet."""

import os
import pathlib
from collections.abc import Callable

from api.recent_writes import RecentWrites
from api.settings import Settings
from api.worker import work_once
from tests.api.conftest import OpenApp
from tests.api.doors import open_doors, settle
from tests.api.test_pickings import picking
from tests.databases import url_of
from tests.replication import Pair, wait_until
from trace.db import Sessions


def test_a_key_that_wrote_is_remembered_so_long() -> None:
    now = [100.0]
    writes = RecentWrites(lambda: now[0])
    writes.note("Bearer a")
    now[0] += 5
    assert (writes.has("Bearer a", 5), writes.has("Bearer b", 5), writes.has(None, 5)) == (True, False, False)
    now[0] += 0.1
    assert not writes.has("Bearer a", 5)


def test_all_processes_of_one_server_know_who_wrote() -> None:
    writes = RecentWrites()
    child = os.fork()
    if not child:
        writes.note("Bearer a")
        os._exit(0)
    os.waitpid(child, 0)
    assert writes.has("Bearer a", 60)


def test_who_wrote_reads_it_while_others_read_the_replica(
    pair: Pair, beside_late: Sessions, open_app: OpenApp, make_settings: Callable[..., Settings]
) -> None:
    town = settle(beside_late)
    app = open_app(make_settings(url_of(beside_late)), beside_late)
    doors = open_doors(app, beside_late, town)
    pair.mend()
    pair.pause()
    code = doors.post("/v1/pickings", picking(doors, code="H1")).headers["Location"]
    assert doors.get(code).json["mass_g"] == 12_750
    assert "H1" in doors.get("/v1/exports/pickings").text
    assert doors.get(code, "reader").status_code == 404
    pair.resume()
    wait_until(lambda: doors.get(code, "reader").status_code == 200)


def test_readiness_and_metrics_tell_how_the_replica_stands(
    pair: Pair, beside_late: Sessions, open_app: OpenApp, make_settings: Callable[..., Settings], tmp_path: pathlib.Path
) -> None:
    app = open_app(make_settings(url_of(beside_late)), beside_late)
    work_once(app.extensions["chasu"])
    client = app.test_client()
    told = client.get("/readyz")
    assert (told.status_code, told.json["status"], told.json["replica"]) == (200, "ok", "ok")
    assert "chasu_replica_answers 1" in client.get("/metrics").text.splitlines()
    pair.replica.stop()
    wait_until(lambda: client.get("/readyz").json["replica"] == "replica-silent")
    told = client.get("/readyz", headers={"Accept-Language": "en"})
    assert (told.status_code, told.json["status"], set(told.json["details"])) == (200, "ok", {"replica"})
    assert "primary" in told.json["details"]["replica"]
    lines = client.get("/metrics").text.splitlines()
    assert "chasu_replica_answers 0" in lines
    assert any(line.startswith("chasu_replica_lag_seconds ") for line in lines)
