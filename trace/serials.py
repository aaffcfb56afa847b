"""Serials: codes of 20 characters that hide pack and position and prove themselves under a key.

A synthetic-IV construction in the style of RFC 5297, with a Damm check character; `docs/serials.md` states it exactly.
"""

import hmac
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from struct import Struct

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

# Three characters at once: their text; and, as the check is linear, what they leave in it from each of six places.
_TRIPLES = tuple(one + two + three for one in ALPHABET for two in ALPHABET for three in ALPHABET)
_TRIPLE_CHECK = bytes(
    _DOUBLE[_DOUBLE[_DOUBLE[one]]] ^ _DOUBLE[_DOUBLE[two]] ^ _DOUBLE[three]
    for one in range(32)
    for two in range(32)
    for three in range(32)
)


def _followed_by(count: int, checks: bytes) -> bytes:
    """Return what the check comes to when so many characters of value 0 follow."""
    doubled = bytes(_DOUBLE) + bytes(range(32, 256))
    for _ in range(count):
        checks = checks.translate(doubled)
    return checks


_CHECK_1, _CHECK_2, _CHECK_3, _CHECK_4, _CHECK_5, _CHECK_6 = (
    _followed_by(count, _TRIPLE_CHECK) for count in range(15, -1, -3)
)
_KEY_CHECKS = dict(zip(ALPHABET, _followed_by(19, bytes(range(32))), strict=True))


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
    return binding.seal(key.id, pack, positions)


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
        self._proof = _Mac(mac_key, head)
        self._keystream = _Mac(keystream_key, head + (6).to_bytes(2, "big"))

    def proof(self, pack: int, position: int) -> int:
        """Return the 41 bits that prove a position."""
        return _proof_in(self._proof.digest(_framed(_bytes(pack, 4)) + _framed(_bytes(position, 3))))

    def keystream(self, proof: int) -> int:
        """Return the 49 bits that hide pack and position."""
        return _keystream_in(self._keystream.digest(_bytes(proof, 6)))

    def seal(self, key_id: str, pack: int, positions: Iterable[int]) -> Iterator[str]:
        """Yield the serials of positions of one pack.

        What `_Mac.digest`, `_proof_in` and `_keystream_in` do stands here without their calls, which
        would take a quarter of the time: a recall or a print job asks for a hundred thousand.
        """
        proving, hiding = self._proof.after(_framed(_bytes(pack, 4)) + (3).to_bytes(2, "big")), self._keystream
        copy_in, copy_out = proving.inner.copy, proving.outer.copy
        hide_in, hide_out = hiding.inner.copy, hiding.outer.copy
        high, check_of_key, triples = pack << POSITION_BITS, _KEY_CHECKS[key_id], _TRIPLES
        for position in positions:
            if not 1 <= position <= MAX_POSITION:
                _refuse_outside("position", position, MAX_POSITION)
            inner, outer = copy_in(), copy_out()
            inner.update(position.to_bytes(3, "big"))
            outer.update(inner.digest())
            proof = _first_64_bits(outer.digest())[0] >> _PROOF_SHIFT
            inner, outer = hide_in(), hide_out()
            inner.update(proof.to_bytes(6, "big"))
            outer.update(inner.digest())
            hidden = (high | position) ^ (_first_64_bits(outer.digest())[0] >> _KEYSTREAM_SHIFT)
            one, two, three = proof >> 26, proof >> 11 & 32767, (proof << 4 & 32767) | hidden >> 45
            four, five, six = hidden >> 30 & 32767, hidden >> 15 & 32767, hidden & 32767
            check = check_of_key ^ _CHECK_1[one] ^ _CHECK_2[two] ^ _CHECK_3[three]
            check ^= _CHECK_4[four] ^ _CHECK_5[five] ^ _CHECK_6[six]
            yield (
                f"{key_id}{triples[one]}{triples[two]}{triples[three]}"
                f"{triples[four]}{triples[five]}{triples[six]}{ALPHABET[check]}"
            )


_PROOF_SHIFT, _KEYSTREAM_SHIFT = 64 - PROOF_BITS, 64 - HIDDEN_BITS
_first_64_bits = Struct(">Q").unpack_from


def _proof_in(mac: bytes) -> int:
    return int(_first_64_bits(mac)[0]) >> _PROOF_SHIFT


def _keystream_in(mac: bytes) -> int:
    return int(_first_64_bits(mac)[0]) >> _KEYSTREAM_SHIFT


class _Mac:
    """HMAC-SHA-256 (RFC 2104) under one key of messages that begin alike: what they share is hashed once.

    The hashes themselves are hashlib's. `hmac` makes an object of Python for each message, in which a third of the
    time for a serial went.
    """

    def __init__(self, key: bytes, head: bytes) -> None:
        block = key.ljust(64, b"\0")  # keys here are as long as a digest, so none is hashed first
        self.inner = sha256(bytes(byte ^ 0x36 for byte in block) + head)
        self.outer = sha256(bytes(byte ^ 0x5C for byte in block))

    def after(self, more: bytes) -> "_Mac":
        """Return the same for messages that go on with these bytes."""
        other = object.__new__(_Mac)
        other.inner, other.outer = self.inner.copy(), self.outer
        other.inner.update(more)
        return other

    def digest(self, rest: bytes) -> bytes:
        """Return the code of the message that ends so."""
        inner, outer = self.inner.copy(), self.outer.copy()
        inner.update(rest)
        outer.update(inner.digest())
        return outer.digest()


@lru_cache(maxsize=256)  # the GTINs that people look up are few; binding takes as long as opening
def _bind(secret: bytes, instance: str, gtin: str) -> _Binding:
    return _Binding(secret, instance, gtin)


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
