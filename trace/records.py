"""Records as their readers see them: for each noun the columns, who may read it, and what a code names.

Lists go by an ascending key, so a page never skips or repeats a row however many are added meanwhile.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, and_, false, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from trace.accounts import Caller
from trace.db import portions
from trace.errors import AmbiguousCodeError, NotFoundError
from trace.seasons import find_aliases

MOST = 200
_CANDIDATES = 20
_CODES = 5_000  # asked for by one statement: a whole spreadsheet is looked up in a few
_PORTION = 500  # records of an export at a time
Record = dict[str, Any]


@dataclass(frozen=True)
class Filter:
    """What a list may be kept to: the condition for a value, and the values there are, where they are few.

    Of a `day` the condition is given one as `2026-04-18`; whoever asks sees to it.
    """

    condition: Callable[[str], ColumnElement[bool]]
    allowed: tuple[str, ...] = ()
    day: bool = False


@dataclass(frozen=True)
class Parts:
    """What a record consists of: its name, and the question for it, by key of record; None where it is not told."""

    name: str
    read: Callable[[Session, Caller, Sequence[int]], Mapping[int, Sequence[Any] | None]]


@dataclass(frozen=True, kw_only=True)
class Noun:
    """One kind of record. The query names its columns; `code` and, where codes are one's own, `owner` among them."""

    name: str  # as in a refusal: "lot"
    key: InstrumentedAttribute[int]
    query: Callable[[Caller], Select[*tuple[Any, ...]]]
    visible: Callable[[Caller], ColumnElement[bool]]
    code: Callable[[str], ColumnElement[bool]]
    owner: ColumnElement[str] | None = None
    aliases: str | None = None  # the season file's array whose ids also name these records
    filters: Mapping[str, Filter] = field(default_factory=dict)
    parts: Parts | tuple[Parts, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Page:
    """Ask for some records after a key, kept to those that the filters let through."""

    limit: int = 50
    after: int = 0
    filters: Mapping[str, str] = field(default_factory=dict)


def list_records(session: Session, caller: Caller, noun: Noun, page: Page) -> tuple[list[Record], int | None]:
    """Return a page of what the caller may read, and the key to go on after, if there is more."""
    return _list(session, caller, noun, replace(page, limit=min(page.limit, MOST)))


def iterate_records(session: Session, caller: Caller, noun: Noun, filters: Mapping[str, str]) -> Iterator[Record]:
    """Yield every record the caller may read and the filters let through, some hundred at a time: for an export."""
    after: int | None = 0
    while after is not None:
        rows, after = _list(session, caller, noun, Page(limit=_PORTION, after=after, filters=filters))
        yield from rows


def _list(session: Session, caller: Caller, noun: Noun, page: Page) -> tuple[list[Record], int | None]:
    query = _readable(caller, noun).where(noun.key > page.after).order_by(noun.key).limit(page.limit + 1)
    for name, wanted in page.filters.items():
        query = query.where(noun.filters[name].condition(wanted))
    rows = session.execute(query).mappings().all()
    shown = rows[: page.limit]
    return _whole(session, caller, noun, shown), shown[-1]["key"] if len(rows) > page.limit else None


def get_record(session: Session, caller: Caller, noun: Noun, code: str) -> Record:
    """Return the record known as `CODE`, `PARTY/CODE`, or by a season's own id.

    Raises `NotFoundError`, also for what belongs to others, and `AmbiguousCodeError` with the candidates.
    """
    if "\0" in code:  # PostgreSQL would refuse it as text
        raise NotFoundError(what=noun.name, code=code.replace("\0", "�"))
    found = _find(session, caller, noun, noun.code(code))
    owner, _, bare = code.rpartition("/")
    if not found and owner and noun.owner is not None:
        found = _find(session, caller, noun, and_(noun.code(bare), noun.owner == owner))
    if not found and noun.aliases:
        rows = find_aliases(session, noun.aliases, bare)
        found = _find(session, caller, noun, _called(noun, rows, owner))
    if not found:
        raise NotFoundError(what=noun.name, code=code)
    if len(found) > 1:
        raise AmbiguousCodeError(what=noun.name, code=code, candidates=[_full_code(noun, row) for row in found])
    return _whole(session, caller, noun, found)[0]


def read_records(session: Session, caller: Caller, noun: Noun, keys: Sequence[int]) -> list[Record]:
    """Return records by their keys, in that order: what the caller has just written, whoever it is for."""
    found: dict[int, RowMapping] = {}
    for few in portions(keys):
        query = noun.query(caller).add_columns(noun.key.label("key")).where(noun.key.in_(few))
        found.update({row["key"]: row for row in session.execute(query).mappings()})
    return _whole(session, caller, noun, [found[key] for key in keys])


def find_records(session: Session, caller: Caller, noun: Noun, codes: Iterable[str]) -> list[Record]:
    """Return the records of these codes that the caller may read, whoever's they are."""
    wanted, found = sorted(codes), []
    for start in range(0, len(wanted), _CODES):
        query = _readable(caller, noun)
        query = query.where(query.selected_columns["code"].in_(wanted[start : start + _CODES])).order_by(noun.key)
        rows = session.execute(query).mappings().all()
        for at in range(0, len(rows), _PORTION):
            found += _whole(session, caller, noun, rows[at : at + _PORTION])
    return found


def list_among(
    session: Session,
    caller: Caller,
    noun: Noun,
    among: Callable[[Sequence[int]], ColumnElement[bool]],
    rows: Iterable[int],
) -> list[Record]:
    """Return the records that the caller may read and that belong to some rows, each once, in the order of their keys.

    `among` is the condition for some of the rows: there may be more than one statement takes.
    """
    found: dict[int, Record] = {}
    for few in portions(rows):
        query = _readable(caller, noun).where(among(few)).order_by(noun.key)
        for record in _whole(session, caller, noun, session.execute(query).mappings().all()):
            found[record["key"]] = record
    return [found[key] for key in sorted(found)]


def lock_record(session: Session, noun: Noun, key: int) -> None:
    """Make whoever else would change a record wait until this transaction ends."""
    session.execute(select(noun.key).where(noun.key == key).with_for_update())


def _whole(session: Session, caller: Caller, noun: Noun, rows: Sequence[RowMapping]) -> list[Record]:
    """Return records with their parts."""
    whole, keys = [dict(row) for row in rows], [row["key"] for row in rows]
    for part in (noun.parts,) if isinstance(noun.parts, Parts) else noun.parts:
        found = part.read(session, caller, keys)
        for record in whole:
            record[part.name] = found.get(record["key"], [])
    return whole


def _readable(caller: Caller, noun: Noun) -> Select[*tuple[Any, ...]]:
    return noun.query(caller).add_columns(noun.key.label("key")).where(noun.visible(caller))


def _find(session: Session, caller: Caller, noun: Noun, named: ColumnElement[bool]) -> Sequence[RowMapping]:
    query = _readable(caller, noun).where(named).order_by(noun.key).limit(_CANDIDATES)
    return session.execute(query).mappings().all()


def _called(noun: Noun, rows: list[int], owner: str) -> ColumnElement[bool]:
    """Hold for the rows a season's id stands for, kept to one owner where one is named."""
    if not owner:
        return noun.key.in_(rows)
    return false() if noun.owner is None else and_(noun.key.in_(rows), noun.owner == owner)


def _full_code(noun: Noun, row: RowMapping) -> str:
    return str(row["code"]) if noun.owner is None else f"{row['owner']}/{row['code']}"


def plain(
    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
) -> Callable[[str], ColumnElement[bool]]:
    """Return the condition that a column equals a text."""
    return lambda text: column == text


def number_of(text: str, largest: int) -> int:
    """Return the number a text writes in plain digits, or 0, which no position has."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 and int(text) <= largest else 0


def of_day(column: ColumnElement[date] | InstrumentedAttribute[date]) -> Filter:
    """Return the filter that a column is a day."""
    return Filter(lambda day: column == date.fromisoformat(day), day=True)


def equal(column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]) -> Filter:
    """Return the filter that a column equals a text."""
    return Filter(plain(column))
