"""GS1 keys in any spelling to one: the constrained canonical GS1 Digital Link of CBV 2.0 §8.9 rules 17 and 18.

EPC URNs follow the Tag Data Standard 1.13 §6.3, links the GS1 Digital Link URI Syntax 1.2. Check digits of EPC URNs are
computed; those of links are not judged here: the hash names what was said, right or wrong.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

_HOST = "https://id.gs1.org/"
_CHAR = r"(?:%[0-9A-Fa-f]{2}|[!'()*+,\-.0-9:;=A-Z_a-z])"  # GS1 AI encodable character set 82, escaped as in a URN
_LINK_CHAR = r"(?:%[0-9A-Fa-f]{2}|[\"'\-.0-9;<=>A-Z_a-z])"  # the same set, escaped as in a link
_PART_CHAR = r"(?:%2[3Ff]|[\-0-9A-Z])"  # character set 39, for component and part identifiers
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_LONGEST_REFERENCE = 30  # GIAI, GINC and CPI: company prefix and reference together
_IN_LINKS = str.maketrans({char: f"%{ord(char):02X}" for char in "!()*+,:"})  # Digital Link 1.2 table 7-1


def check_digit(digits: str) -> str:
    """Return the GS1 modulo-10 check digit: weights 3, 1, 3 … from the right."""
    return str(-sum(int(d) * (3, 1)[i % 2] for i, d in enumerate(reversed(digits))) % 10)


def _checked(digits: str) -> str:
    return digits + check_digit(digits)


def _gtin(prefix: str, item: str) -> str:
    """Put the first digit of the item reference, the indicator, before the company prefix."""
    return _checked(item[0] + prefix + item[1:])


def _escaped(text: str) -> str:
    return text.translate(_IN_LINKS)


@dataclass(frozen=True, slots=True)
class Scheme:
    """One EPC scheme: its parts after prefix and reference, how long those two are together, and the link they make."""

    rest: str
    digits: int | None
    link: Callable[..., str]
    reference: str = r"\d*"

    def pattern(self) -> re.Pattern[str]:
        """Return the whole of what follows the scheme's name."""
        return re.compile(rf"(\d{{6,12}})\.({self.reference}){self.rest}", re.ASCII)

    def fits(self, prefix: str, reference: str) -> bool:
        """Tell whether company prefix and reference have the length the scheme asks for."""
        if self.digits is None:
            return len(prefix) + len(_ESCAPE.sub("x", reference)) <= _LONGEST_REFERENCE
        return len(prefix) + len(reference) == self.digits


_ANY = r"\.\*"
_SERIAL = rf"\.({_CHAR}{{1,20}})"
_SCHEMES = {
    "id:sgtin": Scheme(_SERIAL, 13, lambda p, r, s: f"01/{_gtin(p, r)}/21/{_escaped(s)}"),
    "id:sscc": Scheme("", 17, lambda p, r: f"00/{_gtin(p, r)}"),
    "id:sgln": Scheme(
        _SERIAL, 12, lambda p, r, s: f"414/{_checked(p + r)}" + ("" if s == "0" else f"/254/{_escaped(s)}")
    ),
    "id:grai": Scheme(rf"\.({_CHAR}{{1,16}})", 12, lambda p, r, s: f"8003/0{_checked(p + r)}{_escaped(s)}"),
    "id:giai": Scheme("", None, lambda p, r: f"8004/{p}{_escaped(r)}", rf"{_CHAR}{{1,24}}"),
    "id:gsrn": Scheme("", 17, lambda p, r: f"8018/{_checked(p + r)}"),
    "id:gsrnp": Scheme("", 17, lambda p, r: f"8017/{_checked(p + r)}"),
    "id:gdti": Scheme(rf"\.({_CHAR}{{1,17}})", 12, lambda p, r, s: f"253/{_checked(p + r)}{_escaped(s)}"),
    "id:cpi": Scheme(r"\.(\d{1,12})", None, lambda p, r, s: f"8010/{p}{r}/8011/{s}", rf"{_PART_CHAR}{{1,24}}"),
    "id:sgcn": Scheme(r"\.(\d{1,12})", 12, lambda p, r, s: f"255/{_checked(p + r)}{s}"),
    "id:ginc": Scheme("", None, lambda p, r: f"401/{p}{_escaped(r)}", rf"{_CHAR}{{1,24}}"),
    "id:gsin": Scheme("", 16, lambda p, r: f"402/{_checked(p + r)}"),
    "id:itip": Scheme(
        rf"\.(\d\d)\.(\d\d){_SERIAL}", 13, lambda p, r, n, of, s: f"8006/{_gtin(p, r)}{n}{of}/21/{_escaped(s)}"
    ),
    "id:upui": Scheme(rf"\.({_CHAR}{{1,28}})", 13, lambda p, r, s: f"01/{_gtin(p, r)}/235/{_escaped(s)}"),
    "id:pgln": Scheme("", 12, lambda p, r: f"417/{_checked(p + r)}"),
    "class:lgtin": Scheme(_SERIAL, 13, lambda p, r, lot: f"01/{_gtin(p, r)}/10/{_escaped(lot)}"),
    "idpat:sgtin": Scheme(_ANY, 13, lambda p, r: f"01/{_gtin(p, r)}"),
    "idpat:grai": Scheme(_ANY, 12, lambda p, r: f"8003/0{_checked(p + r)}"),
    "idpat:gdti": Scheme(_ANY, 12, lambda p, r: f"253/{_checked(p + r)}"),
    "idpat:sgcn": Scheme(_ANY, 12, lambda p, r: f"255/{_checked(p + r)}"),
    "idpat:cpi": Scheme(_ANY, None, lambda p, r: f"8010/{p}{r}", rf"{_PART_CHAR}{{1,24}}"),
    "idpat:itip": Scheme(rf"\.(\d\d)\.(\d\d){_ANY}", 13, lambda p, r, n, of: f"8006/{_gtin(p, r)}{n}{of}"),
    "idpat:upui": Scheme(_ANY, 13, lambda p, r: f"01/{_gtin(p, r)}"),
}
_PATTERNS = {name: scheme.pattern() for name, scheme in _SCHEMES.items()}

# The alphabetic short names of Digital Link URI Syntax 1.0, still found on old labels.
_SHORT_NAMES = {
    "cpid": "8010",
    "cpv": "22",
    "gcn": "255",
    "gdti": "253",
    "giai": "8004",
    "ginc": "401",
    "gln": "414",
    "grai": "8003",
    "gsin": "402",
    "gsrn": "8018",
    "gsrnp": "8017",
    "gtin": "01",
    "itip": "8006",
    "lot": "10",
    "party": "417",
    "ser": "21",
    "sscc": "00",
}
_BEGINS_WITH_PREFIX = r"(?=\d{4}.)"  # no company prefix is shorter: /8004/about is a page, not an asset
_KEYS = {
    key: re.compile(form, re.ASCII)
    for key, form in {
        "00": r"\d{18}",
        "01": r"\d{8}|\d{12,14}",
        "253": rf"\d{{13}}{_LINK_CHAR}{{0,17}}",
        "255": r"\d{13,25}",
        "401": rf"{_BEGINS_WITH_PREFIX}{_LINK_CHAR}{{1,30}}",
        "402": r"\d{17}",
        "414": r"\d{13}",
        "417": r"\d{13}",
        "8003": rf"\d{{14}}{_LINK_CHAR}{{0,16}}",
        "8004": rf"{_BEGINS_WITH_PREFIX}{_LINK_CHAR}{{1,30}}",
        "8006": r"\d{18}",
        "8010": rf"{_BEGINS_WITH_PREFIX}{_PART_CHAR}{{1,30}}",
        "8017": r"\d{18}",
        "8018": r"\d{18}",
    }.items()
}
_FINEST_FIRST = {"01": ("21", "235", "10"), "8006": ("21", "10"), "414": ("254",), "8010": ("8011",)}
_QUALIFIERS = {
    key: re.compile(form, re.ASCII)
    for key, form in {
        "10": rf"{_LINK_CHAR}{{1,20}}",
        "21": rf"{_LINK_CHAR}{{1,20}}",
        "235": rf"{_LINK_CHAR}{{1,28}}",
        "254": rf"{_LINK_CHAR}{{1,20}}",
        "8011": r"\d{1,12}",
    }.items()
}


def digital_link(uri: str) -> str | None:
    """Return the constrained canonical GS1 Digital Link of an EPC URN or a Digital Link, `None` for any other text."""
    if uri.startswith("urn:epc:"):
        return _of_urn(uri)
    if uri.startswith(("https:", "http:")):
        return _of_link(uri)
    return None


def _of_urn(urn: str) -> str | None:
    kind, _, tail = urn.removeprefix("urn:epc:").partition(":")
    scheme, _, parts = tail.partition(":")
    name = f"{kind}:{scheme}"
    if name not in _SCHEMES or not (match := _PATTERNS[name].fullmatch(parts)):
        return None
    return _HOST + _SCHEMES[name].link(*match.groups()) if _SCHEMES[name].fits(match[1], match[2]) else None


def _of_link(uri: str) -> str | None:
    """Begin at the first segment that is a GS1 key with a well-formed value: a custom path may precede it."""
    segments = uri.partition("?")[0].split("/")[3:]
    for at, name in enumerate(segments[:-1], start=1):
        key = _SHORT_NAMES.get(name, name)
        if key in _KEYS and (found := _constrained(key, segments[at], segments[at + 1 :])):
            return found
    return None


def _constrained(key: str, value: str, tail: list[str]) -> str | None:
    """Keep the key and its finest qualifier. Anything besides key, consumer variant and qualifiers is no identifier."""
    if len(tail) % 2 or not _KEYS[key].fullmatch(value):
        return None
    qualifiers = {_SHORT_NAMES.get(name, name): text for name, text in zip(tail[::2], tail[1::2], strict=True)}
    if key in ("01", "8006"):
        qualifiers.pop("22", None)
    finest = _FINEST_FIRST.get(key, ())
    if not all(name in finest and _QUALIFIERS[name].fullmatch(text) for name, text in qualifiers.items()):
        return None
    link = f"{_HOST}{key}/{value.zfill(14) if key == '01' else value}"
    return next((f"{link}/{name}/{qualifiers[name]}" for name in finest if name in qualifiers), link)
