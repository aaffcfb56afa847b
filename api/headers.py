"""What every answer carries: a request id, and headers that keep a browser from doing what no page of ours needs."""

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response

Pairs = Sequence[tuple[str, str]]

REQUEST_ID = "chasu.request_id"  # where the WSGI environment has the id of its request

# No inline script or style anywhere, nothing from elsewhere. Pictures may be data: drawings in our own style sheets.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_ALWAYS = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Permissions-Policy", "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
_ENCRYPTED = ("Strict-Transport-Security", "max-age=31536000")
_REQUEST_ID = re.compile(r"[0-9A-Za-z._-]{8,64}")


def name_request(environment: Mapping[str, Any]) -> str:
    """Return an id for the request: the one a proxy gave it, when it looks like one."""
    given = environment.get("HTTP_X_REQUEST_ID", "")
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)


def carried_by_all(public_url: str) -> Pairs:
    """Return the headers of every answer, refusals and files included."""
    return (*_ALWAYS, _ENCRYPTED) if public_url.startswith("https://") else _ALWAYS


def complete(own: Pairs, by_all: Pairs, request_id: str) -> list[tuple[str, str]]:
    """Return the headers of one answer: its own first, which stand where they say otherwise."""
    said = {name for name, _ in own}
    return [*own, *(pair for pair in by_all if pair[0] not in said), ("X-Request-Id", request_id)]


def keep_private(response: Response) -> Response:
    """Let nobody keep what a key opened."""
    response.headers.setdefault("Cache-Control", "no-store")
    response.vary.add("Authorization")
    return response
