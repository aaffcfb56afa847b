"""Plots: set up with their outline, checked, and their first version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from trace import clock
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
        faults.judge_code(f"{path}.code", command.code)
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
