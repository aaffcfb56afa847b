"""Enter changes of plots by date: surveyed anew, another holder, split, joined; and two plots that are one.

By the operator, the officer of the area, or the co-operative or holder whose plot it is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace import clock
from trace.accounts import Caller, Role
from trace.entries.amendments import EnterMerge
from trace.entries.registry import Registry
from trace.errors import Fault, InvalidError
from trace.mandates import NotForThemError
from trace.nouns import PLOTS
from trace.pickings import Picking
from trace.places import Plot, Village
from trace.records import Record, get_record
from trace.rules.judging import judge_pickings

# The polygons of `trace.plot_changes` are loaded by the first change alone.


@dataclass(frozen=True, kw_only=True)
class EnterSurvey:
    """What a plot is from a day on, today where none is named: only what changes is among the values."""

    values: Mapping[str, Any]
    from_on: date | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class EnterHolder:
    """Who holds a plot from a day on; and in which co-operative, where that changes too."""

    holder: str | None
    moves: bool = False
    cooperative: str | None = None
    from_on: date | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class EnterPart:
    """A plot that takes the place of others; what it does not say it has of the first of them."""

    code: str
    area_mu: Decimal
    crs: str
    outline: Any
    holder: str | None = None
    values: Mapping[str, Any]  # cultivar, clonal, planted_year, certification, where they differ


@dataclass(frozen=True, kw_only=True)
class EnterSplit:
    """The plots into which one is split."""

    parts: Sequence[EnterPart]
    from_on: date | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class EnterJoin:
    """The neighbours with which a plot is joined, and what they are together."""

    others: Sequence[str]
    plot: EnterPart
    from_on: date | None = None
    reason: str | None = None


_GROWS = ("cultivar", "clonal", "planted_year", "certification")


def enter_survey(session: Session, caller: Caller, record: Record, command: EnterSurvey) -> Plot:
    """Say what a plot is from a day on. Raises `NotForThemError`, `InvalidError`."""
    from trace.plot_changes import ResurveyPlot, resurvey_plots  # noqa: PLC0415 -- see above

    plot, new = kept_plot(session, caller, record), dict(command.values)
    missing = {"crs", "outline"} - new.keys()
    if len(missing) == 1:  # an outline and its system say nothing without each other
        raise InvalidError([Fault(missing.pop(), "missing-field")])
    if "outline" in new:
        new["geometry"] = new.pop("outline")
    with _as_typed():
        asked = ResurveyPlot(plot_id=plot.id, from_on=_day(command.from_on), **new)
        changed = resurvey_plots(session, [asked], _why(caller, command.reason))[0]
    since = select(Picking.id).where(Picking.plot_id == changed.id, Picking.picked_on >= asked.from_on)
    judge_pickings(session, session.scalars(since).all())  # its area and age say what it can give
    return changed


def enter_holder(session: Session, caller: Caller, record: Record, command: EnterHolder) -> Plot:
    """Give a plot another holder by date; only who keeps the register moves it to another co-operative.

    Raises `NotForThemError`, `InvalidError`.
    """
    from trace.plot_changes import ChangeHolder, change_holders  # noqa: PLC0415 -- see above

    plot, registry = kept_plot(session, caller, record), Registry(session, caller)
    holder = registry.find_party(0, "holder", command.holder)
    home = registry.find_party(0, "cooperative", command.cooperative)
    if command.moves and caller.role is Role.COOP and (home.id if home else None) != plot.cooperative_id:
        allowed = [record["cooperative"]]
        registry.refuse(0, "cooperative", "not-allowed", value=command.cooperative, allowed=allowed)
    registry.close()
    moved = {"cooperative_id": home.id if home else None} if command.moves else {}
    asked = ChangeHolder(
        plot_id=plot.id, from_on=_day(command.from_on), holder_id=holder.id if holder else None, **moved
    )
    return change_holders(session, [asked], _why(caller, command.reason))[0]


def enter_split(session: Session, caller: Caller, record: Record, command: EnterSplit) -> list[Plot]:
    """Split a plot from a day on. Raises `NotForThemError`, `InvalidError`."""
    from trace.plot_changes import SplitPlot, split_plots  # noqa: PLC0415 -- see above

    plot, registry = kept_plot(session, caller, record), Registry(session, caller)
    parts = [_part(registry, f"parts[{number}]", plot, part) for number, part in enumerate(command.parts)]
    registry.close()
    with _as_typed():
        asked = SplitPlot(plot_id=plot.id, from_on=_day(command.from_on), parts=parts)
        return split_plots(session, [asked], _why(caller, command.reason))[0]


def enter_join(session: Session, caller: Caller, record: Record, command: EnterJoin) -> Plot:
    """Join a plot with its neighbours from a day on. Raises `NotForThemError`, `NotFoundError`, `InvalidError`."""
    from trace.plot_changes import JoinPlots, join_plots  # noqa: PLC0415 -- see above

    plots, registry = [kept_plot(session, caller, record)], Registry(session, caller)
    for number, code in enumerate(command.others):
        other = kept_plot(session, caller, get_record(session, caller, PLOTS, code))
        if other in plots:
            registry.refuse(0, f"with[{number}]", "duplicate-value", value=code, first=other.code)
        plots.append(other)
    whole = _part(registry, "plot", plots[0], command.plot)
    registry.close()
    with _as_typed():
        asked = JoinPlots(plot_ids=[plot.id for plot in plots], from_on=_day(command.from_on), plot=whole)
        return join_plots(session, asked, _why(caller, command.reason))


def enter_plot_merge(session: Session, caller: Caller, record: Record, command: EnterMerge) -> Plot:
    """Say that a plot is a duplicate of another. Raises `NotForThemError`, `NotFoundError`, `InvalidError`."""
    from trace.plot_merges import MergePlots, merge_plots  # noqa: PLC0415 -- see above

    plot = kept_plot(session, caller, record)
    survivor = kept_plot(session, caller, get_record(session, caller, PLOTS, command.into))
    asked = MergePlots(from_id=plot.id, into_id=survivor.id, reason=command.reason, account_id=caller.account_id)
    return merge_plots(session, asked)


def kept_plot(session: Session, caller: Caller, record: Record) -> Plot:
    """Return the plot of a record, where the caller may change it. Raises `NotForThemError`."""
    plot = session.get_one(Plot, record["key"])
    if caller.role is Role.OFFICER:
        village = session.scalars(select(Village.code).where(Village.id == plot.village_id)).one()
        may = bool(caller.area_code) and village.startswith(caller.area_code)
    else:
        own = caller.party_id is not None and caller.party_id in (plot.cooperative_id, plot.holder_id)
        may = own or caller.role is Role.OPERATOR
    if not may:
        raise NotForThemError(party=record["cooperative"] or record["holder"] or "")
    return plot


def _part(registry: Registry, path: str, former: Plot, part: EnterPart) -> Any:
    """Return the plot that takes the place of a former one, and has of it what it does not say."""
    from trace.plots import RegisterPlot  # noqa: PLC0415 -- see above

    holder = registry.find_party(0, f"{path}.holder", part.holder)
    grows = {name: part.values.get(name, getattr(former, name)) for name in _GROWS}
    return RegisterPlot(
        code=part.code,
        village_id=former.village_id,
        cooperative_id=former.cooperative_id,
        holder_id=holder.id if holder else former.holder_id,
        area_mu=part.area_mu,
        crs=part.crs,
        geometry=part.outline,
        **grows,
    )


def _why(caller: Caller, reason: str | None) -> Any:
    from trace.plots import Change  # noqa: PLC0415 -- see above

    return Change(reason=reason, account_id=caller.account_id)


def _day(day: date | None) -> date:
    return day or clock.today()


_JOINED = re.compile(r"plots\[([0-9]+)\]\.(plot|from_on)")


@contextmanager
def _as_typed() -> Iterator[None]:
    """Tell faults by the names under which things were typed."""
    try:
        yield
    except InvalidError as error:
        raise InvalidError([Fault(_typed(fault.path), fault.code, fault.facts) for fault in error.faults]) from None


def _typed(path: str) -> str:
    joined = _JOINED.fullmatch(path)
    if joined is not None:
        number = int(joined.group(1))
        return "from_on" if joined.group(2) == "from_on" else f"with[{number - 1}]" if number else "plot"
    return "with" if path == "plots" else path.replace("geometry", "outline")
