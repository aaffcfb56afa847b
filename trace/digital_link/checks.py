"""What the digits and letters of an element value must mean: dates, check digits, countries. Pure.

One predicate per rule, named in the table of application identifiers; the character set and the length of the text
were judged before. Rules are those of the GS1 General Specifications.
"""

import calendar
import string
from collections.abc import Callable

from trace.digital_link.coupons import is_coupon, is_coupon_offer
from trace.digital_link.registers import COUNTRY_LETTERS, COUNTRY_NUMBERS, CURRENCY_NUMBERS
from trace.ids import has_gs1_check

CSET82 = "!\"%&'()*+,-./" + string.digits + ":;<=>?" + string.ascii_uppercase + "_" + string.ascii_lowercase
_CSET32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PAIR_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)
_COMPANY_PREFIX_LENGTH = 4  # the shortest one given out
_IBAN_LENGTHS = range(11, 35)


def is_company_prefix(text: str) -> bool:
    """Tell whether the text begins with digits enough for a GS1 company prefix."""
    start = text[:_COMPANY_PREFIX_LENGTH]
    return len(start) == _COMPANY_PREFIX_LENGTH and start.isdigit()


def has_check_pair(text: str) -> bool:
    """Tell whether an alphanumeric key ends in its two check characters (sum over primes, modulo 1021)."""
    body, pair = text[:-2], text[-2:]
    total = sum(CSET82.index(char) * prime for char, prime in zip(reversed(body), _PAIR_PRIMES, strict=False)) % 1021
    return pair == _CSET32[total >> 5] + _CSET32[total & 31]


def is_date(yymmdd: str) -> bool:
    """Tell whether six digits are a date. Every fourth year is a leap year in the century GS1 reads them in."""
    return is_date_or_month(yymmdd) and yymmdd[4:] != "00"


def is_date_or_month(yymmdd: str) -> bool:
    """Tell whether six digits are a date or, with day 00, a month."""
    month, day = int(yymmdd[2:4]), int(yymmdd[4:])
    return 1 <= month <= 12 and day <= calendar.monthrange(2000 + int(yymmdd[:2]), month)[1]


def is_long_date(yyyymmdd: str) -> bool:
    """Tell whether eight digits are a date."""
    year, month, day = int(yyyymmdd[:4]), int(yyyymmdd[4:6]), int(yyyymmdd[6:])
    return 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]


def is_hour(text: str) -> bool:
    """Tell whether two digits are an hour."""
    return text < "24"


def is_sixtieth(text: str) -> bool:
    """Tell whether two digits are a minute or a second."""
    return text < "60"


def is_time(text: str) -> bool:
    """Tell whether four digits are an hour and a minute."""
    return is_hour(text[:2]) and is_sixtieth(text[2:])


def is_piece_of_total(text: str) -> bool:
    """Tell whether the first half of the digits counts a piece within the second half's total."""
    piece, total = int(text[: len(text) // 2]), int(text[len(text) // 2 :])
    return 1 <= piece <= total


def is_position(text: str) -> bool:
    """Tell whether the text is a position in a sequence, as `2/3`, without leading zeros."""
    position, slash, end = text.partition("/")
    if not slash or not (position.isdigit() and end.isdigit()):
        return False
    return position[0] != "0" and end[0] != "0" and int(position) <= int(end)


def is_percent_encoded(text: str) -> bool:
    """Tell whether each percent sign is followed by two hexadecimal digits."""
    return all(len(part) >= 2 and set(part[:2]) <= set(string.hexdigits) for part in text.split("%")[1:])


def is_iban(text: str) -> bool:
    """Tell whether the text is an international bank account number (ISO 13616, modulo 97)."""
    if (
        len(text) not in _IBAN_LENGTHS
        or text[:2] not in COUNTRY_LETTERS
        or not (text.isalnum() and text == text.upper())
    ):
        return False
    return int("".join(str(int(char, 36)) for char in text[4:] + text[:4])) % 97 == 1


def is_padded(text: str) -> bool:
    """Tell whether base64 text has no padding, or the padding that fills its last four characters (RFC 4648)."""
    bare = text.rstrip("=")
    return "=" not in bare and (bare == text or (len(text) - len(bare) <= 2 and len(text) % 4 == 0))


def is_importer_index(text: str) -> bool:
    """Tell whether one character may be an importer index (EU 2018/574)."""
    return text in string.ascii_letters + string.digits + "-_"


def is_media_type(text: str) -> bool:
    """Tell whether two digits are an AIDC media type in use."""
    return "01" <= text <= "10" or "80" <= text <= "99"


CHECKS: dict[str, Callable[[str], bool]] = {
    "check-digit": has_gs1_check,
    "check-pair": has_check_pair,
    "company-prefix": is_company_prefix,
    "country": COUNTRY_NUMBERS.__contains__,
    "country-letters": COUNTRY_LETTERS.__contains__,
    "country-or-999": (COUNTRY_NUMBERS | {"999"}).__contains__,
    "coupon": is_coupon,
    "coupon-offer": is_coupon_offer,
    "currency": CURRENCY_NUMBERS.__contains__,
    "date": is_date,
    "date-or-month": is_date_or_month,
    "filler": "0".__eq__,
    "hour": is_hour,
    "iban": is_iban,
    "importer-index": is_importer_index,
    "latitude": lambda text: int(text) <= 1_800_000_000,
    "leading-digit": lambda text: text[0] != "0",
    "letter": lambda text: not text.isdigit(),
    "long-date": is_long_date,
    "longitude": lambda text: int(text) <= 3_600_000_000,
    "media-type": is_media_type,
    "minus": "-".__eq__,
    "minute": is_sixtieth,
    "padding": is_padded,
    "percent": is_percent_encoded,
    "piece": is_piece_of_total,
    "position": is_position,
    "second": is_sixtieth,
    "sex": lambda text: text in {"0", "1", "2", "9"},  # ISO/IEC 5218
    "size": lambda text: int(text) > 0,
    "time": is_time,
    "winding": lambda text: text in {"0", "1", "9"},
    "yes-no": lambda text: text in {"0", "1"},
}
