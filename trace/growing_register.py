"""The register of growing (Quality and Safety Law of farm products, art. 27): inputs used, work and pests, pickings.

Read from what was recorded on plots: by the party, and by anybody on land of the party. What the law asks for and
nobody recorded is missing, and named. Who worked is personal and stands nowhere here.
"""

import heapq
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from trace.events.tables import Event
from trace.field_work import FieldWork
from trace.inputs import InputProduct, InputPurchase, InputUse
from trace.lots import Lot
from trace.parties import Party
from trace.pickings import Picking
from trace.places import Plot, Village
from trace.registers import Span
from trace.rule_tables import load_tables
from trace.rules.judging.plots import intervals_of
from trace.rules.tables import Tables
from trace.rules.uses import PESTICIDE

_AT_ONCE = 500  # lines whose intervals are looked up together


class Doing(StrEnum):
    """What a line tells of."""

    INPUT = "input-use"
    WORK = "field-work"
    PICKING = "picking"


@dataclass(frozen=True, kw_only=True)
class GrowingEntry:
    """One line: what was done on which plot and day; facts that are not of its kind are empty."""

    day: date
    event: int
    id: int
    doing: Doing
    record: str
    plot: str
    village: str
    name: str  # of the product, the work or the leaf
    kind: str | None = None  # of the product
    registration: str | None = None
    maker: str | None = None
    maker_code: str | None = None
    source: str | None = None
    target: str | None = None
    dilution: Decimal | None = None
    per_mu: Decimal | None = None
    unit: str | None = None
    area_mu: Decimal | None = None
    total: Decimal | None = None
    weather: str | None = None
    interval_days: int | None = None
    free_on: date | None = None
    pest: str | None = None
    per_100_leaves: Decimal | None = None
    decision: str | None = None
    pluck_standard: str | None = None
    mass_g: int | None = None
    operator: str | None = None

    @property
    def key(self) -> int:
        """Return where the line stands: by day and event."""
        return (self.day.toordinal() << 64) | self.event

    @property
    def missing(self) -> list[str]:
        """Return what the law asks for of an input and nobody recorded."""
        if self.doing is not Doing.INPUT:
            return []
        asked = ["source", *(["per_mu"] if self.total is None else [])]
        if self.kind == PESTICIDE:
            asked += ["registration", "maker", "target", "free_on"]
        return [name for name in asked if getattr(self, name) in (None, "")]


_Query = Select[*tuple[Any, ...]]
_OPERATOR = aliased(Party, name="operator")


def list_growing(session: Session, span: Span, limit: int, after: int) -> tuple[list[GrowingEntry], int | None]:
    """Return a page of the register after a key, and the key to go on after, if there is more."""
    first = list(itertools.islice(_merged(session, span, after, limit + 1), limit + 1))
    entries = _with_intervals(session, first, load_tables(session))
    shown = entries[:limit]
    return shown, shown[-1].key if len(entries) > limit else None


def iterate_growing(session: Session, span: Span) -> Iterator[GrowingEntry]:
    """Yield the register whole, oldest first."""
    tables = load_tables(session)
    merged = _merged(session, span)
    while some := list(itertools.islice(merged, _AT_ONCE)):
        yield from _with_intervals(session, some, tables)


def _merged(session: Session, span: Span, after: int = 0, most: int | None = None) -> Iterator[GrowingEntry]:
    """Yield the lines of all kinds in order."""
    kinds = (
        (Doing.INPUT, InputUse, InputUse.used_on, _uses(span)),
        (Doing.WORK, FieldWork, FieldWork.done_on, _work(span)),
        (Doing.PICKING, Picking, Picking.picked_on, _pickings(span)),
    )
    streams = (
        _lines(session, doing, _from(query, table, day, (span, after)), most) for doing, table, day, query in kinds
    )
    return heapq.merge(*streams, key=lambda entry: entry.key)


def _lines(session: Session, doing: Doing, query: _Query, most: int | None) -> Iterator[GrowingEntry]:
    rows = session.execute(query.limit(most), execution_options={} if most else {"yield_per": _AT_ONCE})
    for row in rows:
        yield GrowingEntry(doing=doing, **row._mapping)


def _from(query: _Query, table: Any, day: Any, place: tuple[Span, int]) -> _Query:
    """Keep a query to a span, to what stands, and to what comes after a key; in order."""
    span, after = place
    query = query.where(day >= span.from_on, day <= span.until_on, table.undone_at.is_(None))
    if after:
        query = query.where(tuple_(day, table.event_id) > tuple_(date.fromordinal(after >> 64), after & (2**64 - 1)))
    return query.order_by(day, table.event_id)


def _is_of(span: Span, recorded_by: Any) -> ColumnElement[bool]:
    """Hold for what the party recorded, and for what was done on its land."""
    return or_(*(party == span.party_id for party in (recorded_by, Plot.cooperative_id, Plot.holder_id)))


def _told(table: Any, day: Any, code: Any, **facts: Any) -> _Query:
    where = {"day": day, "event": table.event_id, "id": table.id, "record": code}
    named = {**where, "plot": Plot.code, "village": Village.name, **facts}
    query = select(*(value.label(name) for name, value in named.items())).select_from(table)
    return query.join(Plot, table.plot_id == Plot.id).join(Village, Plot.village_id == Village.id)


def _uses(span: Span) -> _Query:
    use, product, bought = InputUse, InputProduct, InputPurchase
    return (
        _told(
            use,
            use.used_on,
            use.code,
            name=product.name,
            kind=product.kind,
            registration=product.registration,
            maker=product.maker,
            maker_code=func.coalesce(use.maker_code, bought.maker_code),
            source=func.coalesce(use.supplier, bought.supplier),
            operator=_OPERATOR.code,
            **_same(use, "target", "dilution", "per_mu", "unit", "area_mu", "total", "weather"),
        )
        .join(product, use.product_id == product.id)
        .join(Event, use.event_id == Event.id)
        .outerjoin(bought, (use.purchase_id == bought.id) & bought.undone_at.is_(None))
        .outerjoin(_OPERATOR, use.operator_id == _OPERATOR.id)
        .where(_is_of(span, Event.party_id))
    )


def _work(span: Span) -> _Query:
    work = FieldWork
    same = _same(work, "area_mu", "unit", "weather", "pest", "per_100_leaves", "decision")
    return (
        _told(work, work.done_on, work.code, name=work.kind, total=work.quantity, **same)
        .join(Event, work.event_id == Event.id)
        .where(_is_of(span, Event.party_id))
    )


def _pickings(span: Span) -> _Query:
    return (
        _told(
            Picking,
            Picking.picked_on,
            Lot.code,
            name=func.coalesce(Lot.crop, literal("")),
            **_same(Picking, "pluck_standard", "mass_g", "weather"),
        )
        .join(Lot, Picking.lot_id == Lot.id)
        .where(_is_of(span, Lot.party_id))
    )


def _same(table: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(table, name) for name in names}


def _with_intervals(session: Session, entries: Sequence[GrowingEntry], tables: Tables) -> list[GrowingEntry]:
    """Return lines with the intervals of the inputs used: by the label, else by the table of that day."""
    found = intervals_of(session, [one.id for one in entries if one.doing is Doing.INPUT], tables)
    return [
        replace(one, interval_days=found[one.id].days, free_on=found[one.id].free_on)
        if one.doing is Doing.INPUT and one.id in found
        else one
        for one in entries
    ]
