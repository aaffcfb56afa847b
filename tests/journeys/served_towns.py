"""Towns served whole, with their pages, behind a real socket."""

import contextlib
import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.app import create_app
from examples.client import Chasu
from tests.api.conftest import CALLERS, settings_for
from tests.api.served import serving
from tests.databases import Kept, lay, open_quickly
from trace.accounts import create_key
from trace.keys import create_first_key
from web import add_pages


@dataclass(frozen=True)
class DemoTown:
    """The demo town behind a socket, and a client for each caller."""

    url: str
    clients: dict[str, Chasu]

    def read(self, path: str, caller: str = "", **headers: str) -> tuple[dict[str, str], bytes]:
        """Read as one of the callers, or as a telephone does, without a key."""
        given = {"Accept-Language": "zh", **headers}
        if caller:
            given["Authorization"] = f"Bearer {self.clients[caller].token}"
        asked = urllib.request.Request(self.url + path, headers=given)  # noqa: S310 -- our own server
        with urllib.request.urlopen(asked) as answer:  # noqa: S310 -- our own server
            return dict(answer.headers), answer.read()

    def scan(self, path: str, accept: str = "application/json") -> tuple[str, Any]:
        """Follow a link; return the mark of what was told, and what was told."""
        headers, body = self.read(path, Accept=accept)
        return headers["ETag"], json.loads(body) if accept == "application/json" else body.decode()


@contextlib.contextmanager
def serve_demo_town(kept: Kept, url: str, folder: Path) -> Iterator[DemoTown]:
    """Serve the demo town in a database of the test's own."""
    lay(kept, url)
    sessions = open_quickly(url)
    with sessions.write.begin() as session:
        tokens = {name: create_key(session, party, role) for name, (role, party) in CALLERS.items()}
    settings = settings_for(url, folder)
    create_first_key(settings.keys_dir)
    app = create_app(settings, sessions)
    add_pages(app)
    with serving(app) as port:
        address = f"http://127.0.0.1:{port}"
        yield DemoTown(address, {name: Chasu(address, token) for name, token in tokens.items()})
    sessions.dispose()
