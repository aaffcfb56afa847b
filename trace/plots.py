"""Plots: set up with their outline, and what each was on a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from trace import clock, ids
from trace.db import portions
from trace.errors import Fault
from trace.faults import Faults
from trace.instance import lock_instance
from trace.parties import hold_parties
from trace.places import Plot, PlotVersion
from trace.surveys import ALL, Asked, Surveyed, survey
from trace.vocabulary import Scheme, ensure_terms

_OF_PARTIES = ("holder_id", "cooperative_id")
_VERSIONED = (*_OF_PARTIES, "cultivar", "planted_year", "area_mu", "area_m2", "certification", "outline")


@dataclass(frozen=True, kw_only=True)
class RegisterPlot:
    """Ask for a plot; without `from_on` it has been there for as long as anybody remembers."""

    code: str
    village_id: int
    cultivar: str
    area_mu: Decimal
    crs: str
    geometry: Any
    holder_id: int | None = None
    cooperative_id: int | None = None
    clonal: bool | None = None
    planted_year: int | None = None
    certification: str | None = None
    from_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Change:
    """Who records a change, and why it was made."""

    reason: str | None = None
    account_id: int | None = None


def register_plots(
    session: Session, commands: Sequence[RegisterPlot], why: Change, beside: ColumnElement[bool] = ALL
) -> list[Plot]:
    """Write new plots with their first version; they may lie over none of the plots `beside`. Raises `InvalidError`."""
    lock_instance(session)
    faults = Faults()
    asked = judge_plots(session, faults, [(f"[{place}]", command) for place, command in enumerate(commands)])
    surveyed = survey(session, faults, asked, beside)
    faults.refuse()
    return write_plots(session, commands, surveyed, why)


def judge_plots(session: Session, faults: Faults, news: Sequence[tuple[str, RegisterPlot]]) -> list[Asked]:
    """Add what is impossible about new plots, given as (path, plot), and return their outlines for the survey."""
    for path, command in news:
        faults.judge(f"{path}.code", ids.record_code, command.code)
        judge_growth(faults, f"{path}.", command)
        faults.judge_day(f"{path}.from_on", command.from_on)
    faults.judge_free(session, Plot.code, [(f"{path}.code", command.code) for path, command in news])
    return [Asked(path=path, village_id=one.village_id, crs=one.crs, geometry=one.geometry) for path, one in news]


def judge_growth(faults: Faults, at: str, plot: RegisterPlot | Plot) -> None:
    """Add what is impossible about what grows on a plot."""
    if not plot.cultivar.strip():
        faults.fault(f"{at}cultivar", "empty")
    if plot.area_mu <= 0:
        faults.fault(f"{at}area_mu", "out-of-range")
    if plot.planted_year is not None and plot.planted_year > clock.now().year:
        faults.fault(f"{at}planted_year", "in-the-future", value=str(plot.planted_year))


def write_plots(
    session: Session, commands: Sequence[RegisterPlot], surveyed: Sequence[Surveyed | None], why: Change
) -> list[Plot]:
    """Write plots that were checked, and the first version of each."""
    ensure_terms(session, Scheme.CULTIVAR, [command.cultivar for command in commands])
    parties = [party for command in commands for party in (command.holder_id, command.cooperative_id)]
    survivors = hold_parties(session, parties)
    plots = [_new_plot(one, found, survivors) for one, found in zip(commands, surveyed, strict=True) if found]
    session.add_all(plots)
    session.flush()
    session.add_all(version_of(plot, plot.from_on, why) for plot in plots)
    session.flush()
    return plots


def _new_plot(command: RegisterPlot, surveyed: Surveyed, survivors: dict[int, int]) -> Plot:
    values = {name: value for name, value in vars(command).items() if name not in ("crs", "geometry")}
    for name in _OF_PARTIES:
        values[name] = survivors.get(values[name])
    return Plot(**values, **surveyed.columns())


def version_of(plot: Plot, from_on: date | None, why: Change) -> PlotVersion:
    """Return the version that says what a plot's row says now."""
    values = {name: getattr(plot, name) for name in _VERSIONED}
    return PlotVersion(plot_id=plot.id, from_on=from_on, recorded_at=clock.now(), **values, **vars(why))


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
