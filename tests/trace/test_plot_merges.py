"""Merging plots: what was picked and used on the duplicate counts as on the survivor."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import make_input_use, make_picking, make_plot
from tests.land import faults_of
from trace.accounts import Caller, Role
from trace.db import Sessions
from trace.errors import InvalidError
from trace.findings import Finding
from trace.inputs import InputUse
from trace.lots import Lot
from trace.nouns import PLOTS
from trace.pickings import Picking
from trace.places import Plot, PlotMerge, hold_plots
from trace.plot_merges import MergePlots, merge_plots
from trace.rebuild import differences
from trace.records import get_record
from trace.rules.judging import judge_pickings
from trace.season.totals import season_totals
from trace.seasons import SeasonRecord


def merge(session: Session, duplicate: Plot, survivor: Plot) -> Plot:
    """Say that two plots are one."""
    return merge_plots(session, MergePlots(from_id=duplicate.id, into_id=survivor.id, reason="同一块地"))


def test_pickings_lots_and_uses_of_the_duplicate_are_the_survivors(session: Session) -> None:
    duplicate, survivor = make_plot(session), make_plot(session)
    picking, use = make_picking(session, plot=duplicate), make_input_use(session, plot=duplicate)
    merge(session, duplicate, survivor)
    session.expire_all()
    found = (
        session.get_one(Picking, picking.id).plot_id,
        session.get_one(Lot, picking.lot_id).plot_id,
        session.get_one(InputUse, use.id).plot_id,
    )
    assert set(found) == {survivor.id}
    assert session.scalars(select(PlotMerge.reason)).one() == "同一块地"
    operator = Caller(Role.OPERATOR, None)
    assert get_record(session, operator, PLOTS, duplicate.code)["code"] == survivor.code
    assert hold_plots(session, [duplicate.id])[duplicate.id] is survivor


def test_a_spray_on_the_one_is_found_at_a_picking_on_the_other(session: Session) -> None:
    duplicate, survivor = make_plot(session), make_plot(session)
    picking = make_picking(session, plot=duplicate)
    make_input_use(session, plot=survivor, used_on=picking.picked_on - timedelta(days=1))
    assert judge_pickings(session, [picking.id]) == []
    merge(session, duplicate, survivor)
    [finding] = session.scalars(select(Finding).where(Finding.record_id == picking.id))
    assert finding.rule == "harvest_inside_phi"


def test_plots_are_merged_once_and_never_in_a_ring(session: Session) -> None:
    first, second, third = (make_plot(session) for _ in range(3))
    merge(session, first, second)
    merge(session, second, third)
    session.expire_all()
    assert session.get_one(Plot, first.id).merged_into_id == third.id
    for one, other, path in ((third, first, "into"), (first, third, "from")):
        with pytest.raises(InvalidError) as refusal:
            merge(session, one, other)
        assert faults_of(refusal) == {(path, "merged-already")}


def test_a_standing_plot_is_not_merged_into_one_that_ended(session: Session) -> None:
    with pytest.raises(InvalidError) as refusal:
        merge(session, make_plot(session), make_plot(session, until_on=date(2025, 1, 1)))
    assert faults_of(refusal) == {("into", "plot-ended")}


def test_a_merge_leaves_a_seasons_totals_and_the_events_as_they_are(demo_session: Session) -> None:
    season = demo_session.scalars(select(SeasonRecord.season_id).limit(1)).one()
    before = season_totals(demo_session, season)
    first, second = demo_session.scalars(select(Plot).order_by(Plot.id).limit(2))
    merge(demo_session, first, second)
    demo_session.expire_all()
    after = season_totals(demo_session, season)
    villages = {"fresh_kg_by_village"} if first.village_id != second.village_id else set()
    assert {name: total for name, total in after.items() if name not in villages} == {
        name: total for name, total in before.items() if name not in villages
    }
    operator = Caller(Role.OPERATOR, None)
    assert get_record(demo_session, operator, PLOTS, "P001")["code"] == second.code


def test_merged_and_split_plots_leave_no_difference(fresh_sessions: Sessions) -> None:
    with fresh_sessions.write.begin() as session:
        duplicate, survivor = make_plot(session), make_plot(session)
        make_picking(session, plot=duplicate)
        merge(session, duplicate, survivor)
    with fresh_sessions.write.begin() as session:
        assert differences(session) == []
