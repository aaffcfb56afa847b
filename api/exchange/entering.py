"""Records of sheets entered: those that are there already are known, the others are entered, and every fault is found.

All of a file counts or none of it. To find every fault the records without one are entered beside those that have some,
again and again without the ones that were refused; what was so entered is taken back.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy.orm import Session

from api.auth import RoleClosedError
from api.exchange.reading import Entry, Reading
from api.exchange.registers import EVERYWHERE_FILLED, Enter, Register
from api.exchange.slots import Lines, Slot
from trace.accounts import Caller
from trace.errors import AmbiguousCodeError, Fault, ForbiddenError, InvalidError, TraceError
from trace.mandates import NotForThemError
from trace.records import Record, find_records

_PLACED = re.compile(r"\[(\d+)\]\.(\w+)")  # of a fault: the record, its field
_MOST_SEARCHES = 25  # for a record whose refusal does not say which it is; each enters its sheet some dozen times


def enter_sheets(session: Session, caller: Caller, readings: Sequence[Reading[Register]], *, dry: bool) -> None:
    """Enter what sheets say, in their order; every fault is then in them. Raises what concerns no single record.

    With `dry`, or where there is a fault, the caller takes back what was written.
    """
    for reading in readings:
        if caller.role not in reading.register.roles:
            raise RoleClosedError(role=caller.role.value)
    lost: set[str] = set()
    for reading in readings:
        _tell_known(session, caller, reading)
        waiting = [entry for entry in reading.entries if not entry.faulty and entry.command is not None]
        faulty = [entry for entry in reading.entries if entry.partly is not None]
        checks_only = dry and reading.register.check is not None and len(readings) == 1
        enter = reading.register.check if checks_only and reading.register.check else reading.register.enter
        for _, group in groupby(sorted(faulty, key=_mode), key=_mode):
            _Trial(session, caller, reading, enter, lost).look_up(list(group))
        for _, group in groupby(sorted(waiting, key=_mode), key=_mode):
            _Trial(session, caller, reading, enter, lost).run(list(group))
        reading.new = sum(not entry.faulty and entry.command is not None for entry in reading.entries)
        lost |= {str(reading.raw(entry).get(reading.register.key)) for entry in reading.entries if entry.faulty}


def _mode(entry: Entry) -> str:
    """Return the way a record came: those entered together came one way."""
    return str(getattr(entry.command or entry.partly, "mode", ""))


class _Trial:
    """Records of one sheet entered together, as often as it takes to know every fault."""

    def __init__(
        self, session: Session, caller: Caller, reading: Reading[Register], enter: Enter, lost: set[str]
    ) -> None:
        self.session, self.caller, self.reading, self.enter, self.lost = session, caller, reading, enter, lost
        self.searches = 0

    def run(self, entries: list[Entry]) -> None:
        """Enter records; each that is refused is told, and the others entered without it."""
        while entries:
            refusal = self._try(entries)
            if refusal is None:
                return
            faulty = self._told(entries, refusal)
            entries = [entry for place, entry in enumerate(entries) if place not in faulty]

    def look_up(self, entries: Sequence[Entry]) -> None:
        """Tell what records with faulty cells name in the others and is not there; nothing of them stays."""
        attempt = self.session.begin_nested()
        refusal = self._try(entries)
        attempt.rollback()
        for fault in refusal.faults if isinstance(refusal, InvalidError) else ():
            placed = _PLACED.match(fault.path)
            if placed and fault.code == "unknown-reference" and placed[2] in entries[int(placed[1])].found:
                self._tell(entries, fault)

    def _try(self, entries: Sequence[Entry]) -> TraceError | None:
        """Enter records, and return why they are refused; nothing of them stays then."""
        attempt = self.session.begin_nested()
        try:
            self.enter(self.session, self.caller, [entry.command or entry.partly for entry in entries])
        except TraceError as refusal:
            attempt.rollback()
            return refusal
        attempt.commit()
        return None

    def _told(self, entries: Sequence[Entry], refusal: TraceError) -> set[int]:
        """Tell a refusal at the records it is about, and return their places."""
        if isinstance(refusal, InvalidError):
            places = {place for fault in refusal.faults if (place := self._tell(entries, fault)) is not None}
            if places:
                return places
        elif isinstance(refusal, NotForThemError):
            return self._tell_all(entries, "party", refusal, self._naming(refusal.facts["party"]))
        elif isinstance(refusal, ForbiddenError):
            raise refusal
        elif isinstance(refusal, AmbiguousCodeError):
            found = self._tell_all(entries, "", refusal, self._naming(refusal.facts["code"]))
            if found:
                return found
        place = self._search(entries)
        path = _path_of(self.reading.raw(entries[place]), refusal.facts["lot"]) if "lot" in refusal.facts else ""
        self.reading.refuse_field(entries[place], Fault(path.lstrip("."), refusal.code, dict(_plain(refusal))))
        return {place}

    def _tell(self, entries: Sequence[Entry], fault: Fault) -> int | None:
        """Tell a fault at `[place].field`, unless it only follows from a record above that was refused."""
        number, _, path = fault.path.partition("]")
        if not number.startswith("[") or not number[1:].isdecimal():
            return None
        place = int(number[1:])
        if fault.code == "unknown-reference" and str(fault.facts.get("value")).rpartition("/")[2] in self.lost:
            entries[place].faulty = True
        else:
            self.reading.refuse_field(entries[place], Fault(path.lstrip("."), fault.code, fault.facts))
        return place

    def _naming(self, code: object) -> Callable[[Entry], bool]:
        """Return what holds for a record in which a code stands."""
        return lambda entry: _names(self.reading.raw(entry), code)

    def _tell_all(
        self, entries: Sequence[Entry], field: str, refusal: TraceError, about: Callable[[Entry], bool]
    ) -> set[int]:
        places = {place for place, entry in enumerate(entries) if about(entry)} or set(
            range(len(entries)) if field else ()
        )
        for place in places:
            path = field or _path_of(self.reading.raw(entries[place]), refusal.facts["code"]).lstrip(".")
            self.reading.refuse_field(entries[place], Fault(path, refusal.code, dict(_plain(refusal))))
        return places

    def _search(self, entries: Sequence[Entry]) -> int:
        """Return the first record with which those before it are refused."""
        self.searches += 1
        if self.searches > _MOST_SEARCHES:
            raise InvalidError([Fault("", "too-many-faults", {"most": _MOST_SEARCHES})])
        sound, refused = 0, len(entries)  # so many first records pass; so many do not
        while refused - sound > 1:
            middle = (sound + refused) // 2
            attempt = self.session.begin_nested()
            passes = self._try(entries[:middle]) is None
            attempt.rollback()
            sound, refused = (middle, refused) if passes else (sound, middle)
        return refused - 1


def _plain(refusal: TraceError) -> Mapping[str, object]:
    return {name: value for name, value in refusal.facts.items() if name != "faults"}


def _names(raw: Any, code: object) -> bool:
    """Return whether a code stands anywhere in a record."""
    if isinstance(raw, Mapping):
        return any(_names(part, code) for part in raw.values())
    if isinstance(raw, list):
        return any(_names(part, code) for part in raw)
    return bool(raw == code)


def _path_of(raw: Any, code: object) -> str:
    """Return where in a record a code stands first, such as `.lots[1].lot`; nothing where it does not."""
    if isinstance(raw, Mapping):
        steps: Iterable[tuple[str, Any]] = ((f".{name}", part) for name, part in raw.items())
    else:
        steps = ((f"[{number}]", part) for number, part in enumerate(raw if isinstance(raw, list) else ()))
    return next((f"{step}{_path_of(part, code)}" for step, part in steps if _names(part, code)), "")


def _tell_known(session: Session, caller: Caller, reading: Reading[Register]) -> None:
    """Find the records that are there already: the same once more, or a fault where they say something else."""
    register = reading.register
    coded = [entry for entry in reading.entries if not entry.faulty and entry.found.get(register.key)]
    codes = {str(entry.found[register.key]) for entry in coded}
    if not codes:
        return
    known = {_identity(register, record): record for record in find_records(session, caller, register.noun, codes)}
    own = caller.party.code if caller.party else None
    for entry in coded:
        owner = entry.found.get("party") or own if register.noun.owner is not None else None
        record = known.get((owner, str(entry.found[register.key])))
        if record is not None:
            entry.command = None
            _compare(reading, entry, record)


def _identity(register: Register, record: Record) -> tuple[str | None, str]:
    return record["owner"] if register.noun.owner is not None else None, str(record["code"])


def _compare(reading: Reading[Register], entry: Entry, record: Record) -> None:
    """Count a record as the same, or tell where it differs from the one of its code."""
    register = reading.register
    told, given = register.tell(record), reading.raw(entry)
    for slot in register.form.slots:
        if not register.knows(record, slot.name) or not any(head.name in reading.places for head in slot.heads):
            continue
        for path, said, stands in _differing(register, slot, given.get(slot.name), told.get(slot.name)):
            facts: dict[str, object] = {"value": _said(said), "stands": _said(stands)}
            reading.refuse_field(entry, Fault(path, "differs", facts))
    reading.same += not entry.faulty


def _differing(register: Register, slot: Slot, given: Any, stands: Any) -> Iterable[tuple[str, Any, Any]]:
    """Yield what is another in a record than in the one that stands: column, what is given, what stands."""
    if given is None and (slot.name in register.filled or slot.name in EVERYWHERE_FILLED):
        return
    if isinstance(slot, Lines):
        if _parts(register, slot, given, given) != _parts(register, slot, stands, given):
            yield slot.path, None, None
    elif isinstance(given, Mapping) and isinstance(stands, Mapping) and hasattr(slot, "slots"):
        for inner in slot.slots:
            path = f"{slot.name}.{inner.name}"
            if inner.name in given or path not in register.filled:
                yield from _differing(register, inner, given.get(inner.name), stands.get(inner.name))
    elif slot.name in register.by_day and given and stands:
        if str(given)[:10] != str(stands)[:10]:
            yield slot.path, given, stands
    elif slot.plain(given) != slot.plain(stands):
        yield slot.path, given, stands


def _parts(register: Register, slot: Lines, parts: Any, given: Any) -> Any:
    """Return the parts of a list, of each only what is given of any and seen by a reader."""
    named = {name for part in given or () for name in part} if given else None
    hidden = {path.rpartition(".")[2] for path in register.untold if path.startswith(f"{slot.name}.")}
    return slot.plain(
        [
            {name: raw for name, raw in part.items() if name not in hidden and (named is None or name in named)}
            for part in parts or ()
        ]
    )


def _said(raw: Any) -> str:
    """Return a value in a few words."""
    if isinstance(raw, Mapping):
        return f"{raw['value']} {raw['unit']}" if raw.keys() == {"value", "unit"} else "…"
    if isinstance(raw, list):
        return "; ".join(map(str, raw))[:100]
    return "" if raw is None else str(raw)[:100]
