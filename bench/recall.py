"""A recall beside the raw driver's own query, its codes beside a fetch of stored ones, and the whole day in one go.

    python -m bench.recall [--quick] [--lots N] [--keep DIR] [--url URL]

Scope: `find_scope` with its counts and buyers, from the plots whose leaf is in most units, the worst among them,
against one recursive query by the driver that brings lots, ranges and buyers of the same plot. Codes: the CSV of every
affected code, each computed, against a fetch of the same columns from a table with a row for each unit.
Day: over HTTP, from a failing result posted to recall, changed pages, workbook, list of buyers and notices.
"""

import argparse
import contextlib
import pathlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Engine, Integer, cast, insert, select, text, update
from sqlalchemy.orm import Session

from api.app import Api, create_app
from api.settings import read_settings
from api.state import set_state, state_of
from bench.measure import compare, in_turn, judge, ratio, ratio_of_pairs, show
from bench.season import asked_for, file_url, open_season
from bench.trace import raw_driver
from trace import clock
from trace.accounts import Role, create_key
from trace.db import Sessions
from trace.holds import RecalledLot
from trace.ids import gs1_check_digit
from trace.instance import get_instance
from trace.keys import KeyRing, KeyState, SerialKey
from trace.label_jobs import LabelJob
from trace.lots import Lot, LotKind
from trace.packs import Pack
from trace.parties import Brand, Party
from trace.products import TradeItem
from trace.recalling.codes import find_printed, write_codes
from trace.recalling.scope import Start, find_scope
from trace.serials import seal_many
from trace.shipments import Shipment
from trace.tables import metadata
from trace.units import UnitRange
from web import add_pages

OURS, RAW = "find_scope", "raw driver, lots and ranges"
CODES, FETCH = "codes as CSV", "raw fetch, a row for each unit"
KEY = SerialKey(id="A", state=KeyState.SIGNING, created_at=datetime(2026, 1, 1, tzinfo=UTC), secret=b"\1" * 32)
RING = KeyRing({"A": KEY})
_BUYERS, _ITEMS = 300, 20
_NET_G = 12  # sachets: so that the worst plot is in some 200,000 units
_ANY = {"sqlite": "IN (SELECT id FROM walk)", "postgresql": "= ANY(ARRAY(SELECT id FROM walk))"}
_WALK = """
WITH RECURSIVE walk(id) AS (
  SELECT l.id FROM lot l WHERE l.plot_id = {mark}
  UNION
  SELECT e.child_id FROM walk CROSS JOIN lineage_edge e WHERE e.parent_id = walk.id
)
"""
# As fast as we know how to ask it: lots, ranges and buyers, and nothing that is only for reading.
_BLOCKS = (
    _WALK
    + """
SELECT l.id, l.code, l.units, k.units, k.label_lot, u.first_position, u.last_position, u.fate, s.shipped_on, b.code
FROM lot l
LEFT JOIN pack k ON k.lot_id = l.id
LEFT JOIN unit_range u ON u.pack_id = k.id
LEFT JOIN shipment s ON s.event_id = u.event_id
LEFT JOIN party b ON b.id = s.buyer_id
WHERE l.id {any}
"""
)
_FETCH = (
    _WALK
    + """
SELECT t.gtin, k.label_lot, c.serial, c.position, l.code, c.fate, c.shipment, c.buyer
FROM lot l JOIN pack k ON k.lot_id = l.id JOIN trade_item t ON t.id = k.trade_item_id
JOIN bench_unit c ON c.pack_id = k.id
WHERE l.id {any}
"""
)


def gtin(row: int) -> str:
    """Return a GTIN-14 with its check digit."""
    body = f"0690{row:09}"
    return body + gs1_check_digit(body)


def fill_packs(engine: Engine) -> None:
    """Let every packed lot be a pack, printed whole, half of it shipped to two buyers, where none is yet."""
    with Session(engine) as session, session.begin():
        if session.scalar(select(Pack.id).limit(1)):
            return
        count_on(session)
        buyers = [
            {"code": f"BUY{row:04}", "name": f"买方 {row}", "kind": "buyer", "area_code": "379901"}
            for row in range(_BUYERS)
        ]
        session.execute(insert(Party), buyers)
        ids = list(session.scalars(select(Party.id).where(Party.kind == "buyer").order_by(Party.id)))
        session.execute(insert(Brand), [{"code": "B1", "name": "示例", "owner_id": 1}])
        brand = session.scalars(select(Brand.id)).one()
        items = [
            {"code": f"I{row}", "gtin": gtin(row), "brand_id": brand, "name": f"绿茶 {row}", "net_g": _NET_G}
            for row in range(_ITEMS)
        ]
        session.execute(insert(TradeItem), items)
        known = list(session.scalars(select(TradeItem.id)))
        by_sachet = Lot.initial_g / _NET_G
        session.execute(update(Lot).where(Lot.kind == LotKind.PACKED).values(units=cast(by_sachet, Integer)))
        packed = select(Lot.id, Lot.code, Lot.made_on, Lot.party_id, Lot.units).where(Lot.kind == LotKind.PACKED)
        lots = [row for row in session.execute(packed.order_by(Lot.id)) if row.units]
        _write_packs(session, lots, (known, ids))
        count_on(session)


def count_on(session: Session) -> None:
    """Let a server number on after rows that came with their numbers; SQLite does so by itself."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        if table.autoincrement_column is not None:
            name = table.name
            last = f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name} HAVING max(id) > 0"  # noqa: S608 -- tables of ours
            session.execute(text(last))


def _write_packs(session: Session, lots: Sequence[Any], known: tuple[Sequence[int], Sequence[int]]) -> None:
    packs: list[dict[str, Any]] = []
    ranges: list[dict[str, Any]] = []
    shipments: list[dict[str, Any]] = []
    jobs: list[dict[str, Any]] = []
    items, buyers = known
    for number, (lot, code, day, party, units) in enumerate(lots, start=1):
        made = {"id": number, "lot_id": lot, "trade_item_id": items[number % len(items)], "label_lot": code}
        made |= {"packed_on": day, "best_before": day, "units": units, "next_position": units + 1, "event_id": lot}
        packs.append(made)
        jobs.append(
            {
                "pack_id": number,
                "first_position": 1,
                "last_position": units,
                "key_id": "A",
                "created_at": KEY.created_at,
            }
        )
        half, quarter = units // 2, units // 4
        for place, (first, last) in enumerate(((1, quarter), (quarter + 1, half))):
            if first > last or (place and not quarter):
                continue
            # A season has an event for each lot; the shipments take those of leaf, which packs do not.
            event = len(shipments) + 1
            ranges.append(
                {
                    "pack_id": number,
                    "first_position": first,
                    "last_position": last,
                    "fate": "shipped",
                    "event_id": event,
                }
            )
            buyer = buyers[(number * 7 + place) % len(buyers)]
            sent = {"code": f"S{event}", "seller_id": party, "buyer_id": buyer, "shipped_on": day}
            shipments.append(
                {**sent, "units": last - first + 1, "mass_g": (last - first + 1) * _NET_G, "event_id": event}
            )
    for table, rows in ((Pack, packs), (LabelJob, jobs), (UnitRange, ranges), (Shipment, shipments)):
        for start in range(0, len(rows), 5_000):
            session.execute(insert(table), rows[start : start + 5_000])


def worst_plots(session: Session, count: int) -> list[int]:
    """Return the plots whose leaf is in most units, the worst first, of a sample of a thousand."""
    plots = list(session.scalars(select(Lot.plot_id).where(Lot.plot_id.is_not(None)).distinct().order_by(Lot.plot_id)))
    some = plots[:: max(1, len(plots) // 1000)]
    sized = sorted(((find_scope(session, Start.of_plot(plot)).units, plot) for plot in some if plot), reverse=True)
    print(f"worst plot of {len(some)}: {sized[0][0]:,} units; median {sized[len(sized) // 2][0]:,}")
    return [plot for _, plot in sized[:count]]


def ask(session: Session, plot: int) -> tuple[int, int, int]:
    """Return what a recall of a plot is asked for first: units, ranges with their buyers, holders of stock."""
    scope = find_scope(session, Start.of_plot(plot))
    return scope.units, sum(scope.counts.values()), len(scope.buyers)


def measure_scope(session: Session, options: argparse.Namespace) -> bool:
    """Run ours and the raw query in turn on the worst plots."""
    engine = session.get_bind().engine
    name = engine.dialect.name
    blocks = _BLOCKS.format(mark="?" if name == "sqlite" else "%s", any=_ANY[name])
    plots = worst_plots(session, options.plots)
    with raw_driver(engine) as run:
        for plot in plots[:5]:
            same = {row[0] for row in run(blocks, (plot,))}
            assert same == {lot.id for lot in find_scope(session, Start.of_plot(plot)).lots}
        subjects: dict[str, Callable[[int], object]] = {
            OURS: lambda plot: ask(session, plot),
            RAW: lambda plot: run(blocks, (plot,)),
        }
        found = in_turn(subjects, plots, rounds=options.rounds)
    show(f"recall from a plot on {name}, the {len(plots)} worst", compare(found, RAW))
    worst = ratio_of_pairs([one[:1] for one in found[OURS].wall], [one[:1] for one in found[RAW].wall])
    fast = judge(f"recall of the worst plot, {name}, x raw", worst, 3, 1.5)
    return judge(f"recall from a plot, {name}, p50 x raw", ratio(found[OURS], found[RAW], 50), 3, 1.5) and fast


@contextlib.contextmanager
def stored_codes(sessions: Sessions, plot: int) -> Iterator[None]:
    """Keep a row for each unit of one plot's packs, as a system would that stores codes."""
    engine = sessions.write.kw["bind"]
    with sessions.read() as session:
        instance, scope = get_instance(session).name, find_scope(session, Start.of_plot(plot))
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS bench_unit"))
        columns = "pack_id INTEGER, position INTEGER, serial VARCHAR(20), fate VARCHAR(20)"
        columns += ", shipment VARCHAR(40), buyer VARCHAR(60)"
        connection.execute(text(f"CREATE TABLE bench_unit ({columns}, PRIMARY KEY (pack_id, position))"))
        add = text("INSERT INTO bench_unit VALUES (:pack, :position, :serial, :fate, :shipment, :buyer)")
        for _, pack in scope.packs:
            rows = [
                {
                    "pack": pack.id,
                    "position": place,
                    "fate": one.fate.value,
                    "shipment": one.shipment,
                    "buyer": one.buyer and one.buyer.code,
                }
                for one in pack.stretches
                for place in range(one.first, one.last + 1)
            ]
            serials = seal_many(KEY, instance, pack.product.gtin or "", pack.id, range(1, pack.last + 1))
            connection.execute(add, [{**row, "serial": serial} for row, serial in zip(rows, serials, strict=True)])
    yield
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE bench_unit"))


def measure_codes(sessions: Sessions, plot: int, options: argparse.Namespace) -> bool:
    """Write every code of the worst plot as CSV, and fetch the same columns from a table of units, in turn."""
    engine = sessions.write.kw["bind"]
    name = engine.dialect.name
    fetch = _FETCH.format(mark="?" if name == "sqlite" else "%s", any=_ANY[name])
    with stored_codes(sessions, plot), sessions.read() as session, raw_driver(engine) as run:
        start = Start.of_plot(plot)

        def write() -> Iterator[str]:
            return write_codes(session, find_scope(session, start), find_printed(session, start, RING))

        lines = sum(part.count("\n") for part in write()) - 1
        assert lines == len(run(fetch, (plot,)))
        subjects: dict[str, Callable[[int], object]] = {
            CODES: lambda _: sum(map(len, write())),
            FETCH: lambda _: run(fetch, (plot,)),
        }
        found = in_turn(subjects, [plot], rounds=options.rounds)
    show(f"codes of the worst plot on {name}, {lines:,} codes", compare(found, FETCH))
    print(f"{lines / found[CODES].total():,.0f} codes/s, fetched {lines / found[FETCH].total():,.0f}/s")
    share = 1 / ratio_of_pairs(found[CODES].wall, found[FETCH].wall)
    return judge(f"codes as CSV, {name}, codes/s x raw fetch", share, 0.3, 0.6, at_most=False)


class FixedKeys:
    """The keys of the season, where an application looks for those of its folder."""

    def ring(self) -> KeyRing:
        """Return them."""
        return RING


def open_app(sessions: Sessions, folder: pathlib.Path) -> Api:
    """Return the application with its pages over the season."""
    url = sessions.write.kw["bind"].url.render_as_string(hide_password=False)
    settings = {"DATABASE_URL": url, "INSTANCE_DIR": str(folder), "RATE_LIMIT": "0", "SECRET_KEY": "of a bench; " * 4}
    app = create_app(read_settings(settings), sessions)
    set_state(app, replace(state_of(app), keys=FixedKeys()))  # type: ignore[arg-type]  # all that is asked of keys
    add_pages(app)
    return app


def choose_leaf(session: Session, plot: int) -> tuple[str, str, list[str]]:
    """Return the leaf of a plot that is in most units and in no recall yet: its code, its party's, links to scan."""
    taken = select(RecalledLot.lot_id)
    leaf = select(Lot.id, Lot.code, Party.code).join(Party, Party.id == Lot.party_id)
    rows = session.execute(leaf.where(Lot.plot_id == plot, Lot.id.not_in(taken))).all()
    sized = [(find_scope(session, Start.of_lots([id_])), code, party) for id_, code, party in rows]
    recalled = set(session.scalars(taken))
    fresh = [one for one in sized if not recalled.intersection(lot.id for lot in one[0].lots)]
    sized = fresh or sized  # a season kept from a run before has recalls of its own
    scope, code, party = max(sized, key=lambda one: one[0].units)
    instance = get_instance(session).name
    links = []
    for _, pack in scope.packs[:: max(1, len(scope.packs) // 100)]:
        serial = next(seal_many(KEY, instance, pack.product.gtin or "", pack.id, [1]))
        links.append(f"/01/{pack.product.gtin}/10/{pack.label_lot}/21/{serial}")
    return code, party, links


def measure_day(sessions: Sessions, plot: int, folder: pathlib.Path) -> bool:
    """Go from a failing result, posted over the API, to changed pages, workbook, codes, list of buyers and notices."""
    with sessions.write.begin() as session:
        lot, party, links = choose_leaf(session, plot)
        token = create_key(session, party, Role.PLANT)
    client, key = open_app(sessions, folder).test_client(), {"Authorization": f"Bearer {token}"}
    print(f"pages said: {', '.join(sorted({_verdict(client, link) for link in links}))}")
    now = clock.now().isoformat()
    took: dict[str, float] = {}
    begun = time.perf_counter()

    def step(name: str, status: int, ask: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        answer = ask()
        data = answer.data  # a stream is read to its end
        took[name] = (time.perf_counter() - started) * 1000
        assert answer.status_code == status, (name, data[:500])
        return answer

    report = {"lot": lot, "sampled_at": now, "reported_at": now, "purpose": "supervision"}
    report["items"] = [{"analyte": "吡虫啉", "value": "5.0", "unit": "mg/kg", "limit": "0.5"}]  # type: ignore[assignment]
    result = step(
        "failing result posted: lot and all of it held",
        201,
        lambda: client.post("/v1/results", json=report, headers=key),
    )
    body = {"lots": [lot], "level": 2, "known_at": now, "started_at": now, "result": result.json["code"]}
    recall = step(
        "recall started: every page changed", 201, lambda: client.post("/v1/recalls", json=body, headers=key)
    ).json
    path = f"/v1/recalls/{party}/{recall['code']}"
    scope = step("scope and buyers as JSON", 200, lambda: client.get(f"{path}/scope", headers=key)).json
    step("scope as a workbook", 200, lambda: client.get(f"{path}/scope?format=xlsx", headers=key))
    step("every code as CSV", 200, lambda: client.get(f"{path}/codes", headers=key))
    step("a notice to every buyer", 201, lambda: client.post(f"{path}/notices", json={}, headers=key))
    seen = {_verdict(client, link) for link in links}
    whole = (time.perf_counter() - begun) * 1000
    took[f"{len(links)} pages looked at"] = whole - sum(took.values())
    totals = scope["totals"]
    print(f"{totals['units']:,} units, {totals['packs']:,} packs, {totals['buyers']:,} buyers", flush=True)
    rows = [["", "ms", "share"], *([name, f"{ms:.0f}", f"{ms / whole:.2f}"] for name, ms in took.items())]
    show("from a failing result to changed pages, workbook and buyers", [*rows, ["all", f"{whole:.0f}", "1.00"]])
    print(f"pages say: {', '.join(sorted(seen))}")
    return seen == {"recalled"}


def _verdict(client: FlaskClient, link: str) -> str:
    told: Any = client.get(link, headers={"Accept": "application/json"}).json
    return str(told.get("verdict", told.get("code")))


def main() -> None:
    """Build or reuse the season, measure, and fail when a bar is missed."""
    with asked_for(__doc__, plots=60, rounds=6) as (options, folder, lots):
        url = options.url or file_url(folder, lots)
        sessions = open_season(url, lots)
        fill_packs(sessions.write.kw["bind"])
        with sessions.write.kw["bind"].connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
        with sessions.read() as session:
            reached = [measure_scope(session, options)]
            plot = worst_plots(session, 1)[0]
        reached.append(measure_codes(sessions, plot, options))
        reached.append(measure_day(sessions, plot, folder))
        sessions.dispose()
    raise SystemExit(0 if all(reached) else 1)


if __name__ == "__main__":
    main()
