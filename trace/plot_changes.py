"""Changes of plots by date: re-survey, new holder, splitting, joining. The plot's row holds its latest version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import shapely
from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from trace.faults import Faults
from trace.geometry import OVERLAP_M2
from trace.inputs import InputUse
from trace.instance import lock_instance
from trace.parties import hold_parties
from trace.pickings import Picking
from trace.places import Plot, PlotDescent, PlotVersion
from trace.plots import Change, RegisterPlot, judge_growth, judge_plots, version_of, write_plots
from trace.renewal import renew_plot_pages
from trace.revisions import KEPT, Kept, change, given, lock_rows
from trace.surveys import Asked, Surveyed, outside_m2, polygon_of, survey
from trace.vocabulary import Scheme, ensure_terms

_APART_DEGREES = 5e-5  # some 5 m: phone GNSS is 3-8 m off, so neighbours need not quite touch


@dataclass(frozen=True, kw_only=True)
class ResurveyPlot:
    """Say what a plot is from a day on: another outline (with its system), area, cultivar, age, certification."""

    plot_id: int
    from_on: date
    crs: str = ""
    geometry: Any = KEPT
    area_mu: Decimal | Kept = KEPT
    cultivar: str | Kept = KEPT
    clonal: bool | Kept | None = KEPT
    planted_year: int | Kept | None = KEPT
    certification: str | Kept | None = KEPT


@dataclass(frozen=True, kw_only=True)
class ChangeHolder:
    """Say who holds a plot from a day on and, where that changes too, in which co-operative."""

    plot_id: int
    from_on: date
    holder_id: int | None
    cooperative_id: int | Kept | None = KEPT


@dataclass(frozen=True, kw_only=True)
class SplitPlot:
    """Say that a plot is several from a day on."""

    plot_id: int
    from_on: date
    parts: Sequence[RegisterPlot]


@dataclass(frozen=True, kw_only=True)
class JoinPlots:
    """Say that several neighbouring plots are one from a day on."""

    plot_ids: Sequence[int]
    from_on: date
    plot: RegisterPlot


def resurvey_plots(session: Session, commands: Sequence[ResurveyPlot], why: Change) -> list[Plot]:
    """Give plots a new version. Raises `InvalidError`."""
    faults = Faults()
    plots = _open(session, faults, [(f"[{place}]", one.plot_id, one.from_on) for place, one in enumerate(commands)])
    asked = [
        Asked(path=f"[{place}]", village_id=plots[one.plot_id].village_id, crs=one.crs, geometry=one.geometry)
        for place, one in enumerate(commands)
        if one.geometry is not KEPT
    ]
    outlined = [one.plot_id for one in commands if one.geometry is not KEPT]
    found = dict(zip(outlined, survey(session, faults, asked, Plot.id.not_in(outlined)), strict=True))
    values = [given(one, but=("plot_id", "from_on", "crs", "geometry")) for one in commands]
    for place, (one, new) in enumerate(zip(commands, values, strict=True)):
        now = plots[one.plot_id]
        after = {name: new.get(name, getattr(now, name)) for name in ("cultivar", "area_mu", "planted_year")}
        judge_growth(faults, f"[{place}].", Plot(**after))
    faults.refuse()
    ensure_terms(session, Scheme.CULTIVAR, [new["cultivar"] for new in values if "cultivar" in new])
    for one, new in zip(commands, values, strict=True):
        surveyed = found.get(one.plot_id)
        new.update(surveyed.columns() if surveyed else {})
    return _keep_versions(session, plots, list(zip(commands, values, strict=True)), why)


def change_holders(session: Session, commands: Sequence[ChangeHolder], why: Change) -> list[Plot]:
    """Give plots a new holder by date. Raises `InvalidError`."""
    faults = Faults()
    plots = _open(session, faults, [(f"[{place}]", one.plot_id, one.from_on) for place, one in enumerate(commands)])
    faults.refuse()
    values = [given(one, but=("plot_id", "from_on")) for one in commands]
    survivors = hold_parties(session, [party for new in values for party in new.values()])
    standing = [{name: survivors.get(party) for name, party in new.items()} for new in values]
    return _keep_versions(session, plots, list(zip(commands, standing, strict=True)), why)


def _open(session: Session, faults: Faults, wanted: Sequence[tuple[str, int, date]]) -> dict[int, Plot]:
    """Lock plots given as (path, row id, day of the change), and add why one cannot change on its day."""
    lock_instance(session)
    plots = lock_rows(session, Plot, [plot for _, plot, _ in wanted])
    latest = select(PlotVersion.plot_id, func.max(PlotVersion.from_on)).where(PlotVersion.plot_id.in_(plots))
    since: dict[int, date | None] = dict(session.execute(latest.group_by(PlotVersion.plot_id)).all())
    seen: set[int] = set()
    for path, id_, day in wanted:
        plot, last = plots[id_], since.get(id_)
        faults.judge_day(f"{path}.from_on", day)
        if id_ in seen:
            faults.fault(f"{path}.plot", "duplicate-value", value=plot.code, first=plot.code)
        if plot.merged_into_id is not None:
            faults.fault(f"{path}.plot", "merged-already", value=plot.code)
        if plot.until_on is not None:
            end = plot.until_on.isoformat()
            faults.fault(f"{path}.plot", "plot-ended", plot=plot.code, value=day.isoformat(), end=end)
        if last is not None and day < last:
            faults.fault(f"{path}.from_on", "before-last-change", value=day.isoformat(), last=last.isoformat())
        seen.add(id_)
    return plots


def _keep_versions(
    session: Session,
    plots: Mapping[int, Plot],
    changes: Sequence[tuple[ResurveyPlot | ChangeHolder, dict[str, Any]]],
    why: Change,
) -> list[Plot]:
    """Put new values on the rows of plots, and write the version of each."""
    grown = []
    for command, new in changes:
        plot = plots[command.plot_id]
        if new.get("cultivar", plot.cultivar) != plot.cultivar:
            grown.append(plot.id)
        if change(plot, new):
            session.add(version_of(plot, command.from_on, why))
    session.flush()
    if grown:
        renew_plot_pages(session, *grown)
    return [plots[command.plot_id] for command, _ in changes]


def split_plots(session: Session, commands: Sequence[SplitPlot], why: Change) -> list[list[Plot]]:
    """End plots and begin their parts, which lie within them. Raises `InvalidError`."""
    faults = Faults()
    wanted = [(f"[{place}]", one.plot_id, one.from_on) for place, one in enumerate(commands)]
    formers = _open(session, faults, wanted)
    _judge_uses(session, faults, wanted)
    news = [
        (f"[{place}].parts[{number}]", replace(part, from_on=one.from_on))
        for place, one in enumerate(commands)
        for number, part in enumerate(one.parts)
    ]
    found = survey(session, faults, judge_plots(session, faults, news), Plot.id.not_in(formers))
    outlines = iter(found)
    for place, one in enumerate(commands):
        if len(one.parts) < 2:
            faults.fault(f"[{place}].parts", "too-few", least=2)
        within = [(f"[{place}].parts[{number}]", next(outlines)) for number in range(len(one.parts))]
        _judge_within(faults, within, [formers[one.plot_id]])
        _judge_area(faults, f"[{place}].parts", one.parts, [formers[one.plot_id]])
    faults.refuse()
    made = iter(write_plots(session, [part for _, part in news], found, why))
    parts = [[next(made) for _ in one.parts] for one in commands]
    for one, mine in zip(commands, parts, strict=True):
        _succeed(session, [formers[one.plot_id]], mine, one.from_on)
    session.flush()
    return parts


def join_plots(session: Session, command: JoinPlots, why: Change) -> Plot:
    """End several neighbouring plots and begin the one that takes their place. Raises `InvalidError`."""
    faults = Faults()
    wanted = [(f"plots[{place}]", plot, command.from_on) for place, plot in enumerate(command.plot_ids)]
    formers = list(_open(session, faults, wanted).values())
    _judge_uses(session, faults, wanted)
    whole = replace(command.plot, from_on=command.from_on)
    found = survey(session, faults, judge_plots(session, faults, [("plot", whole)]), Plot.id.not_in(command.plot_ids))
    if len(formers) < 2:
        faults.fault("plots", "too-few", least=2)
    if _ground(formers).geom_type != "Polygon":
        faults.fault("plots", "not-neighbours")
    _judge_within(faults, [("plot", found[0])], formers)
    _judge_area(faults, "plot", [whole], formers)
    faults.refuse()
    made = write_plots(session, [whole], found, why)
    _succeed(session, formers, made, command.from_on)
    session.flush()
    return made[0]


def _judge_uses(session: Session, faults: Faults, wanted: Sequence[tuple[str, int, date]]) -> None:
    """Refuse to end a plot before what was picked from it or used on it; wanted is (path, plot, first day after)."""
    plots = [plot for _, plot, _ in wanted]
    days = union_all(
        select(Picking.plot_id, Picking.picked_on.label("day")).where(
            Picking.plot_id.in_(plots), Picking.undone_at.is_(None)
        ),
        select(InputUse.plot_id, InputUse.used_on).where(InputUse.plot_id.in_(plots), InputUse.undone_at.is_(None)),
    ).subquery()
    query = select(days.c.plot_id, func.max(days.c.day)).group_by(days.c.plot_id)
    used: dict[int, date] = dict(session.execute(query).all())
    for path, plot, day in wanted:
        last = used.get(plot)
        if last is not None and last >= day:
            faults.fault(f"{path}.from_on", "used-since", value=day.isoformat(), last=last.isoformat())


def _ground(plots: Sequence[Plot]) -> Any:
    """Return the land of plots, with the strips between neighbours; several pieces where some are none."""
    each = [polygon_of(plot.outline).buffer(_APART_DEGREES / 2) for plot in plots]
    return shapely.union_all(each)


def _judge_within(faults: Faults, parts: Sequence[tuple[str, Surveyed | None]], formers: Sequence[Plot]) -> None:
    """Refuse outlines, given by path, that leave the land of the plots whose place they take."""
    ground = polygon_of(formers[0].outline) if len(formers) == 1 else _ground(formers)
    for path, part in parts:
        if part is not None and (outside := outside_m2(part.polygon, ground)) > OVERLAP_M2:
            faults.fault(f"{path}.geometry", "outside-former", outside_m2=round(outside, 1))


def _judge_area(faults: Faults, path: str, parts: Sequence[RegisterPlot], formers: Sequence[Plot]) -> None:
    asked, there = sum(part.area_mu for part in parts), sum(former.area_mu for former in formers)
    if asked > there:
        faults.fault(f"{path}.area_mu", "more-than-former", value=str(asked), former=str(there))


def _succeed(session: Session, formers: Sequence[Plot], made: Sequence[Plot], day: date) -> None:
    """End plots on the eve of a day, and keep what took their place."""
    for former in formers:
        change(former, {"until_on": day - timedelta(days=1)})
        session.add_all(PlotDescent(parent_id=former.id, child_id=plot.id, changed_on=day) for plot in made)
