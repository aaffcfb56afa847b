"""Codes typed by hand: a link, an element string with brackets, a GTIN with or without a serial, or a serial alone."""

import re
from urllib.parse import quote

from sqlalchemy.orm import Session

from trace.digital_link import LinkError, build_link, parse
from trace.ids import IdentifierError, gtin14
from trace.keys import KeyRing
from trace.serials import LENGTH, normalise
from trace.verdicts import find_gtin

_BRACKETS = re.compile(r"\((\d{2})\)\s*([^()\s]+)")
_OWN = re.compile(r"[^?#]*/t/([0-9A-Za-z]+)(?:[?#].*)?")
_GTIN = re.compile(r"\d{8}|\d{12,14}")
_ANY_HOST = "https://id.gs1.org"


def find_link(session: Session, keys: KeyRing, instance: str, typed: str) -> str | None:
    """Return the address on this host where a typed code is answered, or None when it cannot be read."""
    if "/" in typed:
        return _from_link(typed)
    brackets = dict(_BRACKETS.findall(typed))
    if brackets:
        return _from_elements(brackets.get("01", ""), brackets.get("10"), brackets.get("21"))
    first, _, rest = typed.partition(" ")
    if _GTIN.fullmatch(first) and len(normalise(rest)) in (0, LENGTH):
        return _from_elements(first, None, normalise(rest) or None)
    serial = normalise(typed)
    if len(serial) != LENGTH or not (serial.isascii() and serial.isalnum()):
        return None
    gtin = find_gtin(session, keys, instance, serial)
    return _from_elements(gtin, None, serial) if gtin else f"/t/{serial}"


def _from_link(typed: str) -> str | None:
    """Return the path of a link; whose host it names does not matter, its code does."""
    uri = typed if "://" in typed else f"{_ANY_HOST}/{typed.partition('/')[2]}"
    own = _OWN.fullmatch(uri)
    if own:
        return f"/t/{quote(own[1])}"
    link = parse(uri)
    if not link.valid or link.key[0] != "01":
        return None
    return _from_elements(link.key[1], link.get("10"), link.get("21"))


def _from_elements(gtin: str, lot: str | None, serial: str | None) -> str | None:
    try:
        return build_link("", gtin14(gtin), lot, serial)
    except (IdentifierError, LinkError):
        return None
