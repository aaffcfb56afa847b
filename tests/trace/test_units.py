"""What became of units: shipped once, live, spoiled, locked; never what contradicts it."""

from contextlib import nullcontext
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import make_finding, make_pack
from tests.packing import make_mark, make_shipment, mark_command, ship_command, units_of
from trace.db import Sessions
from trace.events import HISTORY, LIVE, Event
from trace.findings import Severity
from trace.label_jobs import get_pack
from trace.lots import Lot
from trace.parties import Party
from trace.permits import LotRefusedError
from trace.rebuild import differences
from trace.shipments import Ship, record_shipments
from trace.units import Fate, PositionsTakenError, correct_mark, mark_units

WHEN = datetime(2026, 6, 1, 8, tzinfo=UTC)


def ship(session: Session, first: int, last: int) -> Ship:
    pack, lot = get_pack(session, "PK001")
    buyer = session.scalars(select(Party).where(Party.code == "BUY-1")).one()
    seller = session.get_one(Party, lot.party_id)
    return ship_command(session, seller, buyer=buyer, shipped_at=WHEN, units=[units_of(session, pack, first, last)])


def test_a_shipment_takes_units_from_stock_and_the_books_agree(fresh_sessions: Sessions) -> None:
    with fresh_sessions.write.begin() as session:
        pack = make_pack(session)
        make_shipment(session, pack=pack, positions=(3, 5))
    with fresh_sessions.read.begin() as session:
        assert differences(session) == []
        assert session.get_one(Lot, pack.lot_id).units == 10 - 3


@pytest.mark.parametrize(("first", "last"), [(76, 77), (1, 1), (440, 441), (0, 3), (200, 199)])
def test_positions_shipped_before_or_not_there_are_refused(demo_session: Session, first: int, last: int) -> None:
    with pytest.raises(PositionsTakenError):
        record_shipments(demo_session, [ship(demo_session, first, last)], LIVE)


@pytest.mark.parametrize("fate", [Fate.ACTIVATED, Fate.VOID, Fate.LOCKED])
@pytest.mark.parametrize("last", [441, 2**40])
def test_a_position_the_pack_does_not_have_gets_no_fate(demo_session: Session, fate: Fate, last: int) -> None:
    pack, _ = get_pack(demo_session, "PK001")
    with pytest.raises(PositionsTakenError):
        make_mark(demo_session, pack, fate, 440, last)


def test_a_spoiled_position_is_not_shipped(demo_session: Session) -> None:
    pack, _ = get_pack(demo_session, "PK001")
    make_mark(demo_session, pack, Fate.VOID, 200, 200)
    with pytest.raises(PositionsTakenError):
        record_shipments(demo_session, [ship(demo_session, 199, 201)], LIVE)


def test_marking_units_renews_their_pages_and_is_an_event(demo_session: Session) -> None:
    pack, lot = get_pack(demo_session, "PK001")
    before = lot.revision
    marked = make_mark(demo_session, pack, Fate.LOCKED, 300, 310)
    demo_session.refresh(lot)
    assert lot.revision > before
    assert demo_session.get_one(Event, marked.event_id).biz_step.endswith("unit-locked")
    with pytest.raises(PositionsTakenError):
        make_mark(demo_session, pack, Fate.LOCKED, 305, 306)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Fate.VOID, Fate.ACTIVATED),
        (Fate.VOID, Fate.VOID),
        (Fate.LOCKED, Fate.ACTIVATED),
        (Fate.LOCKED, Fate.SHIPPED),
        (Fate.SHIPPED, Fate.ACTIVATED),
        (Fate.SHIPPED, Fate.VOID),
    ],
)
def test_what_became_of_a_position_bars_what_contradicts_it(session: Session, before: Fate, after: Fate) -> None:
    pack = make_pack(session)
    for fate, positions in ((before, (3, 5)), (after, (5, 6))):
        expected = pytest.raises(PositionsTakenError) if fate is after and positions == (5, 6) else nullcontext()
        with expected:
            if fate is Fate.SHIPPED:
                make_shipment(session, pack=pack, positions=positions)
            else:
                make_mark(session, pack, fate, *positions)


@pytest.mark.parametrize("fate", [Fate.VOID, Fate.LOCKED, Fate.SHIPPED])
def test_what_went_live_may_still_be_spoiled_locked_or_shipped(session: Session, fate: Fate) -> None:
    pack = make_pack(session)
    make_mark(session, pack, Fate.ACTIVATED, 1, 10)
    if fate is Fate.SHIPPED:
        assert make_shipment(session, pack=pack, positions=(1, 2)).units == 2
    else:
        assert make_mark(session, pack, fate, 1, 2).fate is fate


def test_many_marks_are_recorded_at_once_and_judged_one_by_one(session: Session) -> None:
    pack = make_pack(session)
    commands = [
        mark_command(session, pack, fate, at, at) for at, fate in ((1, Fate.VOID), (2, Fate.ACTIVATED), (3, Fate.VOID))
    ]
    marked = mark_units(session, commands, LIVE)
    assert [(few.first_position, few.fate) for few in marked] == [(1, Fate.VOID), (2, Fate.ACTIVATED), (3, Fate.VOID)]
    twice = [mark_command(session, pack, Fate.ACTIVATED, 5, 6), mark_command(session, pack, Fate.ACTIVATED, 6, 7)]
    with pytest.raises(PositionsTakenError):
        mark_units(session, twice, LIVE)


@pytest.mark.parametrize("severity", [Severity.REFUSE, Severity.REASON])
def test_what_a_finding_holds_does_not_go_live_but_may_be_locked(session: Session, severity: Severity) -> None:
    pack = make_pack(session)
    make_finding(session, lot=session.get_one(Lot, pack.lot_id), severity=severity)
    make_mark(session, pack, Fate.LOCKED, 1, 1)
    with pytest.raises(LotRefusedError):
        make_mark(session, pack, Fate.ACTIVATED, 2, 2)
    assert mark_units(session, [mark_command(session, pack, Fate.ACTIVATED, 3, 3)], HISTORY)


def test_a_mark_is_corrected_to_other_positions_and_taken_back(session: Session) -> None:
    pack = make_pack(session)
    marked = make_mark(session, pack, Fate.VOID, 3, 5)
    right = correct_mark(session, marked, mark_command(session, pack, Fate.VOID, 4, 4), "incorrect_data", LIVE)
    assert right is not None
    make_mark(session, pack, Fate.ACTIVATED, 3, 3)
    correct_mark(session, right, None, "did_not_occur", LIVE)
    assert make_shipment(session, pack=pack, positions=(1, 10)).units == 10
