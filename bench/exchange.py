"""What a spreadsheet costs: a dry run of many pickings, checked as they would be entered, with every fault told.

    python -m bench.exchange [--rows N] [--rounds N] [--single N]

A table of text is sent with `dry_run=true`, beside hand-written checks of the same columns with the driver writing the
rows in one commit (the limit, of which a share is told), and beside a schema, a look-up and a commit for each row
through SQLAlchemy. The same pickings as a workbook are beside openpyxl only reading them.
"""

import csv
import io
import itertools
import pathlib
import re
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import openpyxl  # type: ignore[import-untyped]  # of the tests and this bench alone
from flask.testing import FlaskClient
from marshmallow import Schema, fields, validate
from sqlalchemy import create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from api.workbooks import Column, Kind, Sheet, write_workbook
from bench.doors import open_town
from bench.measure import arguments, compare, in_turn, judge, ratio_of_pairs, show
from trace.clock import COUNTRY

_TOWN = pathlib.Path(__file__).resolve().parent.parent / "demo" / "demo-town.json"
_HEADER = ("code", "plot", "picked_at", "mass", "mass.unit", "pluck_standard", "weather", "pickers")
OURS, LIMIT, EACH, BOOK, OPENPYXL = "dry run", "limit", "a commit each", "workbook", "openpyxl reads"
Lines = Sequence[Sequence[str]]


def lines_of(rows: int, plots: Sequence[str]) -> Lines:
    """Return the lines of so many pickings."""
    when = (datetime.now(UTC).astimezone(COUNTRY) - timedelta(days=1)).replace(hour=6, minute=0)
    return [
        [
            *(f"N{number:06}", plot, f"{when + timedelta(seconds=number % 7200):%Y-%m-%d %H:%M}"),
            *(f"{12 + number % 90}.{number % 10}", "kg", "一芽一叶", "晴", str(1 + number % 9)),
        ]
        for number, plot in zip(range(rows), itertools.cycle(plots), strict=False)
    ]


def table_of(lines: Lines) -> bytes:
    """Return lines as a table of text."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows([_HEADER, *lines])
    return buffer.getvalue().encode()


def workbook_of(lines: Lines) -> bytes:
    """Return lines as a workbook, numbers as numbers and moments as such."""
    kinds = (Kind.TEXT, Kind.TEXT, Kind.MOMENT, Kind.NUMBER, Kind.TEXT, Kind.TEXT, Kind.TEXT, Kind.NUMBER)
    rows = [
        [code, plot, datetime.fromisoformat(when).replace(tzinfo=COUNTRY), Decimal(mass), *words, int(pickers)]
        for code, plot, when, mass, *words, pickers in lines
    ]
    sheet = Sheet("pickings", [Column(name, kind) for name, kind in zip(_HEADER, kinds, strict=True)], rows)
    with write_workbook([sheet]) as file:
        return file.read()


def send(client: FlaskClient, key: dict[str, str], rows: int) -> Callable[[bytes], None]:
    """Return a function that checks a file."""

    def check(file: bytes) -> None:
        answer = client.post("/v1/exchange/pickings?dry_run=true", data=file, headers=key)
        assert answer.status_code == 200, answer.text
        report: Any = answer.json
        assert (report["new"], report["errors"]) == (rows, [])

    return check


def _store(path: pathlib.Path, plots: Sequence[str]) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    columns = "id INTEGER PRIMARY KEY, code TEXT, plot_id INT, day TEXT, mass_g INT, standard TEXT, weather TEXT, n INT"
    for statement in (
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "CREATE TABLE plot (id INTEGER PRIMARY KEY, code TEXT UNIQUE)",
        f"CREATE TABLE picking ({columns})",
    ):
        connection.execute(statement)
    connection.executemany("INSERT INTO plot (code) VALUES (?)", [(plot,) for plot in plots])
    return connection


_INSERT = "INSERT INTO picking (code, plot_id, day, mass_g, standard, weather, n) VALUES (?, ?, ?, ?, ?, ?, ?)"
_CODE, _NUMBER = re.compile(r"[0-9A-Za-z.\-]{1,40}"), re.compile(r"1[3-9]\d{9}|\d{17}[\dXx]")
_GRAMS = {"kg": 1000, "jin": 500, "g": 1}


def limit(connection: sqlite3.Connection) -> Callable[[bytes], None]:
    """Return a function that checks a table by hand and writes it by the driver, in one commit."""

    def write(file: bytes) -> None:
        plots, known = dict(connection.execute("SELECT code, id FROM plot")), set[str]()
        rows, now = [], datetime.now(UTC)
        lines = csv.reader(io.StringIO(file.decode(), newline=""))
        next(lines)
        for code, plot, when, mass, unit, standard, weather, pickers in lines:
            grams = Decimal(mass) * _GRAMS[unit]
            wrong = not _CODE.fullmatch(code) or code in known or plot not in plots or not 0 < grams == int(grams)
            wrong |= not standard or len(standard) > 60 or len(weather) > 60 or not 1 <= int(pickers) <= 10_000
            wrong |= datetime.fromisoformat(when).replace(tzinfo=COUNTRY) > now
            wrong |= bool(_NUMBER.search(standard) or _NUMBER.search(weather))
            assert not wrong
            known.add(code)
            rows.append((code, plots[plot], when, int(grams), standard, weather, int(pickers)))
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM picking")
        connection.executemany(_INSERT, rows)
        connection.execute("COMMIT")

    return write


class _PickingSchema(Schema):
    code = fields.String(required=True, validate=validate.Length(1, 40))
    plot = fields.String(required=True)
    picked_at = fields.NaiveDateTime(required=True, format="%Y-%m-%d %H:%M")
    mass = fields.Decimal(required=True)
    unit = fields.String(required=True, validate=validate.OneOf(["kg", "jin", "g"]))
    pluck_standard = fields.String(required=True, validate=validate.Length(1, 60))
    weather = fields.String(validate=validate.Length(1, 60))
    pickers = fields.Integer(validate=validate.Range(1, 10_000))


class _Rows(DeclarativeBase):
    """The limit's tables, as classes."""


class _Plot(_Rows):
    """A plot."""

    __tablename__ = "plot"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]


class _Picking(_Rows):
    """A picking."""

    __tablename__ = "picking"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    plot_id: Mapped[int]
    day: Mapped[str]
    mass_g: Mapped[int]
    standard: Mapped[str]
    weather: Mapped[str]
    n: Mapped[int]


def each(path: pathlib.Path, lines: Lines) -> Callable[[bytes], None]:
    """Return a function that takes some lines one by one, as SQLAlchemy's users do: a schema, a look-up, a commit."""
    schema, names = _PickingSchema(), [name.replace("mass.unit", "unit") for name in _HEADER]
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA synchronous=FULL")  # the file is in WAL mode already

    def write(_file: bytes) -> None:
        for line in lines:
            found: Any = schema.load(dict(zip(names, line, strict=True)))
            with Session(engine) as session, session.begin():
                plot = session.scalars(select(_Plot).where(_Plot.code == found["plot"])).one()
                picking = _Picking(code=found["code"], plot_id=plot.id, day=found["picked_at"].isoformat())
                picking.mass_g, picking.standard = int(found["mass"] * 1000), found["pluck_standard"]
                picking.weather, picking.n = found["weather"], found["pickers"]
                session.add(picking)

    return write


def read_by_openpyxl(file: bytes) -> None:
    """Read every row of a workbook and do nothing with it."""
    for _ in openpyxl.load_workbook(io.BytesIO(file), read_only=True).worksheets[0].iter_rows(values_only=True):
        pass


def measure(rows: int, rounds: int, single: int) -> bool:
    """Compare them, and return whether every bar is reached."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        client, key, plots = open_town(folder)
        lines, check = lines_of(rows, plots), send(client, key, rows)
        connection = _store(folder / "limit.db", plots)
        ways: dict[str, Callable[[bytes], object]] = {
            OURS: check,
            LIMIT: limit(connection),
            EACH: each(folder / "limit.db", lines[:single]),
        }
        tables = in_turn(ways, [table_of(lines)], rounds=rounds)
        books = in_turn({BOOK: check, OPENPYXL: read_by_openpyxl}, [workbook_of(lines)], rounds=rounds)
    show(f"a table of {rows:,} pickings ({EACH}: {single})", compare(tables, LIMIT))
    share = 1 / ratio_of_pairs(tables[OURS].wall, tables[LIMIT].wall)
    times = ratio_of_pairs(tables[EACH].wall, tables[OURS].wall) * rows / single
    show(f"a workbook of {rows:,} pickings", compare(books, OPENPYXL))
    faster = 1 / ratio_of_pairs(books[BOOK].wall, books[OPENPYXL].wall)
    reached = [
        judge("dry run of a table, share of the limit", share, 0.12, 0.25, at_most=False),
        judge("dry run of a table, times a commit each", times, 10, 20, at_most=False),
        judge("dry run of a workbook, times openpyxl reading alone", faster, 1, 3, at_most=False),
    ]
    return all(reached)


def main() -> None:
    """Measure, and fail when a bar is missed."""
    options = arguments(__doc__, rows=20_000, rounds=5, single=500).parse_args()
    raise SystemExit(0 if measure(options.rows, options.rounds, options.single) else 1)


if __name__ == "__main__":
    main()
