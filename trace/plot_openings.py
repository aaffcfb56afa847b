"""Openings of plots: from which day on a plot was picked in a year. The latest word counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import Base, portions
from trace.faults import Faults


class PlotOpening(Base):
    """The day on which a plot was opened to picking in the day's year."""

    __tablename__ = "plot_opening"
    __table_args__ = (Index("ix_plot_opening_plot_id", "plot_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    plot_id: Mapped[int] = mapped_column(ForeignKey("plot.id"))
    opened_on: Mapped[date]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # who said so
    recorded_at: Mapped[datetime]


@dataclass(frozen=True, kw_only=True)
class OpenPlot:
    """Ask to keep on which day a plot was opened."""

    plot_id: int
    opened_on: date
    account_id: int | None = None


def open_plots(session: Session, commands: Sequence[OpenPlot]) -> list[PlotOpening]:
    """Write openings. Raises `InvalidError` for a day to come."""
    faults = Faults()
    for place, command in enumerate(commands):
        faults.judge_day(f"[{place}].opened_on", command.opened_on)
    faults.refuse()
    openings = [PlotOpening(**vars(command), recorded_at=clock.now()) for command in commands]
    session.add_all(openings)
    session.flush()
    return openings


def list_openings(session: Session, plots: Iterable[int]) -> dict[tuple[int, int], date]:
    """Return the opening of each plot (row id) in each year in which one is known."""
    found: dict[tuple[int, int], date] = {}
    for few in portions(plots):
        query = select(PlotOpening.plot_id, PlotOpening.opened_on).where(PlotOpening.plot_id.in_(few))
        for plot, day in session.execute(query.order_by(PlotOpening.id)):
            found[plot, day.year] = day
    return found
