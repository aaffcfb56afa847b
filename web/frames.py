"""What every page has around it: language, style, the way back to the start."""

from http import HTTPStatus

from flask import Response, request, url_for

from web.language import Speech, asked_language
from web.look_up import current_look_up


def speech() -> Speech:
    """Return the language of this page."""
    return current_look_up().speech(asked_language(request))


def frame(spoken: Speech) -> dict[str, object]:
    """Return what the layout needs."""
    asked, edition = "lang" in request.args, current_look_up().edition
    style, favicon = (url_for("pages.static_file", name=name, v=edition) for name in ("page.css", "leaf.svg"))
    again = url_for("pages.start", lang=spoken.language if asked else None)
    return {"speech": spoken, "say": spoken.say, "style": style, "favicon": favicon, "again": again, "asked": asked}


def html(page: str | bytes, status: int = HTTPStatus.OK) -> Response:
    """Return a page."""
    return Response(page, status, content_type="text/html; charset=utf-8")
