"""Workers: who sprayed, bought or looked for pests, by name, in a table of their own so that they can be erased.

A name is shown to the party that wrote it, and never enters an event. A grower with a code of its own is a party.
"""

from collections.abc import Iterable

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.db import Base, portions
from trace.instance import lock_instance


class Worker(Base):
    """Somebody who works for a party in the field."""

    __tablename__ = "worker"
    __table_args__ = (UniqueConstraint("party_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    name: Mapped[str | None] = mapped_column(String(60))  # empty once erased


Called = tuple[int, str]  # party (row id), name


def ensure_workers(session: Session, wanted: Iterable[Called]) -> dict[Called, int]:
    """Return the row id of each worker, adding those whom their party has not named before."""
    names = set(wanted)
    if not names:
        return {}
    lock_instance(session)  # two may name a new worker at once
    found = _find(session, names)
    session.add_all(Worker(party_id=party, name=name) for party, name in sorted(names - found.keys()))
    session.flush()
    return found | _find(session, names - found.keys())


def _find(session: Session, names: set[Called]) -> dict[Called, int]:
    found: dict[Called, int] = {}
    for few in portions({name for _, name in names}):
        for worker in session.scalars(select(Worker).where(Worker.name.in_(few))):
            if worker.name is not None and (worker.party_id, worker.name) in names:
                found[worker.party_id, worker.name] = worker.id
    return found
