"""ETags of `/v1`: a digest of what was answered. A change names the state it rests on, and is refused on another."""

import hashlib

from flask import Response, current_app, g, jsonify, request
from marshmallow import Schema
from werkzeug.exceptions import PreconditionFailed, PreconditionRequired

from api.problems import of_http_error, present
from trace.records import Noun, Record, get_record, lock_record


def tag(response: Response) -> Response:
    """Give an answer to a read its ETag; answer 304 to who has it already, and 412 to who named another state."""
    if request.method in {"GET", "HEAD"} and response.status_code == 200:
        if response.is_streamed or response.direct_passthrough:
            return response
        digest = _digest(response.get_data())
        response.set_etag(digest)
        if "HTTP_IF_MATCH" not in request.environ:
            response.make_conditional(request.environ)
        elif not request.if_match.contains(digest):  # Werkzeug would answer without a word, and to `*` too
            return present(of_http_error(PreconditionFailed()))
    return response


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]


def record_to_change(noun: Noun, shown: Schema, code: str) -> Record:
    """Return a record that the caller may read, locked, in the state that `If-Match` names.

    Raises `NotFoundError`, `PreconditionRequired` without the header, and `PreconditionFailed` for another state.
    """
    key = get_record(g.session, g.caller, noun, code)["key"]
    if not request.if_match:
        raise PreconditionRequired
    lock_record(g.session, noun, key)
    record = get_record(g.session, g.caller, noun, code)
    if not request.if_match.contains(_digest(jsonify(shown.dump(record)).get_data())):
        raise PreconditionFailed
    return record


def tagged(shown: Schema, record: Record) -> Response:
    """Return a record as it is now, with its ETag."""
    response: Response = current_app.make_response(jsonify(shown.dump(record)))
    response.set_etag(_digest(response.get_data()))
    return response
