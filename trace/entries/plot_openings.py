"""Enter the opening of a plot: by who works it, the officer of its area, or the operator."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.accounts import Caller
from trace.entries.plot_changes import kept_plot
from trace.errors import Fault, InvalidError
from trace.pickings import Picking
from trace.places import judge_plot_day
from trace.plot_openings import OpenPlot, PlotOpening, open_plots
from trace.records import Record
from trace.rules.judging import judge_pickings
from trace.rules.judging.pickings import lock_plots


@dataclass(frozen=True, kw_only=True)
class EnterOpening:
    """The first day of picking in a year, as somebody types it."""

    opened_on: date


def enter_opening(session: Session, caller: Caller, record: Record, command: EnterOpening) -> PlotOpening:
    """Keep on which day a plot was opened. Raises `NotForThemError`, `InvalidError`."""
    plot = kept_plot(session, caller, record)
    fault = judge_plot_day(plot, command.opened_on, "opened_on")
    if fault is not None:
        raise InvalidError([fault])
    asked = OpenPlot(plot_id=plot.id, opened_on=command.opened_on, account_id=caller.account_id)
    try:
        opening = open_plots(session, [asked])[0]
    except InvalidError as error:
        faults = [Fault(one.path.removeprefix("[0]."), one.code, one.facts) for one in error.faults]
        raise InvalidError(faults) from None
    lock_plots(session, [plot.id])  # before asking: who picks there now is waited for, and is among them
    year = Picking.picked_on.between(date(opening.opened_on.year, 1, 1), date(opening.opened_on.year, 12, 31))
    claiming = select(Picking.id).where(Picking.plot_id == plot.id, Picking.claim.is_not(None), year)
    judge_pickings(session, session.scalars(claiming).all())
    return opening
