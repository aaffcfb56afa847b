"""The columns of every table that rules judge by, and rows of text read by them: all faults, by row and column."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from trace.errors import Fault
from trace.ids import find_personal_numbers

FROM_MEMORY = "from-memory"  # a mark of confidence: such a row decides no judgement
CONFIDENCE = (
    "verified",  # read in the edition in force
    "verified-2016-value",  # read in GB 2763-2016, believed unchanged
    "verified-old-source",  # read, in a source that was superseded or copied
    "verified-but-banned",
    "press-note",
    "computed",
    "judgement",  # a threshold somebody chose, with the reason in its source
    "unknown",
    FROM_MEMORY,
)
ANY = "*"  # every crop, every kind, every analyte that has no row of its own
BETWEEN_NAMES = "、"  # between the other names of a substance
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOST_TEXT, _MOST_SOURCE, _MOST_KEY = 120, 600, 200


class _Refused(Exception):  # noqa: N818 -- never leaves this module
    """A text is not what its column takes."""

    def __init__(self, code: str, **facts: object) -> None:
        self.code, self.facts = code, facts


@dataclass(frozen=True)
class Column:
    """One column: what makes a value of its text, and whether a row may leave it empty."""

    name: str
    read: Callable[[str], Any]
    required: bool = True


@dataclass(frozen=True)
class Row:
    """One row, in values. What it says counts from `valid_from` until `valid_to`, both included."""

    number: int  # its place in its edition, from 1
    key: str
    cells: Mapping[str, str]  # the texts of the columns that say something
    values: Mapping[str, Any]
    confidence: str
    source: str
    valid_from: date | None
    valid_to: date | None

    @property
    def decides(self) -> bool:
        """Return whether a judgement may rest on it."""
        return self.confidence != FROM_MEMORY

    def is_in_force(self, day: date) -> bool:
        """Return whether it counts on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Shape:
    """A table: its columns, those that tell rows apart, and those by which rows are looked up."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    found_by: tuple[str, ...] = ()
    also: tuple[str, ...] = ()  # columns with further names of the last in `found_by`
    exactly_one_of: tuple[str, ...] = ()
    may_be_empty: bool = False  # else an edition without rows is a mistake
    is_many: bool = False  # several rows may speak of the same thing: sources differ

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """Return its own columns and those that every table has."""
        return self.columns + _EVERY


def folded(text: str) -> str:
    """Return a name as names are compared: `铅（以Pb计）` is `铅(以Pb计)`, capitals are small letters."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _text(text: str, most: int = _MOST_TEXT) -> str:
    """Return a text that everybody may read."""
    if len(text) > most:
        raise _Refused("too-long", most=most)
    if find_personal_numbers(text):
        raise _Refused("personal-number")
    return text


def _source(text: str) -> str:
    return _text(text, _MOST_SOURCE)


def _number(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise _Refused("number-shape", value=text[:40])
    return Decimal(text)


def _whole(text: str) -> int:
    number = _number(text)
    if number != number.to_integral_value():
        raise _Refused("wrong-type", expected="integer")
    return int(number)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        raise _Refused("not-a-date", value=text[:40]) from None


def _month_day(text: str) -> tuple[int, int]:
    """Return (month, day) of `06-10`; 29 February is no day of every year."""
    try:
        day = date.fromisoformat(f"2001-{text}" if _DAY.fullmatch(f"2001-{text}") else "")
    except ValueError:
        raise _Refused("not-a-date", value=text[:40]) from None
    return day.month, day.day


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in _text(text, _MOST_SOURCE).split(BETWEEN_NAMES) if name.strip())


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise _Refused("not-allowed", value=text[:40], allowed=list(words))
        return text

    return read


def _optional(name: str, read: Callable[[str], Any] = _text) -> Column:
    return Column(name, read, required=False)


_EVERY = (
    Column("confidence", _one_of(*CONFIDENCE)),
    Column("source", _source),
    _optional("valid_from", _day),
    _optional("valid_to", _day),
    _optional("note", _source),
)


def _texts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, _text) for name in names)


def _numbers(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, _number) for name in names)


_SUBSTANCE = (*_texts("crop", "substance"), _optional("substance_en"), _optional("also", _names))

_EVERY_SHAPE = (
    Shape(
        "residue-limits",
        (
            *_texts("market", "crop", "analyte"),
            *(_optional("analyte_en"), _optional("also", _names), _optional("cas")),
            *(Column("mg_per_kg", _number), Column("basis", _text)),
        ),
        key=("market", "crop", "analyte"),
        found_by=("market", "crop", "analyte"),
        also=("also", "analyte_en"),
    ),
    Shape(
        "banned-substances",
        (*_SUBSTANCE, _optional("toxicity"), _optional("cas"), Column("basis", _source)),
        key=("crop", "substance"),
        found_by=("crop", "substance"),
        also=("also", "substance_en"),
    ),
    Shape(
        "intervals",
        (
            *(*_SUBSTANCE, _optional("formulation"), _optional("target")),
            *(_optional("days", _whole), _optional("applications", _whole), Column("basis", _text)),
        ),
        key=("crop", "substance", "formulation", "target"),
        found_by=("crop", "substance"),
        also=("also", "substance_en"),
        is_many=True,
    ),
    Shape(
        "conversion-ratios",
        (*_texts("crop"), *_numbers("refuse_below", "note_below", "note_above")),
        key=("crop",),
        found_by=("crop",),
    ),
    Shape(
        "plot-yields",
        (
            *(*_texts("crop"), *_numbers("spring_kg_per_mu", "year_kg_per_mu")),
            *(Column("spring_ends", _month_day), Column("young_years", _whole), Column("young_percent", _number)),
        ),
        key=("crop",),
        found_by=("crop",),
    ),
    Shape(
        "picker-days",
        (*_texts("crop", "pluck_standard"), *_numbers("kg_per_day")),
        key=("crop", "pluck_standard"),
        found_by=("crop", "pluck_standard"),
    ),
    Shape(
        "net-content",
        (*_numbers("above_g", "up_to_g"), _optional("percent", _number), _optional("grams", _number)),
        key=("above_g", "up_to_g"),
        exactly_one_of=("percent", "grams"),
    ),
    Shape(
        "packaging",
        (
            *(*_texts("form"), Column("layers", _whole)),
            *_numbers("cost_percent", "dear_yuan", "dear_cost_percent", "gross_multiple", "space_factor"),
        ),
        key=("form",),
        found_by=("form",),
    ),
    Shape(
        "early-dates",
        (*_texts("claim"), Column("year", _whole), Column("day", _day)),
        key=("claim", "year"),
        found_by=("claim", "year"),
    ),
    Shape(
        "required-results",
        (*_texts("kind", "item"), _optional("also", _names)),
        key=("kind", "item"),
        found_by=("kind",),
    ),
    Shape("licence-kinds", (Column("kind", _text), _optional("also", _names)), key=("kind",), found_by=("kind",)),
    Shape(
        "gi-marks",
        (Column("mark", _text), Column("asks", _one_of("village", "plant", "standard")), Column("value", _text)),
        key=("mark", "asks", "value"),
        may_be_empty=True,
    ),
    Shape(
        "grades",
        (
            *(*_texts("kind", "grade"), Column("rank", _whole), _optional("pluck_standards", _names)),
            *(_optional("ratio_from", _number), _optional("ratio_to", _number)),
        ),
        key=("kind", "grade"),
        found_by=("kind", "grade"),
    ),
    Shape("plant-capacity", (*_texts("kind"), *_numbers("percent")), key=("kind",), found_by=("kind",)),
    Shape("label-waste", (*_texts("stock"), *_numbers("percent")), key=("stock",), found_by=("stock",)),
)
SHAPES: dict[str, Shape] = {shape.name: shape for shape in _EVERY_SHAPE}


def read_rows(shape: Shape, rows: Sequence[Mapping[str, str | None]]) -> tuple[list[Row], list[Fault]]:
    """Return the rows of a table in values, and every fault: at `rows[0].column`, its facts with row 1 and column."""
    faults: list[Fault] = []
    read = [_read_row(shape, number, row, faults) for number, row in enumerate(rows, start=1)]
    if not faults and not shape.is_many:
        faults += _overlaps(read)
    return read, faults


def _fault(number: int, column: str, code: str, **facts: object) -> Fault:
    return Fault(f"rows[{number - 1}].{column}", code, {"row": number, "column": column, **facts})


def _read_row(shape: Shape, number: int, row: Mapping[str, str | None], faults: list[Fault]) -> Row:
    known = {column.name for column in shape.all_columns}
    faults += [_fault(number, name, "unknown-field") for name in row if name not in known]
    before = len(faults)
    values = dict(_read_cells(shape, number, row, faults))
    if len(faults) == before:
        faults += _disagreements(shape, number, values)
    parts = (str(values[name]) for name in shape.key if values.get(name) is not None)
    return Row(
        number=number,
        key="/".join(parts)[:_MOST_KEY],
        cells={column.name: text for column in shape.all_columns if (text := (row.get(column.name) or "").strip())},
        values=values,
        confidence=values.get("confidence") or "",
        source=values.get("source") or "",
        valid_from=values.get("valid_from"),
        valid_to=values.get("valid_to"),
    )


def _read_cells(
    shape: Shape, number: int, row: Mapping[str, str | None], faults: list[Fault]
) -> Iterator[tuple[str, Any]]:
    for column in shape.all_columns:
        text = (row.get(column.name) or "").strip()
        value = None
        if text:
            try:
                value = column.read(text)
            except _Refused as refused:
                faults.append(_fault(number, column.name, refused.code, **refused.facts))
        elif column.required:
            faults.append(_fault(number, column.name, "missing-field"))
        yield column.name, value


def _disagreements(shape: Shape, number: int, values: Mapping[str, Any]) -> Iterator[Fault]:
    start, end = values["valid_from"], values["valid_to"]
    if start and end and end < start:
        yield _fault(number, "valid_to", "ends-before-it-begins", value=str(end), start=str(start))
    if shape.exactly_one_of and sum(values[name] is not None for name in shape.exactly_one_of) != 1:
        yield _fault(number, shape.exactly_one_of[0], "exactly-one-of", columns=list(shape.exactly_one_of))


def _overlaps(rows: Sequence[Row]) -> Iterator[Fault]:
    """Yield a fault for each row that says again, for the same days, what a row before it says."""
    standing: dict[str, list[Row]] = {}
    for row in rows:
        others = standing.setdefault(folded(row.key), [])
        for other in others:
            if _starts(row) <= _ends(other) and _starts(other) <= _ends(row):
                yield _fault(row.number, "valid_from", "duplicate-value", value=row.key, first=other.number)
                break
        others.append(row)


def _starts(row: Row) -> date:
    return row.valid_from or date.min


def _ends(row: Row) -> date:
    return row.valid_to or date.max
