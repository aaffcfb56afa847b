"""Write events: document, commitment, ledger, lineage and stock in one transaction; one record is a sequence of one."""

import hashlib
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    Table,
    Update,
    bindparam,
    delete,
    inspect,
    literal_column,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from trace import clock
from trace.db import PORTION, portions
from trace.epcis.event_hash import event_hash
from trace.errors import ConflictError, NotFoundError
from trace.events.documents import encode
from trace.events.entry import Agent, Entry
from trace.events.postings import Postings, derive
from trace.events.tables import Event, EventSalt, Unsequenced
from trace.holds import inherit
from trace.ledger import Commodity, LedgerLine
from trace.lineage import LineageEdge
from trace.lots import Lot
from trace.statements import Driver, Statement, insert_into, insert_numbered


def _locking(these: ColumnElement[bool]) -> Select[Any]:
    """Return the statement that locks some lots, in id order, and tells their stock."""
    columns = (_LOTS.c.id, _LOTS.c.uri, _LOTS.c.code, _LOTS.c.mass_g, _LOTS.c.units)
    return select(*columns).where(these).order_by(_LOTS.c.id).with_for_update()


def _stock_change() -> Update:
    """Return the statement that adds to what a lot holds."""
    return (
        update(_LOTS)
        .where(_LOTS.c.id == bindparam("lot"))
        .values(
            mass_g=_LOTS.c.mass_g + bindparam("mass"),
            units=_LOTS.c.units + bindparam("units_"),
            initial_g=_LOTS.c.initial_g + bindparam("made"),
            entered_g=_LOTS.c.entered_g + bindparam("entered"),
            revision=_LOTS.c.revision + literal_column("1"),
        )
    )


_LOTS = cast("Table", Lot.__table__)
_THESE: BindParameter[Any] = bindparam("these", expanding=True)
_LOCK_BY_URI = Statement(_locking(_LOTS.c.uri.in_(_THESE)), listed="these")
_LOCK_BY_ID = Statement(_locking(_LOTS.c.id.in_(_THESE)), listed="these")
_CHANGE_STOCK = Statement(_stock_change())
_NEW_EVENTS = insert_numbered(Event)
_NEW_SALTS, _NEW_UNSEQUENCED = insert_into(EventSalt), insert_into(Unsequenced)
_NEW_LINES, _NEW_EDGES = insert_into(LedgerLine), insert_into(LineageEdge)


class LotOverdrawnError(ConflictError):
    """More was taken from a lot than it holds. `index` is the event's place in the sequence asked for."""

    code = "lot-overdrawn"
    lots: tuple[int, ...] = ()  # row ids of all lots overdrawn, where a sequence was judged as a whole


class EventKnownError(ConflictError):
    """An event with this id is recorded already."""

    code = "event-known"


@dataclass(frozen=True, kw_only=True)
class NewEvent:
    """Ask to record one event; without `event_id` it gets its CBV 2.0 event hash."""

    document: dict[str, Any]
    party_id: int
    entry: Entry
    event_id: str | None = None
    declares_error: bool = False

    @property
    def agent(self) -> Agent | None:
        """Return who entered it, where that is another than who answers for it."""
        agent = self.entry.agent
        return agent if agent is not None and agent.id != self.party_id else None


@dataclass
class _Stock:
    """What is left of a lot while a sequence of events is tried on it."""

    id: int
    code: str
    mass_g: int
    units: int


def finish(new: NewEvent) -> dict[str, Any]:
    """Return the document with who entered it for another, and with its id."""
    document, agent = new.document, new.agent
    if agent is not None and not new.declares_error:
        document = {**document, "chasu:enteredBy": agent.uri}
    return {**document, "eventID": new.event_id or event_hash(document)}


def lock_lots(driver: Driver, uris: set[str]) -> dict[str, _Stock]:
    """Lock lots in id order and return their stock. Raises `NotFoundError` for one that does not exist."""
    found: dict[str, _Stock] = {}
    asked: Iterable[tuple[Statement, Collection[str] | Collection[int]]] = [(_LOCK_BY_URI, sorted(uris))]
    if len(uris) > PORTION:
        asked = ((_LOCK_BY_ID, few) for few in _ids_of(driver, uris))
    for statement, these in asked:
        rows = statement.ask(driver, {"these": these})
        found.update({uri: _Stock(id_, code, mass_g, units or 0) for id_, uri, code, mass_g, units in rows})
    missing = uris - found.keys()
    if missing:
        raise NotFoundError(what="lot", code=min(missing))
    return found


def _ids_of(driver: Driver, uris: set[str]) -> Iterator[list[int]]:
    """Return the row ids of many lots, in order and in portions: whoever locks them locks them in this order."""
    ids: list[int] = []
    for few in portions(uris):
        ids += driver.connection.scalars(select(_LOTS.c.id).where(_LOTS.c.uri.in_(few)))
    return portions(sorted(ids))


def _try(stock: Mapping[str, _Stock], postings: Sequence[Postings], *, as_a_whole: bool) -> None:
    """Apply the postings in order to the stock at hand, refusing the first that takes what is not there.

    `as_a_whole` looks only at what is left in the end: a correction takes away before it gives back.
    """
    for index, posted in enumerate(postings):
        for line in posted.lines:
            if line.lot is None:
                continue
            lot = stock[line.lot]
            kind = "mass_g" if line.commodity is Commodity.GRAM else "units"
            before = getattr(lot, kind)
            if before + line.amount < 0 and not as_a_whole:
                raise LotOverdrawnError(
                    lot=lot.code, available=before, asked=-line.amount, unit=line.commodity.value, index=index
                )
            setattr(lot, kind, before + line.amount)
    short = [lot for lot in stock.values() if min(lot.mass_g, lot.units) < 0]
    if short:
        lot = short[0]
        unit = Commodity.GRAM if lot.mass_g < 0 else Commodity.UNIT
        missing = -(lot.mass_g if lot.mass_g < 0 else lot.units)
        error = LotOverdrawnError(lot=lot.code, missing=missing, unit=unit.value)
        error.lots = tuple(lot.id for lot in short)
        raise error


def _insert_events(
    driver: Driver, news: Sequence[NewEvent], documents: Sequence[dict[str, Any]], salts: Sequence[bytes]
) -> list[int]:
    recorded_at = clock.now()
    rows = []
    for new, document, salt in zip(news, documents, salts, strict=True):
        encoded = encode(document)
        rows.append(
            {
                "event_id": document["eventID"],
                "declares_error": new.declares_error,
                "type": document["type"],
                "biz_step": document.get("bizStep"),
                "event_time": datetime.fromisoformat(document["eventTime"]),
                "utc_offset": document["eventTimeZoneOffset"],
                "recorded_at": recorded_at,
                "mode": new.entry.mode,
                "entered_by_id": new.agent and new.agent.id,
                "account_id": new.entry.account_id,
                "party_id": new.party_id,
                "document": encoded,
                "commitment": hashlib.sha256(salt + encoded).digest(),
            }
        )
    try:
        return _NEW_EVENTS.number(driver, rows)
    except IntegrityError as error:
        if "event_id" not in str(error.orig):
            raise
        raise EventKnownError(events=[document["eventID"] for document in documents][:5]) from None


def _insert_lines(
    driver: Driver, ids: Sequence[int], postings: Sequence[Postings], stock: Mapping[str, _Stock]
) -> None:
    lines = [
        {
            "event_id": id_,
            "number": number,
            "account": line.account,
            "lot_id": stock[line.lot].id if line.lot else None,
            "subject": line.subject,
            "commodity": line.commodity,
            "amount": line.amount,
        }
        for id_, posted in zip(ids, postings, strict=True)
        for number, line in enumerate(posted.lines, 1)
    ]
    _NEW_LINES.run(driver, lines)


def _insert_edges(
    driver: Driver, ids: Sequence[int], postings: Sequence[Postings], stock: Mapping[str, _Stock]
) -> set[int]:
    """Write lineage and return the children."""
    edges = [
        {
            "child_id": stock[edge.child].id,
            "parent_id": stock[edge.parent].id,
            "event_id": id_,
            "mass_g": edge.mass_g,
        }
        for id_, posted in zip(ids, postings, strict=True)
        for edge in posted.edges
    ]
    _NEW_EDGES.run(driver, edges)
    return {edge["child_id"] for edge in edges}


def _move_stock(
    driver: Driver, news: Sequence[NewEvent], postings: Sequence[Postings], stock: Mapping[str, _Stock]
) -> None:
    """Add each lot's change to what the database holds, in id order; the CHECK stands behind the trial above."""
    changes: dict[int, dict[str, int]] = {}
    for new, posted in zip(news, postings, strict=True):
        for line in posted.lines:
            if line.lot:
                lot = stock[line.lot].id
                change = changes.setdefault(lot, {"lot": lot, "mass": 0, "units_": 0, "made": 0, "entered": 0})
                change["mass" if line.commodity is Commodity.GRAM else "units_"] += line.amount
        for uri, mass_g in posted.made:
            changes[stock[uri].id]["made"] += mass_g
        for edge in posted.edges:
            changes[stock[edge.child].id]["entered"] += -edge.mass_g if new.declares_error else edge.mass_g
    _CHANGE_STOCK.run(driver, [changes[lot] for lot in sorted(changes)])


_MOVED = ("mass_g", "units", "initial_g", "entered_g", "revision")


def _forget_stock(session: Session, stock: Mapping[str, _Stock]) -> None:
    """Let a lot that this session has at hand be read anew where its stock is asked for."""
    key = inspect(Lot).identity_key_from_primary_key
    for moved in stock.values():
        lot = session.identity_map.get(key((moved.id,)))
        if lot is not None:
            session.expire(lot, _MOVED)


def record(session: Session, news: Sequence[NewEvent], *, as_a_whole: bool = False) -> list[int]:
    """Record events in the order given and return their row ids; `as_a_whole` judges stock after the last.

    Raises `MassImbalanceError`, `LotOverdrawnError`, `EventKnownError` or `NotFoundError` and then writes nothing.
    """
    if not news:
        return []
    documents = [finish(new) for new in news]
    postings = [derive(document) for document in documents]
    uris: set[str] = set().union(*(posted.lots() for posted in postings))
    driver = Driver.of(session)
    stock = lock_lots(driver, uris) if uris else {}
    _try(stock, postings, as_a_whole=as_a_whole)
    salts = [secrets.token_bytes(16) for _ in news]
    ids = _insert_events(driver, news, documents, salts)
    kept = [Postings() if new.declares_error else posted for new, posted in zip(news, postings, strict=True)]
    with driver.in_one_go():
        _NEW_SALTS.run(driver, [{"event_id": id_, "salt": salt} for id_, salt in zip(ids, salts, strict=True)])
        _NEW_UNSEQUENCED.run(driver, [{"event_id": id_} for id_ in ids])
        _insert_lines(driver, ids, postings, stock)
        children = _insert_edges(driver, ids, kept, stock)
        _move_stock(driver, news, postings, stock)
        inherit(driver, children)  # what holds or recalls a parent holds or recalls its child
    _forget_stock(session, stock)
    return ids


def remove_edges(session: Session, event_rows: Sequence[int], lots: Iterable[int]) -> None:
    """Take the lineage of wrong events away; `lots` are all they name, so that no other lineage is looked through."""
    for few in portions(lots):
        session.execute(delete(LineageEdge).where(LineageEdge.child_id.in_(few), LineageEdge.event_id.in_(event_rows)))
