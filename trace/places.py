"""Places: towns' areas, villages and plots, with outline, holder, cultivar and age, and what each was when."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, aliased, mapped_column

from trace.db import Base, portions
from trace.errors import Fault
from trace.revisions import Revised


class TownArea(Base):
    """The area of a town, in which its plots lie. Without one, a plot lies within 30 km of its village."""

    __tablename__ = "town_area"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(9), unique=True)
    outline: Mapped[dict[str, Any]]  # GeoJSON polygon in WGS-84
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class Village(Revised, Base):
    """An administrative village with its 12-digit code."""

    __tablename__ = "village"
    code: Mapped[str] = mapped_column(String(12), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    longitude: Mapped[float | None]  # WGS-84, of the village's centre
    latitude: Mapped[float | None]
    households: Mapped[int | None]
    tea_households: Mapped[int | None]
    elevation_m: Mapped[int | None]


class Plot(Revised, Base):
    """A piece of land under one holder and one cultivar; the row holds its latest version."""

    __tablename__ = "plot"
    __table_args__ = (CheckConstraint("area_m2 > 0", name="area_positive"),)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"), index=True)
    cooperative_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)
    cultivar: Mapped[str] = mapped_column(String(60))
    clonal: Mapped[bool | None]
    planted_year: Mapped[int | None]
    area_mu: Mapped[Decimal]  # as declared
    area_m2: Mapped[float]  # of the outline
    certification: Mapped[str | None] = mapped_column(String(60))
    crs: Mapped[str] = mapped_column(String(20))  # what the outline was given in; stored as WGS-84
    outline: Mapped[dict[str, Any]]  # GeoJSON polygon
    west: Mapped[float | None] = mapped_column(index=True)  # the box around the outline, to find neighbours by
    south: Mapped[float | None]
    east: Mapped[float | None]
    north: Mapped[float | None]
    from_on: Mapped[date | None]  # empty: for as long as anybody remembers
    until_on: Mapped[date | None]  # the last day, of a plot that was split or joined
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("plot.id"), index=True)  # never itself merged


class PlotVersion(Base):
    """What a plot was from a day on, until its next version. Of two of one day the later recorded counts."""

    __tablename__ = "plot_version"
    __table_args__ = (Index("ix_plot_version_plot_id_from_on", "plot_id", "from_on"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    plot_id: Mapped[int] = mapped_column(ForeignKey("plot.id"))
    from_on: Mapped[date | None]  # empty: for as long as anybody remembers
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)
    cooperative_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    cultivar: Mapped[str] = mapped_column(String(60))
    planted_year: Mapped[int | None]
    area_mu: Mapped[Decimal]
    area_m2: Mapped[float]
    certification: Mapped[str | None] = mapped_column(String(60))
    outline: Mapped[dict[str, Any]]
    reason: Mapped[str | None] = mapped_column(String(200))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # who recorded it
    recorded_at: Mapped[datetime]


class PlotDescent(Base):
    """A plot that was split or joined, and one that took its place."""

    __tablename__ = "plot_descent"
    parent_id: Mapped[int] = mapped_column(ForeignKey("plot.id"), primary_key=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("plot.id"), primary_key=True, index=True)
    changed_on: Mapped[date]


class PlotMerge(Base):
    """Who said, when and why, that two plots are one."""

    __tablename__ = "plot_merge"
    id: Mapped[int] = mapped_column(primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("plot.id"), unique=True)
    into_id: Mapped[int] = mapped_column(ForeignKey("plot.id"))  # as named then; `merged_into_id` follows later merges
    reason: Mapped[str] = mapped_column(String(200))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    merged_at: Mapped[datetime]


def plot_on(session: Session, plot: Plot, day: date) -> PlotVersion | None:
    """Return what held of a plot on a day; None for a day before it began or after it ended."""
    if judge_plot_day(plot, day, "") is not None:
        return None
    query = (
        select(PlotVersion)
        .where(PlotVersion.plot_id == plot.id, or_(PlotVersion.from_on.is_(None), PlotVersion.from_on <= day))
        .order_by(PlotVersion.from_on.desc().nulls_last(), PlotVersion.id.desc())
        .limit(1)
    )
    found: PlotVersion | None = session.scalar(query)
    return found


def judge_plot_day(plot: Plot, day: date, path: str) -> Fault | None:
    """Return the fault in picking from a plot, or using an input on it, on a day on which it was not there."""
    if plot.until_on is not None and day > plot.until_on:
        return Fault(
            path, "plot-ended", {"plot": plot.code, "value": day.isoformat(), "end": plot.until_on.isoformat()}
        )
    if plot.from_on is not None and day < plot.from_on:
        return Fault(path, "plot-not-begun", {"plot": plot.code, "value": str(day), "start": str(plot.from_on)})
    return None


def plot_called(code: str) -> ColumnElement[bool]:
    """Hold for the plot of this code; for a code of a duplicate, the one it was merged into."""
    named = aliased(Plot)
    return Plot.id.in_(select(func.coalesce(named.merged_into_id, named.id)).where(named.code == code))


def hold_plots(session: Session, wanted: Iterable[int]) -> dict[int, Plot]:
    """Return for each plot, by row id, the one that stands for it.

    None ends or is merged before the transaction ends; whoever picks or uses an input holds its plots.
    """
    rows = sorted(set(wanted))
    found: dict[int, int] = {}
    for few in portions(rows):
        query = select(Plot.id, Plot.merged_into_id).where(Plot.id.in_(few)).order_by(Plot.id)
        found |= {
            id_: merged or id_ for id_, merged in session.execute(query.with_for_update(read=True, key_share=True))
        }
    plots: dict[int, Plot] = {}
    for few in portions(set(found.values())):
        now = select(Plot).where(Plot.id.in_(few)).execution_options(populate_existing=True)
        plots |= {plot.id: plot for plot in session.scalars(now)}
    return {id_: plots[survivor] for id_, survivor in found.items()}


def list_plots_of(session: Session, party_id: int, most: int) -> list[tuple[str, str, Decimal]]:
    """Return code, village and declared mu of plots that a party holds or works, as they are now."""
    query = (
        select(Plot.code, Village.name, Plot.area_mu)
        .join(Village, Plot.village_id == Village.id)
        .where(or_(Plot.holder_id == party_id, Plot.cooperative_id == party_id))
        .where(Plot.until_on.is_(None), Plot.merged_into_id.is_(None))
        .order_by(Plot.code)
        .limit(most)
    )
    return [(code, village, area) for code, village, area in session.execute(query)]


def list_formers(session: Session, plots: Iterable[int]) -> dict[int, set[int]]:
    """Return for each plot, by row id, itself and all that it was split from or joined of."""
    return _walk(session, plots, PlotDescent.child_id, PlotDescent.parent_id)


def list_successors(session: Session, plots: Iterable[int]) -> dict[int, set[int]]:
    """Return for each plot, by row id, itself and all that took its place."""
    return _walk(session, plots, PlotDescent.parent_id, PlotDescent.child_id)


def _walk(
    session: Session, plots: Iterable[int], here: InstrumentedAttribute[int], there: InstrumentedAttribute[int]
) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {plot: {plot} for plot in plots}
    for few in portions(found):
        start = select(here.label("root"), there.label("plot")).where(here.in_(few)).cte("land", recursive=True)
        land = start.union(select(start.c.root, there).join(start, here == start.c.plot))
        for root, plot in session.execute(select(land.c.root, land.c.plot)):
            found[root].add(plot)
    return found
