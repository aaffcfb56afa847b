"""Fixtures: an application over the demo town that tests only read, one over an empty database, and callers."""

import os
import pathlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.app import Api, create_app
from api.catalogue import Catalogue
from api.settings import Settings, read_settings
from api.state import open_state, set_state
from tests.api.described import DescribedClient
from tests.api.doors import Doors, Settled, open_doors, settle
from tests.conftest import ROOT
from tests.databases import Kept, MakeSessions, keep_all, lay, open_quickly, url_of
from trace.accounts import Role, create_key
from trace.db import Sessions

Api.test_client_class = DescribedClient

CALLERS = {
    "coop": (Role.COOP, "C01"),
    "other coop": (Role.COOP, "C02"),
    "grower coop": (Role.COOP, "C05"),
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


OpenApp = Callable[..., Api]  # of settings, and sessions where there are some


def make_app(directory: pathlib.Path) -> Api:
    """Return an application over nothing yet."""
    return create_app(settings_for(f"sqlite:///{directory / 'none.db'}", directory))


def reopen(app: Api) -> OpenApp:
    """Return what lets an application run with another state: to make one anew is to describe every route anew."""
    catalogue = Catalogue()

    def open_again(settings: Settings, sessions: Sessions | None = None) -> Api:
        state = open_state(settings, sessions or open_quickly(settings.database_url))
        set_state(app, replace(state, catalogue=catalogue))
        return app

    return open_again


@pytest.fixture(scope="session")
def open_app(tmp_path_factory: pytest.TempPathFactory) -> OpenApp:
    """Open the application that the tests of this worker share, each with its own database and folders."""
    return reopen(make_app(tmp_path_factory.mktemp("app")))


@pytest.fixture(scope="session")
def town(
    make_sessions: MakeSessions, demo_kept: Kept, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Api, Mapping[str, str]]:
    """An application over the demo town, with a key for each caller."""
    sessions = make_sessions(demo_kept)
    with sessions.write.begin() as session:
        tokens = {name: create_key(session, party, role) for name, (role, party) in CALLERS.items()}
    return create_app(settings_for(url_of(sessions), tmp_path_factory.mktemp("town")), sessions), tokens


@pytest.fixture
def ask(town: tuple[Api, Mapping[str, str]]) -> Asking:
    """A way to ask the demo town."""
    application, tokens = town
    return Asking(application.test_client(), tokens)


@pytest.fixture
def empty_app(open_app: OpenApp, fresh_url: str, fresh_sessions: Sessions, tmp_path: pathlib.Path) -> Api:
    """An application over an empty database of the test's own."""
    return open_app(settings_for(fresh_url, tmp_path), fresh_sessions)


@pytest.fixture
def make_settings(tmp_path: pathlib.Path) -> Callable[..., Settings]:
    """Make settings whose folders lie in the test's own directory."""
    return lambda url, **more: settings_for(url, tmp_path, **more)


@pytest.fixture(scope="session")
def settled(make_sessions: MakeSessions, tmp_path_factory: pytest.TempPathFactory) -> tuple[Kept, Settled]:
    """What stands in the database of a small town that nobody has written to yet."""
    sessions = make_sessions()
    town = settle(sessions)
    return keep_all(sessions, tmp_path_factory.mktemp("kept")), town


@pytest.fixture
def doors(open_app: OpenApp, settled: tuple[Kept, Settled], fresh_url: str, tmp_path: pathlib.Path) -> Iterator[Doors]:
    """A small town that writes, in a database of the test's own."""
    kept, town = settled
    lay(kept, fresh_url)
    sessions = open_quickly(fresh_url)
    yield open_doors(open_app(settings_for(fresh_url, tmp_path), sessions), sessions, town)
    sessions.dispose()


@pytest.fixture
def tokens(fresh_sessions: Sessions) -> Mapping[str, str]:
    """The operator's token, in a database of the test's own."""
    with fresh_sessions.write.begin() as session:
        return {"operator": create_key(session, None, Role.OPERATOR)}
