"""What every answer carries: a request id, and headers that keep a browser from doing what no page of ours needs."""

import re
import uuid

from flask import Flask, Response, g, request

from api.state import current_state

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
_ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_REQUEST_ID = re.compile(r"[0-9A-Za-z._-]{8,64}")


def name_request() -> None:
    """Give the request an id: the one a proxy gave it, when it looks like one."""
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def add_headers(app: Flask) -> None:
    """Put the headers on every answer, refusals and files included."""
    app.after_request(_finish)


def _finish(response: Response) -> Response:
    present = {name.lower() for name, _ in response.headers}
    for name, value in _ALWAYS.items():
        if name.lower() not in present:
            response.headers.add(name, value)
    response.headers["X-Request-Id"] = g.get("request_id", "")
    if current_state().settings.public_url.startswith("https://"):
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.path.startswith("/v1/"):
        response.headers.setdefault("Cache-Control", "no-store")
        response.vary.add("Authorization")
    return response
