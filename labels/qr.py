"""QR symbols (ISO/IEC 18004, error correction level M): a link becomes a square of modules.

With version and mask fixed, a symbol is linear over GF(2): two symbols differ by exactly what the differing data bits
change. So `qrcode` draws one symbol and, once each, the single bits; every further symbol is a few exclusive-ors on one
integer. The tests hold the results equal to those of `qrcode`, module by module.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from qrcode import QRCode
from qrcode.base import rs_blocks
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import ALPHA_NUM, BitBuffer, create_bytes

from labels.errors import LinkTooLongError

QUIET_MODULES = 4  # ISO/IEC 18004, 9.1: the quiet zone is four modules wide
MAX_VERSION = 10  # 213 bytes at level M; a larger symbol has no room on any of our labels

_ALPHANUMERIC = ALPHA_NUM.decode()


@dataclass(frozen=True)
class Symbol:
    """A square of modules, kept as one integer: row by row, first bit lowest, a white column after each row."""

    size: int
    bits: int

    def matrix(self) -> list[list[bool]]:
        """Return the rows from the top, dark modules true."""
        width = self.size + 1
        return [[bool(self.bits >> (y * width + x) & 1) for x in range(self.size)] for y in range(self.size)]

    def runs(self) -> Iterator[tuple[int, int, int]]:
        """Yield each horizontal run of dark modules: x, y, length."""
        for run in re.finditer("1+", self.text()):
            y, x = divmod(run.start(), self.size + 1)
            yield x, y, run.end() - run.start()

    def text(self) -> str:
        """Return the modules as zeros and ones, row after row, with the white column after each."""
        return format(self.bits, f"0{self.size * (self.size + 1)}b")[::-1]


def encode(link: str, mask: int | None = None) -> Symbol:
    """Draw the smallest symbol for a link, with the mask that reads best unless one is given."""
    head, tail = split(link)
    version = fit(len(head), len(tail))
    change = version.change(_codewords(head, tail, version))
    symbols = [drawn ^ change for drawn in (version.references if mask is None else [version.references[mask]])]
    return Symbol(version.size, min(symbols, key=lambda bits: penalty(version.size, bits)))


def split(link: str) -> tuple[bytes, str]:
    """Split a link into bytes (the host, in lower case) and the rest, which the denser alphanumeric mode can hold."""
    cut = len(link)
    while cut and link[cut - 1] in _ALPHANUMERIC:
        cut -= 1
    # Under ten characters a second segment costs more than it saves; a half-used pair costs one bit more.
    return (link.encode(), "") if len(link) - cut < 10 else (link[:cut].encode(), link[cut:])


@cache
def fit(head_length: int, tail_length: int) -> "Version":
    """Find the smallest version for so many bytes and alphanumeric characters."""
    for number in range(1, MAX_VERSION + 1):
        version = _version(number)
        if _bit_count(head_length, tail_length, version) <= version.data_bits:
            return version
    raise LinkTooLongError(length=head_length + tail_length)


class Version:
    """One size of symbol: a reference symbol under each mask, and what each data bit changes in it."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.size = 17 + 4 * number
        self._blocks = rs_blocks(number, ERROR_CORRECT_M)
        self.data_bits = 8 * sum(block.data_count for block in self._blocks)
        # Any data would do, but `qrcode` cannot divide a polynomial that is all zero.
        self._reference = int.from_bytes(b"\x55" * (self.data_bits // 8), "big")
        self.references = [self._draw(self._reference, mask) for mask in range(8)]
        self._bits: dict[int, int] = {}

    def change(self, codewords: int) -> int:
        """Return the modules that differ between the symbol of these codewords and the reference, under any mask."""
        modules = 0
        difference = codewords ^ self._reference
        while difference:
            lowest = difference & -difference
            modules ^= self._bits[lowest] if lowest in self._bits else self._learn(lowest)
            difference ^= lowest
        return modules

    def _learn(self, bit: int) -> int:
        self._bits[bit] = self._draw(self._reference ^ bit, 0) ^ self.references[0]
        return self._bits[bit]

    def _draw(self, codewords: int, mask: int) -> int:
        """Let `qrcode` add the error correction and place everything."""
        buffer = BitBuffer()
        buffer.buffer = list(codewords.to_bytes(self.data_bits // 8, "big"))
        symbol = QRCode(self.number, ERROR_CORRECT_M)
        symbol.data_cache = create_bytes(buffer, self._blocks)
        symbol.makeImpl(test=False, mask_pattern=mask)
        rows = ["".join("1" if dark else "0" for dark in row) + "0" for row in symbol.modules]
        return int("".join(rows)[::-1], 2)


def penalty(size: int, bits: int) -> int:
    """Judge a masked symbol by the four rules of ISO/IEC 18004, 7.8.3.1; less is better."""
    width = size + 1
    light = ~bits & _inside(size)
    score = 0
    for colour in (bits, light):
        for step in (1, width):
            pair = colour & colour >> step
            five = pair & pair >> 2 * step & colour >> 4 * step
            score += five.bit_count() + 2 * (five & ~(five >> step)).bit_count()  # a run of n costs n - 2
        beside = colour & colour >> 1
        score += 3 * (beside & beside >> width).bit_count()
    for step in (1, width):
        finder = bits & light >> step & bits >> 2 * step & bits >> 3 * step & bits >> 4 * step
        finder &= light >> 5 * step & bits >> 6 * step
        four = light & light >> step
        four &= four >> 2 * step
        score += 40 * ((finder & four >> 7 * step).bit_count() + (finder >> 4 * step & four).bit_count())
    return score + 10 * int(abs(bits.bit_count() * 100 / size**2 - 50) / 5)


@cache
def _version(number: int) -> Version:
    return Version(number)


@cache
def _inside(size: int) -> int:
    """Return a symbol that is dark all over; the column after each row stays white."""
    return sum(((1 << size) - 1) << (y * (size + 1)) for y in range(size))


def _bit_count(head_length: int, tail_length: int, version: Version) -> int:
    head_bits = 4 + _count_bits(8, version) + 8 * head_length if head_length else 0
    tail_bits = 4 + _count_bits(9, version) + (11 * tail_length + 1) // 2 if tail_length else 0
    return head_bits + tail_bits


def _count_bits(small: int, version: Version) -> int:
    """Return the width of a length field (table 3): it grows at version 10."""
    return small if version.number < 10 else {8: 16, 9: 11}[small]


def _codewords(head: bytes, tail: str, version: Version) -> int:
    """Return the data codewords as one number: both segments, terminator, padding."""
    bits = ""
    if head:
        bits += f"0100{len(head):0{_count_bits(8, version)}b}" + "".join(f"{byte:08b}" for byte in head)
    if tail:
        bits += f"0010{len(tail):0{_count_bits(9, version)}b}"
        digits = [_ALPHANUMERIC.index(character) for character in tail]
        bits += "".join(f"{a * 45 + b:011b}" for a, b in zip(digits[::2], digits[1::2], strict=False))
        bits += f"{digits[-1]:06b}" if len(tail) % 2 else ""
    bits += "0" * min(4, version.data_bits - len(bits))
    bits += "0" * (-len(bits) % 8)
    missing = (version.data_bits - len(bits)) // 8
    return int(bits + ("1110110000010001" * missing)[: 8 * missing], 2)
