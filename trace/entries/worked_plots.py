"""Worked plots: those that a party picks on or uses inputs on, each as it was on that day."""

from collections.abc import Sequence
from datetime import datetime

from trace.entries.form import Form
from trace.entries.references import Named, find_plots
from trace.parties import Party
from trace.places import Plot, hold_plots, judge_plot_day


def find_worked_plots(form: Form, wanted: Sequence[tuple[str, datetime]]) -> list[Plot | None]:
    """Return the plot of each record, given as (code, moment of the work); none ends before the transaction does.

    One that is unknown, not the party's to work on, or was not there on that day is a fault.
    """
    found = find_plots(form, [Named(place, "plot", code) for place, (code, _) in enumerate(wanted)])
    standing = hold_plots(form.session, [plot.id for plot in found if plot is not None])
    plots = [standing[plot.id] if plot is not None else None for plot in found]
    for place, (plot, (code, when)) in enumerate(zip(plots, wanted, strict=True)):
        if plot is None:
            continue
        if not _works(form.principals[place], plot):
            form.refuse(place, "plot", "not-yours", value=code, owner="")
        fault = judge_plot_day(plot, when.date(), f"[{place}].plot")
        if fault is not None:
            form.faults.append(fault)
    return plots


def _works(party: Party, plot: Plot) -> bool:
    """Return whether a party works on a plot: its holder, its co-operative, or who manages it for a member."""
    return party.id in (plot.holder_id, plot.cooperative_id)
