"""The scan spool: nothing lost, nothing doubled, whoever is killed and whenever."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import select

from tests.conftest import ROOT
from tests.proofs import tries
from trace.db import Sessions
from trace.scans import Scan, ScanSpool, Seen, post_spool
from trace.spool import BATCH, take_spool

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SEEN = Seen(scanned_at=AT, verdict="forged", gtin="09520000010003", serial="X", language="zh")
ROUNDS = tries(3, 40)

# Writes scans as fast as it can and says each id once it is safe.
WRITER = """
import pathlib, sys
from datetime import UTC, datetime
from trace.scans import ScanSpool, Seen
spool = ScanSpool(pathlib.Path(sys.argv[1]))
while True:
    print(spool.add(Seen(scanned_at=datetime.now(UTC), verdict="forged")), flush=True)
"""
# Posts as fast as it can.
POSTER = """
import pathlib, sys
from trace.db import open_sessions
from trace.scans import post_spool
sessions = open_sessions(sys.argv[2])
print("ready", flush=True)
while True:
    post_spool(sessions.write, pathlib.Path(sys.argv[1]))
"""


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "spool"


def stored(sessions: Sessions) -> list[str]:
    """Return the ids of all scans in the database."""
    with sessions.read.begin() as session:
        return list(session.scalars(select(Scan.spool_id)))


def test_a_scan_arrives_as_it_was_seen(fresh_sessions: Sessions, spool: Path) -> None:
    spool_id = ScanSpool(spool).add(SEEN)
    assert post_spool(fresh_sessions.write, spool) == 1
    with fresh_sessions.read.begin() as session:
        scan = session.scalars(select(Scan)).one()
        told = {name: getattr(scan, name) for name in vars(SEEN)}
    assert (scan.spool_id, told) == (spool_id, vars(SEEN))
    assert list(spool.iterdir()) == []


def test_nothing_to_post_is_no_fault(fresh_sessions: Sessions, spool: Path) -> None:
    assert post_spool(fresh_sessions.write, spool) == 0


def test_a_writer_goes_on_after_its_file_was_posted(fresh_sessions: Sessions, spool: Path) -> None:
    writer = ScanSpool(spool)
    ids = []
    for _ in range(3):
        ids.append(writer.add(SEEN))
        post_spool(fresh_sessions.write, spool)
    assert sorted(stored(fresh_sessions)) == sorted(ids)


def test_a_file_of_many_batches_is_posted_whole(fresh_sessions: Sessions, spool: Path) -> None:
    writer = ScanSpool(spool)
    ids = [writer.add(SEEN) for _ in range(2 * BATCH + 1)]
    assert post_spool(fresh_sessions.write, spool) == len(ids)
    assert sorted(stored(fresh_sessions)) == sorted(ids)


def test_a_worker_killed_before_posting_left_a_file_that_is_posted_later(fresh_sessions: Sessions, spool: Path) -> None:
    spool_id = ScanSpool(spool).add(SEEN)
    assert len(take_spool(spool)) == 1  # and no further
    assert post_spool(fresh_sessions.write, spool) == 1
    assert stored(fresh_sessions) == [spool_id]


def test_a_worker_killed_before_deleting_posts_nothing_twice(fresh_sessions: Sessions, spool: Path) -> None:
    writer = ScanSpool(spool)
    ids = [writer.add(SEEN) for _ in range(3)]
    (file,) = take_spool(spool)
    kept = file.read_bytes()
    assert post_spool(fresh_sessions.write, spool) == 3
    file.write_bytes(kept)  # as if the kill had come before the deletion
    assert post_spool(fresh_sessions.write, spool) == 0
    assert sorted(stored(fresh_sessions)) == sorted(ids)


def test_a_scan_written_while_its_file_was_taken_is_kept_and_counts_once(fresh_sessions: Sessions, spool: Path) -> None:
    writer = ScanSpool(spool)
    ids = [writer.add(SEEN)]
    take_spool(spool)
    ids.append(writer.add(SEEN))  # into the file taken, and again into a new one
    assert len(list(spool.iterdir())) == 2
    assert post_spool(fresh_sessions.write, spool) == 2
    assert sorted(stored(fresh_sessions)) == sorted(ids)


def test_a_line_torn_by_a_power_cut_is_left_out(fresh_sessions: Sessions, spool: Path) -> None:
    ids = [ScanSpool(spool).add(SEEN) for _ in range(2)]
    files = sorted(spool.iterdir(), key=lambda path: path.name != f"{ids[0][:20]}.open")
    with files[0].open("ab") as file:
        file.write(b'\n{"spool_id": "torn", "scann')
    assert post_spool(fresh_sessions.write, spool) == 2


def test_a_full_disk_spoils_no_later_scan(fresh_sessions: Sessions, spool: Path) -> None:
    writer = ScanSpool(spool)
    first = writer.add(SEEN)
    with next(spool.iterdir()).open("ab") as file:
        file.write(b'{"spool_id": "cut sho')  # what a full disk took of a line
    second = writer.add(SEEN)
    post_spool(fresh_sessions.write, spool)
    assert sorted(stored(fresh_sessions)) == sorted([first, second])


def test_a_pack_unknown_to_a_restored_database_stops_nothing(fresh_sessions: Sessions, spool: Path) -> None:
    writer = ScanSpool(spool)
    writer.add(Seen(scanned_at=AT, verdict="genuine", pack_id=999, position=1))
    assert post_spool(fresh_sessions.write, spool) == 1
    with fresh_sessions.read.begin() as session:
        assert session.scalars(select(Scan.pack_id)).one() is None


def test_a_fork_writes_to_a_file_of_its_own(fresh_sessions: Sessions, spool: Path) -> None:
    writer = ScanSpool(spool)
    writer.add(SEEN)
    child = os.fork()
    if not child:
        try:
            writer.add(SEEN)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    writer.add(SEEN)
    assert len(list(spool.iterdir())) == 2
    assert post_spool(fresh_sessions.write, spool) == 3


def test_threads_share_a_spool(fresh_sessions: Sessions, spool: Path) -> None:
    writer = ScanSpool(spool)
    threads = [Thread(target=lambda: [writer.add(SEEN) for _ in range(200)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    posted = post_spool(fresh_sessions.write, spool)
    for thread in threads:
        thread.join()
    assert posted + post_spool(fresh_sessions.write, spool) == 800


def test_the_spool_is_for_its_owner_alone(spool: Path) -> None:
    ScanSpool(spool).add(SEEN)
    assert [path.stat().st_mode & 0o777 for path in (spool, *spool.iterdir())] == [0o700, 0o600]


@pytest.mark.prove
def test_two_writers_and_two_workers_killed_again_and_again_lose_and_double_nothing(
    fresh_sessions: Sessions, fresh_url: str, spool: Path, tmp_path: Path
) -> None:
    said: list[str] = []
    for round_ in range(ROUNDS):
        said += list(one_round(fresh_url, spool, tmp_path, round_))
    post_spool(fresh_sessions.write, spool)
    found = stored(fresh_sessions)
    assert len(said) > 100
    assert set(said) <= set(found)
    assert len(found) == len(set(found))
    assert len(found) - len(said) <= 2 * ROUNDS  # safe, but killed before the writer could say so


def one_round(url: str, spool: Path, tmp_path: Path, round_: int) -> Iterator[str]:
    """Let two writers and two workers run, kill them all, and return the ids of the scans called safe."""
    outputs = [tmp_path / f"said-{round_}-{number}" for number in range(2)]
    handles = [output.open("wb") for output in outputs]
    writers = [start(WRITER, spool, stdout=handle.fileno()) for handle in handles]
    workers = [start(POSTER, spool, url, stdout=subprocess.PIPE) for _ in range(2)]
    for worker in workers:
        assert worker.stdout
        worker.stdout.readline()
    while min(output.stat().st_size for output in outputs) < 33 * (200 + 37 * round_):
        pass
    for process in (*workers, *writers):
        process.send_signal(signal.SIGKILL)
        process.wait()
        if process.stdout:
            process.stdout.close()
    for handle, output in zip(handles, outputs, strict=True):
        handle.close()
        yield from (line for line in output.read_text().split("\n") if len(line) == 32)


def start(program: str, *arguments: object, stdout: int) -> "subprocess.Popen[bytes]":
    """Start a program of our own from the root."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=stdout)


def test_a_line_of_an_earlier_version_is_posted_and_a_strange_one_stops_nobody(
    fresh_sessions: Sessions, spool: Path
) -> None:
    spool_id = ScanSpool(spool).add(SEEN)
    early = f'{{"spool_id": "early", "verdict": "forged", "scanned_at": "{AT.isoformat()}"}}'
    strange = f'{{"scanned_at": "{AT.isoformat()}"}}'
    (spool / "early.open").write_text(f"{strange}\n[]\n{early}\n", encoding="utf-8")
    assert post_spool(fresh_sessions.write, spool) == 2
    assert set(stored(fresh_sessions)) == {spool_id, "early"}
