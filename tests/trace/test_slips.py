"""Weigh slips: numbered without a gap however many weigh at once, never edited, only reversed."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.between import make_delivery, receipt, sending
from tests.factories import PICKED_AT, make_leaf, make_party, make_plant
from tests.trace.test_events_writers import WRITERS, at_once
from trace.db import Sessions
from trace.deliveries import Delivery, DeliveryKind, correct_delivery
from trace.events import LIVE, Entry, Mode
from trace.intakes import Intake, correct_intake, record_intakes
from trace.lots import Lot
from trace.persons import WrittenName, find_written_names
from trace.slips import SlipKind, SlipReversal, WeighSlip, find_standing_slip, is_reversed


def slip_of(session: Session, intake: Intake) -> WeighSlip:
    """Return the slip that stands for an intake."""
    slip = find_standing_slip(session, SlipKind.INTAKE, intake.id)
    assert slip is not None
    return slip


def take_in(session: Session, delivery: Delivery, **weights: object) -> Intake:
    """Receive ten kilograms at 120 yuan."""
    command = receipt(session, [delivery], 10_000, price_yuan_per_kg=Decimal(120), **weights)
    return record_intakes(session, [command], LIVE)[0]


def test_an_intake_has_a_slip_with_weights_price_and_both_sides(session: Session) -> None:
    delivery = make_delivery(session)
    weights = {"gross_g": 10_800, "tare_g": 500, "deduction_g": 300, "deduction_reason": "含水"}
    slip = slip_of(session, take_in(session, delivery, **weights))
    assert (slip.party_id, slip.giver_id, slip.receiver_id) == (
        delivery.receiver_id,
        delivery.giver_id,
        delivery.receiver_id,
    )
    assert (slip.gross_g, slip.tare_g, slip.deduction_g, slip.net_g) == (10_800, 500, 300, 10_000)
    assert (slip.amount_yuan, slip.deduction_reason) == (Decimal("1200.00"), "含水")
    assert slip.weighed_on == PICKED_AT.date()
    assert len(slip.token) >= 22, "128 random bits"


def test_a_hand_over_has_a_slip_of_the_givers_scale_and_a_shipment_none(session: Session) -> None:
    delivery = make_delivery(session, price_yuan_per_kg=Decimal("0.5"))
    slip = find_standing_slip(session, SlipKind.HAND_OVER, delivery.id)
    assert slip is not None
    assert (slip.party_id, slip.net_g, slip.amount_yuan) == (delivery.giver_id, 10_000, Decimal("5.00"))
    shipped = make_delivery(session, kind=DeliveryKind.SHIPMENT)
    assert find_standing_slip(session, SlipKind.HAND_OVER, shipped.id) is None


def test_a_partys_slips_are_counted_by_the_day(session: Session) -> None:
    giver, plant = make_party(session), make_plant(session)
    leaf = make_leaf(session, party=giver)
    for day in (0, 0, 1):
        at = PICKED_AT + timedelta(days=day, hours=5)
        make_delivery(session, items=[(leaf, 1_000)], receiver=plant, sent_at=at)
    codes = select(WeighSlip.code).where(WeighSlip.party_id == giver.id).order_by(WeighSlip.id)
    days = [f"{PICKED_AT + timedelta(days=day):%y%m%d}" for day in (0, 0, 1)]
    assert session.scalars(codes).all() == [
        f"WS-{day}-{number}" for day, number in zip(days, ("001", "002", "001"), strict=True)
    ]


def test_twenty_who_weigh_at_once_get_the_numbers_one_to_twenty(fresh_sessions: Sessions) -> None:
    with fresh_sessions.write.begin() as session:
        plant = make_plant(session)
        deliveries = [make_delivery(session, receiver=plant).id for _ in range(WRITERS)]
        plant_id = plant.id

    def weigh(number: int) -> str:
        with fresh_sessions.write.begin() as session:
            take_in(session, session.get_one(Delivery, deliveries[number]))
        return "weighed"

    assert at_once(weigh) == {"weighed": WRITERS}
    with fresh_sessions.read() as session:
        codes = session.scalars(select(WeighSlip.code).where(WeighSlip.party_id == plant_id).order_by(WeighSlip.id))
        numbers = [int(code.rpartition("-")[2]) for code in codes]
    assert sorted(numbers) == list(range(1, WRITERS + 1))


def test_a_correction_reverses_the_slip_and_issues_another(session: Session) -> None:
    delivery = make_delivery(session)
    intake = take_in(session, delivery)
    wrong = slip_of(session, intake)
    command = receipt(session, [delivery], 9_000, price_yuan_per_kg=Decimal(120), code=_code(session, intake))
    correct_intake(session, intake, command, "incorrect_data", Entry(Mode.LIVE, remark="看错了秤"))
    right, reversal = slip_of(session, intake), session.get_one(SlipReversal, wrong.id)
    assert (reversal.replacement_id, reversal.reason) == (right.id, "看错了秤")
    assert (right.code[-3:], right.net_g, wrong.net_g) == ("002", 9_000, 10_000)


def test_a_correction_of_what_no_slip_tells_leaves_it_alone(session: Session) -> None:
    delivery = make_delivery(session)
    intake = take_in(session, delivery, weigher="王芳")
    slip = slip_of(session, intake)
    command = replace(
        receipt(session, [delivery], 10_000, price_yuan_per_kg=Decimal(120), code=_code(session, intake)),
        weather="阴",
        weigher="王芳",
    )
    correct_intake(session, intake, command, "incorrect_data", Entry(Mode.LIVE, remark="天气"))
    assert slip_of(session, intake) is slip
    assert session.scalar(select(is_reversed(slip.id))) is False


def test_what_never_was_has_a_reversed_slip_and_no_other(session: Session) -> None:
    delivery = make_delivery(session)
    correct_delivery(session, delivery, None, "did_not_occur", LIVE)
    assert find_standing_slip(session, SlipKind.HAND_OVER, delivery.id) is None
    [reversal] = session.scalars(
        select(SlipReversal)
        .join(WeighSlip, SlipReversal.slip_id == WeighSlip.id)
        .where(WeighSlip.delivery_id == delivery.id)
    )
    assert reversal.replacement_id is None


def test_a_corrected_hand_over_gets_a_new_slip(session: Session) -> None:
    giver, plant = make_party(session), make_plant(session)
    leaf = make_leaf(session, party=giver)
    delivery = make_delivery(session, items=[(leaf, 2_000)], receiver=plant)
    right = sending(session, [(leaf, 3_000)], plant, code=delivery.code)
    correct_delivery(session, delivery, right, "incorrect_data", LIVE)
    slip = find_standing_slip(session, SlipKind.HAND_OVER, delivery.id)
    assert slip is not None
    assert slip.net_g == 3_000


def test_who_weighed_is_kept_apart_under_a_commitment_and_can_be_erased(session: Session) -> None:
    slip = slip_of(session, take_in(session, make_delivery(session), weigher="王芳"))
    assert slip.weigher_commitment is not None
    kept = session.get_one(WrittenName, slip.weigher_commitment)
    assert hashlib.sha256(kept.salt + "王芳".encode()).digest() == slip.weigher_commitment
    session.delete(kept)
    session.flush()
    assert find_written_names(session, [slip.weigher_commitment]) == {}


@pytest.mark.parametrize("table", [WeighSlip, SlipReversal])
def test_a_slip_is_never_edited(session: Session, table: type[WeighSlip | SlipReversal]) -> None:
    delivery = make_delivery(session)
    correct_delivery(session, delivery, None, "did_not_occur", LIVE)
    row = session.scalars(select(table)).first()
    assert row is not None
    row.account_id = 1
    with pytest.raises(TypeError, match="append-only"):
        session.flush()


def _code(session: Session, intake: Intake) -> str:
    return session.get_one(Lot, intake.lot_id).code
