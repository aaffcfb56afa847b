"""Locks of a request that corrects records: all that it will write, before the first, each table in id order.

A lone correction locks its record, then its lots in id order. Of several the second would take its lots while those of
the first are held, and another writer who names them all in order would wait for it and be waited for.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from trace.clock import day_of
from trace.db import portions
from trace.deliveries import Delivery, list_carried
from trace.descent import lock_descendants
from trace.entries.correctable import Kind
from trace.entries.form import Filled
from trace.events.correct import list_lots_of
from trace.events.tables import Event
from trace.intakes import Intake
from trace.logistic_units import LogisticUnit, whole_contents
from trace.lots import Lot
from trace.parties import Party
from trace.revisions import lock_rows
from trace.seasons import SeasonRecord
from trace.slips import SlipKind, find_standing_slip, hold_days

_LOTS, _DELIVERIES, _CASES = ("lot", "lots", "pack"), ("hand_overs", "deliveries"), ("cases",)  # fields with codes
_OWNERS = ("party", "supplier")  # fields that say whose those are


def lock_records(session: Session, records: Sequence[tuple[Kind, int]], rights: Sequence[Filled]) -> list[Any]:
    """Lock records (kind and row id), and return their rows as they are now.

    Of several, also the deliveries and cases that they moved or that `rights`, what will stand instead, name; then
    every lot of all these, with all made of it, and last the days in which slips are numbered. A code that names
    nothing is no matter here: its form will say so.
    """
    tables: dict[Any, set[int]] = defaultdict(set)
    for kind, key in records:
        tables[kind.row].add(key)
    if len(records) == 1:
        return _lock(session, tables, records)
    events, parties = _standing(session, records)
    named = _codes(rights)
    named["party"] |= parties
    tables[Delivery] |= _deliveries(session, named) | _ids(session, Delivery.id, Delivery.closed_by_id, events)
    tables[LogisticUnit] |= _ids(session, LogisticUnit.id, LogisticUnit.sscc, _of(named, _CASES))
    tables[LogisticUnit] |= _ids(session, LogisticUnit.id, LogisticUnit.shipped_event_id, events)
    rows = _lock(session, tables, records)
    lots = list_lots_of(
        session, [event for (kind, _), row in zip(records, rows, strict=True) for event in kind.of(row)]
    )
    lots |= {item.lot_id for items in list_carried(session, tables[Delivery]).values() for item in items}
    inside = whole_contents(session, tables[LogisticUnit])[1].values()
    lots |= _ids(session, Lot.id, Lot.uri, {few.lot_uri for units in inside for few in units})
    lock_descendants(session, lots | _lots(session, named))
    _hold_days(session, rows, rights)
    return rows


_WEIGHED = {Intake: (SlipKind.INTAKE, "received_at"), Delivery: (SlipKind.HAND_OVER, "sent_at")}


def _hold_days(session: Session, rows: Sequence[Any], rights: Sequence[Filled]) -> None:
    """Hold the days in which slips will be numbered: those of the slips that stand, and those that `rights` name."""
    weighed = [(row, _WEIGHED[type(row)]) for row in rows if type(row) in _WEIGHED]
    slips = [find_standing_slip(session, kind, row.id) for row, (kind, _) in weighed]
    standing = {(slip.party_id, slip.weighed_on) for slip in slips if slip is not None}
    moments = {getattr(right, name, None) for right in rights for _, name in _WEIGHED.values()}
    named = {day_of(moment) for moment in moments if moment is not None}
    hold_days(session, standing | {(party, day) for party, _ in standing for day in named})


def _lock(session: Session, tables: Mapping[Any, set[int]], records: Sequence[tuple[Kind, int]]) -> list[Any]:
    """Lock rows, table after table, and return those of the records."""
    ordered = sorted(tables, key=lambda table: str(table.__tablename__))
    rows = {table: lock_rows(session, table, tables[table]) for table in ordered}
    return [rows[kind.row][key] for kind, key in records]


def _standing(session: Session, records: Sequence[tuple[Kind, int]]) -> tuple[set[int], set[str]]:
    """Return the events (row ids) that records have before they are locked, and the parties that answer for them."""
    keys: dict[tuple[Any, str], set[int]] = defaultdict(set)
    for kind, key in records:
        for column in kind.events:
            keys[kind.row, column].add(key)
    events, parties = set(), set()
    for (table, column), wanted in keys.items():
        query = select(Event.id, Party.code).join(table, getattr(table, column) == Event.id)
        for event, party in session.execute(query.join(Party, Party.id == Event.party_id).where(table.id.in_(wanted))):
            events.add(event)
            parties.add(party)
    return events, parties


def _ids(session: Session, key: Any, column: Any, values: Iterable[Any]) -> set[int]:
    """Return the row ids of a table where a column has one of some values."""
    query = select(key)
    return {id_ for few in portions(values) for id_ in session.scalars(query.where(column.in_(few)))}


def _codes(rights: Sequence[Filled]) -> dict[str, set[str]]:
    """Return all texts in what will stand, by the field in which they are."""
    found: dict[str, set[str]] = defaultdict(set)
    for right in rights:
        for field, text in _texts("", right):
            found[field].add(text)
    return found


def _texts(field: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield field, value
    elif is_dataclass(value):
        for inner in fields(value):
            yield from _texts(inner.name, getattr(value, inner.name))
    elif isinstance(value, Sequence):
        for one in value:
            yield from _texts(field, one)


def _of(named: Mapping[str, set[str]], wanted: Sequence[str]) -> set[str]:
    return set().union(*(named.get(field, set()) for field in wanted))


def _bare(codes: set[str]) -> set[str]:
    return {code.rpartition("/")[2] for code in codes}


def _deliveries(session: Session, named: Mapping[str, set[str]]) -> set[int]:
    """Return the deliveries that intakes name, which go to the parties of the records."""
    query = select(Delivery.id).join(Party, Party.id == Delivery.receiver_id)
    theirs = query.where(Party.code.in_(_of(named, _OWNERS)))
    few = portions(_bare(_of(named, _DELIVERIES)))
    return {id_ for codes in few for id_ in session.scalars(theirs.where(Delivery.code.in_(codes)))}


def _lots(session: Session, named: Mapping[str, set[str]]) -> set[int]:
    """Return the lots of these codes, or so called in a season's file, of the parties that are named."""
    codes = _of(named, _LOTS)
    owners = _of(named, _OWNERS) | {code.rpartition("/")[0] for code in codes}
    query = select(Lot.id).join(Party, Party.id == Lot.party_id).where(Party.code.in_(owners))
    found: set[int] = set()
    for few in portions(_bare(codes)):
        called = select(SeasonRecord.record_id).where(SeasonRecord.noun == "lot", SeasonRecord.alias.in_(few))
        found.update(session.scalars(query.where(or_(Lot.code.in_(few), Lot.id.in_(called)))))
    return found
