"""Deliveries: grams leave at once, are received once, and each weighing makes one lot with its true lineage."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.between import make_broker, make_delivery, receipt, receive, refusal, refuse, sending
from tests.factories import PICKED_AT, get_lot_of, make_finding, make_intake, make_leaf, make_party, make_plant
from tests.histories import zero_sums
from tests.trace.test_events_writers import at_once
from tests.trace.test_record import statements
from trace.db import Sessions
from trace.deliveries import (
    Delivery,
    DeliveryItem,
    DeliveryNotOpenError,
    DeliveryState,
    correct_delivery,
    send_deliveries,
)
from trace.errors import InvalidError, TraceError
from trace.events import LIVE, Event
from trace.events.correct import CorrectionBlockedError
from trace.events.record import LotOverdrawnError
from trace.holds import LotHold
from trace.instance import get_namespace
from trace.intakes import DeliveryNotTheirsError, Intake, correct_intake, find_weight_faults, record_intakes
from trace.ledger import Account, LedgerLine
from trace.lineage import LineageEdge
from trace.lots import Lot, LotKind
from trace.parties import Party
from trace.rebuild import differences
from trace.returns import correct_delivery_return
from trace.tracing import Direction, trace_lot


def on_the_way(session: Session, receiver_id: int) -> int:
    """Return the grams that left lots for a receiver and that nobody has weighed in."""
    subject = get_namespace(session).party(session.get_one(Party, receiver_id).code)
    lines = select(func.sum(LedgerLine.amount)).where(LedgerLine.account == Account.SOLD, LedgerLine.subject == subject)
    return int(session.scalar(lines) or 0)


def left(session: Session, lot: Lot) -> int:
    return session.scalars(select(Lot.mass_g).where(Lot.id == lot.id)).one()


def state(session: Session, delivery: Delivery) -> str:
    return session.scalars(select(Delivery.state).where(Delivery.id == delivery.id)).one()


def test_leaf_on_the_truck_cannot_be_handed_over_twice(session: Session) -> None:
    leaf = make_leaf(session)
    delivery = make_delivery(session, items=[(leaf, 7_000)])
    assert (left(session, leaf), on_the_way(session, delivery.receiver_id)) == (3_000, 7_000)
    with pytest.raises(LotOverdrawnError), session.begin_nested():
        make_delivery(session, items=[(leaf, 7_000)])


def test_one_weighing_of_two_deliveries_makes_one_lot_of_all_they_carried(session: Session) -> None:
    coop, plant = make_party(session), make_plant(session)
    leaf = [make_leaf(session, party=coop) for _ in range(3)]
    first = make_delivery(session, items=[(leaf[0], 10_000), (leaf[1], 4_000)], receiver=plant)
    second = make_delivery(session, items=[(leaf[1], 2_000), (leaf[2], 5_000)], receiver=plant)
    intake = receive(session, [first, second], 20_900)
    received = get_lot_of(session, intake)
    assert (intake.delivered_g, received.mass_g, received.kind) == (21_000, 20_900, LotKind.RECEIVED)
    edges = select(LineageEdge.parent_id, LineageEdge.mass_g).where(LineageEdge.child_id == received.id)
    assert dict(session.execute(edges).all()) == {leaf[0].id: 10_000, leaf[1].id: 6_000, leaf[2].id: 5_000}
    assert on_the_way(session, plant.id) == 0
    lost = select(LedgerLine.subject, LedgerLine.amount).where(
        LedgerLine.event_id == intake.event_id, LedgerLine.account == Account.LOST
    )
    assert session.execute(lost).all() == [("transport", 100)]
    assert {state(session, first), state(session, second)} == {DeliveryState.RECEIVED}
    assert zero_sums(session)


def test_a_trace_is_the_same_by_delivery_as_by_direct_intake(session: Session) -> None:
    leaf = [make_leaf(session), make_leaf(session)]
    for lot in leaf:
        lot.party_id = leaf[0].party_id
    delivery = make_delivery(session, items=[(lot, 4_000) for lot in leaf])
    sent = get_lot_of(session, receive(session, [delivery], 8_000))
    direct = get_lot_of(session, make_intake(session, taken=[(lot, 4_000) for lot in leaf]))
    ends = [
        [(end.node.id, end.share, end.lower, end.upper) for end in trace_lot(session, lot.id, Direction.BACK).ends]
        for lot in (sent, direct)
    ]
    assert ends[0] == ends[1]


def test_the_receivers_scale_may_weigh_more(session: Session) -> None:
    received = get_lot_of(session, receive(session, [make_delivery(session)], 10_050))
    assert received.mass_g == 10_050
    assert zero_sums(session)


def test_a_broker_takes_over_leaf_and_hands_it_on(session: Session) -> None:
    broker, plant = make_broker(session), make_plant(session)
    leaf = make_leaf(session)
    taken_over = get_lot_of(
        session, receive(session, [make_delivery(session, items=[(leaf, 10_000)], receiver=broker)], 9_900)
    )
    assert taken_over.party_id == broker.id
    onward = make_delivery(session, items=[(taken_over, 9_900)], receiver=plant)
    at_plant = get_lot_of(session, receive(session, [onward], 9_800))
    [end] = trace_lot(session, at_plant.id, Direction.BACK).ends
    assert (end.node.id, end.share, end.depth) == (leaf.id, 1.0, 2)


def test_what_holds_leaf_on_its_way_holds_what_is_weighed_in(session: Session) -> None:
    leaf = make_leaf(session)
    delivery = make_delivery(session, items=[(leaf, 10_000)])
    finding = make_finding(session, lot=leaf)
    assert session.get(LotHold, (get_lot_of(session, receive(session, [delivery], 10_000)).id, finding.id))


def test_a_delivery_is_received_once(session: Session) -> None:
    delivery = make_delivery(session)
    receive(session, [delivery], 10_000)
    for again in (receive, lambda *_: refuse(session, delivery)):
        with pytest.raises(DeliveryNotOpenError), session.begin_nested():
            again(session, [delivery], 10_000)


def test_a_delivery_named_twice_is_received_once(session: Session) -> None:
    delivery = make_delivery(session)
    with pytest.raises(DeliveryNotOpenError), session.begin_nested():
        receive(session, [delivery, delivery], 20_000)
    command = receipt(session, [delivery], 10_000)
    with pytest.raises(DeliveryNotOpenError), session.begin_nested():
        record_intakes(session, [command, replace(command, code="IN-AGAIN")], LIVE)


def test_a_delivery_to_another_is_not_taken_in(session: Session) -> None:
    delivery, other = make_delivery(session), make_plant(session)
    command = receipt(session, [delivery], 10_000, receiver_id=other.id, receiver_code=other.code)
    with pytest.raises(DeliveryNotTheirsError), session.begin_nested():
        record_intakes(session, [command], LIVE)


def test_of_two_who_receive_a_delivery_at_once_one_does(fresh_sessions: Sessions) -> None:
    with fresh_sessions.write.begin() as session:
        delivery = make_delivery(session)
        commands = [receipt(session, [delivery], 10_000, code=f"IN-{number}") for number in range(6)]
        gate = refusal(session, delivery)

    def weigh_in(number: int) -> str:
        try:
            with fresh_sessions.write.begin() as session:
                if number:
                    record_intakes(session, [commands[number]], LIVE)
                else:
                    refuse(session, delivery, returned_at=gate.returned_at)
        except TraceError as refused:
            return refused.code
        return "done"

    assert at_once(weigh_in, len(commands)) == Counter({"done": 1, "delivery-not-open": len(commands) - 1})
    with fresh_sessions.read() as session:
        assert differences(session) == []


def test_leaf_refused_at_the_gate_is_the_givers_again(session: Session) -> None:
    leaf = make_leaf(session)
    delivery = make_delivery(session, items=[(leaf, 10_000)])
    refuse(session, delivery)
    assert (left(session, leaf), on_the_way(session, delivery.receiver_id)) == (10_000, 0)
    assert state(session, delivery) == DeliveryState.RETURNED
    with pytest.raises(DeliveryNotOpenError), session.begin_nested():
        receive(session, [delivery], 10_000)
    make_delivery(session, items=[(leaf, 10_000)])


def test_the_price_and_the_vehicle_stay_out_of_the_event(session: Session) -> None:
    delivery = make_delivery(session, vehicle="鲁Z00001", carrier="示例运输", note_number="DN-7")
    document = session.get_one(Event, delivery.event_id).document.decode()
    assert f'"chasu:delivery":"{session.get_one(Party, delivery.giver_id).code}/{delivery.code}"' in document
    assert not [word for word in ("鲁Z00001", "示例运输", "DN-7") if word in document]


@pytest.mark.parametrize(
    ("weights", "paths"),
    [
        ({}, []),
        ({"gross_g": 10_600, "tare_g": 500, "deduction_g": 100, "deduction_reason": "雨水"}, []),
        ({"gross_g": 10_500, "tare_g": 500}, []),
        ({"gross_g": 10_600, "tare_g": 500, "deduction_g": 100}, ["deduction_reason"]),
        ({"gross_g": 10_600, "tare_g": 500}, ["received_g"]),
        ({"tare_g": 500}, ["received_g"]),
        ({"gross_g": 9_500, "tare_g": -500}, ["tare_g"]),
    ],
)
def test_net_is_gross_less_tare_and_deduction(session: Session, weights: dict[str, int], paths: list[str]) -> None:
    command = receipt(session, [make_delivery(session)], 10_000, **weights)
    assert [fault.path for fault in find_weight_faults(command)] == paths
    if paths:
        with pytest.raises(InvalidError), session.begin_nested():
            record_intakes(session, [command], LIVE)
    else:
        [intake] = record_intakes(session, [command], LIVE)
        assert {name: getattr(intake, name) for name in weights} == weights


def test_an_intake_of_nothing_is_refused(session: Session) -> None:
    command = replace(receipt(session, [make_delivery(session)], 10_000), deliveries=())
    with pytest.raises(InvalidError), session.begin_nested():
        record_intakes(session, [command], LIVE)


def test_a_delivery_of_the_wrong_mass_is_corrected_on_its_way(session: Session) -> None:
    leaf, plant = make_leaf(session), make_plant(session)
    delivery = make_delivery(session, items=[(leaf, 7_000)], receiver=plant)
    right = sending(session, [(leaf, 6_000)], plant, code=delivery.code)
    correct_delivery(session, delivery, right, "incorrect_data", LIVE)
    assert (left(session, leaf), on_the_way(session, plant.id)) == (4_000, 6_000)
    items = select(DeliveryItem.mass_g).where(DeliveryItem.delivery_id == delivery.id)
    assert session.scalars(items).all() == [6_000]
    assert receive(session, [delivery], 6_000).delivered_g == 6_000


def test_a_price_is_corrected_without_another_event(session: Session) -> None:
    leaf, plant = make_leaf(session), make_plant(session)
    command = sending(session, [(leaf, 7_000)], plant)
    delivery = make_delivery(session, items=[(leaf, 7_000)], receiver=plant, code=command.code)
    before = delivery.event_id, session.scalar(select(func.count()).select_from(Event))
    correct_delivery(session, delivery, replace(command, note_number="DN-8"), "incorrect_data", LIVE)
    assert (delivery.event_id, session.scalar(select(func.count()).select_from(Event))) == before
    assert delivery.note_number == "DN-8"


def test_a_delivery_that_never_was_leaves_nothing(session: Session) -> None:
    leaf = make_leaf(session)
    delivery = make_delivery(session, items=[(leaf, 7_000)])
    correct_delivery(session, delivery, None, "did_not_occur", LIVE)
    assert (left(session, leaf), on_the_way(session, delivery.receiver_id)) == (10_000, 0)
    assert delivery.undone_at
    with pytest.raises(DeliveryNotOpenError), session.begin_nested():
        receive(session, [delivery], 7_000)


def test_a_delivery_received_or_refused_is_corrected_after_what_closed_it(session: Session) -> None:
    received, refused = make_delivery(session), make_delivery(session)
    for delivery, row in ((received, receive(session, [received], 10_000)), (refused, refuse(session, refused))):
        with pytest.raises(CorrectionBlockedError) as blocked, session.begin_nested():
            correct_delivery(session, delivery, None, "did_not_occur", LIVE)
        assert blocked.value.facts["events"] == [session.get_one(Event, row.event_id).event_id]


def test_an_intake_that_never_was_lets_its_delivery_be_received(session: Session) -> None:
    delivery = make_delivery(session)
    intake = receive(session, [delivery], 10_000)
    correct_intake(session, intake, None, "did_not_occur", LIVE)
    empty = session.execute(select(Lot.mass_g, Lot.initial_g).where(Lot.id == intake.lot_id)).one()
    assert (tuple(empty), on_the_way(session, delivery.receiver_id)) == ((0, 0), 10_000)
    assert intake.undone_at
    assert not session.scalars(select(LineageEdge).where(LineageEdge.child_id == intake.lot_id)).all()
    receive(session, [delivery], 9_900)


def test_an_intake_is_corrected_to_another_delivery_and_weight(session: Session) -> None:
    coop, plant = make_party(session), make_plant(session)
    wrong, right = (
        make_delivery(session, items=[(make_leaf(session, mass_g, party=coop), mass_g)], receiver=plant)
        for mass_g in (10_000, 8_000)
    )
    intake = receive(session, [wrong], 9_000)
    code = get_lot_of(session, intake).code
    correct_intake(session, intake, receipt(session, [right], 7_900, code=code, grade="一级"), "incorrect_data", LIVE)
    lot = session.scalars(select(Lot).where(Lot.id == intake.lot_id)).one()
    assert (intake.delivered_g, lot.mass_g, lot.grade) == (8_000, 7_900, "一级")
    assert (state(session, wrong), state(session, right)) == (DeliveryState.SENT, DeliveryState.RECEIVED)
    assert on_the_way(session, plant.id) == 10_000


def test_a_direct_intake_is_corrected_with_its_hand_over(session: Session) -> None:
    plant, coop, leaf = make_plant(session), make_party(session), make_leaf(session)
    intake = make_intake(session, plant=plant, supplier=coop, taken=[(leaf, 10_000)])
    delivery = make_delivery(session, receiver=plant)  # of another giver, and no concern of this intake
    right = replace(
        receipt(session, [delivery], 7_900, code=get_lot_of(session, intake).code),
        supplier_id=coop.id,
        supplier_code=coop.code,
        deliveries=(),
        taken=[(leaf.uri, 8_000)],
    )
    wrong = {intake.event_id, intake.hand_over_event_id}
    correct_intake(session, intake, right, "incorrect_data", LIVE)
    assert (left(session, leaf), intake.received_g) == (2_000, 7_900)
    said = select(Event.event_id).where(Event.id.in_(wrong))
    declared = select(Event.event_id).where(Event.declares_error.is_(True))
    assert set(session.scalars(said)) == set(session.scalars(declared.where(Event.event_id.in_(said))))


def test_a_refusal_at_the_gate_that_never_was_lets_the_delivery_be_received(session: Session) -> None:
    leaf = make_leaf(session)
    delivery = make_delivery(session, items=[(leaf, 10_000)])
    returned = refuse(session, delivery)
    later = refusal(session, delivery, returned_at=PICKED_AT + timedelta(hours=10), reason="异味")
    correct_delivery_return(session, returned, later, "incorrect_data", LIVE)
    assert (returned.reason, state(session, delivery), left(session, leaf)) == ("异味", DeliveryState.RETURNED, 10_000)
    correct_delivery_return(session, returned, None, "did_not_occur", LIVE)
    assert (left(session, leaf), on_the_way(session, delivery.receiver_id)) == (0, 10_000)
    receive(session, [delivery], 10_000)


def test_a_refusal_stands_where_the_leaf_was_sent_again(session: Session) -> None:
    leaf = make_leaf(session)
    returned = refuse(session, make_delivery(session, items=[(leaf, 10_000)]))
    make_delivery(session, items=[(leaf, 10_000)])
    with pytest.raises(CorrectionBlockedError), session.begin_nested():
        correct_delivery_return(session, returned, None, "did_not_occur", LIVE)


def test_a_delivery_and_its_intake_take_few_statements(session: Session) -> None:
    leaf, plant = make_leaf(session), make_plant(session)
    sent_by = sending(session, [(leaf, 5_000)], plant)
    with statements(session) as sent:
        [delivery] = send_deliveries(session, [sent_by], LIVE)
    assert len(sent) <= 10, "\n".join(sent)
    command = receipt(session, [delivery], 5_000)
    with statements(session) as taken:
        record_intakes(session, [command], LIVE)
    with statements(session) as direct:
        make_intake(session, plant=plant, supplier=make_party(session), taken=[(leaf, 5_000)])
    assert len(taken) <= len(direct) + 2, "\n".join(taken)


def test_many_deliveries_take_as_many_statements_as_one(session: Session) -> None:
    plant = make_plant(session)
    few = [make_delivery(session, receiver=plant) for _ in range(5)]
    commands = [receipt(session, [delivery], 10_000) for delivery in few]
    with statements(session) as sent:
        record_intakes(session, commands, LIVE)
    assert len([line for line in sent if not line.startswith("INSERT")]) <= 8, "\n".join(sent)
    assert len(session.scalars(select(Intake).where(Intake.event_id.in_([row.closed_by_id for row in few]))).all()) == 5
