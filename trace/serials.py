"""Serials: codes of 20 characters that hide pack and position and prove themselves under a key.

A synthetic-IV construction in the style of RFC 5297, with a Damm check character; `docs/serials.md` states it exactly.
"""

import hmac
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from trace.errors import TraceError
from trace.keys import ALPHABET, SECRET_BYTES, KeyRing, KeyState, SerialKey

LENGTH = 20
PACK_BITS, POSITION_BITS, PROOF_BITS = 27, 22, 41  # 90 bits, the 18 characters between key id and check character
HIDDEN_BITS = PACK_BITS + POSITION_BITS
MAX_PACK = 2**PACK_BITS - 1
MAX_POSITION = 2**POSITION_BITS - 1

_SERIAL = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
_GTIN = re.compile("(?:[0-9]{14})?")
_SYMBOL = {symbol: value for value, symbol in enumerate(ALPHABET)}
_TO_PYTHON_BASE_32 = str.maketrans(ALPHABET, "0123456789ABCDEFGHIJKLMNOPQRSTUV")  # what int(text, 32) reads
_TYPED_FOR = str.maketrans("OIL", "011")  # Crockford's look-alikes
_NOT_TYPED = re.compile(r"[\s\-\u2010-\u2015\u2212]+")  # spaces, hyphens and dashes

# GF(2^5) modulo x^5 + x^2 + 1. The order of x is 31, a prime, so the weights x^19 … x^0 of the 20 places all differ.
_DOUBLE = tuple((value << 1) ^ (0b100101 if value & 0b10000 else 0) for value in range(32))

# Two characters at once: their text, and what they leave in the check when it stood at 0 before.
_PAIRS = tuple(first + second for first in ALPHABET for second in ALPHABET)
_PAIR_CHECKS = tuple(_DOUBLE[first] ^ second for first in range(32) for second in range(32))
_DOUBLE_TWICE = tuple(_DOUBLE[_DOUBLE[value]] for value in range(32))
_PAIR_SHIFTS = range(80, -1, -10)


class SerialRangeError(TraceError):
    """A pack or position that a serial cannot hold."""

    code = "serial-range"


class SerialGtinError(TraceError):
    """A serial is bound to a GTIN of 14 digits, or to the empty text for an item without one."""

    code = "serial-gtin"


class SerialAlphabetError(TraceError):
    """A character outside the alphabet."""

    code = "serial-alphabet"


class KeyDistrustedError(TraceError):
    """A distrusted key makes no serials, not even former ones again."""

    code = "key-distrusted"


class ForgedSerialError(TraceError):
    """The code does not prove itself for this instance and GTIN."""

    code = "serial-forged"


class DistrustedSerialError(ForgedSerialError):
    """The code proves itself, but under a key that is distrusted: anybody may have made it."""

    code = "serial-distrusted"


@dataclass(frozen=True)
class SealedPosition:
    """What a serial hides, and the key that proves it."""

    pack: int
    position: int
    key_id: str


def seal(key: SerialKey, instance: str, gtin: str, pack: int, position: int) -> str:
    """Return the serial of one position: always the same one for the same arguments."""
    return next(seal_many(key, instance, gtin, pack, (position,)))


def seal_many(key: SerialKey, instance: str, gtin: str, pack: int, positions: Iterable[int]) -> Iterator[str]:
    """Return the serials of positions of one pack, in their order. A wrong position is refused when its turn comes."""
    if key.state is KeyState.DISTRUSTED:
        raise KeyDistrustedError(key_id=key.id)
    _refuse_outside("pack", pack, MAX_PACK)
    binding = _bind(key.secret, instance, gtin)
    return (_seal_one(key.id, binding, pack, position) for position in positions)


def open_serial(keys: KeyRing, instance: str, gtin: str, serial: str) -> SealedPosition:
    """Return what the serial hides. Raises `ForgedSerialError`, of which `DistrustedSerialError` is one kind.

    Whether that position was ever printed is for the caller to ask.
    """
    key = keys.find(serial[0]) if has_valid_check(serial) else None
    if key is None:
        raise ForgedSerialError(serial=serial)
    body = int(serial[1:-1].translate(_TO_PYTHON_BASE_32), 32)
    binding = _bind(key.secret, instance, gtin)
    proof = body >> HIDDEN_BITS
    hidden = (body & (1 << HIDDEN_BITS) - 1) ^ binding.keystream(proof)
    pack, position = hidden >> POSITION_BITS, hidden & MAX_POSITION
    proves = hmac.compare_digest(_bytes(proof, 6), _bytes(binding.proof(pack, position), 6))
    if not (proves and pack and position):
        raise ForgedSerialError(serial=serial)
    if key.state is KeyState.DISTRUSTED:
        raise DistrustedSerialError(serial=serial, key_id=key.id)
    return SealedPosition(pack, position, key.id)


def check_character(text: str) -> str:
    """Return the character to append, by Damm's scheme with x*y = 2x + y over GF(2^5)."""
    interim = 0
    for character in text:
        if character not in _SYMBOL:
            raise SerialAlphabetError(character=character)
        interim = _DOUBLE[interim] ^ _SYMBOL[character]
    return ALPHABET[_DOUBLE[interim]]


def has_valid_check(serial: str) -> bool:
    """Return whether this is a serial by its form: length, alphabet, check character. Nothing is forgiven."""
    return _SERIAL.fullmatch(serial) is not None and check_character(serial[:-1]) == serial[-1]


def normalise(text: str) -> str:
    """Return a hand-typed code as printed: without spaces and hyphens, in capitals, look-alikes as the digits meant."""
    typed = _NOT_TYPED.sub("", unicodedata.normalize("NFKC", text))
    return typed.upper().translate(_TYPED_FOR)


class _Binding:
    """A key bound to an instance and a GTIN: gives the proof of a position and the keystream that hides it."""

    def __init__(self, secret: bytes, instance: str, gtin: str) -> None:
        if not _GTIN.fullmatch(gtin):
            raise SerialGtinError(gtin=gtin)
        mac_key, keystream_key = _subkeys(secret)
        head = _framed(instance.encode()) + _framed(gtin.encode())
        self._mac = hmac.new(mac_key, head, "sha256")
        self._keystream = hmac.new(keystream_key, head, "sha256")

    def proof(self, pack: int, position: int) -> int:
        """Return the 41 bits that prove a position."""
        mac = self._mac.copy()
        mac.update(_framed(_bytes(pack, 4)) + _framed(_bytes(position, 3)))
        return int.from_bytes(mac.digest()[:6], "big") >> 48 - PROOF_BITS

    def keystream(self, proof: int) -> int:
        """Return the 49 bits that hide pack and position."""
        keystream = self._keystream.copy()
        keystream.update(_framed(_bytes(proof, 6)))
        return int.from_bytes(keystream.digest()[:7], "big") >> 56 - HIDDEN_BITS


@lru_cache(maxsize=256)  # the GTINs that people look up are few; binding takes as long as opening
def _bind(secret: bytes, instance: str, gtin: str) -> _Binding:
    return _Binding(secret, instance, gtin)


def _seal_one(key_id: str, binding: _Binding, pack: int, position: int) -> str:
    """Return the serial of a position."""
    _refuse_outside("position", position, MAX_POSITION)
    proof = binding.proof(pack, position)
    hidden = (pack << POSITION_BITS | position) ^ binding.keystream(proof)
    return _written(key_id, proof << HIDDEN_BITS | hidden)


def _written(key_id: str, body: int) -> str:
    """Write key id, 90 bits and check character."""
    interim = _SYMBOL[key_id]
    parts = [key_id]
    for shift in _PAIR_SHIFTS:
        pair = body >> shift & 1023
        interim = _DOUBLE_TWICE[interim] ^ _PAIR_CHECKS[pair]
        parts.append(_PAIRS[pair])
    parts.append(ALPHABET[_DOUBLE[interim]])
    return "".join(parts)


@lru_cache(maxsize=64)  # at least every key of a ring; deriving takes longer than a hundred serials
def _subkeys(secret: bytes) -> tuple[bytes, bytes]:
    """Derive the key of the proof and the key of the keystream from the master secret."""
    mac_key = HKDF(SHA256(), SECRET_BYTES, salt=None, info=b"chasu serial 1 proof").derive(secret)
    keystream_key = HKDF(SHA256(), SECRET_BYTES, salt=None, info=b"chasu serial 1 keystream").derive(secret)
    return mac_key, keystream_key


def _framed(value: bytes) -> bytes:
    """Put the length before a field, so that no two lists of fields give the same bytes."""
    return len(value).to_bytes(2, "big") + value


def _bytes(value: int, length: int) -> bytes:
    return value.to_bytes(length, "big")


def _refuse_outside(name: str, value: int, largest: int) -> None:
    """Refuse a number outside 1 to `largest`."""
    if not 1 <= value <= largest:
        raise SerialRangeError(**{name: value, "largest": largest})
