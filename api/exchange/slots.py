"""Columns of a register, made from the body by which its records are made: a change of that body changes the sheet.

A value is a column; a mass is two, amount and unit; a part of a body is columns of its own (`output.mass`). A list of
parts takes several lines: the first line holds the record, the lines below it only the further parts. All columns of a
record are read and written by a tree of slots.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Protocol

from marshmallow import Schema, ValidationError
from marshmallow.fields import Field

from api import fields as own
from api.exchange import values
from api.exchange.values import Way
from api.fields import Reason
from api.filled import OnPaperBody
from api.workbooks import Kind
from trace.exchange import Cell, CellError
from trace.mass import GRAMS_PER, MassError, grams

Line = Sequence[Cell]
Refuse = Callable[[str, int, str, Mapping[str, Any]], None]  # (column, line of the record, code, facts)
_CODE = Way(values.read_code, lambda raw: raw, lambda raw: str(raw).rpartition("/")[2], hint="code")
_WAYS: tuple[tuple[type[Field[Any]], Way], ...] = (  # the first that fits
    (own.NewCode, Way(values.read_code, lambda raw: raw, hint="new-code")),
    (own.Code, _CODE),
    (own.Text, Way(values.read_text, lambda raw: raw, hint="text")),
    (own.Whole, Way(values.read_whole, values.write_number, kind=Kind.NUMBER, hint="whole")),
    (own.Measure, Way(values.read_number, values.write_number, values.number_of, Kind.NUMBER, "measure")),
    (own.Day, Way(values.read_day, values.write_day, kind=Kind.DAY, hint="day")),
    (own.Moment, Way(values.read_moment, values.write_moment, values.moment_of, Kind.MOMENT, "moment")),
    (own.Word, Way(values.read_word, lambda raw: values.WORDS_SHOWN.get(raw, raw), hint="word")),
    (own.Flag, Way(values.read_flag, lambda raw: "是" if raw else "否", hint="flag")),
    (own.Outline, Way(values.read_outline, values.write_outline, values.outline_of, hint="outline")),
    (own.Loose, Way(values.read_measured, values.write_measured, hint="measured")),
)
_TEXTS = Way(values.split_texts, values.join_texts, values.last_parts, hint="texts")
_JSON = Way(values.read_measured, values.write_measured, hint="json")  # whatever else a body may hold
_AMOUNT = Way(values.read_number, values.write_number, kind=Kind.NUMBER, hint="mass")
_PRICE = Way(values.read_number, values.write_number, kind=Kind.NUMBER, hint="price")
_UNIT = Way(values.read_code, lambda raw: values.UNITS_SHOWN.get(raw, raw), hint="unit")
_DEGREES = Way(values.read_number, lambda raw: raw, kind=Kind.NUMBER, hint="degrees")


@dataclass(frozen=True)
class Head:
    """A column of a register: the path of its field, how it stands in a cell, whether it must be filled in."""

    name: str
    way: Way
    required: bool = False
    choices: tuple[str, ...] = ()
    most: int | None = None  # characters, or the largest number
    in_lines: bool = False


@dataclass
class Reader:
    """Where the columns of a register stand in a sheet, and who is told what is wrong there."""

    places: Mapping[str, int]
    refuse: Refuse

    def cell(self, line: Line, column: str) -> Cell:
        """Return a cell; one of blanks alone is empty."""
        place = self.places.get(column)
        if place is None or place >= len(line):
            return None
        cell = line[place]
        return None if isinstance(cell, str) and not cell.strip() else cell

    def has(self, columns: Iterable[Head]) -> bool:
        """Return whether a sheet has any of some columns."""
        return any(head.name in self.places for head in columns)

    def fault(self, column: str, number: int, error: ValidationError) -> None:
        """Tell why a cell cannot be read."""
        for reason in error.messages:
            if isinstance(reason, Reason):
                self.refuse(column, number, reason.code, reason.facts)


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A value in a cell."""

    name: str  # of the field
    path: str  # of its column
    way: Way
    head: Head

    @property
    def heads(self) -> list[Head]:
        """Return the columns."""
        return [self.head]

    def read(self, reader: Reader, lines: Sequence[Line], number: int = 0) -> Any:
        """Return what the API takes, None where the cell is empty or cannot be read."""
        cell = reader.cell(lines[number], self.path)
        if cell is None:
            return None
        try:
            return self.way.read(cell)
        except ValidationError as error:
            reader.fault(self.path, number, error)
            return None

    def write(self, raw: Any) -> list[list[object]]:
        """Return the cells of each line."""
        return [[None if raw is None else self.way.write(raw)]]

    def plain(self, raw: Any) -> Any:
        """Return what is equal for equal values."""
        return None if raw is None or raw == [] else self.way.same(raw)


@dataclass(frozen=True, kw_only=True)
class MassSlot(Slot):
    """A mass: amount and unit."""

    unit: Head

    @property
    def heads(self) -> list[Head]:
        """Return the columns."""
        return [self.head, self.unit]

    def read(self, reader: Reader, lines: Sequence[Line], number: int = 0) -> Any:
        """Return amount and unit; a unit alone says nothing."""
        amount = reader.cell(lines[number], self.path)
        if amount is None:
            return None
        try:
            return values.read_mass(amount, reader.cell(lines[number], self.unit.name))
        except ValidationError as error:
            reader.fault(self.path, number, error)
            return None

    def write(self, raw: Any) -> list[list[object]]:
        """Return the cells of each line."""
        return [[None, None] if raw is None else [_AMOUNT.write(raw["value"]), _UNIT.write(raw["unit"])]]

    def plain(self, raw: Any) -> Any:
        """Return grams."""
        try:
            return None if raw is None else grams(raw["value"], raw["unit"])
        except MassError:
            return values.number_of(raw["value"]), raw["unit"]


@dataclass(frozen=True, kw_only=True)
class PriceSlot(MassSlot):
    """A price: yuan, and for which unit of mass."""

    def read(self, reader: Reader, lines: Sequence[Line], number: int = 0) -> Any:
        """Return yuan and unit, each told by itself where it is wrong."""
        raw = super().read(reader, lines, number)
        if raw is None:
            return None
        if not isinstance(raw["value"], Decimal):
            reader.refuse(self.path, number, "not-a-number", {"value": raw["value"]})
        if raw["unit"] not in self.unit.choices:
            reader.refuse(self.unit.name, number, "unknown-unit", {"value": raw["unit"]})
        return raw

    def plain(self, raw: Any) -> Any:
        """Return yuan for a kilogram."""
        if raw is None or raw["unit"] not in GRAMS_PER:
            return raw
        yuan = values.number_of(raw["value"])
        return yuan * 1000 / GRAMS_PER[raw["unit"]] if isinstance(yuan, Decimal) else raw


@dataclass(frozen=True, kw_only=True)
class PointSlot(Slot):
    """A point: longitude and latitude."""

    second: Head

    @property
    def heads(self) -> list[Head]:
        """Return the columns."""
        return [self.head, self.second]

    def read(self, reader: Reader, lines: Sequence[Line], number: int = 0) -> Any:
        """Return the pair."""
        cells = [reader.cell(lines[number], head.name) for head in self.heads]
        if cells == [None, None]:
            return None
        try:
            return [values.read_number(cell) for cell in cells]
        except ValidationError as error:
            reader.fault(self.path, number, error)
            return None

    def write(self, raw: Any) -> list[list[object]]:
        """Return the cells of each line."""
        return [list(raw or (None, None))]

    def plain(self, raw: Any) -> Any:
        """Return the pair as numbers."""
        return None if raw is None else [values.number_of(part) for part in raw]


@dataclass(frozen=True, kw_only=True)
class Group(Slot):
    """A part of a body: its slots beside each other."""

    slots: Sequence["Slot"]

    @property
    def heads(self) -> list[Head]:
        """Return the columns."""
        return [head for slot in self.slots for head in slot.heads]

    def read(self, reader: Reader, lines: Sequence[Line], number: int = 0) -> Any:
        """Return the part, None where all of its cells are empty."""
        found = {slot.name: slot.read(reader, lines, number) for slot in self.slots}
        return {name: raw for name, raw in found.items() if raw is not None} or None

    def write(self, raw: Any) -> list[list[object]]:
        """Return the cells of each line."""
        return [[cell for slot in self.slots for cell in slot.write((raw or {}).get(slot.name))[0]]]

    def plain(self, raw: Any) -> Any:
        """Return what its slots make of it."""
        if not isinstance(raw, Mapping):
            return raw
        return {slot.name: slot.plain(raw[slot.name]) for slot in self.slots if raw.get(slot.name) is not None}


@dataclass(frozen=True, kw_only=True)
class Lines(Group):
    """A list of parts, each on a line."""

    def read(self, reader: Reader, lines: Sequence[Line], number: int = 0) -> Any:
        """Return the parts; a line without any cell of this list is none."""
        del number
        if not reader.has(self.heads):
            return None
        found = [super(Lines, self).read(reader, lines, place) for place in range(len(lines))]
        return [part for part in found if part is not None] or None

    def write(self, raw: Any) -> list[list[object]]:
        """Return the cells of each line."""
        return [super(Lines, self).write(part)[0] for part in raw or [None]]

    def plain(self, raw: Any) -> Any:
        """Return the parts in an order of their own: which stood first says nothing."""
        return sorted((super(Lines, self).plain(part) for part in raw), key=repr) if raw else None


@dataclass(frozen=True)
class Form:
    """All columns of a register."""

    slots: Sequence[Slot]
    heads: Sequence[Head] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "heads", [head for slot in self.slots for head in slot.heads])

    @cached_property
    def by_name(self) -> Mapping[str, Head]:
        """Return the columns by name."""
        return {head.name: head for head in self.heads}

    @cached_property
    def lists(self) -> Sequence[Lines]:
        """Return what takes several lines."""
        return [slot for slot in self.slots if isinstance(slot, Lines)]

    def write(self, raw: Mapping[str, Any]) -> Iterator[list[object]]:
        """Yield the lines of a record."""
        parts = [(slot, slot.write(raw.get(slot.name))) for slot in self.slots]
        for number in range(max(len(lines) for _, lines in parts)):
            yield [
                cell
                for slot, lines in parts
                for cell in (lines[number] if number < len(lines) else [None] * len(slot.heads))
            ]


class Columned(Protocol):
    """What has columns: a register, or a table of rules."""

    @property
    def name(self) -> str:
        """Return what it is called."""

    @property
    def key(self) -> str:
        """Return the column that names a record."""

    @property
    def form(self) -> Form:
        """Return its columns."""

    @property
    def schema(self) -> Schema | None:
        """Return its body, if it has one."""

    def load(self, raw: Any) -> Any:
        """Return what a line says. Raises `ValidationError`."""


_LAST = frozenset(OnPaperBody._declared_fields)  # for whom a record is, and how it came, is seldom filled in


def form_of(body: Schema, key: str) -> Form:
    """Return the columns of a body: its key, what must be filled in, what may be, and what takes several lines."""
    fields = body.fields.items()
    order = {name: (name != key, _takes_lines(one), name in _LAST, not one.required) for name, one in fields}
    names = sorted(order, key=order.__getitem__)  # what must be filled in stands first
    return Form([_slot(name, name, body.fields[name]) for name in names])


def _takes_lines(field: Field[Any]) -> bool:
    """Return whether a field is a list of parts: it stands at the right, where further lines read well."""
    return isinstance(field, own.Many) and isinstance(field.inner, own.Part)


def _slot(name: str, path: str, field: Field[Any], *, within: bool = True, in_lines: bool = False) -> Slot:
    """Return how a field of a body stands in a sheet; `within` tells whether what it is part of must be filled in."""
    required = field.required and within
    way = next((way for kind, way in _WAYS if isinstance(field, kind)), _JSON)
    if isinstance(field, own.Many) and not isinstance(field.inner, own.Part):
        way = _TEXTS
    choices = tuple(field.metadata.get("enum", ()))
    most = getattr(field, "most", None)
    head = Head(path, way, required, choices, most if isinstance(most, int) else None, in_lines)
    parts: dict[str, Any] = {"name": field.data_key or name, "path": path, "way": way, "head": head}
    if isinstance(field, own.Mass):
        unit = Head(f"{path}.unit", _UNIT, required, tuple(values.UNITS_SHOWN), in_lines=in_lines)
        return MassSlot(**{**parts, "head": Head(path, _AMOUNT, required, in_lines=in_lines)}, unit=unit)
    if isinstance(field, own.PriceField):
        unit = Head(f"{path}.unit", _UNIT, required, field.UNITS, in_lines=in_lines)
        return PriceSlot(**{**parts, "head": Head(path, _PRICE, required, in_lines=in_lines)}, unit=unit)
    if isinstance(field, own.Point):
        east, north = (Head(f"{path}.{part}", _DEGREES, required) for part in ("longitude", "latitude"))
        return PointSlot(**{**parts, "head": east, "path": east.name}, second=north)
    if isinstance(field, own.Part):
        return Group(**parts, slots=_slots(path, field.schema, within=required, in_lines=in_lines))
    if isinstance(field, own.Many) and isinstance(field.inner, own.Part):
        return Lines(**parts, slots=_slots(path, field.inner.schema, within=required, in_lines=True))
    return Slot(**parts)


def _slots(path: str, schema: Any, *, within: bool, in_lines: bool) -> list[Slot]:
    return [_slot(name, f"{path}.{name}", one, within=within, in_lines=in_lines) for name, one in schema.fields.items()]


def is_blank(cell: Cell) -> bool:
    """Return whether a cell says nothing."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def shown(cell: Cell) -> str | None:
    """Return a cell as its writer sees it, for telling what is wrong there."""
    if cell is None:
        return None
    if isinstance(cell, CellError):
        return cell.shown
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return (format(cell, "f") if not isinstance(cell, str) and hasattr(cell, "as_tuple") else str(cell))[:100]
