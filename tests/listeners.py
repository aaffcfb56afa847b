"""Listeners for tests: a web server and a mail server that keep what they were sent, on ports of their own."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Posted:
    """What a web server was sent, and how it answers."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)  # statuses to come; then 204
    before_answer: Callable[[], None] = lambda: None
    trickles: bool = False  # begins an answer and never ends it, a byte at a time


@contextmanager
def web_listener() -> Iterator[Posted]:
    """Listen for posts."""
    posted, ended = Posted(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            posted.headers.append(dict(self.headers))
            posted.paths.append(self.path)
            posted.before_answer()
            if posted.trickles:
                self._trickle()
                return
            self.send_response(posted.answers.pop(0) if posted.answers else 204)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()

        def _trickle(self) -> None:
            self.close_connection = True
            with suppress(OSError):
                self.wfile.write(b"HTTP/1.1 5")
                while not ended.wait(0.01):
                    self.wfile.write(b"0")

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with _served(server):
        posted.url = f"http://127.0.0.1:{server.server_address[1]}/in"
        yield posted
        ended.set()


@dataclass
class Mailed:
    """What a mail server was sent."""

    url: str = ""
    to: list[str] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)
    parting: str = "221 bye"


@contextmanager
def mail_listener() -> Iterator[Mailed]:
    """Listen for mail: as much of SMTP (RFC 5321) as a sender needs."""
    mailed = Mailed()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 sink")
            for line in self.rfile:
                verb = line.decode().strip()
                if verb.upper().startswith("DATA"):
                    self._say("354 go on")
                    mailed.messages.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                elif verb.upper().startswith("RCPT"):
                    mailed.to.append(verb.partition("<")[2].partition(">")[0])
                elif verb.upper() == "QUIT":
                    self._say(mailed.parting)
                    return
                self._say("250 ok")

        def _say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

    with _served(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)) as server:
        mailed.url = f"smtp://127.0.0.1:{server.server_address[1]}"
        yield mailed


@contextmanager
def _served(server: socketserver.TCPServer) -> Iterator[socketserver.TCPServer]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()
