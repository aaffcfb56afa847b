"""The registers of the food law: what a party took in (art. 50) and what it gave out (art. 51), a line for each lot.

They are read from what was recorded anyway; what the law asks for and nobody recorded is missing, and named. A return
stands in its own list, since what was sold was sold; a delivery refused at the gate was never taken.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Date,
    Integer,
    Row,
    ScalarSelect,
    Select,
    Text,
    and_,
    cast,
    func,
    null,
    or_,
    select,
    tuple_,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from trace import visibility
from trace.accounts import Caller
from trace.conformity import CertifiedLot, ConformityCertificate
from trace.deliveries import Delivery, DeliveryItem, DeliveryState
from trace.errors import NotFoundError
from trace.intakes import Intake
from trace.lineage import LineageEdge
from trace.lots import Lot
from trace.outside import OutsideReceipt
from trace.packs import Pack
from trace.parties import Party, called
from trace.products import TradeItem
from trace.quality import Result, Sample
from trace.shipments import Shipment
from trace.units import UnitRange


class Direction(StrEnum):
    """Which register."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"


@dataclass(frozen=True)
class Entry:
    """One line: what, how much, when, and the other side; `certificate` is the number of a test or a 合格证."""

    day: date
    event: int
    lot_id: int
    record: str | None  # what the delivery, shipment or receipt is called
    name: str | None
    spec: str | None
    mass_g: int
    units: int | None
    lot: str
    made_on: date | None
    best_before: date | None
    shelf_life_months: int | None
    certificate: str | None
    party: str | None
    party_name: str | None
    address: str | None
    contact: str | None

    @property
    def key(self) -> int:
        """Return where the line stands: by day, event and lot."""
        return (self.day.toordinal() << 128) | (self.event << 64) | self.lot_id

    def missing(self, direction: Direction) -> list[str]:
        """Return what the law asks for and nobody recorded."""
        asked = ["name", "spec", "made_on", "party_name", "address", "contact"]
        if self.units is not None:
            asked.append("best_before")
        if direction is Direction.OUTGOING:
            asked.append("certificate")
        return [name for name in asked if getattr(self, name) in (None, "")]


_TYPES: Mapping[str, Any] = {
    "day": Date(),
    "event": BigInteger(),
    "lot_id": BigInteger(),
    "record": Text(),
    "name": Text(),
    "spec": Text(),
    "mass_g": BigInteger(),
    "units": Integer(),
    "lot": Text(),
    "made_on": Date(),
    "best_before": Date(),
    "shelf_life_months": Integer(),
    "certificate": Text(),
    "party": Text(),
    "party_name": Text(),
    "address": Text(),
    "contact": Text(),
}


@dataclass(frozen=True)
class Span:
    """Whose register, from and until which day."""

    party_id: int
    from_on: date
    until_on: date


_OTHER = aliased(Party, name="other")


def get_party(session: Session, caller: Caller, code: str) -> Party:
    """Return whose register is asked for: one's own, or one of the officer's area. Raises `NotFoundError`."""
    party: Party | None = session.scalar(select(Party).where(called(code), visibility.own(caller, Party.id)))
    if party is None:
        raise NotFoundError(what="party", code=code)
    return party


def list_entries(
    direction: Direction, session: Session, span: Span, limit: int, after: int
) -> tuple[list[Entry], int | None]:
    """Return a page of a register after a key, and the key to go on after, if there is more."""
    query = _query(direction, span).limit(limit + 1)
    if after:
        place = date.fromordinal(after >> 128), (after >> 64) & (2**64 - 1), after & (2**64 - 1)
        columns = (query.selected_columns[name] for name in ("day", "event", "lot_id"))
        query = query.where(tuple_(*columns) > tuple_(*place))
    entries = [_entry(row) for row in session.execute(query)]
    shown = entries[:limit]
    return shown, shown[-1].key if len(entries) > limit else None


def iterate_entries(direction: Direction, session: Session, span: Span) -> Iterator[Entry]:
    """Yield a register whole, oldest first."""
    return (_entry(row) for row in session.execute(_query(direction, span), execution_options={"yield_per": 500}))


def _entry(row: Row[Any]) -> Entry:
    """Return a line; the papers that came with a lot from outside are a list."""
    entry = Entry(**row._mapping)
    if entry.certificate and entry.certificate.startswith("["):
        return replace(entry, certificate="、".join(json.loads(entry.certificate)))
    return entry


def _query(direction: Direction, span: Span) -> Select[*tuple[Any, ...]]:
    told = union_all(*(arm(span) for arm in _ARMS[direction])).subquery()
    columns = (type_coerce(told.c[name], kind).label(name) for name, kind in _TYPES.items())
    return select(*columns).order_by(told.c.day, told.c.event, told.c.lot_id)


def _line(table: Any, day: Any, span: Span, values: Mapping[str, Any]) -> Select[*tuple[Any, ...]]:
    """Select what a table that stands says within the span, in the columns of an entry."""
    named: dict[str, Any] = {
        "day": day,
        "event": table.event_id,
        "lot_id": Lot.id,
        "lot": Lot.code,
        "made_on": Lot.made_on,
        "name": func.coalesce(Lot.product_kind, Lot.crop),
        "spec": Lot.grade,
        "party": _OTHER.code,
        "party_name": _OTHER.name,
        "address": _OTHER.address,
        "contact": _OTHER.contact,
        **values,
    }
    columns = ((named[name] if name in named else cast(null(), kind)).label(name) for name, kind in _TYPES.items())
    return select(*columns).where(table.undone_at.is_(None), day >= span.from_on, day <= span.until_on)


def _taken_in(span: Span) -> Select[*tuple[Any, ...]]:
    """Select what was weighed in, by the receiver's own scale and under the receiver's own lot."""
    values = {
        "record": Lot.code,
        "spec": func.coalesce(Intake.pluck_standard, Lot.grade),
        "mass_g": Intake.received_g,
        "certificate": ConformityCertificate.code,
    }
    return (
        _line(Intake, Intake.received_on, span, values)
        .join(Lot, Intake.lot_id == Lot.id)
        .join(_OTHER, Intake.supplier_id == _OTHER.id)
        .outerjoin(ConformityCertificate, Intake.certificate_id == ConformityCertificate.id)
        .where(Lot.party_id == span.party_id)
    )


def _from_outside(span: Span) -> Select[*tuple[Any, ...]]:
    values = {
        "record": Lot.code,
        "mass_g": OutsideReceipt.mass_g,
        "certificate": cast(OutsideReceipt.papers, Text),
        "party_name": func.coalesce(_OTHER.name, OutsideReceipt.supplier_name),
    }
    return (
        _line(OutsideReceipt, OutsideReceipt.received_on, span, values)
        .join(Lot, OutsideReceipt.lot_id == Lot.id)
        .outerjoin(_OTHER, OutsideReceipt.supplier_id == _OTHER.id)
        .where(Lot.party_id == span.party_id)
    )


def _units(span: Span, mine: Any, theirs: Any) -> Select[*tuple[Any, ...]]:
    """Select the packs of shipments between two sides, a line for each."""
    count = func.sum(UnitRange.last_position - UnitRange.first_position + 1)
    values = {
        "record": Shipment.code,
        "name": TradeItem.name,
        "spec": cast(TradeItem.net_g, Text) + " g",
        "mass_g": count * TradeItem.net_g,
        "units": count,
        "lot": Pack.label_lot,
        "made_on": Pack.packed_on,
        "best_before": Pack.best_before,
        "shelf_life_months": TradeItem.shelf_life_months,
        "certificate": _tests(),
    }
    return (
        _line(Shipment, Shipment.shipped_on, span, values)
        .join(UnitRange, UnitRange.event_id == Shipment.event_id)
        .join(Pack, UnitRange.pack_id == Pack.id)
        .join(Lot, Pack.lot_id == Lot.id)
        .join(TradeItem, Pack.trade_item_id == TradeItem.id)
        .join(_OTHER, theirs == _OTHER.id)
        .where(mine == span.party_id)
        .group_by(Shipment.id, Pack.id, Lot.id, TradeItem.id, _OTHER.id)
    )


def _bought(span: Span) -> Select[*tuple[Any, ...]]:
    return _units(span, Shipment.buyer_id, Shipment.seller_id)


def _sold(span: Span) -> Select[*tuple[Any, ...]]:
    return _units(span, Shipment.seller_id, Shipment.buyer_id)


def _sent(span: Span) -> Select[*tuple[Any, ...]]:
    """Select what went by a delivery, by the giver's scale, unless it was refused at the gate."""
    values = {
        "record": Delivery.code,
        "mass_g": func.sum(DeliveryItem.mass_g),
        "certificate": func.coalesce(_certificates(), _tests()),
    }
    return (
        _line(Delivery, Delivery.sent_on, span, values)
        .join(DeliveryItem, DeliveryItem.delivery_id == Delivery.id)
        .join(Lot, DeliveryItem.lot_id == Lot.id)
        .join(_OTHER, Delivery.receiver_id == _OTHER.id)
        .where(Delivery.giver_id == span.party_id, Delivery.state != DeliveryState.RETURNED)
        .group_by(Delivery.id, Lot.id, _OTHER.id)
    )


def _handed_over(span: Span) -> Select[*tuple[Any, ...]]:
    """Select leaf that its receiver recorded at once, hand-over and intake in one."""
    made = aliased(Lot, name="made")
    values = {
        "event": Intake.hand_over_event_id,
        "record": made.code,
        "mass_g": LineageEdge.mass_g,
        "certificate": func.coalesce(_certificates(), _tests()),
    }
    return (
        _line(Intake, Intake.received_on, span, values)
        .join(made, Intake.lot_id == made.id)
        .join(LineageEdge, and_(LineageEdge.child_id == made.id, LineageEdge.event_id == Intake.event_id))
        .join(Lot, LineageEdge.parent_id == Lot.id)
        .join(_OTHER, made.party_id == _OTHER.id)
        .where(Intake.supplier_id == span.party_id, Intake.hand_over_event_id.is_not(None))
    )


def _tests() -> ScalarSelect[Any]:
    """Select the numbers of the reports that a lot passed, itself or what it was packed of."""
    behind = select(LineageEdge.parent_id).where(LineageEdge.child_id == Lot.id).correlate(Lot)
    return (
        select(func.aggregate_strings(Result.code, "、"))
        .join(Sample, Result.sample_id == Sample.id)
        .where(or_(Sample.lot_id == Lot.id, Sample.lot_id.in_(behind)), Result.undone_at.is_(None), Result.passed)
        .correlate(Lot)
        .scalar_subquery()
    )


def _certificates() -> ScalarSelect[Any]:
    """Select the numbers of the standing certificates over a lot."""
    certificate = ConformityCertificate
    return (
        select(func.aggregate_strings(certificate.code, "、"))
        .join(CertifiedLot, CertifiedLot.certificate_id == certificate.id)
        .where(CertifiedLot.lot_id == Lot.id, certificate.undone_at.is_(None), certificate.void_at.is_(None))
        .correlate(Lot)
        .scalar_subquery()
    )


_ARMS: Mapping[Direction, Sequence[Callable[[Span], Select[*tuple[Any, ...]]]]] = {
    Direction.INCOMING: (_taken_in, _from_outside, _bought),
    Direction.OUTGOING: (_sold, _sent, _handed_over),
}
