"""Identifiers: shapes and check digits of the codes a tea record carries, and API tokens. Pure.

GS1 General Specifications (GTIN, GLN, SSCC), GB 32100-2015 with GB 11714 (unified social credit code),
ISO/IEC 7064 MOD 11,10 (food production licence) and MOD 11-2 (resident identity number). A wrong shape raises
`IdentifierError`; a wrong check of a Chinese code is a warning, because genuine codes exist that fail by design.
"""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

_DIGITS = re.compile(r"[0-9]+")
_GTIN_LENGTHS = frozenset({8, 12, 13, 14})
_GLN_LENGTH = 13
_SSCC_LENGTH = 18


class IdentifierError(ValueError):
    """A code of impossible shape; `args[0]` is the reason's code."""

    @property
    def code(self) -> str:
        """Return the reason's code."""
        return str(self.args[0])


# GS1 keys


def gs1_check_digit(body: str) -> str:
    """Return the check digit for a body of digits: weights 3, 1, 3, … from the right."""
    _require_digits(body)
    return str(-_weighted_sum(body + "0") % 10)


def has_gs1_check(code: str) -> bool:
    """Tell whether the last digit of a string of ASCII digits is its GS1 check digit."""
    return _weighted_sum(code) % 10 == 0


def gtin14(text: str) -> str:
    """Return a GTIN-8, -12, -13 or -14 as fourteen digits, refusing a wrong length or check digit."""
    _require_digits(text)
    if len(text) not in _GTIN_LENGTHS:
        raise IdentifierError("wrong-length")
    return _checked(text.zfill(14))


def gln(text: str) -> str:
    """Return a GLN, refusing what is not thirteen digits with the right check digit."""
    return _checked(_of_length(text, _GLN_LENGTH))


def sscc(text: str) -> str:
    """Return an SSCC, refusing what is not eighteen digits with the right check digit."""
    return _checked(_of_length(text, _SSCC_LENGTH))


def _weighted_sum(code: str) -> int:
    digits = code.encode("ascii")
    in_pairs, singles = len(digits) // 2, (len(digits) + 1) // 2
    return 3 * sum(digits[-2::-2]) + sum(digits[-1::-2]) - 48 * (3 * in_pairs + singles)  # 48 is ord("0")


def _require_digits(text: str) -> None:
    if not _DIGITS.fullmatch(text):
        raise IdentifierError("not-digits")


def _of_length(text: str, length: int) -> str:
    _require_digits(text)
    if len(text) != length:
        raise IdentifierError("wrong-length")
    return text


def _checked(code: str) -> str:
    if not has_gs1_check(code):
        raise IdentifierError("wrong-check-digit")
    return code


# Unified social credit code, food production licence, village code

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100: no I, O, S, V, Z
_GS1_PREFIX = re.compile(r"[0-9]{4,12}")
_USCC_SHAPE = re.compile(rf"[{_USCC_ALPHABET}]{{2}}[0-9]{{6}}[{_USCC_ALPHABET}]{{10}}")
_USCC_WEIGHTS = tuple(pow(3, position, 31) for position in range(17))
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714
_LICENCE_SHAPE = re.compile(r"SC[0-9]{14}")
_VILLAGE_SHAPE = re.compile(r"[1-9][0-9]{11}")
_REGION_SHAPE = re.compile(r"[1-9][0-9]{5,11}")
_LOT_CODE_SHAPE = re.compile(r"[0-9A-Z.-]{1,20}")


def uscc_check_character(body: str) -> str:
    """Return the eighteenth character for the first seventeen."""
    total = sum(_USCC_ALPHABET.index(char) * weight for char, weight in zip(body, _USCC_WEIGHTS, strict=True))
    return _USCC_ALPHABET[-total % 31]


def organisation_check_character(body: str) -> str:
    """Return the check character of the eight-character organisation code inside a credit code."""
    total = sum(int(char, 36) * weight for char, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def check_gs1_prefix(text: str) -> None:
    """Raise where a text is not a GS1 company prefix: 4 to 12 digits (GS1 General Specifications 1.4.3)."""
    if not _GS1_PREFIX.fullmatch(text):
        raise IdentifierError("gs1-prefix-shape")


def check_uscc(text: str) -> tuple[str, ...]:
    """Return warnings on a unified social credit code; raise when it does not have the shape of one."""
    if not _USCC_SHAPE.fullmatch(text):
        raise IdentifierError("uscc-shape")
    organisation_right = organisation_check_character(text[8:16]) == text[16]
    code_right = uscc_check_character(text[:17]) == text[17]
    findings = (("organisation-check", organisation_right), ("uscc-check", code_right))
    return tuple(warning for warning, right in findings if not right)


def licence_check_digit(body: str) -> str:
    """Return the fourteenth digit of a food production licence for the first thirteen (MOD 11,10)."""
    _of_length(body, 13)
    product = 10
    for digit in body:
        total = (product + int(digit)) % 10 or 10
        product = 2 * total % 11
    return str((11 - product) % 10)


def check_licence(text: str) -> tuple[str, ...]:
    """Return warnings on a food production licence (SC and fourteen digits); raise when its shape is wrong."""
    if not _LICENCE_SHAPE.fullmatch(text):
        raise IdentifierError("licence-shape")
    return () if licence_check_digit(text[2:15]) == text[15] else ("licence-check",)


def village_code(text: str) -> str:
    """Return a twelve-digit statistical division code down to the village, refusing any other shape."""
    if not _VILLAGE_SHAPE.fullmatch(text):
        raise IdentifierError("village-shape")
    return text


def region_code(text: str) -> str:
    """Return a division's code: 6 digits for a county, 9 for a town, 12 for a village."""
    if not _REGION_SHAPE.fullmatch(text):
        raise IdentifierError("region-shape")
    return text


def lot_code(text: str) -> str:
    """Return a traceability lot code: 1 to 20 of `0-9 A-Z - .`, so that a link needs no percent signs."""
    if not _LOT_CODE_SHAPE.fullmatch(text):
        raise IdentifierError("lot-code-shape")
    return text


# Tokens: hexadecimal, so that they survive line breaks, mail clients and a double click


def new_api_token() -> str:
    """Return an API token of 256 random bits."""
    return secrets.token_hex(32)


# Numbers that identify a person, to be refused or masked in free text

_RESIDENT = re.compile(r"(?<![0-9])[1-9][0-9]{5}(?P<born>(?:18|19|20)[0-9]{6})[0-9]{3}[0-9Xx](?![0-9])")
_RESIDENT_WEIGHTS = tuple(pow(2, 17 - position, 11) for position in range(17))  # MOD 11-2
# A decimal fraction of eleven digits is a coordinate, not a telephone.
_MOBILE = re.compile(r"(?<![0-9])(?<![0-9]\.)(?:(?:\+|00)86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}(?![0-9])")
_SHORTEST_NUMBER = 11  # digits of a telephone
_FULL_WIDTH = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}  # one for one: places in the text stay


class PersonalKind(StrEnum):
    """What a number in free text says of a person."""

    RESIDENT = "resident-identity-number"
    MOBILE = "mobile-number"


@dataclass(frozen=True)
class PersonalNumber:
    """A personal number in a text: its kind and where it stands."""

    kind: PersonalKind
    start: int
    end: int


def is_resident_number(text: str) -> bool:
    """Tell whether eighteen characters are a resident identity number: pattern, date of birth and check."""
    match = _RESIDENT.fullmatch(text)
    return match is not None and _is_resident(match)


def find_personal_numbers(text: str) -> tuple[PersonalNumber, ...]:
    """Return the resident identity and mobile numbers in a text, in order of place; full-width digits count."""
    if len(text) < _SHORTEST_NUMBER:
        return ()
    plain = text.translate(_FULL_WIDTH)
    return tuple(sorted(_personal_numbers(plain), key=lambda number: number.start))


def find_resident_numbers(text: str) -> tuple[PersonalNumber, ...]:
    """Return the resident identity numbers alone."""
    return tuple(number for number in find_personal_numbers(text) if number.kind is PersonalKind.RESIDENT)


def mask_personal_numbers(text: str) -> str:
    """Return the text with every personal number replaced by asterisks."""
    for number in find_personal_numbers(text):
        text = text[: number.start] + "*" * (number.end - number.start) + text[number.end :]
    return text


def _personal_numbers(plain: str) -> Iterator[PersonalNumber]:
    for match in _RESIDENT.finditer(plain):
        if _is_resident(match):
            yield PersonalNumber(PersonalKind.RESIDENT, *match.span())
    for match in _MOBILE.finditer(plain):
        yield PersonalNumber(PersonalKind.MOBILE, *match.span())


def _is_resident(match: re.Match[str]) -> bool:
    number = match[0].upper()
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _RESIDENT_WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == number[17] and _is_date(match["born"])


def _is_date(yyyymmdd: str) -> bool:
    try:
        date(int(yyyymmdd[:4]), int(yyyymmdd[4:6]), int(yyyymmdd[6:]))
    except ValueError:
        return False
    return True
