"""Release plans: which results a plant's lots need beside those of the table, of every lot or of one in so many.

A plan is in force from a day until a later one for the same kind of product; it is never changed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import Base, portions

MOST_LOTS = 1000  # between two tests of one item


class ReleasePlan(Base):
    """What a party's lots need from a day on; of one kind of product, or of every kind."""

    __tablename__ = "release_plan"
    __table_args__ = (Index("ix_release_plan_party_id_code", "party_id", "code", unique=True),)
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    product_kind: Mapped[str | None] = mapped_column(String(60))
    from_on: Mapped[date]
    entered_at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class ReleasePlanItem(Base):
    """One item that lots need a passing result of."""

    __tablename__ = "release_plan_item"
    __table_args__ = (CheckConstraint("every_lots > 0", name="every_lots_positive"),)
    plan_id: Mapped[int] = mapped_column(ForeignKey("release_plan.id"), primary_key=True)
    item: Mapped[str] = mapped_column(String(60), primary_key=True)
    every_lots: Mapped[int]  # one lot in so many; 1 is every lot


@dataclass(frozen=True)
class PlannedItem:
    """One item of a plan."""

    item: str
    every_lots: int = 1


@dataclass(frozen=True, kw_only=True)
class MakePlan:
    """Ask for a plan."""

    code: str
    party_id: int
    from_on: date
    items: Sequence[PlannedItem]
    product_kind: str | None = None
    account_id: int | None = None


def make_plan(session: Session, command: MakePlan) -> ReleasePlan:
    """Write a plan."""
    plan = ReleasePlan(
        entered_at=clock.now(), **{name: value for name, value in vars(command).items() if name != "items"}
    )
    session.add(plan)
    session.flush()
    session.add_all(ReleasePlanItem(plan_id=plan.id, **vars(item)) for item in command.items)
    session.flush()
    return plan


@dataclass(frozen=True)
class Plan:
    """A plan as it is looked up."""

    code: str
    party_id: int
    product_kind: str | None
    from_on: date
    entered_at: datetime
    items: Sequence[PlannedItem]


def plans_of(session: Session, parties: Iterable[int]) -> Mapping[int, Sequence[Plan]]:
    """Return the plans of parties (row ids), in the order in which they were entered."""
    rows: list[ReleasePlan] = []
    for few in portions(set(parties)):
        rows += session.scalars(select(ReleasePlan).where(ReleasePlan.party_id.in_(few)).order_by(ReleasePlan.id))
    items: dict[int, list[PlannedItem]] = {row.id: [] for row in rows}
    for few in portions(items):
        query = select(ReleasePlanItem).where(ReleasePlanItem.plan_id.in_(few)).order_by(ReleasePlanItem.item)
        for item in session.scalars(query):
            items[item.plan_id].append(PlannedItem(item.item, item.every_lots))
    found: dict[int, list[Plan]] = {}
    for row in rows:
        plan = Plan(row.code, row.party_id, row.product_kind, row.from_on, row.entered_at, items[row.id])
        found.setdefault(row.party_id, []).append(plan)
    return found


def plan_in_force(plans: Sequence[Plan], kind: str | None, day: date, known_at: datetime | None) -> Plan | None:
    """Return the plan that judges a kind of product on a day, of those known at a moment.

    One of the kind itself goes before one of every kind; then the one from the latest day, entered last.
    """
    known = [
        plan
        for plan in plans
        if plan.from_on <= day
        and plan.product_kind in (None, kind)
        and (known_at is None or plan.entered_at <= known_at)
    ]
    ranked = sorted(known, key=lambda plan: (plan.product_kind is not None, plan.from_on))  # keeps the order of entry
    return ranked[-1] if ranked else None
