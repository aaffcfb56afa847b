"""Lines loaded as the commands that their bodies make, by the fields of the body itself.

A spreadsheet says the same again and again (the plot, the standard, the weather), so what a field makes of a cell is
kept for as long as the sheet is read. What a body does beside its fields and its command is left to its schema.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as of_dataclass
from typing import Any, Final

from marshmallow import Schema, ValidationError, missing
from marshmallow.fields import Field

from api.bodies import faults_in
from api.exchange.slots import Line, MassSlot, Reader, Slot
from trace.errors import Fault

_BEYOND = 1 << 20
_MOST_KEPT = 20_000  # cells of a column
_ABSENT: Final = object()
_UNKNOWN: Final = object()
_SHARED = frozenset({"outline", "measured", "texts", "json"})  # what these make can be changed: made anew for each line
Refusals = list[tuple[int | None, Fault]]  # with the line of a fault whose path is a column, None of one of a field


@dataclass(frozen=True)
class _Refused:
    """What is wrong with a cell."""

    faults: Refusals


@dataclass(frozen=True)
class _Step:
    """A field of one cell, or of two, and what it has made of them so far."""

    slot: Slot
    field: Field[Any]
    place: int
    second: int | None = None
    kept: dict[Any, Any] = of_dataclass(default_factory=dict)


class Loader:
    """The fields of a body in the columns of a sheet."""

    def __init__(self, schema: Schema, slots: Sequence[Slot], places: Mapping[str, int]) -> None:
        self._reader, self._noted = Reader(places, self._note), Refusals()
        self._steps: list[_Step] = []
        self._others: list[tuple[Slot, Field[Any]]] = []
        self._example: Mapping[str, Any] = schema.EXAMPLE  # type: ignore[attr-defined]  # every body has one
        self._required = {name: one for name, one in schema.fields.items() if one.required}
        self.command: Callable[[dict[str, Any]], Any] = schema.command  # type: ignore[attr-defined]  # every body's own
        for slot in slots:
            one = schema.fields[slot.name]
            if isinstance(slot, MassSlot) or (type(slot) is Slot and slot.way.hint not in _SHARED):
                # Of a mass whose unit alone has a column nothing can be read: a place beyond the line is empty.
                first, *rest = (places.get(head.name) for head in slot.heads)
                second = rest[0] if rest else None
                self._steps.append(_Step(slot, one, _BEYOND if first is None else first, second))
            else:
                self._others.append((slot, one))

    @staticmethod
    def serves(schema: Schema) -> bool:
        """Return whether a body is its fields and its command, and nothing else."""
        hooks = {name: [hook[0] for hook in found] for name, found in schema._hooks.items() if found}
        named = all(one.attribute is None and one.data_key in (None, name) for name, one in schema.fields.items())
        return hooks == {"post_load": ["command"]} and named

    def load(self, lines: Sequence[Line]) -> tuple[dict[str, Any], Refusals]:
        """Return what the fields of a body make of a record, and what is wrong with it."""
        found, refused = dict[str, Any](), Refusals()
        line, wide = lines[0], len(lines[0])
        for step in self._steps:
            key: Any = line[step.place] if step.place < wide else None
            if step.second is not None:
                key = key, line[step.second] if step.second < wide else None
            made = step.kept.get(key, _UNKNOWN)
            if made is _UNKNOWN:
                made = self._make(step.slot, step.field, lines)
                if len(step.kept) < _MOST_KEPT:
                    step.kept[key] = made
            if type(made) is _Refused:
                refused += made.faults
            elif made is not _ABSENT:
                found[step.slot.name] = made
        for slot, one in self._others:
            made = self._make(slot, one, lines)
            if type(made) is _Refused:
                refused += made.faults
            elif made is not _ABSENT:
                found[slot.name] = made
        return found, refused

    def completed(self, found: Mapping[str, Any]) -> Any:
        """Return the command of a record of which some cells are wrong, what must be there taken from the example."""
        example = {
            name: one.deserialize(self._example[name])
            for name, one in self._required.items()
            if name not in found and name in self._example
        }
        return self.command({**example, **found})

    def _note(self, column: str, line: int, code: str, facts: Mapping[str, Any]) -> None:
        self._noted.append((line, Fault(column, code, dict(facts))))

    def _make(self, slot: Slot, one: Field[Any], lines: Sequence[Line]) -> Any:
        """Return what a field makes of its cells: a value, nothing, or what is wrong with them."""
        self._noted = Refusals()
        raw = slot.read(self._reader, lines)
        if self._noted:
            return _Refused(self._noted)
        try:
            made = one.deserialize(missing if raw is None else raw)
        except ValidationError as error:
            return _Refused([(None, fault) for fault in faults_in({slot.name: error.messages}, "")])
        return _ABSENT if made is missing else made
