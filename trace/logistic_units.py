"""Logistic units: cases and pallets, known by SSCC, and what is in them.

A position is in at most one standing unit, and so is a unit. A unit stands from the event that put it together to the
one that took it apart; what is in it never changes meanwhile.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, and_, select, text
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from trace.db import BIG, Base, BigId, portions
from trace.errors import ConflictError
from trace.lots import Lot
from trace.packs import Pack
from trace.products import TradeItem
from trace.units import Units


class InLogisticUnitError(ConflictError):
    """A position, or a logistic unit, is in a standing unit."""

    code = "in-logistic-unit"


class LogisticUnitGoneError(ConflictError):
    """The logistic unit was taken apart, or never was."""

    code = "logistic-unit-gone"


class NotHeldError(ConflictError):
    """The party does not hold a pack or a logistic unit that it names."""

    code = "not-held"


_NOT_UNDONE = text("undone_at IS NULL")


class LogisticUnit(Base):
    """A case or pallet. What was shipped still stands: whoever has it may take it apart."""

    __tablename__ = "logistic_unit"
    __table_args__ = (
        Index("ix_logistic_unit_sscc", "sscc", unique=True, sqlite_where=_NOT_UNDONE, postgresql_where=_NOT_UNDONE),
    )
    id: Mapped[BigId]
    sscc: Mapped[str] = mapped_column(String(18))
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    packed_on: Mapped[date]
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"), index=True)
    shipped_event_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("event.id"), index=True)
    opened_event_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("event.id"), index=True)
    undone_at: Mapped[datetime | None]  # when it was said that this never happened


class LogisticUnitItem(Base):
    """What is in a logistic unit: positions of a pack, or another logistic unit."""

    __tablename__ = "logistic_unit_item"
    __table_args__ = (
        CheckConstraint("(inner_id IS NULL) <> (pack_id IS NULL)", name="one_kind"),
        CheckConstraint("first_position >= 1 AND last_position >= first_position", name="positions_in_order"),
    )
    id: Mapped[BigId]
    unit_id: Mapped[int] = mapped_column(BIG, ForeignKey("logistic_unit.id"), index=True)
    inner_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("logistic_unit.id"), index=True)
    pack_id: Mapped[int | None] = mapped_column(ForeignKey("pack.id"), index=True)
    first_position: Mapped[int | None]
    last_position: Mapped[int | None]


STANDING = and_(LogisticUnit.opened_event_id.is_(None), LogisticUnit.undone_at.is_(None))


@dataclass
class Contents:
    """What is in a logistic unit: positions, and (row id, SSCC) of other logistic units."""

    units: list[Units] = field(default_factory=list)
    inner: list[tuple[int, str]] = field(default_factory=list)


def lock_units(session: Session, ids: Iterable[int]) -> dict[int, LogisticUnit]:
    """Lock logistic units in id order, before any lot, and return them as they are now.

    Raises `LogisticUnitGoneError` for one that stands no more.
    """
    wanted, found = sorted(set(ids)), {}
    for few in portions(wanted):
        query = select(LogisticUnit).where(LogisticUnit.id.in_(few)).order_by(LogisticUnit.id).with_for_update()
        for unit in session.scalars(query, execution_options={"populate_existing": True}):
            if unit.opened_event_id is not None or unit.undone_at is not None:
                raise LogisticUnitGoneError(sscc=unit.sscc)
            found[unit.id] = unit
    return found


def direct_contents(session: Session, ids: Iterable[int]) -> defaultdict[int, Contents]:
    """Return what was put straight into each logistic unit."""
    item, inner = LogisticUnitItem, aliased(LogisticUnit)
    query = (
        select(item, Lot.uri, TradeItem.net_g, inner.sscc)
        .outerjoin(Pack, Pack.id == item.pack_id)
        .outerjoin(Lot, Lot.id == Pack.lot_id)
        .outerjoin(TradeItem, TradeItem.id == Pack.trade_item_id)
        .outerjoin(inner, inner.id == item.inner_id)
        .order_by(item.id)
    )
    found: defaultdict[int, Contents] = defaultdict(Contents)
    for few in portions(ids):
        for row, lot, net_g, sscc in session.execute(query.where(item.unit_id.in_(few))):
            if row.inner_id is not None:
                found[row.unit_id].inner.append((row.inner_id, sscc))
            elif row.pack_id and row.first_position and row.last_position:  # as its CHECK says
                first, last = row.first_position, row.last_position
                units = Units(pack_id=row.pack_id, lot_uri=lot, net_g=net_g, first_position=first, last_position=last)
                found[row.unit_id].units.append(units)
    return found


def whole_contents(session: Session, ids: Iterable[int]) -> tuple[dict[int, list[int]], dict[int, list[Units]]]:
    """Return, by logistic unit, all units within it with itself, and all positions in any of them."""
    within: dict[int, list[int]] = defaultdict(list)
    for few in portions(ids):
        start = select(LogisticUnit.id.label("outer"), LogisticUnit.id).where(LogisticUnit.id.in_(few))
        tree = start.cte("tree", recursive=True)
        deeper = select(tree.c.outer, LogisticUnitItem.inner_id).join(tree, LogisticUnitItem.unit_id == tree.c.id)
        tree = tree.union_all(deeper.where(LogisticUnitItem.inner_id.is_not(None)))
        for outer, unit in session.execute(select(tree.c.outer, tree.c.id).order_by(tree.c.outer, tree.c.id)):
            within[outer].append(unit)
    direct = direct_contents(session, {unit for units in within.values() for unit in units})
    return within, {outer: [few for unit in units for few in direct[unit].units] for outer, units in within.items()}


def refuse_in_units(session: Session, units: Sequence[Units]) -> None:
    """Raise `InLogisticUnitError` for positions that are in a standing logistic unit. Ask once the lots are locked."""
    item = LogisticUnitItem
    query = (
        select(item.pack_id, item.first_position, item.last_position, LogisticUnit.sscc)
        .join(LogisticUnit, LogisticUnit.id == item.unit_id)
        .where(STANDING)
        .order_by(item.id)
    )
    packed = defaultdict(list)
    for packs in portions({few.pack_id for few in units}):
        for pack, first, last, sscc in session.execute(query.where(item.pack_id.in_(packs))):
            packed[pack].append((first, last, sscc))
    for few in units:
        for first, last, sscc in packed[few.pack_id]:
            if (first or 0) <= few.last_position and (last or 0) >= few.first_position:
                raise InLogisticUnitError(sscc=sscc, first=first, last=last)


def refuse_inside(session: Session, ids: Sequence[int]) -> None:
    """Raise `InLogisticUnitError` for logistic units that are in a standing one, or named twice. They are locked."""
    item, inner = LogisticUnitItem, aliased(LogisticUnit)
    query = (
        select(inner.sscc, LogisticUnit.sscc)
        .join(item, item.inner_id == inner.id)
        .join(LogisticUnit, LogisticUnit.id == item.unit_id)
        .where(STANDING)
        .order_by(item.id)
        .limit(1)
    )
    for few in portions(ids):
        for unit, outer in session.execute(query.where(item.inner_id.in_(few))):
            raise InLogisticUnitError(unit=unit, sscc=outer)
    twice = [id_ for id_, times in Counter(ids).items() if times > 1]
    if twice:
        sscc = session.get_one(LogisticUnit, min(twice)).sscc
        raise InLogisticUnitError(unit=sscc, sscc=sscc)
