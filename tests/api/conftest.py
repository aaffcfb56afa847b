"""Fixtures: an application over the demo town that tests only read, one over an empty database, and callers."""

import os
import pathlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.app import Api, create_app
from api.settings import Settings, read_settings
from tests.api.doors import Doors, open_doors
from tests.conftest import ROOT, new_database, prepare
from trace.accounts import Role, create_key
from trace.db import Sessions
from trace.events.sequencer import sequence_events
from trace.season import load_season

CALLERS = {
    "coop": (Role.COOP, "C01"),
    "other coop": (Role.COOP, "C02"),
    "plant": (Role.PLANT, "PL1"),
    "recall owner": (Role.PLANT, "PL3"),
    "officer": (Role.OFFICER, "379901101"),
    "laboratory": (Role.LABORATORY, "LAB-2"),
    "auditor": (Role.AUDITOR, "379901101"),
    "operator": (Role.OPERATOR, None),
}


@dataclass
class Asking:
    """A client that asks as one of the callers."""

    client: FlaskClient
    tokens: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, path: str, caller: str = "operator", **headers: str) -> TestResponse:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, headers={"Authorization": f"Bearer {self.tokens[caller]}", **given})

    def codes(self, path: str, caller: str) -> set[str]:
        """Return the codes of all records in a list, over all its pages."""
        found: set[str] = set()
        address: str | None = path
        while address:
            answer = self(address, caller)
            assert answer.status_code == 200, answer.text
            found |= {str(item["code"]) for item in answer.json["items"]}
            token = answer.json["next"]
            address = f"{path}{'&' if '?' in path else '?'}after={token}" if token else None
        return found


def settings_for(url: str, directory: pathlib.Path, **more: str) -> Settings:
    """Return settings for a database, with every folder below one directory."""
    return read_settings(
        {
            "DATABASE_URL": url,
            "INSTANCE_DIR": str(directory),
            "FONT_DIR": os.environ.get("FONT_DIR", str(ROOT / "instance" / "fonts")),
            "RATE_LIMIT": "0",
            "SECRET_KEY": "only for tests, and long enough for it",
            **more,
        }
    )


@pytest.fixture(scope="session")
def town(
    database_base: str | None, tmp_path_factory: pytest.TempPathFactory, demo_town: bytes
) -> Iterator[tuple[Api, Mapping[str, str]]]:
    """An application over the demo town, with a key for each caller."""
    directory = tmp_path_factory.mktemp("town")
    for url in new_database(database_base, directory):
        sessions = prepare(url)
        with sessions.write.begin() as session:
            load_season(session, demo_town)
            tokens = {name: create_key(session, party, role) for name, (role, party) in CALLERS.items()}
        sequence_events(sessions.write)
        yield create_app(settings_for(url, directory), sessions), tokens
        sessions.dispose()


@pytest.fixture
def ask(town: tuple[Api, Mapping[str, str]]) -> Asking:
    """A way to ask the demo town."""
    application, tokens = town
    return Asking(application.test_client(), tokens)


@pytest.fixture
def empty_app(fresh_url: str, fresh_sessions: Sessions, tmp_path: pathlib.Path) -> Api:
    """An application over an empty database of the test's own."""
    return create_app(settings_for(fresh_url, tmp_path), fresh_sessions)


@pytest.fixture
def make_settings(tmp_path: pathlib.Path) -> Callable[..., Settings]:
    """Make settings whose folders lie in the test's own directory."""
    return lambda url, **more: settings_for(url, tmp_path, **more)


@pytest.fixture
def doors(empty_app: Api, fresh_sessions: Sessions) -> Iterator[Doors]:
    """A small town that writes, in a database of the test's own."""
    yield from open_doors(empty_app, fresh_sessions)


@pytest.fixture
def tokens(fresh_sessions: Sessions) -> Mapping[str, str]:
    """The operator's token, in a database of the test's own."""
    with fresh_sessions.write.begin() as session:
        return {"operator": create_key(session, None, Role.OPERATOR)}
