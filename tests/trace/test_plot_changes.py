"""Changes of plots by date: re-survey, new holder, split, join; the past keeps what it was."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import CHINA, make_party, make_picking, make_village
from tests.land import WHY, asked, faults_of, plant, square
from trace.errors import InvalidError
from trace.lots import Lot
from trace.places import Plot, PlotDescent, plot_on
from trace.plot_changes import (
    ChangeHolder,
    JoinPlots,
    ResurveyPlot,
    SplitPlot,
    change_holders,
    join_plots,
    resurvey_plots,
    split_plots,
)

BEFORE, DAY, AFTER = date(2025, 6, 1), date(2026, 1, 1), date(2026, 3, 1)


def test_a_new_holder_holds_from_the_day_and_the_former_until_then(session: Session) -> None:
    old, new = make_party(session), make_party(session)
    plot = plant(session, make_village(session), square(0), holder_id=old.id)
    change_holders(session, [ChangeHolder(plot_id=plot.id, from_on=DAY, holder_id=new.id)], WHY)
    holders = [version.holder_id for day in (BEFORE, DAY, AFTER) if (version := plot_on(session, plot, day))]
    assert holders == [old.id, new.id, new.id]
    assert (plot.holder_id, plot.revision) == (new.id, 2)


def test_a_survey_replaces_outline_and_area_from_its_day(session: Session) -> None:
    plot = plant(session, make_village(session), square(0))
    command = ResurveyPlot(
        plot_id=plot.id, from_on=DAY, crs="WGS-84", geometry=square(0, wide=2), area_mu=Decimal(30), cultivar="龙井43"
    )
    resurvey_plots(session, [command], WHY)
    was, now = plot_on(session, plot, BEFORE), plot_on(session, plot, DAY)
    assert was is not None
    assert now is not None
    assert (was.area_mu, was.cultivar, now.area_mu, now.cultivar) == (Decimal(15), "群体种", Decimal(30), "龙井43")
    assert now.area_m2 == pytest.approx(2 * was.area_m2, rel=0.01)


def test_a_survey_may_not_reach_into_a_neighbour(session: Session) -> None:
    village = make_village(session)
    plot, _ = plant(session, village, square(0)), plant(session, village, square(1))
    with pytest.raises(InvalidError) as refusal:
        resurvey_plots(
            session, [ResurveyPlot(plot_id=plot.id, from_on=DAY, crs="WGS-84", geometry=square(0, wide=1.5))], WHY
        )
    assert faults_of(refusal) == {("[0].geometry", "outlines-overlap")}


def test_changes_come_in_the_order_of_their_days_and_none_from_the_future(session: Session) -> None:
    plot = plant(session, make_village(session), square(0))
    resurvey_plots(session, [ResurveyPlot(plot_id=plot.id, from_on=AFTER, area_mu=Decimal(14))], WHY)
    for day, code in ((DAY, "before-last-change"), (date(2999, 1, 1), "in-the-future")):
        with pytest.raises(InvalidError) as refusal:
            change_holders(session, [ChangeHolder(plot_id=plot.id, from_on=day, holder_id=None)], WHY)
        assert faults_of(refusal) == {("[0].from_on", code)}


def test_a_plot_ends_on_the_eve_of_the_day_on_which_its_parts_begin(session: Session) -> None:
    village = make_village(session)
    plot = plant(session, village, square(0, wide=2), area_mu=Decimal(30))
    parts = [asked(village, square(0)), asked(village, square(1))]
    [made] = split_plots(session, [SplitPlot(plot_id=plot.id, from_on=DAY, parts=parts)], WHY)
    assert (plot.until_on, [part.from_on for part in made]) == (date(2025, 12, 31), [DAY, DAY])
    assert [plot_on(session, one, DAY) is not None for one in (plot, *made)] == [False, True, True]
    descent = session.execute(select(PlotDescent.parent_id, PlotDescent.child_id, PlotDescent.changed_on)).all()
    assert {tuple(row) for row in descent} == {(plot.id, part.id, DAY) for part in made}
    with pytest.raises(InvalidError) as refusal:
        change_holders(session, [ChangeHolder(plot_id=plot.id, from_on=AFTER, holder_id=None)], WHY)
    assert faults_of(refusal) == {("[0].plot", "plot-ended")}


def test_parts_lie_within_the_former_plot_and_are_not_more_than_it(session: Session) -> None:
    village = make_village(session)
    plot = plant(session, village, square(0))
    parts = [asked(village, square(0, wide=0.5)), asked(village, square(0.5, wide=1))]
    with pytest.raises(InvalidError) as refusal:
        split_plots(session, [SplitPlot(plot_id=plot.id, from_on=DAY, parts=parts)], WHY)
    assert faults_of(refusal) == {
        ("[0].parts[1].geometry", "outside-former"),
        ("[0].parts.area_mu", "more-than-former"),
    }
    with pytest.raises(InvalidError) as refusal:
        split_plots(session, [SplitPlot(plot_id=plot.id, from_on=DAY, parts=[])], WHY)
    assert faults_of(refusal) == {("[0].parts", "too-few")}


def test_a_plot_does_not_end_before_what_was_picked_from_it(session: Session) -> None:
    village = make_village(session)
    plot = plant(session, village, square(0, wide=2), area_mu=Decimal(30))
    make_picking(session, plot=plot, picked_at=datetime(2026, 4, 20, 6, tzinfo=CHINA))
    split = SplitPlot(plot_id=plot.id, from_on=DAY, parts=[asked(village, square(0)), asked(village, square(1))])
    with pytest.raises(InvalidError) as refusal:
        split_plots(session, [split], WHY)
    assert faults_of(refusal) == {("[0].from_on", "used-since")}
    assert split_plots(session, [replace(split, from_on=date(2026, 4, 21))], WHY)


def test_neighbouring_plots_become_one(session: Session) -> None:
    village = make_village(session)
    formers = [plant(session, village, square(0)), plant(session, village, square(1.02, wide=0.98))]
    whole = asked(village, square(0, wide=2), area_mu=Decimal(30))
    joined = join_plots(session, JoinPlots(plot_ids=[one.id for one in formers], from_on=DAY, plot=whole), WHY)
    assert joined.from_on == DAY
    assert {former.until_on for former in formers} == {date(2025, 12, 31)}


def test_plots_that_lie_apart_do_not_become_one(session: Session) -> None:
    village = make_village(session)
    formers = [plant(session, village, square(0)), plant(session, village, square(5))]
    whole = asked(village, square(0), area_mu=Decimal(30))
    with pytest.raises(InvalidError) as refusal:
        join_plots(session, JoinPlots(plot_ids=[one.id for one in formers], from_on=DAY, plot=whole), WHY)
    assert faults_of(refusal) == {("plots", "not-neighbours")}
    with pytest.raises(InvalidError) as refusal:
        join_plots(
            session, JoinPlots(plot_ids=[formers[0].id], from_on=DAY, plot=replace(whole, area_mu=Decimal(1))), WHY
        )
    assert faults_of(refusal) == {("plots", "too-few")}


def test_what_grew_when_it_was_picked_stays_on_the_page(session: Session) -> None:
    plot = plant(session, make_village(session), square(0))
    picking = make_picking(session, plot=plot, picked_at=datetime(2025, 4, 20, 6, tzinfo=CHINA))
    resurvey_plots(session, [ResurveyPlot(plot_id=plot.id, from_on=DAY, cultivar="龙井43")], WHY)
    lot = session.get_one(Lot, picking.lot_id)
    version = plot_on(session, session.get_one(Plot, lot.plot_id), lot.made_on)
    assert version is not None
    assert version.cultivar == "群体种"
