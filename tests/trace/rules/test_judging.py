"""Whatever door a record came by, the rules judge it; asked again they say what is true now, and say it once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import (
    PICKED_AT,
    get_lot_of,
    make_blend,
    make_input_use,
    make_intake,
    make_leaf,
    make_measured,
    make_party,
    make_picking,
    make_plot,
    make_result,
    make_run,
)
from tests.trace.test_record import statements
from trace.accounts import Caller, Role
from trace.db import Sessions
from trace.entries.plot_openings import EnterOpening, enter_opening
from trace.events import LIVE, Event
from trace.events.correct import Correction, correct_events
from trace.findings import Finding, Severity
from trace.holds import LotHold
from trace.inputs import InputProduct, InputUse, UseInput, correct_input_use
from trace.lots import Lot
from trace.permits import find_refusals
from trace.pickings import Picking
from trace.places import Plot
from trace.quality import Report, Result, ResultItem, Sampled, correct_result
from trace.rules.judging import (
    judge_days,
    judge_input_uses,
    judge_packs,
    judge_parties,
    judge_pickings,
    judge_plants,
    judge_products,
    judge_releases,
    judge_results,
    judge_runs,
)
from trace.rules.judging.markets import judge_by_market
from trace.seasons import SeasonRecord


def standing(session: Session) -> list[Finding]:
    """Return the findings above a note that stand."""
    query = select(Finding).where(Finding.withdrawn_at.is_(None), Finding.severity != Severity.NOTE)
    return list(session.scalars(query.order_by(Finding.id)))


def spray(session: Session, plot: Plot, days: int) -> InputUse:
    """Record a spray so many days before the picking."""
    used_at = PICKED_AT - timedelta(days=days)
    return make_input_use(session, plot=plot, used_at=used_at, used_on=used_at.date())


def say_again(session: Session, use: InputUse, days: int) -> UseInput:
    """Say that a spray was so many days before the picking."""
    plot, product = session.get_one(Plot, use.plot_id), session.get_one(InputProduct, use.product_id)
    return UseInput(
        code=use.code,
        plot_id=plot.id,
        plot_code=plot.code,
        product_id=product.id,
        product_code=product.code,
        used_on=(PICKED_AT - timedelta(days=days)).date(),
        used_at=PICKED_AT - timedelta(days=days),
        recorder_id=session.get_one(Event, use.event_id).party_id,
        per_mu=use.per_mu,
    )


def test_a_picking_inside_the_interval_is_found_when_it_is_judged(session: Session) -> None:
    plot = make_plot(session)
    use = spray(session, plot, 3)
    picking = make_picking(session, plot=plot)
    [finding] = judge_pickings(session, [picking.id])
    lot = get_lot_of(session, picking)
    assert (finding.rule, finding.severity, finding.record) == ("harvest_inside_phi", Severity.REASON, lot.code)
    assert (finding.party_id, finding.season_id, finding.facts["input"]) == (lot.party_id, None, use.code)
    assert find_refusals(session, lot.id) == [finding]


def test_a_spray_entered_late_is_found_at_the_picking_once_and_holds_what_was_made_since(session: Session) -> None:
    plot = make_plot(session)
    leaf = make_leaf(session, plot=plot)
    received = get_lot_of(session, make_intake(session, taken=[(leaf, leaf.mass_g)]))
    use = spray(session, plot, 3)
    assert [finding.record for finding in judge_input_uses(session, [use.id])] == [leaf.code]
    assert judge_input_uses(session, [use.id]) == []
    assert len(standing(session)) == 1
    assert [held.rule for held in find_refusals(session, received.id)] == ["harvest_inside_phi"]


def test_a_spray_after_the_picking_or_on_another_plot_concerns_it_not(session: Session) -> None:
    plot = make_plot(session)
    make_picking(session, plot=plot)
    uses = [spray(session, plot, -1), spray(session, make_plot(session), 3)]
    assert judge_input_uses(session, [use.id for use in uses]) == []


def test_a_spray_corrected_to_an_earlier_day_frees_the_leaf_and_the_finding_stays_readable(session: Session) -> None:
    plot = make_plot(session)
    picking, use = make_picking(session, plot=plot), spray(session, plot, 3)
    [finding] = judge_input_uses(session, [use.id])
    before = get_lot_of(session, picking).revision
    formerly = [(use.plot_id, use.used_on)]
    correct_input_use(session, use, say_again(session, use, 30), "incorrect_data", LIVE)
    assert judge_input_uses(session, [use.id], formerly) == []
    session.expire_all()
    assert finding.withdrawn_at is not None
    assert find_refusals(session, picking.lot_id) == []
    assert get_lot_of(session, picking).revision > before


def test_a_spray_that_was_none_is_judged_no_more(session: Session) -> None:
    plot = make_plot(session)
    make_picking(session, plot=plot)
    use = spray(session, plot, 3)
    judge_input_uses(session, [use.id])
    correct_input_use(session, use, None, "did_not_occur", LIVE)
    judge_input_uses(session, [use.id])
    assert standing(session) == []


def test_a_later_spray_that_counts_for_more_takes_the_place_of_the_first(session: Session) -> None:
    plot = make_plot(session)
    make_picking(session, plot=plot)
    first = spray(session, plot, 4)
    judge_input_uses(session, [first.id])
    second = spray(session, plot, 2)
    [finding] = judge_input_uses(session, [second.id])
    assert finding.facts["input"] == second.code
    assert standing(session) == [finding]


def test_what_a_person_answered_stays_answered_when_judged_again(session: Session) -> None:
    plot = make_plot(session)
    picking, use = make_picking(session, plot=plot), spray(session, plot, 3)
    [finding] = judge_input_uses(session, [use.id])
    finding.answered_at, finding.answered_by = PICKED_AT, "王站长"
    session.flush()
    assert judge_pickings(session, [picking.id]) == []
    assert standing(session) == [finding]
    assert find_refusals(session, picking.lot_id) == []


def test_a_picking_that_did_not_happen_has_no_finding(session: Session) -> None:
    plot = make_plot(session)
    picking, use = make_picking(session, plot=plot), spray(session, plot, 3)
    judge_input_uses(session, [use.id])
    owner = get_lot_of(session, picking).party_id
    correct_events(
        session,
        Correction(wrong=[picking.event_id], right=[], reason="did_not_occur", party_id=owner, entry=LIVE),
    )
    judge_pickings(session, [picking.id])
    assert standing(session) == []


def test_a_run_with_more_dry_matter_out_than_in_holds_its_tea_and_its_by_product(session: Session) -> None:
    intake = make_intake(session, moisture_percent=Decimal(75))
    received = get_lot_of(session, intake)
    run = make_run(
        session,
        taken=[(received, 10_000)],
        output_g=4_000,
        by_product_g=500,
        moisture_percent=Decimal("5.5"),
    )
    [finding] = judge_runs(session, [run.id])
    assert (finding.rule, finding.record, finding.party_id) == ("output_exceeds_input", run.code, run.plant_id)
    held = set(session.scalars(select(LotHold.lot_id).where(LotHold.finding_id == finding.id)))
    assert {session.get_one(Lot, lot).kind.value for lot in held} == {"made", "by-product"}
    assert judge_runs(session, [run.id]) == []


def test_tea_that_is_worked_again_is_judged_by_its_own_moisture_and_a_blend_not_at_all(session: Session) -> None:
    made = get_lot_of(session, make_run(session, moisture_percent=Decimal(8)))
    again = make_run(session, taken=[(made, made.mass_g)], output_g=1_950, moisture_percent=Decimal(6))
    blend = make_blend(session, moisture_percent=Decimal(5))
    assert judge_runs(session, [again.id, blend.id]) == []


def test_a_report_above_the_limit_holds_at_once_and_everything_made_of_the_lot(session: Session) -> None:
    made = get_lot_of(session, make_run(session))
    finished = get_lot_of(session, make_blend(session, taken=[(made, made.mass_g)]))
    items = [make_measured(value=Decimal("6.1"), passed=False), make_measured()]
    result = make_result(session, lot=made, items=items)
    [finding] = [one for one in judge_results(session, [result.id]) if one.severity is not Severity.NOTE]
    assert (finding.rule, finding.severity, finding.record) == ("mrl_exceeded", Severity.REFUSE, result.code)
    assert finding.party_id == made.party_id
    assert [one.rule for one in find_refusals(session, finished.id)] == ["mrl_exceeded"]


def say_report(session: Session, result: Result, lot: Lot, value: str) -> Report:
    """Say what a report found of bifenthrin in a lot."""
    return Report(
        code=result.code,
        lot=(lot.id, lot.uri),
        laboratory_id=result.laboratory_id,
        laboratory_code="LAB",
        sample=Sampled(PICKED_AT + timedelta(days=1), "commissioned"),
        reported_at=PICKED_AT + timedelta(days=1, hours=5),
        items=[make_measured(value=Decimal(value), passed=Decimal(value) <= 5)],
    )


def test_a_report_corrected_below_the_limit_frees_the_lot(session: Session) -> None:
    lot = make_leaf(session)
    result = make_result(session, lot=lot, items=[make_measured(value=Decimal("6.1"), passed=False)])
    judge_results(session, [result.id])
    correct_result(session, result, say_report(session, result, lot, "0.61"), "incorrect_data", LIVE)
    judge_results(session, [result.id])
    assert standing(session) == []
    assert find_refusals(session, lot.id) == []


def test_a_report_corrected_to_another_lot_holds_that_one(session: Session) -> None:
    wrong, right = make_leaf(session), make_leaf(session)
    result = make_result(session, lot=wrong, items=[make_measured(value=Decimal("6.1"), passed=False)])
    [before] = judge_results(session, [result.id])
    correct_result(session, result, say_report(session, result, right, "6.1"), "incorrect_data", LIVE)
    [finding] = judge_results(session, [result.id])
    assert before.id != finding.id
    assert find_refusals(session, wrong.id) == []
    assert find_refusals(session, right.id) == [finding]


def test_a_party_with_wrong_check_characters_is_noted_by_its_code_and_never_twice(session: Session) -> None:
    party = make_party(session, uscc="91371102MA3C0000X0")
    notes = judge_parties(session, [party.id])
    assert {(one.rule, one.severity, one.record) for one in notes} == {("code_check_digit", Severity.NOTE, party.code)}
    assert judge_parties(session, [party.id]) == []


def test_a_picking_of_a_season_keeps_its_name_in_the_file_when_a_spray_comes_late(demo_session: Session) -> None:
    picking = demo_session.get_one(Picking, _row(demo_session, "harvests", "H0001"))
    plot = demo_session.get_one(Plot, picking.plot_id)
    used_on = picking.picked_on - timedelta(days=1)
    use = make_input_use(demo_session, plot=plot, used_on=used_on, used_at=PICKED_AT)
    found = judge_input_uses(demo_session, [use.id])
    assert "H0001" in {finding.record for finding in found}
    assert {finding.season_id for finding in found} == {1}


def test_a_season_judged_again_finds_nothing_new(demo_session: Session) -> None:
    before = demo_session.scalars(select(Finding.id)).all()
    for noun, judge in (("harvests", judge_pickings), ("runs", judge_runs), ("tests", judge_results)):
        rows = demo_session.scalars(select(SeasonRecord.record_id).where(SeasonRecord.noun == noun)).all()
        assert judge(demo_session, rows) == []
    assert demo_session.scalars(select(Finding.id).where(Finding.withdrawn_at.is_(None))).all() == before


def _row(session: Session, noun: str, alias: str) -> int:
    query = select(SeasonRecord.record_id).where(SeasonRecord.noun == noun, SeasonRecord.alias == alias)
    return session.scalars(query).one()


def test_nothing_to_judge_asks_nothing(session: Session) -> None:
    every = [judge_days, judge_input_uses, judge_packs, judge_parties, judge_pickings, judge_plants, judge_products]
    every += [judge_releases, judge_results, judge_runs]
    with statements(session) as sent:
        for judge in every:
            judge(session, [])
    assert sent == []


def test_an_opening_said_while_leaf_is_picked_there_judges_it(fresh_sessions: Sessions) -> None:
    with fresh_sessions.write.begin() as session:
        plot = make_plot(session).id

    def say() -> None:
        with fresh_sessions.write.begin() as session:
            opened = EnterOpening(opened_on=(PICKED_AT + timedelta(days=1)).date())
            record = {"key": plot, "cooperative": None, "holder": None}
            enter_opening(session, Caller(Role.OPERATOR, None), record, opened)

    with ThreadPoolExecutor(1) as pool:
        with fresh_sessions.write.begin() as session:
            picking = make_picking(session, plot=session.get_one(Plot, plot), claim="雨前")
            judge_pickings(session, [picking.id])
            saying = pool.submit(say)
        saying.result()
    with fresh_sessions.read() as session:
        [finding] = standing(session)
        assert (finding.rule, finding.facts["why"]) == ("early_date", "before-the-opening")


def test_a_report_is_judged_as_one_whatever_stands_between_its_analytes(session: Session) -> None:
    first, second = make_result(session), make_result(session)
    early, other = session.scalars(select(ResultItem).order_by(ResultItem.id))
    kept = {column.name: getattr(early, column.name) for column in ResultItem.__table__.columns}
    late = ResultItem(**{**kept, "id": None, "analyte": "毒死蜱"})  # as of two reports that came at the same time
    session.add(late)
    session.flush()
    judged = judge_by_market(session, [first.id, second.id], "CN")
    assert [(one.result, [item.id for item, _ in one.items]) for one in judged] == [
        (first.id, [early.id, late.id]),
        (second.id, [other.id]),
    ]
