"""An application behind a real socket, and a proxy before it that loses answers."""

import contextlib
import itertools
import socket
import socketserver
import threading
from collections.abc import Iterator
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from api.app import Api


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Threaded(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


@contextlib.contextmanager
def serving(app: Api) -> Iterator[int]:
    """Serve an application in threads, and yield its port."""
    with make_server("127.0.0.1", 0, app, server_class=_Threaded, handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


class _Losing(socketserver.ThreadingTCPServer):
    """Hands requests on, and loses every third answer after the service has done its work."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int) -> None:
        self.behind = port
        self.numbers = itertools.count(1)
        self.lost = 0
        super().__init__(("127.0.0.1", 0), _Handing)


class _Handing(socketserver.StreamRequestHandler):
    server: _Losing

    def handle(self) -> None:
        """Hand one request on, whole; then its answer, or nothing."""
        head = b"".join(iter(self.rfile.readline, b"\r\n"))
        lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        body = self.rfile.read(int(lengths[0])) if lengths else b""
        with socket.create_connection(("127.0.0.1", self.server.behind)) as behind:
            behind.sendall(head + b"Connection: close\r\n\r\n" + body)
            answer = b"".join(iter(lambda: behind.recv(65536), b""))
        if next(self.server.numbers) % 3:
            self.wfile.write(answer)
        else:
            self.server.lost += 1


@contextlib.contextmanager
def losing_answers(port: int) -> Iterator[tuple[int, _Losing]]:
    """Stand before a server and lose one answer in three; yield the port and the proxy."""
    with _Losing(port) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield proxy.server_address[1], proxy
        finally:
            proxy.shutdown()
            thread.join()
