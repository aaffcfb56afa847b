"""Who asks: an API key as bearer token. Everything below `/v1` is closed unless it stands in `PUBLIC`."""

from flask import g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from trace.accounts import Caller, find_caller

PUBLIC = frozenset({"api-docs.openapi_json", "docs.page"})
_PREFIX = "/v1/"


def admit() -> None:
    """Find out who asks, inside the request's transaction; refuse who must say so and does not."""
    g.caller = None
    if request.routing_exception is None and request.path.startswith(_PREFIX) and request.endpoint not in PUBLIC:
        g.caller = authenticate()


def authenticate() -> Caller:
    """Return who holds the token that came with the request. Raises `Unauthorized`."""
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        raise Unauthorized(www_authenticate=WWWAuthenticate("bearer", {"realm": "chasu"}))
    caller = find_caller(g.session, given.token)
    if caller is None:
        raise Unauthorized(www_authenticate=WWWAuthenticate("bearer", {"realm": "chasu", "error": "invalid_token"}))
    return caller
