"""Descent: all that was made of given lots, or that they were made of; their lock; the mark that renews their pages."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import CTE, select, update
from sqlalchemy.orm import Session

from trace.db import portions
from trace.lineage import LineageEdge
from trace.lots import Lot


def descendants(session: Session, lots: Iterable[int]) -> list[int]:
    """Return the given lots and all lots made of them, in id order."""
    found: set[int] = set()
    for few in portions(lots):
        start = select(Lot.id).where(Lot.id.in_(few)).cte("down", recursive=True)
        down = start.union(select(LineageEdge.child_id).join(start, LineageEdge.parent_id == start.c.id))
        found.update(session.scalars(select(down.c.id)))
    return sorted(found)


def below(lots: Sequence[int]) -> CTE:
    """Return as (root, id) each of a portion of lots with itself and all lots made of it."""
    start = select(Lot.id.label("root"), Lot.id).where(Lot.id.in_(lots)).cte("below", recursive=True)
    return start.union(select(start.c.root, LineageEdge.child_id).join(start, LineageEdge.parent_id == start.c.id))


def above(lots: Sequence[int]) -> CTE:
    """Return as (root, id) each of a portion of lots with itself and all lots that it was made of."""
    start = select(Lot.id.label("root"), Lot.id).where(Lot.id.in_(lots)).cte("above", recursive=True)
    return start.union(select(start.c.root, LineageEdge.parent_id).join(start, LineageEdge.child_id == start.c.id))


def descents(session: Session, lots: Iterable[int]) -> dict[int, set[int]]:
    """Return for each of the given lots itself and all lots made of it."""
    return _by_root(session, map(below, portions(lots)))


def ascents(session: Session, lots: Iterable[int]) -> dict[int, set[int]]:
    """Return for each of the given lots itself and all lots that it was made of."""
    return _by_root(session, map(above, portions(lots)))


def _by_root(session: Session, walks: Iterable[CTE]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for walk in walks:
        for root, lot in session.execute(select(walk.c.root, walk.c.id)):
            found[root].add(lot)
    return found


def lock_descendants(session: Session, lots: Iterable[int]) -> list[int]:
    """Lock the given lots and all lots made of them, and return them in id order.

    Whoever made something of them meanwhile is waited for, and what was made is among them.
    """
    named, locked = list(lots), None
    while (found := descendants(session, named)) != locked:
        _lock(session, found)
        locked = found
    return found


def touch(session: Session, lots: Iterable[int], *, locked: bool = False) -> None:
    """Give lots a new revision, in id order, so that every page about them is made anew."""
    ids = sorted(set(lots))
    if not locked:
        _lock(session, ids)
    for few in portions(ids):
        session.execute(update(Lot).where(Lot.id.in_(few)).values(revision=Lot.revision + 1))


def _lock(session: Session, ids: list[int]) -> None:
    """Lock lots given in id order, in that order: an update of several takes them in any."""
    for few in portions(ids):
        session.execute(select(Lot.id).where(Lot.id.in_(few)).order_by(Lot.id).with_for_update())
