"""`Idempotency-Key`: a repeated write gets its first answer, and is not done again."""

import hashlib
import re
from collections.abc import Callable

from flask import Response, current_app, g, request
from flask.typing import ResponseReturnValue

from api.problems import bad_request
from trace.repeats import claim, keep

HEADER, REPLAYED = "Idempotency-Key", "Idempotent-Replayed"
_KEY = re.compile("[!-~]{1,200}")
_KEPT_HEADERS = ("Content-Type", "Location", "ETag")


def answer_once(view: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """Return the view's answer, or the one it gave when the same caller first asked under the same key.

    Only a success is kept: a refused record may be mended and sent again under its key. Raises `KeyReusedError`.
    """
    key = request.headers.get(HEADER)
    if key is None or g.caller is None or g.caller.account_id is None:
        return view()
    if not _KEY.fullmatch(key):
        raise bad_request("headers", {HEADER: ["key-shape"]})
    account = g.caller.account_id
    kept = claim(g.session, account, key, _digest())
    if kept is not None:
        response = Response(kept.body, kept.status, dict(kept.headers or {}))
        response.headers[REPLAYED] = "true"
        return response
    g.kept_body = None
    answer: Response = current_app.make_response(view())
    headers = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
    keep(g.session, account, key, (answer.status_code, headers, g.kept_body or answer.get_data()))
    return answer


def keep_instead(body: bytes) -> None:
    """Let a repeated request get this body: the view's own holds what is shown once."""
    g.kept_body = body


def _digest() -> str:
    """Return a hash of what is asked: method, address and body."""
    asked = hashlib.sha256(f"{request.method} {request.full_path}\n".encode())
    asked.update(request.get_data())
    return asked.hexdigest()
