"""Take the README's pictures: `make pictures` serves the demo town and keeps its label and the page behind it.

Needs Chromium (`CHROMIUM` names another than /usr/bin/chromium) and a Chinese font.
"""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import ViewportSize, sync_playwright

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PHONE = ViewportSize(width=390, height=844)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def demo(directory: str) -> Iterator[dict[str, str]]:
    """Serve the demo from a folder of its own and yield the lines it prints, by their first word."""
    environment = {
        **os.environ,
        "INSTANCE_DIR": directory,
        "FONT_DIR": str(ROOT / "instance" / "fonts"),
        "PORT": str(free_port()),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "demo"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        assert server.stdout is not None  # noqa: S101 -- a pipe was asked for
        said: dict[str, str] = {}
        for line in server.stdout:
            word, _, rest = line.strip().partition(" ")
            said[word] = rest
            if word == "ready":
                break
        try:
            yield said
        finally:
            server.terminate()


def main() -> None:
    """Keep `label.png` and `page.png` beside this file."""
    with tempfile.TemporaryDirectory() as directory, demo(directory) as said:
        shutil.copyfile(said["label"], HERE / "label.png")
        with sync_playwright() as play:
            browser = play.chromium.launch(
                executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=ARGUMENTS
            )
            page = browser.new_page(viewport=PHONE, device_scale_factor=2, locale="zh-CN")
            page.goto(said["page"])
            page.screenshot(path=HERE / "page.png")
            browser.close()


if __name__ == "__main__":
    main()
