"""Fixtures of the journeys: a small town as it stands before anybody has written, and the demo town, served."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.conftest import open_app, settled
from tests.databases import Kept
from tests.journeys.served_towns import DemoTown, serve_demo_town

__all__ = ["open_app", "settled"]


@pytest.fixture
def demo(demo_kept: Kept, fresh_url: str, tmp_path: Path) -> Iterator[DemoTown]:
    """The demo town, served, in a database of the test's own."""
    with serve_demo_town(demo_kept, fresh_url, tmp_path) as town:
        yield town
