"""What the doors of `/v1` cost: many pickings in one request, and the last page of a long list beside the first.

    python -m bench.doors [--pickings N] [--events N] [--rounds N] [--keep DIR]

Pickings: one request with all of them, beside a request for each, beside the driver writing the same rows (event,
salt, lot, two ledger lines) in one commit. Events: `GET /v1/events?limit=200` at the beginning and at the end.
"""

import hashlib
import itertools
import pathlib
import sqlite3
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient

from api.app import Api, create_app
from api.settings import read_settings
from bench.measure import arguments, compare, in_turn, judge, ratio, ratio_of_pairs, show
from bench.season import file_url, open_season
from trace.accounts import Role, create_key
from trace.db import Sessions, open_sessions
from trace.instance import found_instance
from trace.migrate import upgrade
from trace.season import load_season

_TOWN = pathlib.Path(__file__).resolve().parent.parent / "demo" / "demo-town.json"
_PAGE = 200
_SINGLE = 50  # of the pickings, how many are asked for one by one in a round
MANY, EACH, DRIVER = "one request", "a request each", "driver, one commit"


def application(url: str, folder: pathlib.Path, sessions: Sessions) -> Api:
    """Return the application over a database, without a limit on how often one may ask."""
    settings = {"DATABASE_URL": url, "INSTANCE_DIR": str(folder), "RATE_LIMIT": "0", "SECRET_KEY": "of a bench; " * 4}
    return create_app(read_settings(settings), sessions)


def open_town(folder: pathlib.Path) -> tuple[FlaskClient, dict[str, str], list[str]]:
    """Return a client over the demo town, the headers of a co-operative, and its plots."""
    url = f"sqlite:///{folder / 'town.db'}"
    sessions = open_sessions(url)
    upgrade(sessions.write.kw["bind"])
    with sessions.write.begin() as session:
        found_instance(session, "https://id.example.test")
        load_season(session, _TOWN.read_bytes())
        token = create_key(session, "C01", Role.COOP)
    client, key = application(url, folder, sessions).test_client(), {"Authorization": f"Bearer {token}"}
    plots = [plot["code"] for plot in ask(client, "/v1/plots?limit=200", key)["items"] if plot["cooperative"] == "C01"]
    return client, key, plots


def post_pickings(folder: pathlib.Path) -> Callable[[int, int], None]:
    """Return a function that posts so many pickings, so many to a request, into the demo town."""
    client, key, plots = open_town(folder)
    mass = {"value": "0.125", "unit": "kg"}
    when = (datetime.now(UTC) - timedelta(hours=2)).isoformat()

    def post(pickings: int, at_once: int) -> None:
        for _ in range(pickings // at_once):
            records = [
                {
                    "plot": plot,
                    "picked_at": when,
                    "mass": mass,
                    "pluck_standard": "一芽一叶",
                }
                for plot in itertools.islice(itertools.cycle(plots), at_once)
            ]
            answer = client.post("/v1/pickings", json=records, headers=key)
            assert answer.status_code == 201, answer.text

    return post


def anchor(path: pathlib.Path) -> Callable[[int], None]:
    """Return a function that writes the rows of so many pickings by the driver alone, in one commit."""
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in (
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "CREATE TABLE event (id INTEGER PRIMARY KEY, event_id TEXT UNIQUE, document BLOB, commitment BLOB)",
        "CREATE TABLE salt (event_id INTEGER PRIMARY KEY, salt BLOB)",
        "CREATE TABLE lot (id INTEGER PRIMARY KEY, code TEXT UNIQUE, uri TEXT UNIQUE, mass_g INTEGER)",
        "CREATE TABLE line (id INTEGER PRIMARY KEY, event_id INT, account TEXT, lot_id INT, amount INT)",
    ):
        connection.execute(statement)
    numbers, document, digest = itertools.count(1), b"x" * 900, hashlib.sha256(b"tea").digest()

    def write(pickings: int) -> None:
        rows = list(itertools.islice(numbers, pickings))
        connection.execute("BEGIN IMMEDIATE")
        events = [(row, f"ni:///{row:080}", document, digest) for row in rows]
        connection.executemany("INSERT INTO event VALUES (?, ?, ?, ?)", events)
        connection.executemany("INSERT INTO salt VALUES (?, ?)", [(row, digest) for row in rows])
        lots = [(row, f"N{row}", f"https://id.example.test/id/lot/C01/N{row}", 125) for row in rows]
        connection.executemany("INSERT INTO lot VALUES (?, ?, ?, ?)", lots)
        lines = [(row, account, lot, amount) for row in rows for account, lot, amount in _lines(row)]
        connection.executemany("INSERT INTO line (event_id, account, lot_id, amount) VALUES (?, ?, ?, ?)", lines)
        connection.execute("COMMIT")

    return write


def _lines(row: int) -> tuple[tuple[str, int | None, int], ...]:
    return ("grown", None, -125), ("lot", row, 125)


def measure_pickings(pickings: int, rounds: int) -> None:
    """Compare one request with many, and both with the driver; no bar is set."""
    with tempfile.TemporaryDirectory() as name:
        post, write = post_pickings(pathlib.Path(name)), anchor(pathlib.Path(name) / "anchor.db")
        subjects: dict[str, Callable[[int], object]] = {
            MANY: lambda count: post(count, count),
            EACH: lambda _: post(_SINGLE, 1),
            DRIVER: write,
        }
        found = in_turn(subjects, [pickings], rounds=rounds)
    counts = {MANY: pickings, EACH: _SINGLE, DRIVER: pickings}
    rows = [["", "pickings/s"], *([one, f"{counts[one] / timings.total():,.0f}"] for one, timings in found.items())]
    show(f"{pickings} pickings, SQLite, synchronous FULL", rows)
    more = ratio_of_pairs(found[EACH].wall, found[MANY].wall) * pickings / _SINGLE
    print(f"one request over a request each: {more:.1f} times as many pickings a second")
    print(f"one request: {1 / ratio_of_pairs(found[MANY].wall, found[DRIVER].wall):.3f} of the driver's")


def ask(client: FlaskClient, path: str, key: dict[str, str]) -> Any:
    """Return what a path answers."""
    answer = client.get(path, headers=key)
    assert answer.status_code == 200, answer.text
    return answer.json


def last_page(client: FlaskClient, path: str, key: dict[str, str]) -> tuple[str, int]:
    """Return the address of the last page and how many pages there are: `next` is the only way there."""
    here, pages = path, 1
    while token := ask(client, here, key)["next"]:
        here, pages = f"{path}&after={token}", pages + 1
    return here, pages


def measure_pages(events: int, rounds: int, keep: pathlib.Path | None) -> bool:
    """Compare the last page of a long record with the first."""
    with tempfile.TemporaryDirectory() as name:
        folder = keep or pathlib.Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        sessions = open_season(file_url(folder, events), events)
        with sessions.write.begin() as session:
            key = {"Authorization": f"Bearer {create_key(session, None, Role.OPERATOR)}"}
        client = application(file_url(folder, events), pathlib.Path(name), sessions).test_client()
        first = f"/v1/events?limit={_PAGE}"
        last, pages = last_page(client, first, key)
        subjects: dict[str, Callable[[None], object]] = {
            "first": lambda _: ask(client, first, key),
            "last": lambda _: ask(client, last, key),
        }
        events_there = len(ask(client, last, key)["items"]) + (pages - 1) * _PAGE
        found = in_turn(subjects, [None] * 50, rounds=rounds)
        sessions.dispose()
    show(f"a page of {events_there:,} events, {_PAGE} to a page", compare(found, "first"))
    return judge("last page over first, p50", ratio(found["last"], found["first"], 50), 2, 1.3)


def main() -> None:
    """Measure both, and fail when a bar is missed."""
    parser = arguments(__doc__, pickings=1000, events=1_000_000, rounds=5)
    parser.add_argument("--keep", type=pathlib.Path, help="keep the season in this folder and use it again")
    options = parser.parse_args()
    measure_pickings(options.pickings, options.rounds)
    raise SystemExit(0 if measure_pages(options.events, options.rounds, options.keep) else 1)


if __name__ == "__main__":
    main()
