"""Refusals as problems (RFC 9457): the only map from a refusal to an HTTP status. `docs/problems.md` lists them all."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields
from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.exceptions import BadRequest, HTTPException, InternalServerError

from api.fields import Reason
from api.headers import REQUEST_ID
from api.languages import language
from api.state import current_state
from trace import files, keys
from trace.errors import (
    AmbiguousCodeError,
    ConflictError,
    Fault,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    TraceError,
)
from trace.strict_json import UnreadableFault

MEDIA_TYPE = "application/problem+json"
JSON_SIDE = ("/v1", "/epcis", "/healthz", "/readyz", "/metrics")  # these never answer with a page
_logger = logging.getLogger("chasu")

STATUS: dict[type[TraceError], int] = {
    TraceError: 422,
    NotFoundError: 404,
    ForbiddenError: 403,
    AmbiguousCodeError: 409,
    ConflictError: 409,
    InvalidError: 422,
    keys.KeysMissingError: 503,
    keys.KeysTooOpenError: 503,
    keys.KeyFileMalformedError: 503,
    keys.SigningKeyCountError: 503,
    files.FileAlteredError: 500,
}
HTTP_CODES = {
    400: "bad-request",
    401: "unauthenticated",
    403: "forbidden",
    404: "no-such-address",
    405: "method-not-allowed",
    406: "not-acceptable",
    409: "conflict",
    412: "state-changed",
    413: "too-large",
    414: "address-too-long",
    415: "unsupported-media-type",
    422: "invalid",
    428: "state-required",
    429: "too-many-requests",
    431: "headers-too-large",
    500: "internal",
    503: "unavailable",
}
# Which refusal one sees when several apply: the order in which a request is looked at. A status without a code stands
# for all its codes that have no row of their own.
PRECEDENCE = (
    *((414, ""), (431, "")),  # whether it can be read at all
    *((404, "no-such-address"), (405, "")),  # the address
    *((401, ""), (429, ""), (403, "role-closed"), (403, "scope-missing")),  # who asks
    *((413, ""), (400, "bad-request"), (409, "key-reused")),  # whether it can be taken in, or was before
    *((400, "bad-parameter"), (415, ""), (400, ""), (422, "invalid")),  # the address's parameters; the body by itself
    *((404, ""), (406, ""), (428, ""), (412, "")),  # the record that the address names
    *((403, ""), (409, ""), (422, "")),  # what it asks for
    *((503, ""), (500, "")),  # at any time
)


class FaultSchema(Schema):
    """One fault of the input; of a file also where it stands there, and what stands there."""

    field = fields.String(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)
    sheet = fields.String()
    row = fields.Integer()
    column = fields.String(allow_none=True)
    header = fields.String()
    value = fields.String(allow_none=True)


class ProblemSchema(Schema):
    """Why a request was refused (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True)
    facts = fields.Dict(keys=fields.String())
    errors = fields.List(fields.Nested(FaultSchema))
    request_id = fields.String(required=True)


@dataclass(frozen=True, kw_only=True)
class PlacedFault(Fault):
    """A fault of a file: beside its path, where a person finds it there."""

    place: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A refusal on its way out."""

    status: int
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()

    def title(self, spoken: str) -> str:
        """Return the short name in a language."""
        return current_state().catalogue.title(self.code, spoken)

    def detail(self, spoken: str) -> str:
        """Return the sentence in a language."""
        return current_state().catalogue.sentence(self.code, self.facts, spoken)


def status_of(refusal: type[TraceError]) -> int:
    """Return the status of a kind of refusal: its own entry, or the nearest one above it."""
    return next(STATUS[kind] for kind in refusal.__mro__ if kind in STATUS)


def place_of(status: int, code: str) -> int:
    """Return where a refusal stands in the order."""
    return PRECEDENCE.index((status, code) if (status, code) in PRECEDENCE else (status, ""))


def of_refusal(refusal: TraceError) -> Problem:
    """Return the problem a domain refusal is."""
    status = status_of(type(refusal))
    faults = tuple(refusal.faults) if isinstance(refusal, InvalidError) else ()
    if any(isinstance(fault, UnreadableFault) for fault in faults):
        status = 400
    # What is wrong with the server itself names its folders and files: that is for the log alone.
    facts = {} if status >= 500 else {name: plain(value) for name, value in refusal.facts.items() if name != "faults"}
    return Problem(status=status, code=refusal.code, facts=facts, faults=faults)


def of_http_error(error: HTTPException) -> Problem:
    """Return the problem a refusal by the framework is; its headers (Allow, Retry-After) are kept."""
    status = error.code or 500
    data = getattr(error, "data", None) or {}
    found = data.get("messages") or {}
    code = "bad-parameter" if status == 400 and "query" in found else HTTP_CODES.get(status, "refused")
    kept = [(name, value) for name, value in error.get_headers() if name not in {"Content-Type", "Content-Length"}]
    kept += list((data.get("headers") or {}).items())
    facts = {"most": f"{(request.max_content_length or 0) / 1_000_000:.3g} MB"} if status == 413 else {}
    return Problem(status=status, code=code, facts=facts, faults=tuple(_faults(found)), headers=tuple(kept))


def bad_request(place: str, found: Mapping[str, list[str]]) -> BadRequest:
    """Return the refusal of what a place (query, headers) of a request holds: codes by name."""
    refused = BadRequest()
    refused.data = {"messages": {place: found}}  # type: ignore[attr-defined]  # as webargs tells what it found
    return refused


def present(problem: Problem) -> Response:
    """Return the problem as JSON, in the language asked for."""
    spoken, catalogue = language(), current_state().catalogue
    body: dict[str, Any] = {
        "type": f"/problems/{problem.code}",
        "title": problem.title(spoken),
        "status": problem.status,
        "detail": problem.detail(spoken),
        "code": problem.code,
        "request_id": request.environ[REQUEST_ID],
    }
    if problem.facts:
        body["facts"] = problem.facts
    if problem.faults:
        body["errors"] = [
            {
                "field": fault.path,
                **(fault.place if isinstance(fault, PlacedFault) else {}),
                "code": fault.code,
                "detail": catalogue.sentence(fault.code, fault.facts, spoken),
            }
            for fault in problem.faults
        ]
    response = jsonify(body)
    response.status_code, response.mimetype = problem.status, MEDIA_TYPE
    response.headers.extend(problem.headers)
    response.headers["Content-Language"] = spoken
    response.vary.add("Accept-Language")
    return response


def plain(value: object) -> object:
    """Return a fact as JSON can say it."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [plain(one) for one in value]
    return str(value)


def add_problems(app: Flask) -> None:
    """Answer every refusal as a problem; pages have their own way to say it (`Api.error_page`)."""
    app.register_error_handler(TraceError, lambda refusal: _answer(of_refusal(refusal)))
    app.register_error_handler(HTTPException, _refuse_http)
    app.register_error_handler(OperationalError, _refuse_unavailable)
    app.register_error_handler(IntegrityError, _refuse_conflict)


def _refuse_http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or (error.code or 500) < 400:
        return error  # a redirect, or an answer already made
    if isinstance(error, InternalServerError):
        return _answer(Problem(status=500, code="internal"))
    return _answer(of_http_error(error))


def _refuse_unavailable(error: OperationalError) -> ResponseReturnValue:
    _logger.error("request %s: %s", request.environ[REQUEST_ID], error.orig)
    return _answer(Problem(status=503, code="unavailable", headers=(("Retry-After", "5"),)))


def _refuse_conflict(error: IntegrityError) -> ResponseReturnValue:
    """Answer for two requests that wrote the same at the same time: the database let one of them through."""
    _logger.warning("request %s: %s", request.environ[REQUEST_ID], error.orig)
    return _answer(Problem(status=409, code="conflict"))


def _answer(problem: Problem) -> ResponseReturnValue:
    page = getattr(current_app, "error_page", None)
    return page(problem) if page is not None and _wants_page() else present(problem)


def _wants_page() -> bool:
    """Return whether a person with a browser asks."""
    if request.path.startswith(JSON_SIDE):
        return False
    best = request.accept_mimetypes.best_match(["text/html", "application/json", MEDIA_TYPE], "text/html")
    return best == "text/html"


def _faults(messages: Mapping[str, Any]) -> Iterable[Fault]:
    """Return the faults in what the parser found: place → field → codes."""
    for place in messages.values():
        if isinstance(place, Mapping):
            yield from _of_fields(place, "")


def _of_fields(found: Mapping[Any, Any], path: str) -> Iterable[Fault]:
    for name, inner in found.items():
        here = f"{path}.{name}" if path else str(name)
        if isinstance(inner, Mapping):
            yield from _of_fields(inner, here)
        else:
            yield from (
                Fault(here, said.code, dict(said.facts)) if isinstance(said, Reason) else Fault(here, str(said))
                for said in inner
            )
