"""Merging plots: two rows that are the same land. The duplicate keeps its row and code, since events name them."""

from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from trace import clock
from trace.faults import Faults
from trace.field_work import FieldWork
from trace.inputs import InputUse
from trace.instance import lock_instance
from trace.lots import Lot
from trace.pickings import Picking
from trace.places import Plot, PlotDescent, PlotMerge
from trace.plot_openings import PlotOpening
from trace.renewal import renew_plot_pages
from trace.revisions import lock_rows
from trace.rules.judging import judge_pickings, judge_uses_alone
from trace.seasons import SeasonPlot, SeasonRecord


@dataclass(frozen=True, kw_only=True)
class MergePlots:
    """Say that one plot is a duplicate of another."""

    from_id: int
    into_id: int
    reason: str
    account_id: int | None = None


def merge_plots(session: Session, command: MergePlots) -> Plot:
    """Let one plot stand for both, and return it: what was picked and used on the duplicate counts as on the survivor.

    Holder, outline and history of the survivor hold; the season that brought a plot keeps its declared area. Pickings
    on either are judged again. Raises `InvalidError`.
    """
    lock_instance(session)
    both = lock_rows(session, Plot, [command.from_id, command.into_id])
    duplicate, survivor = both[command.from_id], both[command.into_id]
    _refuse(duplicate, survivor)
    renew_plot_pages(session, duplicate.id)
    for column in (Lot.plot_id, Picking.plot_id, InputUse.plot_id, FieldWork.plot_id, PlotOpening.plot_id):
        session.execute(update(column.class_).where(column == duplicate.id).values({column.key: survivor.id}))
    _hand_over_descent(session, duplicate, survivor)
    _hand_over_seasons(session, duplicate, survivor)
    duplicate.merged_into_id = survivor.id
    session.execute(  # what was merged into the duplicate is the same land: no chain is ever longer than one
        update(Plot).where(Plot.merged_into_id == duplicate.id).values(merged_into_id=survivor.id)
    )
    duplicate.revision += 1
    survivor.revision += 1
    session.add(PlotMerge(**vars(command), merged_at=clock.now()))
    session.flush()
    judge_uses_alone(session, session.scalars(select(InputUse.id).where(InputUse.plot_id == survivor.id)).all())
    judge_pickings(session, session.scalars(select(Picking.id).where(Picking.plot_id == survivor.id)).all())
    return survivor


def _refuse(duplicate: Plot, survivor: Plot) -> None:
    faults = Faults()
    if duplicate.id == survivor.id:
        faults.fault("into", "not-itself")
    for path, plot in (("from", duplicate), ("into", survivor)):
        if plot.merged_into_id is not None:
            faults.fault(path, "merged-already", value=plot.code)
    if survivor.until_on is not None and duplicate.until_on is None:
        end = survivor.until_on.isoformat()
        faults.fault("into", "plot-ended", plot=survivor.code, value=clock.today().isoformat(), end=end)
    faults.refuse()


def _hand_over_descent(session: Session, duplicate: Plot, survivor: Plot) -> None:
    """Let the survivor have the duplicate's parents and children; a row that would name it twice goes."""
    ids = (duplicate.id, survivor.id)
    within = PlotDescent.parent_id.in_(ids) & PlotDescent.child_id.in_(ids)
    session.execute(delete(PlotDescent).where(within))
    for mine, other in (
        (PlotDescent.parent_id, PlotDescent.child_id),
        (PlotDescent.child_id, PlotDescent.parent_id),
    ):
        there = session.scalars(select(other).where(mine == survivor.id)).all()
        session.execute(delete(PlotDescent).where(mine == duplicate.id, other.in_(there)))
        session.execute(update(PlotDescent).where(mine == duplicate.id).values({mine.key: survivor.id}))


def _hand_over_seasons(session: Session, duplicate: Plot, survivor: Plot) -> None:
    """Let what seasons call the duplicate mean the survivor; a season that declared both keeps both areas."""
    mine = update(SeasonRecord).where(SeasonRecord.noun == "plots", SeasonRecord.record_id == duplicate.id)
    session.execute(mine.values(record_id=survivor.id))
    there = session.scalars(select(SeasonPlot.season_id).where(SeasonPlot.plot_id == survivor.id)).all()
    alone = update(SeasonPlot).where(SeasonPlot.plot_id == duplicate.id, SeasonPlot.season_id.not_in(there))
    session.execute(alone.values(plot_id=survivor.id))
