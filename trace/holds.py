"""Holds and recalls of lots. Both are kept for every descendant, so a scan needs no walk through the lineage."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    ForeignKey,
    Select,
    bindparam,
    exists,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from trace.db import BIG, Base, portions
from trace.lineage import LineageEdge
from trace.statements import Driver, Statement, insert_into


class LotHold(Base):
    """A finding that concerns a lot or something it was made of."""

    __tablename__ = "lot_hold"
    lot_id: Mapped[int] = mapped_column(BIG, ForeignKey("lot.id"), primary_key=True)
    finding_id: Mapped[int] = mapped_column(BIG, ForeignKey("finding.id"), primary_key=True, index=True)


class RecalledLot(Base):
    """A lot in the scope of a recall: the lot named, and every lot made of it, before the recall or since."""

    __tablename__ = "recalled_lot"
    lot_id: Mapped[int] = mapped_column(BIG, ForeignKey("lot.id"), primary_key=True)
    recall_id: Mapped[int] = mapped_column(BIG, ForeignKey("recall.id"), primary_key=True, index=True)


class Uninherited(NamedTuple):
    """A lot not yet held or recalled although a lot it was made of is; `cause` is the finding or the recall."""

    table: str
    lot_id: int
    cause: int


def _missing(
    table: type[LotHold | RecalledLot], cause: InstrumentedAttribute[int], *children: ColumnElement[bool]
) -> Select[str, int, int]:
    known = table.__table__.alias()
    return (
        select(literal_column(f"'{table.__tablename__}'"), LineageEdge.child_id, cause)
        .join(table, table.lot_id == LineageEdge.parent_id)
        .where(~exists().where(known.c.lot_id == LineageEdge.child_id, known.c[cause.key] == cause), *children)
        .distinct()
    )


def _all_missing(*children: ColumnElement[bool]) -> CompoundSelect[str, int, int]:
    return union_all(
        _missing(LotHold, LotHold.finding_id, *children), _missing(RecalledLot, RecalledLot.recall_id, *children)
    )


# Every event that makes a lot asks this.
_MISSING_OF = Statement(
    _all_missing(LineageEdge.child_id.in_(bindparam("children", expanding=True))), listed="children"
)
_NEW_HOLDS, _NEW_RECALLED = insert_into(LotHold), insert_into(RecalledLot)


def find_uninherited(session: Session) -> list[Uninherited]:
    """Return every lot that should be held or recalled by what it was made of, and is not."""
    return sorted(Uninherited(*row) for row in session.execute(_all_missing()))


def inherit(driver: Driver, children: Iterable[int]) -> None:
    """Hold and recall lots by whatever holds or recalls what they were made of.

    Repeated until nothing is added: one of them may have been made of another.
    """
    lots = sorted(set(children))
    while any(_inherit_some(driver, few) for few in portions(lots)) and len(lots) > 1:
        pass


def _inherit_some(driver: Driver, children: list[int]) -> bool:
    rows = [Uninherited(*row) for row in _MISSING_OF.ask(driver, {"children": children})]
    if not rows:
        return False
    holds = [{"lot_id": row.lot_id, "finding_id": row.cause} for row in rows if row.table == LotHold.__tablename__]
    recalls = [{"lot_id": row.lot_id, "recall_id": row.cause} for row in rows if row.table != LotHold.__tablename__]
    _NEW_HOLDS.run(driver, holds)
    _NEW_RECALLED.run(driver, recalls)
    return True
