"""A sheet read as the records of a register: its header, its lines, and every fault with the cell it stands in."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar

from marshmallow import ValidationError

from api.bodies import faults_in
from api.exchange.loading import Loader
from api.exchange.slots import Columned, Form, Head, Line, Reader, Refuse, Slot, is_blank, shown
from trace.errors import Fault
from trace.exchange import Sheet, letters_of

REMARK = "#"  # a line or a column that begins so is for people alone
_SEARCHED = 20  # lines above the header: a title, who filled it in
_INDEX = re.compile(r"\[(\d+)\]")
Labels = Callable[[str], Iterable[str]]  # what a column may be called, by its name


@dataclass(frozen=True)
class SheetFault:
    """One thing that is wrong, where a clerk finds it."""

    sheet: str
    row: int
    place: int | None  # of the column; None where the sheet has none
    column: str
    fault: Fault
    value: str | None = None

    @property
    def letters(self) -> str | None:
        """Return what a spreadsheet calls the column."""
        return None if self.place is None else letters_of(self.place)


@dataclass
class Entry:
    """A record as a sheet says it: its lines, what its fields hold, and the command that they make.

    `partly` is the command of one with faulty cells, these filled in from an example: to look up what the others name.
    """

    rows: list[int]
    lines: list[Line]
    found: Any = None
    command: Any = None
    partly: Any = None
    faulty: bool = False


Kind = TypeVar("Kind", bound=Columned)


@dataclass
class Reading(Generic[Kind]):
    """What a sheet holds."""

    register: Kind
    sheet: Sheet
    places: Mapping[str, int] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    faults: list[SheetFault] = field(default_factory=list)
    new: int = 0
    same: int = 0

    @property
    def form(self) -> Form:
        """Return the columns of the register."""
        return self.register.form

    @cached_property
    def present(self) -> list[Slot]:
        """Return what the sheet has columns for."""
        return [slot for slot in self.form.slots if any(head.name in self.places for head in slot.heads)]

    @cached_property
    def field_names(self) -> frozenset[str]:
        """Return the fields that have columns."""
        return frozenset(slot.name for slot in self.form.slots)

    def raw(self, entry: Entry, refuse: Refuse = lambda *_: None) -> dict[str, Any]:
        """Return a record as the API would be sent it; what cannot be read is told, and left out."""
        reader = Reader(self.places, refuse)
        read = {slot.name: slot.read(reader, entry.lines) for slot in self.present}
        return {name: raw for name, raw in read.items() if raw is not None}

    def refuse(self, entry: Entry, column: str, line: int, fault: Fault) -> None:
        """Tell a fault of a cell; of one cell the first that is found counts."""
        place, row = self.places.get(column), entry.rows[min(line, len(entry.rows) - 1)]
        entry.faulty = True
        if any(one.row == row and one.column == column for one in self.faults[-20:]):
            return
        cells = entry.lines[min(line, len(entry.lines) - 1)]
        cell = cells[place] if place is not None and place < len(cells) else None
        self.faults.append(SheetFault(self.sheet.name, row, place, column, fault, shown(cell)))

    def refuse_field(self, entry: Entry, fault: Fault) -> None:
        """Tell a fault of a field, such as `lots[2].mass`, at its cell; a field that it names is told by its cell."""
        column, line = self._cell(entry, fault.path, fault)
        first = fault.facts.get("first")
        if isinstance(first, str) and first.partition("[")[0] in self.field_names:
            there, row = self._cell(entry, first, fault)
            fault = Fault(fault.path, fault.code, {**fault.facts, "first": self._called(entry, there, row)})
        self.refuse(entry, column, line, fault)

    def _cell(self, entry: Entry, path: str, fault: Fault) -> tuple[str, int]:
        """Return the column of a field, and in which line of the record it stands."""
        name, index = _INDEX.sub("", path), _INDEX.search(path)
        return self._column(name, fault), self._line(entry, name, int(index[1])) if index else 0

    def _called(self, entry: Entry, column: str, line: int) -> str:
        """Return what a spreadsheet calls a cell."""
        place = self.places.get(column)
        return f"{'' if place is None else letters_of(place)}{entry.rows[min(line, len(entry.rows) - 1)]}"

    def _column(self, name: str, fault: Fault) -> str:
        """Return the column of a field: its own, else its first, else that of what it is part of, else the key's."""
        if fault.code == "unknown-unit" and f"{name}.unit" in self.form.by_name:
            return f"{name}.unit"
        names = list(self.form.by_name)
        while name:
            if name in self.form.by_name:
                return name
            below = [one for one in names if one.startswith(f"{name}.")]
            if below and fault.code == "disagrees":  # what disagrees in sum is the masses
                below.sort(key=lambda one: not one.endswith(".mass"))
            if below:
                return next((one for one in below if one in self.places), below[0])
            name = name.rpartition(".")[0]
        return self.register.key

    def _line(self, entry: Entry, name: str, index: int) -> int:
        """Return which line of a record holds the part of a list at a place."""
        for slot in self.form.lists:
            if name == slot.path or name.startswith(f"{slot.path}."):
                places = [self.places[head.name] for head in slot.heads if head.name in self.places]
                filled = [
                    number
                    for number, line in enumerate(entry.lines)
                    if any(place < len(line) and not is_blank(line[place]) for place in places)
                ]
                return filled[index] if index < len(filled) else 0
        return 0


def read_register(register: Kind, sheet: Sheet, labels: Labels) -> Reading[Kind]:
    """Return what a sheet says, each record as the command its body makes of it, and what is wrong with the others."""
    reading = Reading(register, sheet)
    header = _find_header(reading, labels)
    if header is None or reading.faults:
        return reading
    reading.entries = list(_entries(reading, header))
    if register.schema is None or not Loader.serves(register.schema):
        for entry in reading.entries:
            _load_whole(reading, entry)
        return reading
    loader = Loader(register.schema, reading.present, reading.places)
    for entry in reading.entries:
        entry.found, refused = loader.load(entry.lines)
        if refused:
            entry.partly = loader.completed(entry.found)
        else:
            entry.command = loader.command(dict(entry.found))
        for line, fault in refused:
            if line is None:
                reading.refuse_field(entry, fault)
            else:
                reading.refuse(entry, fault.path, line, fault)
    return reading


def _load_whole(reading: Reading[Any], entry: Entry) -> None:
    """Load a record by the schema of its body; a table of rules has none, and takes its texts."""
    raw = reading.raw(entry, _teller(reading, entry))
    try:
        entry.found = entry.command = reading.register.load(raw)
    except ValidationError as error:
        for fault in faults_in(error.messages, ""):
            reading.refuse_field(entry, fault)


def _teller(reading: Reading[Any], entry: Entry) -> Callable[[str, int, str, Mapping[str, Any]], None]:
    return lambda column, line, code, facts: reading.refuse(entry, column, line, Fault(column, code, dict(facts)))


def _find_header(reading: Reading[Any], labels: Labels) -> int | None:
    """Return how many lines stand above the records, and note where each column is; what is wrong with it is told."""
    called = {label.casefold(): head for head in reading.form.heads for label in labels(head.name)}
    rows = reading.sheet.rows[:_SEARCHED]
    found = [[_head(cell, called) for cell in row] for row in rows]
    known = [sum(head is not None for head in heads) for heads in found]
    if not any(known):
        reading.faults.append(SheetFault(reading.sheet.name, 1, None, "", Fault("", "header-missing")))
        return None
    at = known.index(max(known))
    if at and known[at - 1] == known[at]:
        at -= 1  # the line of labels above that of names
    reading.places = _places(reading, at, found[at])
    _check_required(reading, at)
    names = found[at + 1] if at + 1 < len(found) else []
    cells = rows[at + 1] if at + 1 < len(rows) else []
    doubled = any(names) and all(head or is_blank(cell) for head, cell in zip(names, cells, strict=True))
    return at + (2 if doubled else 1)


def _head(cell: Any, called: Mapping[str, Head]) -> Head | None:
    """Return the column a header names, by its label or its name, on any of its lines."""
    if not isinstance(cell, str):
        return None
    return next(
        (called[part] for part in (line.strip(" *\r\t").casefold() for line in cell.split("\n")) if part in called),
        None,
    )


def _places(reading: Reading[Any], at: int, heads: Sequence[Head | None]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, (head, cell) in enumerate(zip(heads, reading.sheet.rows[at], strict=True)):
        text = shown(cell) or ""
        if head is not None and head.name not in places:
            places[head.name] = place
        elif head is not None or not (is_blank(cell) or text.startswith(REMARK)):
            fault = Fault(text, "column-unknown" if head is None else "column-twice", {"value": text})
            reading.faults.append(SheetFault(reading.sheet.name, at + 1, place, text, fault, text))
    return places


def _check_required(reading: Reading[Any], at: int) -> None:
    """Tell of columns without which no record can be."""
    for slot in reading.form.slots:
        if slot.head.required and not any(head.name in reading.places for head in slot.heads):
            name = slot.heads[0].name
            fault = Fault(name, "column-missing", {"value": name})
            reading.faults.append(SheetFault(reading.sheet.name, at + 1, None, name, fault))


def _entries(reading: Reading[Any], above: int) -> Iterator[Entry]:
    """Yield the records: a line each, but for those whose lists go on below."""
    own = [place for name, place in reading.places.items() if not reading.form.by_name[name].in_lines]
    first = min(reading.places.values())
    entry: Entry | None = None
    for row, line in enumerate(reading.sheet.rows[above:], start=above + 1):
        cell = line[first] if first < len(line) else None
        if all(is_blank(one) for one in line) or (isinstance(cell, str) and cell.startswith(REMARK)):
            continue
        if entry is not None and reading.form.lists and _goes_on(reading, entry, line, own):
            entry.rows.append(row)
            entry.lines.append(line)
            continue
        if entry is not None:
            yield entry
        entry = Entry([row], [line])
    if entry is not None:
        yield entry


def _goes_on(reading: Reading[Any], entry: Entry, line: Line, own: Sequence[int]) -> bool:
    """Return whether a line only adds parts to the record above: its own cells are empty, or the same."""
    key = reading.places.get(reading.register.key)
    above = entry.lines[0]
    repeated = key is not None and key < len(line) and not is_blank(line[key]) and line[key] == above[key]
    for place in own:
        cell = line[place] if place < len(line) else None
        if not is_blank(cell) and not (repeated and place < len(above) and cell == above[place]):
            return False
    return True
