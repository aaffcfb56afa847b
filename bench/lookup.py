"""The page and the verdict behind a code beside a bare Flask greeting, under the same server.

    python -m bench.lookup [--rounds N] [--seconds N]

Two gunicorn servers with two sync workers each stand side by side; wrk, or a small loader where there is none, visits
each path in turn: one connection for the p50, sixteen for requests a second.
"""

import contextlib
import http.client
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bench.measure import arguments, judge, percentile, show

_ROOT = pathlib.Path(__file__).resolve().parent.parent
_HELLO = "from flask import Flask\napp = Flask(__name__)\n\n@app.get('/')\ndef hello():\n    return '你好，茶'\n"
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}
HELLO = "hello"


@dataclass(frozen=True)
class Visit:
    """One address with what is sent along."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


def _free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        port: int = opened.getsockname()[1]
        return port


@contextlib.contextmanager
def serving(app: str, folder: pathlib.Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Run gunicorn, sync, two workers, and yield its address."""
    address = environment.get("PUBLIC_URL") or f"http://127.0.0.1:{_free_port()}"
    command = [sys.executable, "-m", "gunicorn", "-w", "2", "-b", urlsplit(address).netloc, "--log-level", "error", app]
    server = subprocess.Popen(command, cwd=folder, env={**os.environ, "PYTHONPATH": str(folder), **environment})
    try:
        _await(address)
        yield address
    finally:
        server.terminate()
        server.wait(20)


def _await(address: str) -> None:
    where = urlsplit(address)
    for _ in range(300):
        with contextlib.suppress(OSError), socket.create_connection((where.hostname or "", where.port or 0), 1):
            return
        time.sleep(0.1)
    raise SystemExit(f"nothing listens on {address}")


def make_town(folder: pathlib.Path) -> tuple[dict[str, str], str]:
    """Load the demo town into a folder of its own; return the environment to serve it and the link of one label."""
    environment = {
        "INSTANCE_DIR": str(folder),
        "KEYS_DIR": str(folder / "keys"),
        "DATABASE_URL": f"sqlite:///{folder / 'bench.db'}",
        "PUBLIC_URL": f"http://127.0.0.1:{_free_port()}",
        "SPOOL_DIR": str(folder / "spool"),
    }
    fonts = _ROOT / "instance" / "fonts"
    if fonts.is_dir():
        (folder / "fonts").symlink_to(fonts)
    flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
    out = folder / "label.svg"
    commands = (
        ["db", "upgrade"],
        ["season", "load", str(_ROOT / "demo" / "demo-town.json")],
        ["labels", "print", "--pack", "PK001", "--count", "1", "--format", "svg", "--out", str(out), "--links"],
    )
    printed = ""
    for command in commands:
        done = subprocess.run(
            [*flask, *command],
            cwd=_ROOT,
            env={**os.environ, "PYTHONPATH": str(_ROOT), **environment},
            check=True,
            capture_output=True,
            text=True,
        )
        printed = done.stdout
    return environment, printed.split()[-1]


def check(visit: Visit) -> http.client.HTTPMessage:
    """Make sure that an address answers as expected, and return the headers."""
    where = urlsplit(visit.url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port)
    connection.request("GET", where.path or "/", headers=dict(visit.headers))
    answer = connection.getresponse()
    answer.read()
    assert answer.status == visit.status, (visit, answer.status)
    return answer.headers


def by_wrk(visit: Visit, connections: int, seconds: int) -> tuple[float, float]:
    """Return the p50 in seconds and the requests a second, by wrk."""
    headers = [part for name, value in visit.headers.items() for part in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", *headers, visit.url]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"50%\s+([\d.]+)(us|ms|s|m)\b", told)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    assert found, told
    assert rate, told
    return float(found[1]) * _UNITS[found[2]], float(rate[1])


def by_loader(visit: Visit, connections: int, seconds: int) -> tuple[float, float]:
    """Return the same by a loader of our own: a thread for each connection."""
    where, times = urlsplit(visit.url), list[float]()
    until = time.perf_counter() + seconds

    def visit_again() -> None:
        while time.perf_counter() < until:
            began = time.perf_counter()
            connection = http.client.HTTPConnection(where.hostname or "", where.port)
            connection.request("GET", where.path or "/", headers=dict(visit.headers))
            connection.getresponse().read()
            connection.close()
            times.append(time.perf_counter() - began)

    threads = [threading.Thread(target=visit_again) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return percentile(times, 50), len(times) / seconds


def measure(visits: Mapping[str, Visit], rounds: int, seconds: int) -> dict[str, tuple[list[float], list[float]]]:
    """Visit every address in turn and return p50s and rates, a figure for each round."""
    load = by_wrk if shutil.which("wrk") else by_loader
    found: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in visits}
    for visit in visits.values():
        load(visit, 4, 1)
    for _ in range(rounds):
        for name, visit in visits.items():
            found[name][0].append(load(visit, 1, seconds)[0])
            found[name][1].append(load(visit, 16, seconds)[1])
    return found


def _against(ours: Sequence[float], hello: Sequence[float]) -> float:
    return statistics.median(mine / its for mine, its in zip(ours, hello, strict=True))


def report(found: Mapping[str, tuple[list[float], list[float]]]) -> bool:
    """Print the table, and tell whether the bars are reached."""
    p50s, rates = found[HELLO]
    rows = [["", "p50 ms", "req/s", "x p50", "x req/s"]]
    for name, (times, each) in found.items():
        ratios = f"{_against(times, p50s):.2f}", f"{_against(each, rates):.2f}"
        rows.append([name, f"{statistics.median(times) * 1000:.2f}", f"{statistics.median(each):.0f}", *ratios])
    show(f"gunicorn sync, 2 workers, {os.cpu_count()} cores", rows)
    reached = True
    for name, share in (("page", 0.75), ("json", 0.65)):
        times, each = found[name]
        reached &= judge(f"{name}, p50 x hello", _against(times, p50s), 2.5, 1.5 if name == "page" else 1.6)
        reached &= judge(f"{name}, req/s x hello", _against(each, rates), 0.40, share, at_most=False)
    return judge("304, req/s x hello", _against(found["304"][1], rates), 0.6, 0.8, at_most=False) and reached


def main() -> None:
    """Serve both, measure, and fail when a bar is missed."""
    options = arguments(__doc__, rounds=5, seconds=3).parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "hello").mkdir()
        (folder / "town").mkdir()
        (folder / "hello" / "hello.py").write_text(_HELLO, encoding="utf-8")
        environment, link = make_town(folder / "town")
        with serving("wsgi:app", _ROOT, environment), serving("hello:app", folder / "hello", {}) as hello:
            page = {"Accept": "text/html", "Accept-Language": "zh"}
            tag = check(Visit(link, page))["ETag"]
            visits = {
                HELLO: Visit(f"{hello}/"),
                "page": Visit(link, page),
                "json": Visit(link, {"Accept": "application/json"}),
                "304": Visit(link, {**page, "If-None-Match": tag}, 304),
            }
            for visit in visits.values():
                check(visit)
            found = measure(visits, options.rounds, options.seconds)
    raise SystemExit(0 if report(found) else 1)


if __name__ == "__main__":
    main()
