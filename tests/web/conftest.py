"""One town for all tests of pages; it is only read, so they share it."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.databases import Kept, MakeSessions
from tests.web.town import Town, open_town


@pytest.fixture(scope="session")
def town(
    make_sessions: MakeSessions, demo_kept: Kept, keys_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Town:
    """Open the demo town with its labels printed."""
    return open_town(make_sessions(demo_kept), keys_dir, tmp_path_factory.mktemp("town") / "spool")


@pytest.fixture
def browse(town: Town) -> FlaskClient:
    """Return a client without cookies or memory."""
    return town.app.test_client()
