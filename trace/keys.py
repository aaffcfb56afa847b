"""The key folder: the keys under which serials prove themselves, one small file each, never in the database.

Whoever changes the folder holds its lock (`flock` on the folder itself) and replaces whole files, so a reader sees the
folder before or after a change, also when the writer was killed in between. `docs/serials.md` has the procedures.
"""

import base64
import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from trace import clock
from trace.errors import ConflictError, NotFoundError, TraceError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: serials are written in it, a key id is one symbol
SECRET_BYTES = 32  # a master secret as long as the output of SHA-256
DEFAULT_DIRECTORY = Path("instance/keys")
_Fingerprint = frozenset[tuple[str, int, int]]

_QUIET_NS = 1_000_000_000  # time stamps are coarse: two changes within a tick look like one


class KeyState(StrEnum):
    """What a key may still do."""

    SIGNING = "signing"  # makes new serials, and opens them
    VERIFYING = "verifying"  # opens serials and makes former ones again for a reprint
    DISTRUSTED = "distrusted"  # does neither: its serials count as forged


class KeysMissingError(TraceError):
    """The folder has no serial key. Nothing makes one silently: every code printed so far would count as forged."""

    code = "keys-missing"


class KeysTooOpenError(TraceError):
    """The folder or a key file can be reached by others than its owner."""

    code = "keys-too-open"


class KeyFileMalformedError(TraceError):
    """A key file does not say what a key file says."""

    code = "key-file-malformed"


class SigningKeyCountError(TraceError):
    """The folder has no signing key, or several; `signing` names them."""

    code = "signing-key-count"


class KeysExistError(ConflictError):
    """A first key is asked for where keys already are."""

    code = "keys-exist"


class KeyIdsExhaustedError(ConflictError):
    """All 32 ids are taken; an id is never used again."""

    code = "key-ids-exhausted"


class KeyIsSigningError(ConflictError):
    """The signing key cannot be distrusted before another one signs."""

    code = "key-is-signing"


@dataclass(frozen=True, kw_only=True)
class SerialKey:
    """A key for serials. `replaces` is the id of the key that signed before it."""

    id: str
    state: KeyState
    created_at: datetime
    secret: bytes = field(repr=False)
    replaces: str | None = None


@dataclass(frozen=True)
class KeyRing:
    """The keys of an instance, by id; exactly one of them signs."""

    keys: Mapping[str, SerialKey]

    def __post_init__(self) -> None:
        signing = [key.id for key in self.keys.values() if key.state is KeyState.SIGNING]
        if len(signing) != 1:
            raise SigningKeyCountError(signing=signing)

    @property
    def signing(self) -> SerialKey:
        """Return the key that makes new serials."""
        return next(key for key in self.keys.values() if key.state is KeyState.SIGNING)

    def find(self, key_id: str) -> SerialKey | None:
        """Return the key of this id, whatever its state."""
        return self.keys.get(key_id)


class KeyFolder:
    """The keys as they stand now: read again when a file of the folder was replaced, so no process needs a restart."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._read: tuple[_Fingerprint, KeyRing] | None = None
        self._settled = 0  # the folder's own time stamp when it had long been quiet and the keys were as read

    def ring(self) -> KeyRing:
        """Return the present keys. Raises what `load_keys` raises."""
        changed = self._changed()
        if self._read is not None and changed == self._settled:
            return self._read[1]  # a look-up asks each time, so the usual answer costs one system call
        if time.time_ns() - changed > _QUIET_NS:
            self._settled = changed
        if self._read is None or self._read[0] != _fingerprint(self._directory):
            with _locked(self._directory, fcntl.LOCK_SH):
                self._read = _fingerprint(self._directory), _read_keys(self._directory)
        return self._read[1]

    def _changed(self) -> int:
        try:
            return os.stat(self._directory).st_mtime_ns  # every key is written by a rename, which changes the folder
        except FileNotFoundError:
            raise KeysMissingError(directory=str(self._directory)) from None


def create_first_key(directory: Path) -> SerialKey:
    """Make the folder and its first key. Of several callers at once one makes the key, the others are refused."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sync(directory.parent)
    with _locked(directory, fcntl.LOCK_EX):
        if _key_files(directory):
            raise KeysExistError(directory=str(directory))
        key = _new_key(ALPHABET[0], replaces=None)
        _write_key(directory, key)
    return key


def rotate(directory: Path) -> SerialKey:
    """Make a new signing key; the former one only verifies from then on.

    The new file names the key it replaces, which alone retires that one: the rotation is done, or not, in one rename.
    """
    with _locked(directory, fcntl.LOCK_EX):
        ring = _read_keys(directory)
        free = [key_id for key_id in ALPHABET if key_id not in ring.keys]
        if not free:
            raise KeyIdsExhaustedError(ids=len(ALPHABET))
        key = _new_key(free[0], replaces=ring.signing.id)
        _write_key(directory, key)
        _write_key(directory, replace(ring.signing, state=KeyState.VERIFYING))
    return key


def distrust(directory: Path, key_id: str) -> SerialKey:
    """Declare that serials of this key prove nothing any more. There is no way back."""
    with _locked(directory, fcntl.LOCK_EX):
        key = _read_keys(directory).find(key_id)
        if key is None:
            raise NotFoundError(key_id=key_id)
        if key.state is KeyState.SIGNING:
            raise KeyIsSigningError(key_id=key_id)
        distrusted = replace(key, state=KeyState.DISTRUSTED)
        _write_key(directory, distrusted)
    return distrusted


def load_keys(directory: Path) -> KeyRing:
    """Read the folder, refusing one that is missing, open to others, malformed, or without exactly one signing key."""
    with _locked(directory, fcntl.LOCK_SH):
        return _read_keys(directory)


def _fingerprint(directory: Path) -> _Fingerprint:
    """Return what changes with every replaced key file: a new file has a new inode while the old one still exists."""
    found = ((path.name, path.stat()) for path in _key_files(directory))
    return frozenset((name, stat.st_ino, stat.st_mtime_ns) for name, stat in found)


@contextmanager
def _locked(directory: Path, lock: int) -> Iterator[None]:
    """Hold the folder's lock, shared to read or exclusive to write; the kernel frees it when a process dies."""
    try:
        handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        raise KeysMissingError(directory=str(directory)) from None
    try:
        _refuse_if_open(directory)
        fcntl.flock(handle, lock)
        yield
    finally:
        os.close(handle)


def _refuse_if_open(path: Path) -> None:
    """Refuse what group or others can read, write or enter."""
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise KeysTooOpenError(path=str(path), mode=f"{mode:04o}")


def _key_files(directory: Path) -> list[Path]:
    """List the key files; leftovers of a killed writer begin with a dot and do not count."""
    return sorted(directory.glob("serial-*.json"))


def _read_keys(directory: Path) -> KeyRing:
    """Read all keys; a key that another one replaces verifies, also where its own file was not yet written again."""
    keys = [_read_key(path) for path in _key_files(directory)]
    if not keys:
        raise KeysMissingError(directory=str(directory))
    replaced = {key.replaces for key in keys}
    return KeyRing({key.id: _retired(key) if key.id in replaced else key for key in keys})


def _retired(key: SerialKey) -> SerialKey:
    """Return the key as one that no longer signs."""
    return replace(key, state=KeyState.VERIFYING) if key.state is KeyState.SIGNING else key


def _read_key(path: Path) -> SerialKey:
    """Read one key file."""
    _refuse_if_open(path)
    try:
        text = json.loads(path.read_bytes())
        key = SerialKey(
            id=text["id"],
            state=KeyState(text["state"]),
            created_at=datetime.fromisoformat(text["created_at"]),
            secret=base64.b64decode(text["key"], validate=True),
            replaces=text.get("replaces"),
        )
    except (ValueError, KeyError, TypeError):
        raise KeyFileMalformedError(path=str(path)) from None  # the cause may quote the secret
    if not _is_well_formed(key, path):
        raise KeyFileMalformedError(path=str(path))
    return key


def _is_well_formed(key: SerialKey, path: Path) -> bool:
    """Return whether the fields are of their kind and the file bears the key's name."""
    return (
        path.name == _file_name(key.id)
        and key.id in tuple(ALPHABET)
        and (key.replaces is None or key.replaces in tuple(ALPHABET))
        and key.created_at.tzinfo is not None
        and len(key.secret) == SECRET_BYTES
    )


def _new_key(key_id: str, replaces: str | None) -> SerialKey:
    """Return a signing key with a fresh secret from the system's generator."""
    secret = secrets.token_bytes(SECRET_BYTES)
    return SerialKey(id=key_id, state=KeyState.SIGNING, created_at=clock.now(), secret=secret, replaces=replaces)


def _file_name(key_id: str) -> str:
    return f"serial-{key_id}.json"


def _write_key(directory: Path, key: SerialKey) -> None:
    """Put the key's file in place whole and durable. The caller holds the lock, so a leftover is nobody's work."""
    for leftover in directory.glob(".serial-*"):
        leftover.unlink()
    fields = {"id": key.id, "state": key.state, "created_at": key.created_at.isoformat(), "replaces": key.replaces}
    text = json.dumps(fields | {"key": base64.b64encode(key.secret).decode()}, indent=2) + "\n"
    unfinished = directory / f".{_file_name(key.id)}"
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(directory / _file_name(key.id))
    _sync(directory)


def _sync(directory: Path) -> None:
    """Make a folder's list of names durable."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
