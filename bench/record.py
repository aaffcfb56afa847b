"""One durable event by the domain function beside the driver's own commit for each event, on SQLite.

    python -m bench.record [--events N] [--rounds N] [--sources N]

Ours is `record`: lots locked and tried, document hashed and encoded, salt and commitment, ledger, lineage, stock. The
anchor inserts an event, a lot and its inputs by the driver. Both commit each event, under the same `synchronous`.
"""

import itertools
import pathlib
import sqlite3
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime

from sqlalchemy import event
from sqlalchemy.orm import Session

from bench.measure import arguments, in_turn, judge, ratio_of_pairs, show
from bench.season import ID_URL
from trace.db import Sessions, open_sessions
from trace.events import LIVE, NewEvent, documents, record
from trace.instance import Namespace, found_instance
from trace.lots import Lot, LotKind, OpenLot, open_lots
from trace.migrate import upgrade
from trace.parties import Party

_NAMES = Namespace(ID_URL)
_WHEN = datetime(2026, 4, 20, 6, tzinfo=UTC)
_PLENTY_G = 10**12


def _open(session: Session, codes: list[str]) -> list[Lot]:
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


def anchor(path: pathlib.Path, synchronous: str, sources: int) -> Callable[[int], None]:
    """Return a function that commits an event, a lot and its inputs by the driver alone."""
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in (
        "PRAGMA journal_mode=WAL",
        f"PRAGMA synchronous={synchronous}",
        "CREATE TABLE event (id INTEGER PRIMARY KEY, event_id TEXT UNIQUE, document BLOB)",
        "CREATE TABLE lot (id INTEGER PRIMARY KEY, code TEXT UNIQUE, mass_g INTEGER)",
        "CREATE TABLE lot_input (child INT, parent INT, mass_g INT, PRIMARY KEY (child, parent)) WITHOUT ROWID",
    ):
        connection.execute(statement)
    numbers = itertools.count(sources + 1)
    document = b"x" * 900

    def run(events: int) -> None:
        for number in itertools.islice(numbers, events):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO event VALUES (?, ?, ?)", (number, f"ni:///{number:080}", document))
            connection.execute("INSERT INTO lot VALUES (?, ?, ?)", (number, f"N{number}", 1000 * sources))
            inputs = [(number, source, 1000) for source in range(sources)]
            connection.executemany("INSERT INTO lot_input VALUES (?, ?, ?)", inputs)
            connection.execute("COMMIT")

    return run


def measure(synchronous: str, sources: int, events: int, rounds: int) -> float:
    """Compare at one setting of `synchronous` and return our share of the anchor's events a second."""
    with tempfile.TemporaryDirectory() as folder:
        sessions = prepare(f"sqlite:///{folder}/ours.db", sources)

        @event.listens_for(sessions.write.kw["bind"], "connect")
        def relax(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute(f"PRAGMA synchronous={synchronous}")

        sessions.dispose()
        subjects = {
            "record": ours(sessions, sources),
            "driver": anchor(pathlib.Path(folder) / "anchor.db", synchronous, sources),
        }
        found = in_turn(subjects, [events], rounds=rounds)
        sessions.dispose()
    rows = [["", "events/s", "CPU ms each"]]
    for name, timings in found.items():
        cpu = min(map(sum, timings.cpu)) / events
        rows.append([name, f"{events / timings.total():.0f}", f"{cpu * 1000:.3f}"])
    show(f"an event with {sources} inputs, SQLite WAL {synchronous}", rows)
    return ratio_of_pairs(found["driver"].wall, found["record"].wall)


def main() -> None:
    """Measure with the setting the bar names and with the one we run at."""
    options = arguments(__doc__, events=300, rounds=5, sources=3).parse_args()
    share = measure("NORMAL", options.sources, options.events, options.rounds)
    judge("record, share of the driver's events a second, NORMAL", share, 0.12, 0.3, at_most=False)
    share = measure("FULL", options.sources, options.events, options.rounds)
    judge("record, share of the driver's events a second, FULL", share, 0.12, 0.3, at_most=False)


if __name__ == "__main__":
    main()
