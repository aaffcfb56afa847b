"""The application: a factory, and the one class in which one request is one transaction."""

import time
from collections.abc import Callable

from flask import Flask, Request, g, request
from flask.sessions import SessionInterface
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.exceptions import ClientDisconnected, HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Response

from api import (
    accounts,
    api_keys,
    brands,
    certificates,
    docs,
    events,
    exports,
    facilities,
    findings,
    headers,
    health,
    input_products,
    inputs,
    label_jobs,
    licences,
    lots,
    mandates,
    me,
    packs,
    parties,
    pickings,
    plots,
    products,
    recalls,
    results,
    runs,
    samples,
    shipments,
    villages,
)
from api.auth import READING, admit
from api.cli import add_commands
from api.etags import add_etags
from api.idempotency import answer_once
from api.openapi import describe
from api.problems import Problem, add_problems
from api.settings import Settings, read_settings
from api.state import State, current_state, open_state, set_state, state_of
from trace.db import Sessions

LARGEST_BODY = 5_000_000

__all__ = ["Api", "State", "create_app", "current_state"]

_BLUEPRINTS = (
    *(parties.blueprint, villages.blueprint, plots.blueprint, facilities.blueprint, products.blueprint),
    *(pickings.blueprint, runs.runs, runs.blends, lots.blueprint, events.blueprint, packs.blueprint),
    *(shipments.blueprint, results.blueprint, findings.blueprint, label_jobs.blueprint, recalls.blueprint),
    *(licences.blueprint, brands.blueprint, input_products.blueprint),
    *(inputs.blueprint, certificates.blueprint, samples.blueprint),
    exports.blueprint,
    *(me.blueprint, accounts.blueprint, api_keys.blueprint, mandates.blueprint),
)


class _NoCookies(SessionInterface):
    """No cookie is read or set: programs show a key, and a reader of a page is not to be known again."""

    def open_session(self, app: Flask, request: Request) -> None:
        """Return none, for which Flask stands in an empty one."""


class Api(Flask):
    """A Flask application in which one request is one transaction."""

    session_interface = _NoCookies()
    error_page: Callable[[Problem], ResponseReturnValue] | None = None  # how the pages say a problem

    def sessions_for(self, method: str) -> sessionmaker[Session]:
        """Return the read engine's sessions for methods that must not write, else the write engine's."""
        sessions = state_of(self).sessions
        return sessions.read if method in READING else sessions.write

    def dispatch_request(self) -> ResponseReturnValue:
        """Run the view; commit if it returns, roll back if it raises or was only to read."""
        unread = _receive()
        with self.sessions_for(request.method)() as g.session:
            admit()
            if unread is not None and request.routing_exception is None:
                raise unread
            if request.method in READING:
                return super().dispatch_request()
            answer = answer_once(super().dispatch_request)
            g.session.commit()
            return answer


def _receive() -> HTTPException | None:
    """Take in the body of a write before its transaction begins, so that a slow sender keeps no other writer waiting.

    What is wrong with it is told to those only who may write at all.
    """
    try:
        if request.method not in READING:
            request.get_data()
    except (RequestEntityTooLarge, ClientDisconnected) as refusal:
        return refusal
    return None


def create_app(settings: Settings | None = None, sessions: Sessions | None = None) -> Api:
    """Return the application with its JSON side and its commands; `wsgi.py` adds the pages."""
    app = Api("api", static_folder="static")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    app.url_map.merge_slashes = False  # an event's id holds "///"
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # of the default provider
    app.json.sort_keys = False  # type: ignore[attr-defined]  # likewise
    set_state(app, open_state(settings or read_settings(), sessions))
    app.before_request(headers.name_request)
    headers.add_headers(app)
    _count_answers(app)
    add_etags(app)
    add_problems(app)
    description = describe(app)
    for one in _BLUEPRINTS:
        description.register_blueprint(one)
    app.register_blueprint(health.blueprint)
    docs.add_docs(app, description)
    add_commands(app)
    return app


def _count_answers(app: Flask) -> None:
    """Count every answer and its time."""

    def start() -> None:
        g.started = time.perf_counter()

    def count(response: Response) -> Response:
        seconds = time.perf_counter() - g.get("started", time.perf_counter())
        reading = request.method in READING
        current_state().metrics.count(reading=reading, status=response.status_code, seconds=seconds)
        return response

    app.before_request(start)
    app.after_request(count)
