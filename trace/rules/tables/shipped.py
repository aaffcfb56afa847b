"""The first editions, as they are shipped in `trace/data/tables/`: a file for each table, in the columns of its shape.

A shipped file is never changed once it was released: what was judged by it must be judged so again. A table that
changes is entered as a new edition.
"""

import csv
import functools
import pathlib
from datetime import date

from trace.rules.tables.editions import Edition, Tables
from trace.rules.tables.shapes import SHAPES, Shape, read_rows

LABEL = "2026-11"
SINCE = date(1980, 1, 1)  # before any record; rows have days of their own
SOURCE = "shipped with the program; each row names its own source"
_FOLDER = pathlib.Path(__file__).resolve().parent.parent.parent / "data" / "tables"


@functools.cache
def shipped_editions() -> dict[str, Edition]:
    """Return the first edition of every table."""
    return {name: _read(shape) for name, shape in SHAPES.items()}


@functools.cache
def shipped_tables() -> Tables:
    """Return the tables of a database into which nobody entered an edition."""
    return Tables({name: (edition,) for name, edition in shipped_editions().items()})


def _read(shape: Shape) -> Edition:
    with (_FOLDER / f"{shape.name}.csv").open(encoding="utf-8", newline="") as file:
        rows, faults = read_rows(shape, list(csv.DictReader(file)))
    if faults:
        raise ValueError(f"{shape.name}: {faults}")  # a shipped file is wrong: tests/trace/rules/test_tables.py
    return Edition(shape.name, LABEL, SINCE, SOURCE, tuple(rows))
