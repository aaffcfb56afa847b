"""In which language to answer: what `Accept-Language` asks for, else Chinese."""

from functools import lru_cache

from flask import request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from api.catalogue import DEFAULT_LANGUAGE, LANGUAGES


def language() -> str:
    """Return the language of this answer."""
    return preferred(request.headers.get("Accept-Language", ""))


@lru_cache(maxsize=256)  # browsers send few different ones
def preferred(asked: str) -> str:
    """Return the first language asked for that we have, in whatever country it is spoken."""
    for tag, quality in parse_accept_header(asked, LanguageAccept):
        primary = tag.partition("-")[0].lower()
        if quality and primary in LANGUAGES:
            return primary
    return DEFAULT_LANGUAGE
