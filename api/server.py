"""The server: gunicorn's workers for the web and one background worker beside them, under one master.

A web worker answers in threads: with one request at a time, a browser that connects ahead of need and says nothing
would keep everybody else waiting. When the master dies, however it dies, all of them end: gunicorn's workers and ours
look who their parent is.
"""

import contextlib
import errno
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.http.errors import (
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
)
from gunicorn.workers.gthread import ThreadWorker

from api.headers import REQUEST_ID, complete, name_request
from api.problems import HTTP_CODES, Problem, present
from api.state import state_of
from api.worker import stop_on_signals, work

_GRACE_S = 10
_THREADS = 8  # in each worker; below the 15 connections that an engine's pool gives out
LONGEST_ADDRESS = 8190  # of a request's first line; gunicorn takes no longer one
_OURS = (InvalidResponseHeader, InvalidResponseHeaderName)  # a header of our own answer that is none
_STOPPING = {signal.SIGTERM, signal.SIGINT}
_logger = logging.getLogger("chasu")


@dataclass(frozen=True)
class Serving:
    """What to serve, with how many processes, and what to do once the port listens."""

    app: Flask
    workers: int
    when_ready: Callable[[], None]


def serve(serving: Serving) -> None:
    """Serve until told to stop."""
    state_of(serving.app).sessions.dispose()  # no connection may be shared across a fork
    _Master(_Application(serving)).run()


class _Application(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Our application with its few settings; gunicorn's own files and variables are not read."""

    def __init__(self, serving: Serving) -> None:
        self.serving = serving
        super().__init__()

    def load_config(self) -> None:
        settings = state_of(self.serving.app).settings
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        for name, value in {
            "bind": f"{host}:{settings.port}",
            "workers": self.serving.workers,
            "worker_class": _Worker,
            "limit_request_line": LONGEST_ADDRESS,
            "threads": _THREADS,
            "loglevel": "warning",
            "proc_name": "chasu",
            "control_socket_disable": True,
            "graceful_timeout": _GRACE_S,
            "when_ready": lambda _: self.serving.when_ready(),
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self.serving.app


class _Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A web worker, which says as a problem too that what came is no request it can take in."""

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer a request, whose body may turn out to be broken."""
        req.body.reader = _Chunks(req)
        return super().handle_request(req, conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Any) -> None:
        """Answer for what did not come through to the application."""
        if not isinstance(exc, ParseException) or isinstance(exc, _OURS):
            super().handle_error(req, client, addr, exc)
            return
        self.log.warning("Invalid request from %s: %s", addr, exc)
        with contextlib.suppress(OSError):
            client.sendall(_refusal(self.wsgi, _status_of(exc)))


class _Chunks:
    """What a body is read from; where its chunks are broken, it ends as if its sender had gone, and nothing follows."""

    def __init__(self, request: Any) -> None:
        self._request = request
        self._reader = request.body.reader

    def read(self, size: int) -> bytes:
        """Return so many bytes at most. Raises `ConnectionResetError`."""
        try:
            found: bytes = self._reader.read(size)
        except ParseException as error:
            self._request.force_close()  # where the next request would begin, nobody knows
            raise ConnectionResetError(errno.ECONNRESET, "a broken chunk") from error
        return found


def _status_of(unreadable: ParseException) -> int:
    if isinstance(unreadable, LimitRequestLine):
        return HTTPStatus.REQUEST_URI_TOO_LONG
    return (
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        if isinstance(unreadable, LimitRequestHeaders)
        else HTTPStatus.BAD_REQUEST
    )


def _refusal(app: Flask, status: int) -> bytes:
    """Return a whole answer that refuses a request of which nothing can be read, its language neither."""
    request_id = name_request({})
    with app.test_request_context(environ_overrides={REQUEST_ID: request_id}):
        answer = present(Problem(status=status, code=HTTP_CODES[status]))
    own = [*answer.headers.to_wsgi_list(), ("Connection", "close")]
    lines = [f"{name}: {value}" for name, value in complete(own, state_of(app).headers, request_id)]
    return "\r\n".join([f"HTTP/1.1 {answer.status}", *lines, "", ""]).encode("latin-1") + answer.get_data()


class _Master(Arbiter):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn's master, which also keeps one background worker running."""

    background = 0

    def manage_workers(self) -> None:
        """Keep the wanted number of web workers, and the background worker."""
        super().manage_workers()
        if not _lives(self.background):
            self.background = self._start_background()

    def stop(self, graceful: bool = True) -> None:
        """Stop the background worker along with the others; it finishes its round."""
        if self.background:
            _send(self.background, signal.SIGTERM)
        super().stop(graceful)
        _await_end(self.background)

    def _start_background(self) -> int:
        master = os.getpid()
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)  # none may reach the child before it listens to them
        pid = os.fork()
        if pid:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)
            return pid
        try:
            _run_background(self, master)
        finally:  # whatever ended it: a child must never go on as a second master
            if sys.exc_info()[0]:
                sys.excepthook(*sys.exc_info())
            os._exit(0)


def _run_background(master: Any, pid: int) -> None:
    """Be the background worker: no listening socket, signals of its own."""
    for listener in master.LISTENERS:
        os.close(listener.sock.fileno())
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    stop = stop_on_signals()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)
    state = state_of(master.app.serving.app)
    state.sessions.dispose()
    work(state, stop, parent=pid)


def _lives(pid: int) -> bool:
    return bool(pid) and _send(pid, 0)


def _send(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def _await_end(pid: int) -> None:
    """Wait for a child to end, for a while; then end it."""
    limit = time.monotonic() + _GRACE_S
    while pid and time.monotonic() < limit:
        try:
            if os.waitpid(pid, os.WNOHANG)[0]:
                return
        except ChildProcessError:  # gunicorn reaps every child, also ours
            return
        time.sleep(0.05)
    if pid:
        _send(pid, signal.SIGKILL)
