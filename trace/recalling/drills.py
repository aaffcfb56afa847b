"""Drills: a recall tried on real data, which changes no page and tells nobody; with a stopwatch and a score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.db import Base

IN_TIME_MS = 60_000  # a score loses nothing for speed up to here, and all of it at ten times that


class RecallDrill(Base):
    """A drill as it went. Milliseconds are the server's, from the moment at which it was asked."""

    __tablename__ = "recall_drill"
    __table_args__ = (UniqueConstraint("owner_id", "code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    person: Mapped[str] = mapped_column(String(60))
    begun_with: Mapped[list[str]]  # the lots, or what else it began with
    known_at: Mapped[datetime]
    scope_ms: Mapped[int]
    codes_ms: Mapped[int]
    buyers_ms: Mapped[int]
    figures: Mapped[dict[str, Any]]
    score: Mapped[int]  # of 100
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


@dataclass(frozen=True, kw_only=True)
class KeepDrill:
    """Ask to keep a drill."""

    code: str
    owner_id: int
    person: str
    begun_with: Sequence[str]
    known_at: datetime
    scope_ms: int
    codes_ms: int
    buyers_ms: int
    figures: Mapping[str, Any]
    score: int


def points_of(figures: Mapping[str, Any], total_ms: int) -> tuple[float, float, float]:
    """Return the points of 100: 40 for buyers with a contact, 40 for leaf traced to plots, 20 for time (pure)."""
    told = figures["buyers_with_contact"] / figures["buyers"] if figures["buyers"] else 1
    traced = figures["leaf_from_plots_g"] / figures["leaf_g"] if figures["leaf_g"] else 0
    late = max(0, total_ms - IN_TIME_MS) / (9 * IN_TIME_MS)
    return 40 * told, 40 * traced, 20 * max(0.0, 1 - late)


def keep_drill(session: Session, command: KeepDrill, account_id: int | None) -> RecallDrill:
    """Keep how a drill went."""
    values = {**vars(command), "begun_with": list(command.begun_with), "figures": dict(command.figures)}
    drill = RecallDrill(**values, account_id=account_id)
    session.add(drill)
    session.flush()
    return drill
