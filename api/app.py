"""The application: a factory, and the one class in which one request is one transaction."""

import contextlib
import time
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flask import Flask, Request, Response
from flask.ctx import _AppCtxGlobals
from flask.globals import app_ctx, request_ctx
from flask.sessions import SessionInterface
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.exceptions import ClientDisconnected, HTTPException, RequestEntityTooLarge

from api import (
    accounts,
    api_keys,
    books,
    brands,
    cases,
    certificates,
    corrections,
    day_closes,
    deliveries,
    destructions,
    docs,
    dossiers,
    events,
    exports,
    facilities,
    field_work,
    findings,
    hand_overs,
    headers,
    health,
    input_products,
    inputs,
    intakes,
    judgements,
    label_jobs,
    licences,
    lots,
    mandates,
    marks,
    me,
    outside,
    packs,
    paper_forms,
    parties,
    pickings,
    plot_changes,
    plot_lights,
    plot_openings,
    plots,
    products,
    purchases,
    recalling,
    recalls,
    registers,
    releases,
    report_files,
    retained_samples,
    returns,
    reworks,
    rule_tables,
    runs,
    samples,
    shipments,
    slips,
    traces,
    villages,
)
from api.auth import READING, admit
from api.cli import add_commands
from api.exchange import routes as exchange
from api.exchange import tables as exchange_tables
from api.idempotency import answer_once
from api.openapi import describe
from api.parameters import refuse_strange_parameters
from api.problems import Problem, add_problems
from api.settings import Settings, read_settings
from api.state import State, current_state, open_state, set_state, state_of
from trace.db import Sessions

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LARGEST_BODY = 5_000_000
LARGEST_FORGOTTEN = 50_000_000
_PART = 65_536

__all__ = ["Api", "State", "create_app", "current_state"]

_BLUEPRINTS = (
    *(parties.blueprint, villages.blueprint, plots.blueprint, facilities.blueprint, products.blueprint),
    *(pickings.blueprint, runs.runs, runs.blends, lots.blueprint, traces.blueprint, events.blueprint, packs.blueprint),
    *(marks.blueprint, exchange.blueprint, exchange_tables.blueprint),
    *(shipments.blueprint, judgements.blueprint, findings.blueprint, label_jobs.blueprint, recalls.blueprint),
    *recalling.BLUEPRINTS,
    *(licences.blueprint, brands.blueprint, input_products.blueprint),
    *(inputs.blueprint, certificates.blueprint, samples.blueprint),
    *(purchases.blueprint, field_work.blueprint),
    *(report_files.blueprint, releases.plans, retained_samples.blueprint),
    *(corrections.blueprint, plot_changes.blueprint, plot_openings.blueprint),
    *(exports.blueprint, registers.blueprint, dossiers.blueprint),
    *(plot_lights.plots, plot_lights.villages),
    rule_tables.blueprint,
    *(hand_overs.blueprint, intakes.blueprint, slips.blueprint, day_closes.blueprint, books.blueprint),
    *(paper_forms.blueprint, paper_forms.runs),
    *(cases.blueprint, reworks.blueprint),
    *(deliveries.blueprint, returns.blueprint, destructions.blueprint, outside.blueprint),
    *(me.blueprint, accounts.blueprint, api_keys.blueprint, mandates.blueprint),
)


class _NoCookies(SessionInterface):
    """No cookie is read or set: programs show a key, and a reader of a page is not to be known again."""

    def open_session(self, app: Flask, request: Request) -> None:
        """Return none, for which Flask stands in an empty one."""


class _RequestGlobals(_AppCtxGlobals):
    """Flask's `g` with the request's session, opened by the first who asks for it: who needs none pays for none."""

    sessions: sessionmaker[Session]

    @cached_property
    def session(self) -> Session:
        """Return the session, which `Api.dispatch_request` commits and closes."""
        return self.sessions()


class Api(Flask):
    """A Flask application in which one request is one transaction."""

    app_ctx_globals_class = _RequestGlobals
    session_interface = _NoCookies()
    error_page: Callable[[Problem], ResponseReturnValue] | None = None  # how the pages say a problem
    at_hand: Callable[["WSGIEnvironment"], Response | None] | None = None  # what the pages can answer as it lies there

    def wsgi_app(self, environment: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request; count the answer and give it what every answer carries."""
        state, began, request_id = state_of(self), time.perf_counter(), headers.name_request(environment)
        environment[headers.REQUEST_ID] = request_id

        def start(status: str, own: list[tuple[str, str]], *failed: Any) -> Callable[[bytes], object]:
            reading = environment["REQUEST_METHOD"] in READING
            state.metrics.count(reading=reading, status=int(status[:3]), seconds=time.perf_counter() - began)
            return start_response(status, headers.complete(own, state.headers, request_id), *failed)

        kept = self.at_hand(environment) if self.at_hand else None
        return kept(environment, start) if kept else super().wsgi_app(environment, start)

    def sessions_for(self, asked: Request) -> sessionmaker[Session]:
        """Return the write engine's sessions, or for methods that must not write a read engine's.

        A replica may lag, so who just wrote does not read there.
        """
        state = state_of(self)
        sessions, replica = state.sessions, state.sessions.replica
        if asked.method not in READING:
            return sessions.write
        wrote = replica and state.writes.has(asked.environ.get("HTTP_AUTHORIZATION"), replica.most_s)
        return sessions.latest if wrote else sessions.read

    def dispatch_request(self) -> ResponseReturnValue:
        """Run the view; commit if it returns, roll back if it raises or was only to read."""
        asked, own = request_ctx.request, app_ctx.g  # once: every look through a proxy costs a look-up 1 %
        own.sessions = self.sessions_for(asked)
        unread = _receive(asked, state_of(self).settings.file_limit)
        try:
            own.caller = admit(asked)
            if unread is not None and asked.routing_exception is None:
                raise unread
            if asked.method in READING:
                return self._view()
            answer = answer_once(self._view)
            own.session.commit()
            self._note_write(asked)
            return answer
        finally:
            if "session" in own:
                own.pop("session").close()

    def _view(self) -> ResponseReturnValue:
        """Run the view, with parameters that it knows."""
        if app_ctx.g.caller is not None:
            refuse_strange_parameters(request_ctx.request)
        return super().dispatch_request()

    def _note_write(self, asked: Request) -> None:
        state = state_of(self)
        if state.sessions.replica:
            state.writes.note(asked.environ.get("HTTP_AUTHORIZATION"))


def _receive(asked: Request, file_limit: int) -> HTTPException | None:
    """Take in the body of a write before its transaction begins, so that a slow sender keeps no other writer waiting.

    What is wrong with it is told to those only who may write at all.
    """
    try:
        if asked.method not in READING:
            asked.max_content_length = report_files.largest_body(asked.endpoint, file_limit)
            asked.get_data()
    except RequestEntityTooLarge as refusal:
        _let_finish(asked.environ)
        return refusal
    except ClientDisconnected as refusal:
        return refusal
    return None


def _let_finish(environment: "WSGIEnvironment") -> None:
    """Take in and forget what is too large, up to a bound: who is cut off while sending does not read why."""
    left, body = LARGEST_FORGOTTEN, environment["wsgi.input"]
    with contextlib.suppress(OSError):
        while left > 0 and (part := body.read(min(left, _PART))):
            left -= len(part)


def create_app(settings: Settings | None = None, sessions: Sessions | None = None) -> Api:
    """Return the application with its JSON side and its commands; `wsgi.py` adds the pages."""
    app = Api("api", static_folder="static")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    app.url_map.merge_slashes = False  # an event's id holds "///"
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # of the default provider
    app.json.sort_keys = False  # type: ignore[attr-defined]  # likewise
    set_state(app, open_state(settings or read_settings(), sessions))
    add_problems(app)
    description = describe(app)
    for one in _BLUEPRINTS:
        description.register_blueprint(one)
    app.register_blueprint(health.blueprint)
    docs.add_docs(app, description)
    add_commands(app)
    return app
