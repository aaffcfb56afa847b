"""North American coupon codes, AI 8110 and AI 8112: fields that state their own length, in a fixed order."""

from collections.abc import Callable
from datetime import date

_COMPANY = "0123456"  # a prefix of 6 to 12 digits: the indicator plus 6
_REQUIREMENT_KINDS = "012349"


class _CouponError(ValueError):
    """The text is not a coupon code."""


class _Reader:
    """Takes fields off the front of a string of digits."""

    def __init__(self, text: str) -> None:
        self.rest = text

    def take(self, length: int) -> str:
        """Return the next `length` digits."""
        if len(self.rest) < length:
            raise _CouponError
        taken, self.rest = self.rest[:length], self.rest[length:]
        return taken

    def one_of(self, allowed: str) -> str:
        """Return the next digit, which must be among `allowed`."""
        digit = self.take(1)
        if digit not in allowed:
            raise _CouponError
        return digit

    def counted(self, allowed: str, more: int) -> str:
        """Return a field preceded by its length less `more`."""
        return self.take(int(self.one_of(allowed)) + more)

    def option(self, mark: str) -> bool:
        """Take the mark of an optional field if it is next."""
        if not self.rest.startswith(mark):
            return False
        self.rest = self.rest[len(mark) :]
        return True


def is_coupon(text: str) -> bool:
    """Tell whether a value of AI 8110 follows the coupon code layout."""
    return _follows(text, _read_coupon)


def is_coupon_offer(text: str) -> bool:
    """Tell whether a value of AI 8112 follows the positive offer file layout."""
    return _follows(text, _read_offer)


def _follows(text: str, layout: Callable[[_Reader], None]) -> bool:
    if not (text.isascii() and text.isdigit()):
        return False
    reader = _Reader(text)
    try:
        layout(reader)
    except _CouponError:
        return False
    return not reader.rest


def _read_offer(reader: _Reader) -> None:
    reader.one_of("01")  # format
    reader.counted(_COMPANY, 6)  # funder
    reader.take(6)  # offer code
    reader.counted("0123456789", 6)  # serial number


def _read_coupon(reader: _Reader) -> None:
    reader.counted(_COMPANY, 6)
    reader.take(6)  # offer code
    reader.counted("12345", 0)  # save value
    _read_purchase(reader)
    _read_further_purchases(reader)
    _read_validity(reader)
    if reader.option("5"):
        reader.counted("0123456789", 6)  # serial number
    if reader.option("6"):
        reader.counted("1234567", 6)  # retailer
    if reader.option("9"):
        _read_conditions(reader)


def _read_purchase(reader: _Reader) -> None:
    reader.counted("12345", 0)  # requirement
    reader.one_of(_REQUIREMENT_KINDS)
    reader.take(3)  # family code


def _read_further_purchases(reader: _Reader) -> None:
    if reader.option("1"):
        reader.one_of("0123")  # how the purchases combine
        _read_purchase(reader)
        _read_other_company(reader)
    if reader.option("2"):
        _read_purchase(reader)
        _read_other_company(reader)


def _read_other_company(reader: _Reader) -> None:
    if not reader.option("9"):  # 9: the same company
        reader.counted(_COMPANY, 6)


def _read_validity(reader: _Reader) -> None:
    expiry = _read_date(reader) if reader.option("3") else None
    start = _read_date(reader) if reader.option("4") else None
    if expiry and start and start > expiry:
        raise _CouponError


def _read_date(reader: _Reader) -> date:
    text = reader.take(6)
    try:
        return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))
    except ValueError:
        raise _CouponError from None


def _read_conditions(reader: _Reader) -> None:
    reader.one_of("01256")  # what the save value means
    reader.one_of("012")  # the purchase it applies to
    reader.take(1)  # store coupon flag
    reader.one_of("01")  # may it be multiplied
