"""Percent signs in the path and the query of a GS1 Digital Link.

One escape is one character: `%FF` is U+00FF, never a part of UTF-8, because element values know ASCII only. A percent
sign that two hexadecimal digits do not follow stands for itself.
"""

import re
from urllib.parse import quote, quote_plus

_ESCAPE = re.compile("%([0-9A-Fa-f]{2})")


def decode_path(text: str) -> str:
    """Return a path segment with its escapes resolved."""
    return _ESCAPE.sub(_character, text) if "%" in text else text


def decode_query(text: str) -> str:
    """Return a query value with its escapes resolved; a plus sign is a space."""
    return decode_path(text.replace("+", " "))


def encode_path(text: str) -> str:
    """Return the text as a path segment: all but letters, digits and `-._~` escaped."""
    return quote(text, safe="", encoding="latin-1")


def encode_query(text: str) -> str:
    """Return the text as a query value; a space becomes a plus sign."""
    return quote_plus(text, safe="", encoding="latin-1")


def _character(match: re.Match[str]) -> str:
    return chr(int(match[1], 16))
