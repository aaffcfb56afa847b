"""Cases and pallets: a position is in one at most, an SSCC is one unit's, and what is taken apart is free again."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import PICKED_AT, get_lot_of, make_pack, make_party, make_plant
from tests.packing import make_case, make_mark, make_shipment, units_of
from trace import ids
from trace.aggregations import (
    NoGs1PrefixError,
    PutTogether,
    SsccTakenError,
    TakeApart,
    correct_aggregation,
    correct_disaggregation,
    record_aggregations,
    record_disaggregations,
)
from trace.db import Sessions
from trace.errors import NotFoundError
from trace.events import LIVE
from trace.logistic_units import (
    InLogisticUnitError,
    LogisticUnit,
    LogisticUnitGoneError,
    NotHeldError,
    direct_contents,
    whole_contents,
)
from trace.packs import Pack
from trace.parties import Party
from trace.rebuild import differences
from trace.units import Fate, PositionsTakenError, Units

PREFIX = "6901234"


@pytest.fixture
def plant(session: Session) -> Party:
    """A plant with a company prefix."""
    return make_plant(session, gs1_prefix=PREFIX)


def packed(session: Session, plant: Party) -> Pack:
    return make_pack(session, packer=plant)


def apart(unit: LogisticUnit) -> TakeApart:
    when = PICKED_AT + timedelta(days=5)
    return TakeApart(unit_id=unit.id, sscc=unit.sscc, party_id=unit.party_id, opened_at=when)


def spans(units: list[Units]) -> list[tuple[int, int, int]]:
    return [(few.pack_id, few.first_position, few.last_position) for few in units]


def test_a_pallet_holds_cases_and_all_positions_in_them(session: Session, plant: Party) -> None:
    pack, other = packed(session, plant), packed(session, plant)
    cases = [
        make_case(session, plant, [units_of(session, pack, 1, 6), units_of(session, other, 1, 2)]),
        make_case(session, plant, [units_of(session, pack, 7, 10)]),
    ]
    pallet = make_case(session, plant, [units_of(session, other, 5, 5)], cases)
    within, contents = whole_contents(session, [pallet.id])
    assert within[pallet.id] == sorted([pallet.id, *(case.id for case in cases)])
    assert sorted(spans(contents[pallet.id])) == sorted(
        [(pack.id, 1, 6), (other.id, 1, 2), (pack.id, 7, 10), (other.id, 5, 5)]
    )
    assert direct_contents(session, [pallet.id])[pallet.id].inner == [(case.id, case.sscc) for case in cases]


def test_ssccs_are_the_next_below_the_prefix_and_check(session: Session, plant: Party) -> None:
    pack = packed(session, plant)
    made = [make_case(session, plant, [units_of(session, pack, at, at)]).sscc for at in (1, 2)]
    assert [ids.sscc(sscc) for sscc in made] == made
    assert [sscc[1:-1] for sscc in made] == [f"{PREFIX}{number:09d}" for number in (0, 1)]


def test_a_number_given_by_hand_is_passed_over(session: Session, plant: Party) -> None:
    pack = packed(session, plant)
    body = f"0{PREFIX}{1:09d}"
    make_case(session, plant, [units_of(session, pack, 1, 1)], sscc=body + ids.gs1_check_digit(body))
    commands = [
        PutTogether(party_id=plant.id, packed_at=PICKED_AT, units=[units_of(session, pack, at, at)]) for at in (2, 3)
    ]
    made = record_aggregations(session, commands, LIVE)
    assert [unit.sscc[8:17] for unit in made] == [f"{number:09d}" for number in (0, 2)]


def test_an_sscc_is_one_units_and_a_party_without_prefix_must_give_one(session: Session, plant: Party) -> None:
    pack = packed(session, plant)
    sscc = make_case(session, plant, [units_of(session, pack, 1, 1)]).sscc
    with pytest.raises(SsccTakenError):
        make_case(session, plant, [units_of(session, pack, 2, 2)], sscc=sscc)
    stranger = make_plant(session)
    with pytest.raises(NoGs1PrefixError):
        make_case(session, stranger, [units_of(session, make_pack(session, packer=stranger), 1, 1)])


def test_a_position_is_in_one_standing_case_at_most(session: Session, plant: Party) -> None:
    pack = packed(session, plant)
    case = make_case(session, plant, [units_of(session, pack, 1, 6)])
    with pytest.raises(InLogisticUnitError) as refusal:
        make_case(session, plant, [units_of(session, pack, 6, 8)])
    assert refusal.value.facts["sscc"] == case.sscc
    record_disaggregations(session, [apart(case)], LIVE)
    assert make_case(session, plant, [units_of(session, pack, 6, 8)]).sscc != case.sscc


def test_a_case_is_on_one_pallet_and_only_while_it_stands(session: Session, plant: Party) -> None:
    pack = packed(session, plant)
    case, other = (make_case(session, plant, [units_of(session, pack, at, at)]) for at in (1, 2))
    make_case(session, plant, inner=[case])
    with pytest.raises(InLogisticUnitError):
        make_case(session, plant, inner=[case])
    with pytest.raises(InLogisticUnitError):
        record_disaggregations(session, [apart(case)], LIVE)
    with pytest.raises(InLogisticUnitError):
        make_case(session, plant, inner=[other, other])
    record_disaggregations(session, [apart(other)], LIVE)
    with pytest.raises(LogisticUnitGoneError):
        make_case(session, plant, inner=[other])
    with pytest.raises(LogisticUnitGoneError):
        record_disaggregations(session, [apart(other)], LIVE)


def test_only_what_the_party_holds_goes_into_its_case(session: Session, plant: Party) -> None:
    pack, stranger = packed(session, plant), make_plant(session, gs1_prefix="6909999")
    case = make_case(session, plant, [units_of(session, pack, 1, 2)])
    with pytest.raises(NotHeldError):
        make_case(session, stranger, [units_of(session, pack, 3, 3)])
    with pytest.raises(NotHeldError):
        make_case(session, stranger, inner=[case])


def test_what_was_shipped_or_spoiled_or_never_packed_goes_into_no_case(session: Session, plant: Party) -> None:
    pack = packed(session, plant)
    make_shipment(session, pack=pack, positions=(1, 2))
    make_mark(session, pack, Fate.VOID, 4, 4)
    for first, last in ((2, 3), (4, 4), (10, 11)):
        with pytest.raises(PositionsTakenError):
            make_case(session, plant, [units_of(session, pack, first, last)])


def test_a_corrected_case_holds_what_it_held_and_keeps_its_sscc(session: Session, plant: Party) -> None:
    pack = packed(session, plant)
    case = make_case(session, plant, [units_of(session, pack, 1, 6)])
    sscc = case.sscc
    right = PutTogether(party_id=plant.id, packed_at=PICKED_AT, units=[units_of(session, pack, 2, 5)])
    correct_aggregation(session, case, right, "incorrect_data", LIVE)
    assert (case.sscc, spans(direct_contents(session, [case.id])[case.id].units)) == (sscc, [(pack.id, 2, 5)])
    make_case(session, plant, [units_of(session, pack, 6, 6)])
    correct_aggregation(session, case, None, "did_not_occur", LIVE)
    assert make_case(session, plant, [units_of(session, pack, 1, 5)], sscc=sscc).id != case.id


def test_a_case_is_never_corrected_to_hold_itself(session: Session, plant: Party) -> None:
    case = make_case(session, plant, [units_of(session, packed(session, plant), 1, 6)])
    right = PutTogether(party_id=plant.id, packed_at=PICKED_AT, inner=[(case.id, case.sscc)])
    with pytest.raises(InLogisticUnitError):
        correct_aggregation(session, case, right, "incorrect_data", LIVE)


def test_an_opening_that_never_was_leaves_the_case_standing_if_nothing_moved(session: Session, plant: Party) -> None:
    pack = packed(session, plant)
    case = make_case(session, plant, [units_of(session, pack, 1, 6)])
    with pytest.raises(NotFoundError):
        correct_disaggregation(session, case, None, "did_not_occur", LIVE)
    record_disaggregations(session, [apart(case)], LIVE)
    other = make_case(session, plant, [units_of(session, pack, 6, 7)])
    with pytest.raises(InLogisticUnitError):
        correct_disaggregation(session, case, None, "did_not_occur", LIVE)
    record_disaggregations(session, [apart(other)], LIVE)
    correct_disaggregation(session, case, None, "did_not_occur", LIVE)
    with pytest.raises(InLogisticUnitError):
        make_case(session, plant, [units_of(session, pack, 6, 7)])


def test_an_opening_may_be_dated_right(session: Session, plant: Party) -> None:
    case = make_case(session, plant, [units_of(session, packed(session, plant), 1, 6)])
    record_disaggregations(session, [apart(case)], LIVE)
    before = case.opened_event_id
    later = TakeApart(unit_id=case.id, sscc=case.sscc, party_id=plant.id, opened_at=PICKED_AT + timedelta(days=9))
    correct_disaggregation(session, case, later, "incorrect_data", LIVE)
    assert case.opened_event_id not in (None, before)


def test_cases_put_together_side_by_side_never_share_a_number(fresh_sessions: Sessions) -> None:
    with fresh_sessions.write.begin() as session:
        plant = make_plant(session, gs1_prefix=PREFIX)
        packs = [packed(session, plant).id for _ in range(4)]
        party = plant.id

    def work(pack: int) -> None:
        for position in range(1, 6):
            with fresh_sessions.write.begin() as session:
                units = [units_of(session, session.get_one(Pack, pack), position, position)]
                record_aggregations(session, [PutTogether(party_id=party, packed_at=PICKED_AT, units=units)], LIVE)

    threads = [threading.Thread(target=work, args=(pack,)) for pack in packs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with fresh_sessions.read() as session:
        numbers = sorted(int(sscc[8:17]) for sscc in session.scalars(select(LogisticUnit.sscc)))
        assert numbers == list(range(20))
    with fresh_sessions.read() as session:
        assert differences(session) == []


def test_a_case_changes_no_stock(session: Session, plant: Party) -> None:
    pack = packed(session, plant)
    make_case(session, plant, [units_of(session, pack, 1, 6)])
    assert (get_lot_of(session, pack).units, get_lot_of(session, pack).mass_g) == (10, 1000)


def test_the_buyers_opening_that_never_was_leaves_the_sold_case_standing(session: Session, plant: Party) -> None:
    pack, buyer = packed(session, plant), make_party(session, code="BUYER")
    case = make_case(session, plant, [units_of(session, pack, 1, 6)])
    make_shipment(session, pack=pack, buyer=buyer, units=[], logistic_units=[(case.id, case.sscc)])
    stranger = TakeApart(unit_id=case.id, sscc=case.sscc, party_id=make_party(session).id, opened_at=PICKED_AT)
    with pytest.raises(NotHeldError):
        record_disaggregations(session, [stranger], LIVE)
    opening = TakeApart(unit_id=case.id, sscc=case.sscc, party_id=buyer.id, opened_at=PICKED_AT + timedelta(days=4))
    record_disaggregations(session, [opening], LIVE)
    correct_disaggregation(session, case, None, "did_not_occur", LIVE)
    assert case.opened_event_id is None
    record_disaggregations(session, [replace(opening, opened_at=PICKED_AT + timedelta(days=5))], LIVE)
