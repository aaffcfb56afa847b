"""Lineage: which lot drew how many grams from which. The questions on it stand in `tracing.py`."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from trace.db import BIG, Base, Grams


class LineageEdge(Base):
    """`child` was made by an event that drew `mass_g` from `parent`. Derived, so a correction may remove it."""

    __tablename__ = "lineage_edge"
    __table_args__ = (
        # All that a trace forward reads of an edge stands in the index.
        Index("ix_lineage_edge_parent_id", "parent_id", "child_id", "event_id", "mass_g"),
        {"sqlite_with_rowid": False},  # the inputs of a lot lie side by side: a trace reads them all
    )
    child_id: Mapped[int] = mapped_column(BIG, ForeignKey("lot.id"), primary_key=True)
    parent_id: Mapped[int] = mapped_column(BIG, ForeignKey("lot.id"), primary_key=True)
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"), primary_key=True)
    mass_g: Mapped[Grams]
