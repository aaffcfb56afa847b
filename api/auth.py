"""Who asks: an API key as bearer token. Everything below `/v1` is closed unless it stands in `PUBLIC`."""

from flask import Request, after_this_request, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from api.headers import keep_private
from trace.accounts import Caller, find_caller

PUBLIC = frozenset({"api-docs.openapi_json", "docs.page"})
_PREFIX = "/v1/"


def admit(asked: Request) -> Caller | None:
    """Return who asks, found inside the request's transaction; refuse who must say so and does not."""
    if not asked.path.startswith(_PREFIX):
        return None
    after_this_request(keep_private)
    return authenticate() if asked.routing_exception is None and asked.endpoint not in PUBLIC else None


def authenticate() -> Caller:
    """Return who holds the token that came with the request. Raises `Unauthorized`."""
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        raise Unauthorized(www_authenticate=WWWAuthenticate("bearer", {"realm": "chasu"}))
    caller = find_caller(g.session, given.token)
    if caller is None:
        raise Unauthorized(www_authenticate=WWWAuthenticate("bearer", {"realm": "chasu", "error": "invalid_token"}))
    return caller
