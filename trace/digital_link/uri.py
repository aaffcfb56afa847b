"""Read, check and write GS1 Digital Link URIs (GS1 Digital Link Standard: URI Syntax, uncompressed).

A link is refused for one reason, a stable code; when an application identifier is to blame, `fault_ai` names it.
Short names (`/gtin/…`) and shortened GTINs in the path are refused: printed links are held to the full form.
"""

import re
from typing import NamedTuple

from trace.digital_link.combinations import KEYS, Fault, find_fault
from trace.digital_link.identifiers import IDENTIFIERS, Identifier, expand
from trace.digital_link.percent import decode_path, decode_query, encode_path, encode_query

Elements = tuple[tuple[str, str], ...]

LONGEST_URI = 8191  # characters; no symbol carries more
MOST_ELEMENTS = 64

_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")
_SCHEME = re.compile("https?://|HTTPS?://")
_HOST = re.compile(r"[A-Za-z0-9\-.:\[\]]+")
_SHORT_GTIN_LENGTHS = frozenset({8, 12, 13})
_SERIALISED = ("253", "255", "8003")  # with a signature (8030) their optional serial is due
# Element strings put values of predefined length first, and so does the canonical link.
_PREDEFINED = frozenset(expand("00-04 11-20 31-36 41"))
_CANONICAL_BASE = "https://id.gs1.org"


class LinkError(ValueError):
    """A link that says nothing by the standard; `fault` says why."""

    def __init__(self, code: str, ai: str | None = None) -> None:
        super().__init__(code)
        self.fault = Fault(code, ai)


class ParsedLink(NamedTuple):
    """What was read from a URI: its elements in order, or why there are none."""

    uri: str
    valid: bool
    reason: str | None
    ais: Elements
    fault_ai: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Return what a valid link is about: the primary key and its value."""
        return self.ais[0]

    def get(self, ai: str) -> str | None:
        """Return the value of an application identifier, or None."""
        return next((value for name, value in self.ais if name == ai), None)


def parse(uri: str) -> ParsedLink:
    """Read a whole URI and judge it."""
    try:
        host, path, query = _split(uri)
        if not _HOST.fullmatch(host):
            raise LinkError("illegal-host")
        return _accepted(uri, _read_elements(path, query))
    except LinkError as error:
        return _refused(uri, error.fault)


def parse_path(path: str, query: str = "") -> ParsedLink:
    """Read the path and the query of a request as they were sent, still percent-encoded."""
    uri = f"{path}?{query}" if query else path
    try:
        _require_uri_characters(uri)
        return _accepted(uri, _read_elements(path, query))
    except LinkError as error:
        return _refused(uri, error.fault)


def _accepted(uri: str, elements: Elements) -> ParsedLink:
    return ParsedLink(uri, valid=True, reason=None, ais=elements)


def _refused(uri: str, fault: Fault) -> ParsedLink:
    return ParsedLink(uri, valid=False, reason=fault.code, ais=(), fault_ai=fault.ai)


def build_link(base: str, gtin14: str, lot: str | None = None, serial: str | None = None) -> str:
    """Return the link of a trade item, its lot or one pack. Raises `LinkError` when an element is impossible."""
    elements = [("01", gtin14)]
    elements += [("10", lot)] if lot is not None else []
    elements += [("21", serial)] if serial is not None else []
    for ai, value in elements:
        _require_content(IDENTIFIERS[ai], value)
    return base.rstrip("/") + _path_of(elements)


def canonical_uri(elements: Elements, base: str = _CANONICAL_BASE) -> str:
    """Return the canonical link of a valid link's elements: no stem, no foreign parameters, fixed lengths first."""
    ais = tuple(ai for ai, _ in elements)
    depth = next((cut for cut in range(len(ais), 0, -1) if find_fault(ais[:cut], ais[cut:]) is None), None)
    if depth is None:
        raise LinkError("no-key")
    attributes = sorted(elements[depth:], key=lambda element: element[0][:2] not in _PREDEFINED)
    query = "&".join(f"{ai}={encode_query(value)}" for ai, value in attributes)
    return base.rstrip("/") + _path_of(elements[:depth]) + ("?" + query if query else "")


def _path_of(elements: list[tuple[str, str]] | Elements) -> str:
    return "".join(f"/{ai}/{encode_path(value)}" for ai, value in elements)


def _split(uri: str) -> tuple[str, str, str]:
    """Return host, path and query of a web address."""
    scheme = _SCHEME.match(uri)
    if not scheme:
        raise LinkError("not-a-web-address")
    _require_uri_characters(uri)
    host, slash, rest = uri[scheme.end() :].partition("/")
    if not slash or not host:
        raise LinkError("no-host-or-path")
    path, _, query = rest.partition("#")[0].partition("?")
    return host, "/" + path, query


def _require_uri_characters(uri: str) -> None:
    if len(uri) > LONGEST_URI:
        raise LinkError("uri-too-long")
    if not _CHARACTERS.fullmatch(uri):
        raise LinkError("illegal-characters")


def _read_elements(path: str, query: str) -> Elements:
    in_path = _read_path(path)
    in_query = _read_query(query) if query else ()
    if len(in_path) + len(in_query) > MOST_ELEMENTS:
        raise LinkError("too-many-elements")
    fault = find_fault(tuple(ai for ai, _ in in_path), tuple(ai for ai, _ in in_query))
    if fault:
        raise LinkError(*fault)
    elements = in_path + in_query
    for ai, value in elements:
        _require_content(IDENTIFIERS[ai], value)
    if in_query:
        _require_serials_under_signature(dict(elements))
    return elements


def _read_path(path: str) -> Elements:
    """Read pairs backwards from the end to the key; what stands before it is the stem."""
    segments = path.split("/")
    start = len(segments) - 2
    while start > 0 and segments[start] not in KEYS:
        if segments[start] not in IDENTIFIERS:
            raise LinkError("no-key")
        start -= 2
    if start <= 0:
        raise LinkError("no-key")
    return tuple(
        _element(segments[at], segments[at + 1], decode_path(segments[at + 1])) for at in range(start, len(segments), 2)
    )


def _read_query(query: str) -> Elements:
    elements = []
    for parameter in query.split("&"):
        name, _, text = parameter.partition("=")
        if name in IDENTIFIERS and "=" in parameter:
            elements.append(_element(name, text, _lengthened(name, decode_query(text))))
        elif name.isdigit() and "=" in parameter:
            raise LinkError("unknown-identifier", name)
    return tuple(elements)


def _lengthened(ai: str, value: str) -> str:
    """Return the value; a GTIN that qualifies another key may come as a GTIN-8, -12 or -13."""
    return value.zfill(14) if ai == "01" and len(value) in _SHORT_GTIN_LENGTHS else value


def _element(ai: str, text: str, value: str) -> tuple[str, str]:
    identifier = IDENTIFIERS[ai]
    if not text:
        raise LinkError("empty-value", ai)
    if "\0" in value:
        raise LinkError("null-character", ai)
    if len(value) < identifier.shortest:
        raise LinkError("value-too-short", ai)
    if len(value) > identifier.longest:
        raise LinkError("value-too-long", ai)
    return ai, value


def _require_content(identifier: Identifier, value: str) -> None:
    match = identifier.matches(value)
    if not match:
        raise LinkError(_shape_fault(identifier, value), identifier.ai)
    for place, name, holds in identifier.checks:
        part = match[place]
        if part is not None and not holds(part):
            raise LinkError(f"wrong-{name}", identifier.ai)


def _shape_fault(identifier: Identifier, value: str) -> str:
    digits_only = all(component.charset == "N" for component in identifier.components)
    if digits_only and not (value.isascii() and value.isdigit()):
        return "not-digits"
    fits = identifier.shortest <= len(value) <= identifier.longest
    return "wrong-characters" if fits and not digits_only else "wrong-length"


def _require_serials_under_signature(values: dict[str, str]) -> None:
    if "8030" in values:
        for ai in _SERIALISED:
            if ai in values and len(values[ai]) == IDENTIFIERS[ai].shortest:
                raise LinkError("serial-missing", ai)
