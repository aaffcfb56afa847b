"""`flask demo` and `flask serve` as processes: what they print, what they leave, how they end."""

import contextlib
import http.client
import json
import os
import pathlib
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT

PATIENCE_S = 60


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _environment(directory: pathlib.Path, port: int) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    fonts = str(ROOT / "instance" / "fonts")
    return kept | {
        "PYTHONPATH": ".",
        "INSTANCE_DIR": str(directory),
        "PORT": str(port),
        "FONT_DIR": os.environ.get("FONT_DIR", fonts),
    }


@contextlib.contextmanager
def _started(directory: pathlib.Path, port: int, *words: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", *words],
        cwd=ROOT,
        env=_environment(directory, port),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def _get(port: int, path: str, token: str | None = None) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 -- our own server
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def _lines_until(process: subprocess.Popen[str], last: str) -> list[str]:
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if lines[-1] == last:
            return lines
    pytest.fail(f"ended after {lines}")


def _wait_until_ready(port: int) -> None:
    limit = time.monotonic() + PATIENCE_S
    while _get(port, "/readyz")[0] != 200:
        assert time.monotonic() < limit
        time.sleep(0.1)


def _nobody_listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture(scope="module")
def unread(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a service whose application nobody reaches."""
    port = _free_port()
    with _started(tmp_path_factory.mktemp("unread"), port, "serve", "--workers", "1") as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield port


def test_the_demo_prints_its_lines_serves_and_a_second_run_makes_nothing_anew(tmp_path: pathlib.Path) -> None:
    port = _free_port()
    runs, labels = [], []
    for _ in range(2):
        with _started(tmp_path, port, "demo") as process:
            lines = _lines_until(process, "ready")
            runs.append(lines)
            words = [line.split(" ") for line in lines]
            assert [word[0] for word in words] == ["page", "label", "docs", "key", "key", "key", "ready"]
            assert [word[1:3] for word in words[3:6]] == [["coop", "C01"], ["plant", "PL1"], ["officer", "379901101"]]
            label = pathlib.Path(words[1][1])
            assert label.read_bytes().startswith(b"\x89PNG")
            labels.append((label.stat().st_mtime_ns, label.read_bytes()))
            assert _get(port, words[0][1].split(str(port))[1])[0] == 200
            assert _get(port, "/v1/docs")[0] == 200
            for word in words[3:6]:
                assert _get(port, "/v1/lots?limit=1", word[3])[0] == 200
            _wait_until_ready(port)
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE_S) == 0
        assert _nobody_listens(port)
    assert runs[0] == runs[1]
    assert labels[0] == labels[1]
    assert stat.S_IMODE((tmp_path / "demo-keys.json").stat().st_mode) == 0o600
    with contextlib.closing(sqlite3.connect(tmp_path / "demo.db")) as database:
        assert database.execute("SELECT first_position, last_position FROM label_job").fetchall() == [(1, 1)]
        assert database.execute("SELECT count(*) FROM api_key").fetchone() == (3,)
    assert not (tmp_path / "chasu.db").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_upgrades_serves_and_ends_cleanly(tmp_path: pathlib.Path, number: signal.Signals) -> None:
    port = _free_port()
    with _started(tmp_path, port, "serve", "--workers", "1") as process:
        assert process.stdout is not None
        assert str(port) in process.stdout.readline()
        _wait_until_ready(port)
        assert json.loads(_get(port, "/readyz")[1])["parts"] == dict.fromkeys(
            ("database", "migrations", "keys", "worker"), "ok"
        )
        process.send_signal(number)
        assert process.wait(PATIENCE_S) == 0
    assert _nobody_listens(port)


def test_a_telephone_that_connects_and_says_nothing_keeps_nobody_waiting(tmp_path: pathlib.Path) -> None:
    port = _free_port()
    with _started(tmp_path, port, "serve", "--workers", "1") as process, contextlib.ExitStack() as silent:
        assert process.stdout is not None
        process.stdout.readline()
        for _ in range(6):  # as many as a browser opens to one host
            silent.enter_context(socket.create_connection(("127.0.0.1", port)))
        assert _get(port, "/healthz")[0] == 200


def test_what_is_too_large_is_refused_and_the_sender_reads_so(tmp_path: pathlib.Path) -> None:
    port = _free_port()
    with _started(tmp_path, port, "serve", "--workers", "1") as process:
        assert process.stdout is not None
        process.stdout.readline()
        for size in (6_000_000, 40_000_000):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
            connection.request("POST", "/v1/pickings", b"x" * size, {"Content-Type": "application/json"})
            assert connection.getresponse().status == 401
            connection.close()


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        ("/v1/lots?kind=" + "x" * 9000, {}, 414, "address-too-long"),
        ("/v1/lots", {"Accept-Language": "x" * 9000}, 431, "headers-too-large"),
        ("/v1/lots", {"X_Odd Name": "1"}, 400, "bad-request"),
        ("/v1/lots?kind=" + "x" * 7000, {}, 401, "unauthenticated"),
    ],
)
def test_what_is_no_request_is_refused_as_a_problem_too(
    unread: int, path: str, headers: dict[str, str], status: int, code: str
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", unread, timeout=PATIENCE_S)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("Content-Type")) == (status, "application/problem+json")
    assert answer.getheader("X-Content-Type-Options") == "nosniff"
    assert json.loads(answer.read())["code"] == code
    connection.close()


@pytest.mark.parametrize("sent", ["Transfer-Encoding: foo", "Expect: foo"])
def test_what_no_server_can_follow_is_refused_as_a_problem_too(unread: int, sent: str) -> None:
    assert answers_to(unread, f"GET /v1/lots HTTP/1.1\r\nHost: x\r\n{sent}\r\n\r\n") == [(400, "bad-request")]


@pytest.mark.parametrize("chunks", ["zz\r\n", "3\r\nabcdef\r\n", "3;=\r\nabc\r\n0\r\n\r\n"])
def test_after_a_broken_body_nothing_of_the_connection_is_read_as_a_request(unread: int, chunks: str) -> None:
    head = "POST /v1/pickings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked"
    hidden = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    assert answers_to(unread, f"{head}\r\n\r\n{chunks}{hidden}") == [(401, "unauthenticated")]


def answers_to(port: int, sent: str) -> list[tuple[int, str]]:
    """Send bytes as they are; return status and code of every answer until the server hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connection:
        connection.sendall(sent.encode())
        found = b"".join(iter(lambda: connection.recv(65_536), b""))
    parts = found.split(b"HTTP/1.1 ")[1:]
    return [(int(part[:3]), json.loads(part.partition(b"\r\n\r\n")[2])["code"]) for part in parts]


def test_when_the_master_is_killed_nobody_goes_on_and_the_port_is_soon_free(tmp_path: pathlib.Path) -> None:
    port = _free_port()
    with _started(tmp_path, port, "serve") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
        process.wait()
        limit = time.monotonic() + 5  # a server started anew tries its port for that long
        while not _nobody_listens(port):
            assert time.monotonic() < limit
            time.sleep(0.1)
