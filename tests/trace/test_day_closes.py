"""Closings of the day: totals are what the slips add up to; what comes later stands in a supplement."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.between import make_delivery, receipt, receive
from tests.factories import PICKED_AT, make_leaf, make_party, make_plant
from tests.trace.test_events_writers import at_once
from trace.day_closes import CloseDay, DayClose, DayClosedError, DayCloseLine, close_days
from trace.db import Sessions
from trace.deliveries import Delivery
from trace.events import LIVE, Entry, Mode
from trace.intakes import Intake, correct_intake
from trace.lots import Lot
from trace.parties import Party
from trace.slips import SlipKind, WeighSlip, is_reversed

DAY = (PICKED_AT + timedelta(hours=8)).date()


def lines_of(session: Session, close: DayClose) -> list[tuple[str, int, int, int, Decimal]]:
    """Return side, slips, taken back, grams and yuan of each line."""
    rows = session.scalars(select(DayCloseLine).where(DayCloseLine.close_id == close.id).order_by(DayCloseLine.id))
    return [(row.side.value, row.slips, row.reversed, row.net_g, row.amount_yuan) for row in rows]


def close(session: Session, party: Party) -> DayClose:
    """Close the day of the intakes."""
    return close_days(session, [CloseDay(party_id=party.id, day=DAY)], LIVE)[0]


def weigh(session: Session, giver: Party, plant: Party, mass_g: int, **values: object) -> Intake:
    """Let leaf of a giver be received."""
    leaf = make_leaf(session, mass_g, party=giver)
    delivery = make_delivery(session, items=[(leaf, mass_g)], receiver=plant)
    return receive(session, [delivery], mass_g, **{"price_yuan_per_kg": Decimal(100), **values})


def fix(session: Session, intake: Intake, mass_g: int) -> None:
    """Say that an intake weighed something else."""
    delivery = session.scalars(select(Delivery).where(Delivery.closed_by_id == intake.event_id)).one()
    code = session.get_one(Lot, intake.lot_id).code
    right = receipt(session, [delivery], mass_g, price_yuan_per_kg=Decimal(100), code=code)
    correct_intake(session, intake, right, "incorrect_data", Entry(Mode.LIVE, remark="看错了秤"))


def test_a_day_is_closed_with_totals_per_giver_and_standard(session: Session) -> None:
    one, other, plant = make_party(session), make_party(session), make_plant(session)
    weigh(session, one, plant, 1_000, pluck_standard="单芽")
    weigh(session, one, plant, 2_000, pluck_standard="单芽")
    weigh(session, one, plant, 4_000, pluck_standard="一芽一叶")
    weigh(session, other, plant, 8_000, pluck_standard="单芽")
    made = close(session, plant)
    assert made.code == f"DC-{DAY:%y%m%d}-1"
    assert lines_of(session, made) == [
        ("bought", 2, 0, 3_000, Decimal("300.00")),
        ("bought", 1, 0, 4_000, Decimal("400.00")),
        ("bought", 1, 0, 8_000, Decimal("800.00")),
    ]


def test_the_giver_closes_the_same_slips_as_sold(session: Session) -> None:
    giver, plant = make_party(session), make_plant(session)
    weigh(session, giver, plant, 1_000)
    assert lines_of(session, close(session, giver)) == [("sold", 1, 0, 1_000, Decimal("100.00"))]
    assert lines_of(session, close(session, plant)) == [("bought", 1, 0, 1_000, Decimal("100.00"))]


def test_what_is_on_its_way_counts_for_nobody_and_is_named(session: Session) -> None:
    giver, plant = make_party(session), make_plant(session)
    sent = make_delivery(session, items=[(make_leaf(session, party=giver), 500)], receiver=plant)
    for party in (giver, plant):
        made = close(session, party)
        assert (lines_of(session, made), made.open_hand_overs) == ([], [f"{giver.code}/{sent.code}"])


def test_a_slip_that_comes_late_stands_in_a_supplement_alone(session: Session) -> None:
    giver, plant = make_party(session), make_plant(session)
    weigh(session, giver, plant, 1_000)
    first = close(session, plant)
    before = lines_of(session, first)
    weigh(session, giver, plant, 2_000)
    second = close(session, plant)
    assert (second.number, lines_of(session, second)) == (2, [("bought", 1, 0, 2_000, Decimal("200.00"))])
    assert lines_of(session, first) == before


def test_a_slip_reversed_after_the_closing_is_taken_back_and_the_new_one_counted(session: Session) -> None:
    giver, plant = make_party(session), make_plant(session)
    intake = weigh(session, giver, plant, 1_000)
    close(session, plant)
    fix(session, intake, 900)
    assert lines_of(session, close(session, plant)) == [("bought", 1, 1, -100, Decimal("-10.00"))]
    with pytest.raises(DayClosedError):
        close(session, plant)


def test_a_slip_reversed_before_the_closing_counts_for_nothing(session: Session) -> None:
    giver, plant = make_party(session), make_plant(session)
    fix(session, weigh(session, giver, plant, 1_000), 900)
    assert lines_of(session, close(session, plant)) == [("bought", 1, 0, 900, Decimal("90.00"))]


def test_a_day_to_which_nothing_came_is_not_closed_twice(session: Session) -> None:
    plant = make_plant(session)
    made = close(session, plant)
    with pytest.raises(DayClosedError) as refused:
        close(session, plant)
    assert refused.value.facts == {"close": made.code}


def test_of_several_who_close_a_day_at_once_one_counts_it(fresh_sessions: Sessions) -> None:
    with fresh_sessions.write.begin() as session:
        plant = make_plant(session)
        weigh(session, make_party(session), plant, 1_000)
        plant_id = plant.id

    def try_to(_number: int) -> str:
        try:
            with fresh_sessions.write.begin() as session:
                close(session, session.get_one(Party, plant_id))
        except DayClosedError as refusal:
            return refusal.code
        return "closed"

    assert at_once(try_to, 6) == {"closed": 1, "day-closed": 5}


def test_two_who_close_the_days_of_the_same_parties_in_opposite_order_wait_for_each_other(
    fresh_sessions: Sessions,
) -> None:
    with fresh_sessions.write.begin() as session:
        parties = [make_party(session).id for _ in range(30)]

    def try_to(number: int) -> str:
        order = parties[:: 1 if number % 2 else -1]
        with fresh_sessions.write.begin() as session:
            close_days(session, [CloseDay(party_id=party, day=DAY - timedelta(days=number)) for party in order], LIVE)
        return "closed"

    assert at_once(try_to, 4) == {"closed": 4}


steps = st.lists(st.sampled_from(["weigh", "fix", "close"]), min_size=1, max_size=8)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps)
def test_all_closings_of_a_day_add_up_to_its_standing_slips(session: Session, done: list[str]) -> None:
    giver, plant = make_party(session), make_plant(session)
    intakes: list[Intake] = []
    for number, step in enumerate([*done, "weigh", "close"], start=1):
        if step == "weigh":
            intakes.append(weigh(session, giver, plant, 1_000 + 7 * number))
        elif step == "fix" and intakes:
            fix(session, intakes[number % len(intakes)], 900 - number)
        elif step == "close":
            _try_to_close(session, plant)
    frozen = select(func.sum(DayCloseLine.net_g)).join(DayClose).where(DayClose.party_id == plant.id)
    standing = select(func.sum(WeighSlip.net_g)).where(WeighSlip.receiver_id == plant.id, ~is_reversed())
    assert session.scalar(frozen) == session.scalar(standing.where(WeighSlip.kind == SlipKind.INTAKE))


def _try_to_close(session: Session, party: Party) -> None:
    try:
        close(session, party)
    except DayClosedError:
        return
