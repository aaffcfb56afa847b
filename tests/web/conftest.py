"""One town for all tests of pages; it is only read, so they share it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.conftest import new_database, prepare
from tests.web.town import Town, open_town


@pytest.fixture(scope="session")
def town(
    database_base: str | None, keys_dir: Path, demo_town: bytes, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    """Open the demo town with its labels printed."""
    folder = tmp_path_factory.mktemp("town")
    for url in new_database(database_base, folder):
        sessions = prepare(url)
        yield open_town(sessions, keys_dir, folder / "spool", demo_town)
        sessions.dispose()


@pytest.fixture
def browse(town: Town) -> FlaskClient:
    """Return a client without cookies or memory."""
    return town.app.test_client()
