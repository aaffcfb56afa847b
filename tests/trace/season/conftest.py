"""Fixtures: the demo town as a tree, the rice town, and one database with four seasons side by side."""

import json
import os
import pathlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conftest import ROOT, new_database, prepare
from tests.trace.season.towns import DEMO_FINDINGS, Expected, Town, dump, next_season, other_season, repair, shift_days
from trace.db import Sessions
from trace.season import Loaded, load_season


@pytest.fixture(scope="session")
def demo_tree(demo_town: bytes) -> Town:
    """The demo town as JSON reads it. Copy it before changing anything."""
    tree: dict[str, Any] = json.loads(demo_town)
    return tree


@pytest.fixture(scope="session")
def rice_town() -> bytes:
    """The rice town's season file."""
    return (ROOT / "demo" / "rice-town.json").read_bytes()


@pytest.fixture(scope="session")
def proof_size() -> int:
    """How many cases a long proof tries: few here, many in `make prove`."""
    return 1000 if os.environ.get("CHASU_PROVE") == "full" else 25


@dataclass(frozen=True)
class Told:
    """A season in the shared database: its file, what must be found, what the load answered."""

    town: Town
    expected: Expected
    answer: Loaded


@dataclass(frozen=True)
class Side:
    """Seasons side by side in one database."""

    sessions: Sessions
    demo: Told
    other: Told
    later: Told
    mended: Told


def _load(sessions: Sessions, town: Town, expected: Expected) -> Told:
    with sessions.write.begin() as session:
        return Told(town, expected, load_season(session, dump(town)))


@pytest.fixture(scope="session")
def side_by_side(
    database_base: str | None, tmp_path_factory: pytest.TempPathFactory, demo_tree: Town
) -> Iterator[Side]:
    """The demo town, another town, a later season of the demo town, and the demo town mended: in one database."""
    mended = repair(demo_tree)
    mended["town"]["season"] = "2023 春茶"
    shift_days(mended, weeks=-156)
    for url in new_database(database_base, pathlib.Path(tmp_path_factory.mktemp("side"))):
        sessions = prepare(url)
        yield Side(
            sessions,
            _load(sessions, demo_tree, DEMO_FINDINGS),
            _load(sessions, *other_season(demo_tree, 7)),
            _load(sessions, *next_season(demo_tree, 2)),
            _load(sessions, mended, set()),
        )
        sessions.dispose()
