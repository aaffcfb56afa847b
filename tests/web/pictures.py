"""Pictures of the pages: `python -m tests.web.pictures [FOLDER]` from the root, one PNG for each verdict and language.

`page.png` is the page of a genuine pack, 390 x 844, for the README.
"""

import pathlib
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.browsers import open_browser
from tests.conftest import ROOT
from tests.databases import prepare
from tests.web.town import Town, open_town
from trace.keys import create_first_key
from trace.season import load_season

PHONE = {"width": 390, "height": 844}


class Quiet(WSGIRequestHandler):
    """Serves without a line for each request."""

    def log_request(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(town: Town) -> Iterator[str]:
    """Serve the town's pages on a free port and return their address."""
    server = make_server("127.0.0.1", 0, town.app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def take_pictures(browser: Browser, address: str, town: Town, folder: pathlib.Path) -> None:
    """Photograph every page whole, and the first screen of the genuine one."""
    for language in ("zh", "en"):
        context = browser.new_context(viewport=PHONE, device_scale_factor=2, is_mobile=True, has_touch=True)
        page = context.new_page()
        for name, path in {**town.codes, **town.slips, "start": "/"}.items():
            page.goto(f"{address}{path}?lang={language}")
            page.screenshot(path=folder / f"{name}-{language}.png", full_page=True)
            if (name, language) == ("genuine", "zh"):
                page.screenshot(path=folder / "page.png")
        context.close()


def main(folder: pathlib.Path) -> None:
    """Make a town in a folder that vanishes and photograph its pages."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, open_browser() as browser:
        place = pathlib.Path(name)
        create_first_key(place / "keys")
        sessions = prepare(f"sqlite:///{place / 'town.db'}")
        with sessions.write.begin() as session:
            load_season(session, (ROOT / "demo" / "demo-town.json").read_bytes())
        town = open_town(sessions, place / "keys", place / "spool")
        with serving(town) as address:
            take_pictures(browser, address, town, folder)
        sessions.dispose()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures"))
