"""One durable event by the domain function beside the driver's own commit for each event.

    python -m bench.record [--events N] [--rounds N] [--sources N] [--url URL]

Ours is `record`: lots locked and tried, document hashed and encoded, salt and commitment, ledger, lineage, stock. The
anchor inserts an event, a lot and its inputs by the driver. Both commit each event, on SQLite under the same
`synchronous`, with `--url` on one empty database of PostgreSQL.
"""

import argparse
import itertools
import pathlib
import sqlite3
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import psycopg
from sqlalchemy import event, make_url
from sqlalchemy.orm import Session

from bench.measure import arguments, in_turn, judge, ratio_of_pairs, show
from bench.season import ID_URL
from trace.db import Sessions, open_sessions
from trace.events import LIVE, NewEvent, documents, record
from trace.instance import Namespace, found_instance
from trace.lots import LotKind, OpenedLot, OpenLot, open_lots
from trace.migrate import upgrade
from trace.parties import Party

_NAMES = Namespace(ID_URL)
_WHEN = datetime(2026, 4, 20, 6, tzinfo=UTC)
_PLENTY_G = 10**12


def _open(session: Session, codes: list[str]) -> list[OpenedLot]:
    return open_lots(
        session,
        [
            OpenLot(
                code=code, uri=_NAMES.lot("PL1", code), party_id=1, kind=LotKind.RECEIVED, made_on=date(2026, 4, 20)
            )
            for code in codes
        ],
    )


def prepare(url: str, sources: int) -> Sessions:
    """Return sessions on a new database with a plant and lots to draw from."""
    sessions = open_sessions(url)
    upgrade(sessions.write.kw["bind"])
    codes = [f"S{number}" for number in range(sources)]
    with sessions.write.begin() as session:
        found_instance(session, ID_URL)
        session.add(Party(id=1, code="PL1", name="示例制茶厂", kind="plant", area_code="379901"))
        session.flush()
        _open(session, codes)
        made = [documents.Grams(_NAMES.lot("PL1", code), _PLENTY_G) for code in codes]
        document = documents.commissioning(_NAMES, when=_WHEN, made=made, extra={})
        record(session, [NewEvent(document=document, party_id=1, entry=LIVE)])
    return sessions


def ours(sessions: Sessions, sources: int) -> Callable[[int], None]:
    """Return a function that records so many events, each in a transaction of its own."""
    numbers = itertools.count()

    def run(events: int) -> None:
        for number in itertools.islice(numbers, events):
            with sessions.write.begin() as session:
                [lot] = _open(session, [f"N{number}"])
                taken = [documents.Grams(_NAMES.lot("PL1", f"S{source}"), 1000) for source in range(sources)]
                mixing = documents.Mixing(taken=taken, given=[documents.Grams(lot.uri, 1000 * sources)])
                document = documents.transformation(_NAMES, when=_WHEN, step="receiving", mixing=mixing, extra={})
                record(session, [NewEvent(document=document, party_id=1, entry=LIVE)])

    return run


_SQLITE_TABLES = (
    "CREATE TABLE event (id INTEGER PRIMARY KEY, event_id TEXT UNIQUE, document BLOB)",
    "CREATE TABLE lot (id INTEGER PRIMARY KEY, code TEXT UNIQUE, mass_g INTEGER)",
    "CREATE TABLE lot_input (child INT, parent INT, mass_g INT, PRIMARY KEY (child, parent)) WITHOUT ROWID",
)
_POSTGRES_TABLES = (
    "CREATE SCHEMA driver",
    "SET search_path TO driver",
    "CREATE TABLE event (id BIGINT PRIMARY KEY, event_id TEXT UNIQUE, document BYTEA)",
    "CREATE TABLE lot (id BIGINT PRIMARY KEY, code TEXT UNIQUE, mass_g BIGINT)",
    "CREATE TABLE lot_input (child BIGINT, parent BIGINT, mass_g BIGINT, PRIMARY KEY (child, parent))",
)
_ROWS = (
    "INSERT INTO event VALUES (?, ?, ?)",
    "INSERT INTO lot VALUES (?, ?, ?)",
    "INSERT INTO lot_input VALUES (?, ?, ?)",
)


def _insert(cursor: Any, rows: Sequence[str], number: int, sources: int) -> None:
    """Insert an event, a lot and its inputs by three statements."""
    cursor.execute(rows[0], (number, f"ni:///{number:080}", b"x" * 900))
    cursor.execute(rows[1], (number, f"N{number}", 1000 * sources))
    cursor.executemany(rows[2], [(number, source, 1000) for source in range(sources)])


def sqlite_anchor(path: pathlib.Path, synchronous: str, sources: int) -> Callable[[int], None]:
    """Return a function that commits an event, a lot and its inputs by the driver alone."""
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in ("PRAGMA journal_mode=WAL", f"PRAGMA synchronous={synchronous}", *_SQLITE_TABLES):
        connection.execute(statement)
    numbers = itertools.count(sources + 1)

    def run(events: int) -> None:
        for number in itertools.islice(numbers, events):
            connection.execute("BEGIN IMMEDIATE")
            _insert(connection, _ROWS, number, sources)
            connection.execute("COMMIT")

    return run


def postgres_anchor(url: str, sources: int) -> Callable[[int], None]:
    """Return the same on PostgreSQL, in a schema of its own."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg.connect(address)
    for statement in _POSTGRES_TABLES:
        connection.execute(statement.encode())
    connection.commit()
    rows = [sql.replace("?", "%s") for sql in _ROWS]
    numbers = itertools.count(sources + 1)

    def run(events: int) -> None:
        with connection.cursor() as cursor:
            for number in itertools.islice(numbers, events):
                _insert(cursor, rows, number, sources)
                connection.commit()

    return run


def compare(title: str, subjects: Mapping[str, Callable[[int], None]], events: int, rounds: int) -> float:
    """Show what each does in a second and return our share of the driver's."""
    found = in_turn(subjects, [events], rounds=rounds)
    rows = [["", "events/s", "CPU ms each"]]
    for name, timings in found.items():
        cpu = min(map(sum, timings.cpu)) / events
        rows.append([name, f"{events / timings.total():.0f}", f"{cpu * 1000:.3f}"])
    show(title, rows)
    return ratio_of_pairs(found["driver"].wall, found["record"].wall)


def on_sqlite(synchronous: str, options: argparse.Namespace) -> float:
    """Compare at one setting of `synchronous` and return our share of the driver's events a second."""
    with tempfile.TemporaryDirectory() as folder:
        sessions = prepare(f"sqlite:///{folder}/ours.db", options.sources)

        @event.listens_for(sessions.write.kw["bind"], "connect")
        def relax(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute(f"PRAGMA synchronous={synchronous}")

        sessions.dispose()
        subjects = {
            "record": ours(sessions, options.sources),
            "driver": sqlite_anchor(pathlib.Path(folder) / "driver.db", synchronous, options.sources),
        }
        title = f"an event with {options.sources} inputs, SQLite WAL {synchronous}"
        share = compare(title, subjects, options.events, options.rounds)
        sessions.dispose()
    return share


def on_postgres(options: argparse.Namespace) -> float:
    """Compare on an empty database and return our share of the driver's events a second."""
    sessions = prepare(options.url, options.sources)
    subjects = {
        "record": ours(sessions, options.sources),
        "driver": postgres_anchor(options.url, options.sources),
    }
    share = compare(f"an event with {options.sources} inputs, PostgreSQL", subjects, options.events, options.rounds)
    sessions.dispose()
    return share


def main() -> None:
    """Measure on SQLite, with the setting the bar names and with the one we run at, or on PostgreSQL."""
    parser = arguments(__doc__, events=300, rounds=5, sources=3)
    parser.add_argument("--url", help="this empty database of PostgreSQL instead of SQLite files")
    options = parser.parse_args()
    if options.url:
        judge("record, share of the driver's events a second", on_postgres(options), 0.25, 0.5, at_most=False)
        return
    for synchronous in ("NORMAL", "FULL"):
        share = on_sqlite(synchronous, options)
        judge(f"record, share of the driver's events a second, {synchronous}", share, 0.12, 0.3, at_most=False)


if __name__ == "__main__":
    main()
