"""Releases: what a season's file says was let go, and what two writers do at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.factories import get_lot_of, make_blend, make_measured, make_pack, make_result, make_run, make_tea
from trace.db import Sessions
from trace.events import Mode
from trace.findings import Finding, Severity
from trace.holds import LotHold
from trace.lots import Lot, get_lot
from trace.packs import Pack
from trace.parties import Party
from trace.permits import LotNotReleasedError, find_refusals, refuse_held
from trace.quality import Result, ResultItem
from trace.release_plans import Plan, PlannedItem, plan_in_force
from trace.releases import LotRelease, find_unreleased
from trace.rules.judging import judge_releases, judge_results


def above_note(session: Session) -> set[tuple[str, str]]:
    """Return rule and record of every standing finding above `note`."""
    standing = select(Finding).where(Finding.severity != Severity.NOTE, Finding.withdrawn_at.is_(None))
    return {(finding.rule, finding.record) for finding in session.scalars(standing)}


THREE = {("harvest_inside_phi", "H0142"), ("output_exceeds_input", "R0023"), ("mrl_exceeded", "T016")}


def test_every_finished_lot_of_the_demo_town_was_let_go_and_lacks_nothing(demo_session: Session) -> None:
    assert demo_session.scalar(select(func.count()).select_from(LotRelease)) == 23
    assert above_note(demo_session) == THREE
    assert find_unreleased(demo_session, [get_lot(demo_session, "PL3/L008").uri]) == []
    assert find_unreleased(demo_session, [get_lot(demo_session, "PL1/B0001").uri]) == ["B0001"]


def test_the_demo_town_with_its_failed_test_repaired_has_no_finding_of_it(demo_session: Session) -> None:
    result = demo_session.scalars(select(Result).where(Result.code == "T016")).one()
    item = (ResultItem.result_id == result.id) & (ResultItem.analyte == "吡虫啉")
    demo_session.execute(update(ResultItem).where(item).values(value=Decimal("0.5"), passed=True))  # equal passes
    judge_results(demo_session, [result.id])
    assert above_note(demo_session) == THREE - {("mrl_exceeded", "T016")}
    assert find_refusals(demo_session, get_lot(demo_session, "PK008").id) == []


def test_tea_let_go_before_this_record_is_held_by_a_failing_result_until_it_passes(session: Session) -> None:
    lot = make_tea(session)
    pack = make_pack(session, lot=lot)
    assert judge_releases(session, [lot.id]) == []
    wet, dry = (make_measured(analyte="水分", unit="%", passed=passed) for passed in (False, True))
    [finding] = judge_results(session, [make_result(session, lot=lot, items=[wet]).id])
    assert (finding.rule, finding.facts["failed"]) == ("required_results", ["水分"])
    assert find_refusals(session, pack.lot_id) == [finding]
    judge_results(session, [make_result(session, lot=lot, items=[dry]).id])
    assert find_refusals(session, pack.lot_id) == []


def test_what_is_only_worked_on_needs_no_release(session: Session) -> None:
    made = get_lot_of(session, make_run(session))
    blended = get_lot_of(session, make_blend(session, taken=[(made, made.mass_g)]))
    with pytest.raises(LotNotReleasedError) as refusal:
        refuse_held(session, [made.uri, blended.uri], Mode.LIVE)
    assert refusal.value.facts == {"lots": sorted([made.code, blended.code])}
    refuse_held(session, [made.uri], Mode.HISTORY)


NOON = datetime(2026, 1, 1, 4, tzinfo=UTC)


def plan(code: str, day: date, kind: str | None = None) -> Plan:
    """Return a plan entered on a day."""
    return Plan(code, 1, kind, day, NOON + (day - NOON.date()), [PlannedItem("铅")])


def test_the_plan_of_the_kind_and_of_the_latest_day_judges() -> None:
    first, second, green = (
        plan("A", date(2026, 1, 1)),
        plan("B", date(2026, 3, 1)),
        plan("C", date(2026, 2, 1), "绿茶"),
    )
    plans = [first, second, green]
    for kind, day, found in (
        ("红茶", date(2026, 2, 28), first),
        ("红茶", date(2026, 3, 1), second),
        ("绿茶", date(2026, 3, 1), green),
        ("绿茶", date(2026, 1, 31), first),
        (None, date(2025, 12, 31), None),
    ):
        assert plan_in_force(plans, kind, day, None) == found
    known_then = NOON + timedelta(days=40)
    assert plan_in_force(plans, "红茶", date(2026, 3, 1), known_then) == first


def test_a_failing_result_and_a_pack_at_once_leave_no_pack_unheld(fresh_sessions: Sessions) -> None:
    with fresh_sessions.write.begin() as session:
        lot = make_tea(session)
        lot_id, party_id = lot.id, lot.party_id

    def fail() -> None:
        with fresh_sessions.write.begin() as session:
            item = make_measured(value=Decimal(9))
            result = make_result(session, lot=session.get_one(Lot, lot_id), items=[item])
            judge_results(session, [result.id])

    with ThreadPoolExecutor(1) as pool:
        with fresh_sessions.write.begin() as session:
            plant, tea = session.get_one(Party, party_id), session.get_one(Lot, lot_id)
            packed = make_pack(session, packer=plant, lot=tea)
            blended = make_blend(session, plant=plant, taken=[(tea, 10)])
            made = {packed.lot_id, blended.output_lot_id}
            failing = pool.submit(fail)
        failing.result()
    with fresh_sessions.read() as session:
        held = set(session.scalars(select(LotHold.lot_id)))
        assert {lot_id, *made} <= held
        assert session.scalar(select(func.count()).select_from(Pack)) == 1
