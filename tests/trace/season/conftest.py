"""Fixtures: the demo town as a tree, the rice town, and one database with four seasons side by side."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.databases import MakeSessions
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
def side_by_side(make_sessions: MakeSessions, demo_tree: Town) -> Side:
    """The demo town, another town, a later season of the demo town, and the demo town mended: in one database."""
    mended = repair(demo_tree)
    mended["town"]["season"] = "2024 春茶"
    shift_days(mended, weeks=-104)
    sessions = make_sessions()
    return Side(
        sessions,
        _load(sessions, demo_tree, DEMO_FINDINGS),
        _load(sessions, *other_season(demo_tree, 7)),
        _load(sessions, *next_season(demo_tree, 2)),
        _load(sessions, mended, set()),
    )
