"""A season of any size, written in bulk into the real tables, in the shape of a city's tea.

Four fifths of the lots are pickings. Two thirds of the leaf becomes small lots of one run, the rest is blended, and one
blend in six takes earlier blends: half the packs have hundreds of lots behind them, some thousands, at any size.
"""

import argparse
import json
import os
import pathlib
import random
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, insert, literal, select, update

from bench.measure import arguments
from trace.db import Sessions, UTCDateTime, open_sessions
from trace.events.tables import Event, EventPosition, Sequencer
from trace.instance import Namespace, found_instance
from trace.lineage import LineageEdge
from trace.lots import Lot, LotKind
from trace.migrate import upgrade
from trace.parties import Party
from trace.places import Plot, PlotVersion, Village

ID_URL = "https://id.example.test"
_NAMES = Namespace(ID_URL)
_FIRST_DAY = date(2026, 3, 20)
# How many of a thousand lots are of each sort, and of how many it is made.
_PER_THOUSAND = {"leaf": 800, "received": 60, "made": 45, "small": 25, "blend": 6, "packed": 70}
_PLANTS, _COOPERATIVES, _VILLAGES, _LOTS_PER_PLOT = 40, 200, 120, 16
_NEARBY = 600  # a blend takes from lots made at about the same time
_EVENT_COLUMNS = (
    *("id", "event_id", "declares_error", "type", "biz_step", "event_time", "utc_offset", "recorded_at"),
    *("mode", "party_id", "document", "commitment"),
)
_LOT_COLUMNS = (
    *("id", "code", "uri", "party_id", "kind", "made_on", "initial_g", "mass_g", "entered_g"),
    *("units", "grade", "crop", "product_kind", "plot_id", "revision"),
)


@dataclass
class Chain:
    """The lots of a season by number; `inputs` holds for each lot (lot, grams)."""

    kinds: list[LotKind] = field(default_factory=list)
    initial_g: list[int] = field(default_factory=list)
    left_g: list[int] = field(default_factory=list)
    inputs: dict[int, list[tuple[int, int]]] = field(default_factory=dict)

    def grow(self, mass_g: int) -> int:
        """Add a picking and return its number."""
        return self._add(LotKind.LEAF, mass_g)

    def make(self, kind: LotKind, parents: Iterable[int], part: float, given: float) -> int:
        """Draw a part of what each parent had at first and return the number of the lot made."""
        drawn = []
        for parent in dict.fromkeys(parents):
            mass_g = min(self.left_g[parent], max(1, int(self.initial_g[parent] * part)))
            if mass_g:
                self.left_g[parent] -= mass_g
                drawn.append((parent, mass_g))
        number = self._add(kind, max(1, int(sum(mass_g for _, mass_g in drawn) * given)))
        self.inputs[number] = drawn
        return number

    def _add(self, kind: LotKind, mass_g: int) -> int:
        self.kinds.append(kind)
        self.initial_g.append(mass_g)
        self.left_g.append(mass_g)
        return len(self.kinds) - 1


def make_chain(lots: int, seed: int = 7) -> Chain:
    """Make about so many lots, always the same ones."""
    chance, chain = random.Random(seed), Chain()  # noqa: S311 -- the same season each time, no secret
    count = {name: max(1, lots * share // 1000) for name, share in _PER_THOUSAND.items()}
    leaf = [chain.grow(chance.randrange(4_000, 60_000)) for _ in range(count["leaf"])]
    received, place = [], 0
    per_intake = count["leaf"] / count["received"]
    while place < len(leaf):
        size = max(1, round(chance.gauss(per_intake, per_intake / 3)))
        received.append(chain.make(LotKind.RECEIVED, leaf[place : place + size], 1.0, 0.99))
        place += size
    made = []
    for number in range(count["made"]):
        first = number * len(received) // count["made"]
        parents = received[first : first + chance.choice((1, 2, 2))]
        made.append(chain.make(LotKind.MADE, parents, 0.5, 0.23))
    small, blended = made[: len(made) * 2 // 3], made[len(made) * 2 // 3 :]
    finished = [chain.make(LotKind.FINISHED, [lot], 1.0, 0.97) for lot in small[: count["small"]]]
    blends: list[int] = []
    plain: list[int] = []  # those of made tea alone
    for number in range(count["blend"]):
        parents = _nearby(chance, blended, number / count["blend"], max(1, int(chance.lognormvariate(3.6, 0.45))))
        again = bool(plain) and not number % 6
        blend = chain.make(LotKind.FINISHED, [*parents, *(_nearby(chance, plain, 1.0, 2) if again else ())], 0.02, 0.95)
        blends.append(blend)
        if not again:
            plain.append(blend)
    packs = [chain.make(LotKind.PACKED, [lot], 0.9, 0.98) for lot in finished]
    while len(packs) < count["packed"]:
        packs.append(chain.make(LotKind.PACKED, [chance.choice(blends)], 0.05, 0.98))
    return chain


def _nearby(chance: random.Random, lots: Sequence[int], where: float, count: int) -> list[int]:
    start = int(where * max(0, len(lots) - _NEARBY))
    window = lots[start : start + _NEARBY]
    return chance.sample(window, min(count, len(window)))


def _day(number: int, total: int) -> date:
    return _FIRST_DAY + timedelta(days=number * 180 // total)


def _parties() -> list[dict[str, Any]]:
    kinds = [("coop", "C", _COOPERATIVES), ("plant", "PL", _PLANTS)]
    names = [(kind, f"{letter}{number:04}") for kind, letter, count in kinds for number in range(count)]
    return [
        {"id": row, "code": code, "name": f"茶 {code}", "kind": kind, "area_code": "379901"}
        for row, (kind, code) in enumerate(names, start=1)
    ]


def _villages() -> list[dict[str, Any]]:
    return [{"id": row, "code": f"379901101{row:03}", "name": f"村 {row}"} for row in range(1, _VILLAGES + 1)]


def _plots(count: int) -> list[dict[str, Any]]:
    outline = {"type": "Polygon", "coordinates": [[[119.5, 35.4], [119.51, 35.4], [119.51, 35.41], [119.5, 35.4]]]}
    return [
        {
            "id": row,
            "code": f"379901101-{row:06}",
            "village_id": row % _VILLAGES + 1,
            "cooperative_id": row % _COOPERATIVES + 1,
            "cultivar": "群体种",
            "area_mu": "2.5",
            "area_m2": 1666.7,
            "crs": "WGS-84",
            "outline": outline,
        }
        for row in range(1, count + 1)
    ]


def _party_of(chain: Chain, number: int) -> int:
    plot = number // _LOTS_PER_PLOT + 1
    if chain.kinds[number] is LotKind.LEAF:
        return plot % _COOPERATIVES + 1
    return _COOPERATIVES + 1 + number % _PLANTS


def _lot_rows(chain: Chain, codes: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    total = len(chain.kinds)
    for number, kind in enumerate(chain.kinds):
        party = _party_of(chain, number)
        code = f"L{number:07}"
        plot = number // _LOTS_PER_PLOT + 1 if kind is LotKind.LEAF else None
        units = chain.initial_g[number] // 125 if kind is LotKind.PACKED else None
        entered_g = sum(mass_g for _, mass_g in chain.inputs.get(number, ()))
        masses = chain.initial_g[number], chain.left_g[number], entered_g
        uri = _NAMES.lot(codes[party - 1], code)
        row = (number + 1, code, uri, party, kind.value, _day(number, total).isoformat(), *masses, units)
        yield *row, "一级", "茶鲜叶", "绿茶", plot, 1


def _event_rows(chain: Chain, moment: Callable[[date], object]) -> Iterator[tuple[Any, ...]]:
    """Yield one event for each lot, with a document of the usual size."""
    total = len(chain.kinds)
    quantity = {"epcClass": _NAMES.lot("C0001", "L0000000"), "quantity": 25000, "uom": "GRM"}
    for number, kind in enumerate(chain.kinds):
        name = "ObjectEvent" if kind is LotKind.LEAF else "TransformationEvent"
        parts = [quantity] * (1 + len(chain.inputs.get(number, ())))
        document = json.dumps({"@context": [ID_URL], "type": name, "quantityList": parts}).encode().ljust(700)
        event_id = f"ni:///sha-256;{number:064x}?ver=CBV2.0"
        when = moment(_day(number, total))
        row = (number + 1, event_id, False, name, "commissioning", when, "+08:00", when, "history")
        yield *row, _party_of(chain, number), document, b"\0" * 32


def _edge_rows(chain: Chain) -> Iterator[tuple[int, int, int, int]]:
    for child, drawn in chain.inputs.items():
        for parent, mass_g in drawn:
            yield child + 1, parent + 1, child + 1, mass_g


def _write(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows as fast as the driver can."""
    cursor: Any = connection.connection.cursor()
    names = ", ".join(columns)
    if connection.dialect.name == "postgresql":
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join("?" * len(columns))
    cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608 -- names of ours


def fill(engine: Engine, chain: Chain) -> None:
    """Write a season into migrated, empty tables."""
    parties = _parties()
    plots = sum(kind is LotKind.LEAF for kind in chain.kinds) // _LOTS_PER_PLOT + 1
    codes = [party["code"] for party in parties]
    with engine.begin() as connection:
        connection.execute(insert(Party), parties)
        connection.execute(insert(Village), _villages())
        connection.execute(insert(Plot), _plots(plots))
        same = (Plot.cultivar, Plot.area_mu, Plot.area_m2, Plot.outline)
        first = select(Plot.id, *same, literal(datetime(2026, 1, 1, tzinfo=UTC), UTCDateTime()))
        names = ["plot_id", *(column.key for column in same), "recorded_at"]
        connection.execute(insert(PlotVersion).from_select(names, first))
        aware = connection.dialect.name == "postgresql"

        def moment(day: date) -> object:
            when = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
            return when if aware else when.strftime("%Y-%m-%d %H:%M:%S.000000")

        _write(connection, Event.__tablename__, _EVENT_COLUMNS, _event_rows(chain, moment))
        _write(connection, Lot.__tablename__, _LOT_COLUMNS, _lot_rows(chain, codes))
        columns = ("child_id", "parent_id", "event_id", "mass_g")
        _write(connection, LineageEdge.__tablename__, columns, _edge_rows(chain))
        placed = insert(EventPosition).from_select(["position", "event_id"], select(Event.id, Event.id))
        connection.execute(placed)
        connection.execute(update(Sequencer).values(last_position=len(chain.kinds)))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def open_season(url: str, lots: int) -> Sessions:
    """Return sessions on a database with a season of so many lots, writing it if the database has none."""
    sessions = open_sessions(url)
    engine = sessions.write.kw["bind"]
    upgrade(engine)
    with sessions.write.begin() as session:
        found_instance(session, ID_URL)
        empty = session.get(Lot, 1) is None
    if empty:
        fill(engine, make_chain(lots))
    return sessions


def file_url(folder: pathlib.Path, lots: int) -> str:
    """Return the address of the file that holds a season of so many lots."""
    return f"sqlite:///{folder / f'season-{lots}.db'}"


@contextmanager
def asked_for(description: str | None, **defaults: int) -> Iterator[tuple[argparse.Namespace, pathlib.Path, int]]:
    """Yield the options of a bench on a large season, the folder that keeps it, and how many lots it has."""
    parser = arguments(description, lots=1_000_000, **defaults)
    parser.add_argument("--quick", action="store_true", help="a season of 50,000 lots")
    parser.add_argument("--keep", type=pathlib.Path, help="keep what is built in this folder and use it again")
    parser.add_argument("--url", help="write the season into this empty database instead of a SQLite file")
    options = parser.parse_args()
    lots = 50_000 if options.quick else options.lots
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        print(f"{os.cpu_count()} cores, {lots:,} lots")
        yield options, folder, lots
