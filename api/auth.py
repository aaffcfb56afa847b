"""Who asks, and whether that role may: an API key as bearer token. All of `/v1` is closed but what says otherwise."""

import math
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from flask import Request, after_this_request, current_app, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import TooManyRequests, Unauthorized

from api.etags import tag
from api.headers import keep_private
from api.state import current_state
from trace import clock
from trace.accounts import Caller, Role, Scope, find_caller
from trace.errors import ForbiddenError

PUBLIC = frozenset({"api-docs.openapi_json", "docs.page"})
READING = frozenset({"GET", "HEAD", "OPTIONS"})
_PREFIX = "/v1/"
_View = TypeVar("_View", bound=Callable[..., Any])


class RoleClosedError(ForbiddenError):
    """The caller's role may not do this."""

    code = "role-closed"


class ScopeMissingError(ForbiddenError):
    """The key is not good for this."""

    code = "scope-missing"


def open_to(*roles: Role) -> Callable[[_View], _View]:
    """Let these roles use a view; one that names none is closed to everybody."""

    def decorate(view: _View) -> _View:
        view.roles = frozenset(roles)  # type: ignore[attr-defined]  # a mark on the function
        return view

    return decorate


EVERYBODY = tuple(Role)
open_to_all = open_to(*EVERYBODY)


def view_for(endpoint: str, method: str) -> Any:
    """Return the function that answers a method, which may be marked."""
    view = current_app.view_functions[endpoint]
    return getattr(getattr(view, "view_class", None), {"HEAD": "get"}.get(method, method.lower()), view)


def roles_of(endpoint: str, method: str) -> frozenset[Role]:
    """Return the roles that may use a view."""
    found: frozenset[Role] = getattr(view_for(endpoint, method), "roles", frozenset())
    return frozenset(Role) if method == "OPTIONS" else found


def admit(asked: Request) -> Caller | None:
    """Return who asks, found inside the request's transaction; refuse who does not say so, or may not do this."""
    if not asked.path.startswith(_PREFIX):
        return None
    after_this_request(tag)  # which may answer instead
    after_this_request(keep_private)
    if asked.routing_exception is not None or asked.endpoint in PUBLIC:
        return None
    caller = authenticate()
    _limit(caller)
    _permit(caller)
    return caller


def _limit(caller: Caller) -> None:
    """Note the use of the key, and refuse its holder who asks too often."""
    if caller.key is None or caller.account_id is None:
        return
    try:
        current_state().uses.note(caller.key.id, clock.now())
    except OSError:  # a full disk must not close the door
        current_app.logger.exception("the use of a key could not be spooled")
    seconds = current_state().rate_limits.take(caller.account_id)
    if seconds:
        raise TooManyRequests(retry_after=math.ceil(seconds))


def _permit(caller: Caller) -> None:
    if caller.role not in roles_of(request.endpoint or "", request.method):
        raise RoleClosedError(role=caller.role.value)
    scope = Scope.READ if request.method in READING else Scope.WRITE
    if scope not in caller.scopes:
        raise ScopeMissingError(scope=scope.value)


def require_scopes(scopes: Iterable[str]) -> None:
    """Refuse to hand out a key that is good for more than the one shown; the operator may."""
    missing = sorted(set(scopes) - g.caller.scopes)
    if missing and g.caller.role is not Role.OPERATOR:
        raise ScopeMissingError(scope=missing[0])


def authenticate() -> Caller:
    """Return who holds the token that came with the request. Raises `Unauthorized`."""
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        raise Unauthorized(www_authenticate=WWWAuthenticate("bearer", {"realm": "chasu"}))
    caller = find_caller(g.session, given.token)
    if caller is None:
        raise Unauthorized(www_authenticate=WWWAuthenticate("bearer", {"realm": "chasu", "error": "invalid_token"}))
    return caller
