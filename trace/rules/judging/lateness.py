"""Judge how late records were entered, whatever they are."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace import clock
from trace.deliveries import Delivery
from trace.events import Event, Mode
from trace.field_work import FieldWork
from trace.findings import Finding, Judged, Judging, settle_findings
from trace.inputs import InputPurchase, InputUse
from trace.intakes import Intake
from trace.lots import Lot
from trace.packs import Pack
from trace.pickings import Picking
from trace.rules import late_entry
from trace.rules.judging.bringing import names_of, rows_of
from trace.rules.judging.first_told import first_told
from trace.rules.tables import Tables
from trace.runs import Run
from trace.shipments import Shipment

_ENTERED = (Mode.LIVE, Mode.OFFLINE)  # what came by another way says nothing of who was late


@dataclass(frozen=True)
class _Noun:
    """One kind of record: what findings call it, its table, its array in a season's file; its code, else its lot's."""

    name: str
    table: Any
    aliases: str
    code: Any = None  # a column


_NOUNS = {
    noun.table: noun
    for noun in (
        _Noun("picking", Picking, "harvests"),
        _Noun("input-use", InputUse, "inputs", InputUse.code),
        _Noun("input-purchase", InputPurchase, "purchases", InputPurchase.code),
        _Noun("field-work", FieldWork, "field_work", FieldWork.code),
        _Noun("delivery", Delivery, "deliveries", Delivery.code),
        _Noun("intake", Intake, "intakes"),
        _Noun("run", Run, "runs", Run.code),
        _Noun("pack", Pack, "packs"),
        _Noun("shipment", Shipment, "shipments", Shipment.code),
    )
}


def judge_lateness(session: Session, table: Any, ids: Iterable[int]) -> list[Finding]:
    """Judge how late records of a table were entered; those of which no row stands there are not judged."""
    return settle_findings(session, say_of_lateness(session, set(ids), table=table)) if table in _NOUNS else []


def say_of_lateness(session: Session, ids: Collection[int], _tables: Tables | None = None, *, table: Any) -> Judging:
    """Say how late records were entered: from when it happened, as we know it now, until we first learnt of it."""
    noun = _NOUNS[table]
    code = Lot.code if noun.code is None else noun.code
    query = select(table.id, code, Event).join(Event, table.event_id == Event.id)
    if noun.code is None:
        query = query.join(Lot, table.lot_id == Lot.id)
    rows = list(rows_of(session, query.where(table.undone_at.is_(None)).order_by(table.id), table.id, ids))
    first = first_told(session, [event for _, _, event in rows])
    entered = [
        late_entry.Entered(id_, event.event_time, first[event.id].recorded_at)
        for id_, _, event in rows
        if first[event.id].mode in _ENTERED
    ]
    names = names_of(session, (noun.aliases,), {id_: code for id_, code, _ in rows})
    return Judging(
        noun=noun.name,
        rules=late_entry.RULES,
        records=ids,
        judged={id_: Judged(party_id=event.party_id, lots=[], names=names[id_]) for id_, _, event in rows},
        judgements=late_entry.judge(entered),
    )


def find_entered_since(session: Session, since: date, *, table: Any) -> list[int]:
    """Return the records of a table that happened on a day and later."""
    start = datetime.combine(since, time(), clock.COUNTRY)
    query = select(table.id).join(Event, table.event_id == Event.id).where(Event.event_time >= start)
    return list(session.scalars(query.order_by(table.id)))


ENTERED = tuple(_NOUNS)  # the tables whose records are judged so
