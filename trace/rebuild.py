"""Recompute stock, lineage and balances from the events alone, and name every row that says otherwise.

Holds and recalls are checked along the lineage, and the one order for events left out.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from trace.db import take_snapshot
from trace.deliveries import Delivery, DeliveryState, states_of
from trace.errors import TraceError
from trace.events.postings import Postings, derive
from trace.events.tables import Event, EventPosition, Sequencer, Unsequenced
from trace.holds import find_uninherited
from trace.ledger import Commodity, LedgerLine
from trace.lineage import LineageEdge
from trace.lots import Lot
from trace.parties import Party


class _Books:
    """What the events say, gathered while they are read in order."""

    def __init__(self) -> None:
        self.stock: dict[str, Counter[str]] = defaultdict(Counter)
        self.edges: dict[int, dict[tuple[str, str], int]] = {}  # by row of the event that made them
        self.rows: dict[str, int] = {}
        self.deliveries: dict[str, dict[str, str]] = defaultdict(dict)  # `PARTY/CODE` → id of a standing event → state
        self.origins: dict[str, dict[str, str]] = defaultdict(dict)  # lot → id of a standing event → declared origin

    def tell(self, event_id: str, document: Mapping[str, Any], postings: Postings, *, error: bool) -> None:
        """Add what an event says of deliveries, and of the origin of what came from outside."""
        said = [(self.deliveries[code], state) for code, state in states_of(document)]
        if "chasu:declaredOrigin" in document:
            said += [(self.origins[lot], str(document["chasu:declaredOrigin"])) for lot, _ in postings.made]
        for told, word in said:
            if error:
                told.pop(event_id, None)
            else:
                told[event_id] = word

    def post(self, row: int, event_id: str, postings: Postings, *, error: bool) -> None:
        """Add one event."""
        for line in postings.lines:
            if line.lot:
                self.stock[line.lot]["mass_g" if line.commodity is Commodity.GRAM else "units"] += line.amount
        for lot, mass_g in postings.made:
            self.stock[lot]["initial_g"] += mass_g
        for edge in postings.edges:
            self.stock[edge.child]["entered_g"] += -edge.mass_g if error else edge.mass_g
        if error:
            self.edges.pop(self.rows.get(event_id, row), None)
            return
        self.rows[event_id] = row
        self.edges[row] = {(edge.parent, edge.child): edge.mass_g for edge in postings.edges}


def differences(session: Session) -> list[str]:
    """Return one line for each difference between the events and the tables derived from them.

    The session must be new: all is read from one snapshot.
    """
    take_snapshot(session)
    books, found = _Books(), []
    uris = dict(session.execute(select(Lot.id, Lot.uri)).all())
    found += _positions(session)
    lines = _ledger_lines(session, uris)
    for row, event_id, error, document in _events(session):
        read, postings, fault = _read(row, document)
        found += fault
        books.tell(event_id, read, postings, error=error)
        books.post(row, event_id, postings, error=error)
        found += _compare_lines(row, postings, lines.pop(row, Counter()))
    found += [f"ledger_line of event {row}: no such event" for row in sorted(lines)]
    found += _compare_edges(session, books, uris)
    found += _compare_stock(session, books)
    found += _compare_deliveries(session, books)
    found += _inherited(session, uris)
    return found


def _read(row: int, encoded: bytes) -> tuple[Mapping[str, Any], Postings, list[str]]:
    """Return an event's document and what it means; one that was tampered with beyond meaning is a difference."""
    try:
        document = json.loads(encoded)
        return document, derive(document), []
    except (TraceError, ValueError, KeyError, TypeError, AttributeError) as error:
        return {}, Postings(), [f"event {row}: the document has no meaning ({type(error).__name__})"]


def _events(session: Session) -> Iterator[tuple[int, str, bool, bytes]]:
    """Yield events in the order of their positions; those still without one come last, by row."""
    query = (
        select(Event.id, Event.event_id, Event.declares_error, Event.document)
        .outerjoin(EventPosition, EventPosition.event_id == Event.id)
        .order_by(EventPosition.position.is_(None), EventPosition.position, Event.id)
        .execution_options(yield_per=1000)
    )
    yield from session.execute(query)


def _positions(session: Session) -> list[str]:
    """Name what breaks the one order: a gap, an event that was left out of it, and one that would enter it twice."""
    positions = list(session.scalars(select(EventPosition.position).order_by(EventPosition.position)))
    last = session.scalar(select(Sequencer.last_position)) or 0
    gaps = sorted(set(range(1, max(last, *positions, 0) + 1)) - set(positions))
    found = [f"event_position {position}: missing" for position in gaps[:20]]
    found += [f"event_position {position}: after the sequencer's last" for position in positions if position > last]
    waits, placed = exists().where(Unsequenced.event_id == Event.id), exists().where(EventPosition.event_id == Event.id)
    lost = select(Event.id).where(~placed, ~waits).order_by(Event.id)
    found += [f"event {row}: neither has a position nor waits for one" for row in session.scalars(lost)]
    twice = select(EventPosition.event_id).join(Unsequenced, Unsequenced.event_id == EventPosition.event_id)
    return found + [f"unsequenced {row}: has a position already" for row in session.scalars(twice)]


_Key = tuple[str, str | None, str | None, str, int]


def _ledger_lines(session: Session, uris: dict[int, str]) -> dict[int, Counter[_Key]]:
    lines: dict[int, Counter[_Key]] = defaultdict(Counter)
    columns = (LedgerLine.event_id, LedgerLine.account, LedgerLine.lot_id, LedgerLine.subject)
    query = select(*columns, LedgerLine.commodity, LedgerLine.amount).execution_options(yield_per=5000)
    for row, account, lot, subject, commodity, amount in session.execute(query):
        lines[row][account, uris.get(lot) if lot else None, subject, commodity, amount] += 1
    return lines


def _compare_lines(row: int, postings: Postings, lines: Counter[_Key]) -> list[str]:
    wanted: Counter[_Key] = Counter(
        (line.account, line.lot, line.subject, line.commodity, line.amount) for line in postings.lines
    )
    found = [f"ledger_line of event {row}: missing {_told(key)}" for key in (wanted - lines).elements()]
    return found + [f"ledger_line of event {row}: unexpected {_told(key)}" for key in (lines - wanted).elements()]


def _told(key: _Key) -> str:
    return " ".join(str(part) for part in key if part is not None)


def _compare_edges(session: Session, books: _Books, uris: dict[int, str]) -> list[str]:
    columns = (LineageEdge.event_id, LineageEdge.parent_id, LineageEdge.child_id, LineageEdge.mass_g)
    there = {
        (event, _name(uris, parent), _name(uris, child)): mass_g
        for event, parent, child, mass_g in session.execute(select(*columns))
    }
    wanted = {(event, *edge): mass_g for event, edges in books.edges.items() for edge, mass_g in edges.items()}
    found = []
    for key in sorted(wanted.keys() | there.keys()):
        said, held = wanted.get(key), there.get(key)
        if said != held:
            found.append(f"lineage_edge {key[1]} → {key[2]}: {held} g, events say {said} g")
    return found


def _name(uris: dict[int, str], lot: int) -> str:
    return uris.get(lot, f"lot {lot}, which is not there")


def _inherited(session: Session, uris: dict[int, str]) -> list[str]:
    """Name the lots that should be held or recalled, by finding or recall, as what they were made of is."""
    return [
        f"{table} {_name(uris, lot)}: missing, inherited from {cause}"
        for table, lot, cause in find_uninherited(session)
    ]


def _compare_deliveries(session: Session, books: _Books) -> list[str]:
    """Name the deliveries that events say are elsewhere: on their way, received, or with their giver again."""
    query = (
        select(Party.code, Delivery.code, Delivery.state, Delivery.undone_at)
        .join(Party, Delivery.giver_id == Party.id)
        .order_by(Delivery.id)
    )
    found, seen = [], set()
    for giver, code, state, undone_at in session.execute(query):
        seen.add(name := f"{giver}/{code}")
        states = sorted(books.deliveries.get(name, {}).values())
        held = [] if undone_at else sorted({DeliveryState.SENT.value, state.value})
        if states != held:
            found.append(f"delivery {name}: {', '.join(held) or 'undone'}, events say {', '.join(states) or 'undone'}")
    missing = sorted(name for name, states in books.deliveries.items() if states and name not in seen)
    return found + [f"delivery {name}: missing" for name in missing]


def _compare_stock(session: Session, books: _Books) -> list[str]:
    found = []
    columns = (Lot.uri, Lot.initial_g, Lot.mass_g, Lot.entered_g, Lot.units, Lot.declared_origin)
    for lot in session.execute(select(*columns)).mappings():
        origin = next(iter(books.origins.get(lot["uri"], {}).values()), None)
        if lot["initial_g"] and lot["declared_origin"] != origin:
            found.append(f"lot {lot['uri']}: declared_origin is {lot['declared_origin']}, events say {origin}")
        said: Counter[str] = books.stock.get(lot["uri"], Counter())
        for name in ("initial_g", "mass_g", "entered_g", "units"):
            held: Any = lot[name] or 0
            if held != said[name]:
                found.append(f"lot {lot['uri']}: {name} is {held}, events say {said[name]}")
    return found
