"""Shipments: of ranges, of several packs, and of cases and pallets with all that is in them."""

import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import get_lot_of, make_finding, make_pack, make_plant
from tests.histories import zero_sums
from tests.packing import make_case, make_shipment, ship_command, units_of
from trace.accounts import Caller, Role
from trace.aggregations import TakeApart, correct_aggregation, record_disaggregations
from trace.db import Sessions
from trace.events import HISTORY, LIVE, Event
from trace.events.record import LotOverdrawnError
from trace.findings import Severity
from trace.logistic_units import InLogisticUnitError, LogisticUnit, LogisticUnitGoneError, NotHeldError
from trace.lots import Lot
from trace.nouns import SHIPMENTS
from trace.packs import Pack
from trace.parties import Party
from trace.permits import LotRefusedError
from trace.rebuild import differences
from trace.records import Page, get_record, list_records
from trace.shipments import Shipment, correct_shipment, record_shipments
from trace.units import Fate, UnitRange

OPERATOR = Caller(Role.OPERATOR, None)


@pytest.fixture
def plant(session: Session) -> Party:
    """A plant with a company prefix."""
    return make_plant(session, gs1_prefix="6901234")


def packed(session: Session, plant: Party, count: int) -> list[Pack]:
    return [make_pack(session, packer=plant) for _ in range(count)]


def logistic(*units: LogisticUnit) -> list[tuple[int, str]]:
    return [(unit.id, unit.sscc) for unit in units]


def live(session: Session, pack: Pack) -> list[tuple[int, int]]:
    """Return the ranges of a pack that were shipped."""
    query = select(UnitRange.first_position, UnitRange.last_position).where(UnitRange.pack_id == pack.id)
    return [tuple(row) for row in session.execute(query.where(UnitRange.fate == Fate.SHIPPED).order_by(UnitRange.id))]


def document_of(session: Session, shipment: Shipment) -> dict[str, object]:
    found: dict[str, object] = json.loads(session.get_one(Event, shipment.event_id).document)
    return found


def test_one_shipment_of_several_packs_is_one_event(session: Session, plant: Party) -> None:
    first, second = packed(session, plant, 2)
    units = [units_of(session, first, 1, 3), units_of(session, second, 4, 5), units_of(session, first, 8, 8)]
    [shipment] = record_shipments(session, [ship_command(session, plant, units=units, delivery_note="送 7")], LIVE)
    document = document_of(session, shipment)
    quantities = {part["epcClass"]: part["quantity"] for part in document["quantityList"]}
    assert quantities == {get_lot_of(session, first).uri: 4, get_lot_of(session, second).uri: 2}
    assert document["bizTransactionList"][0]["bizTransaction"].endswith(f"/{plant.code}/%E9%80%81%207")
    assert (shipment.units, shipment.mass_g, get_lot_of(session, first).units) == (6, 600, 6)
    assert (live(session, first), live(session, second)) == ([(1, 3), (8, 8)], [(4, 5)])
    assert zero_sums(session)


def test_a_shipment_of_one_range_has_the_document_it_always_had(session: Session, plant: Party) -> None:
    document = document_of(session, make_shipment(session, pack=packed(session, plant, 1)[0], positions=(2, 4)))
    assert document["chasu:positions"] == {"chasu:first": 2, "chasu:last": 4}
    assert document["chasu:netGrams"] == 100
    assert not {"bizTransactionList", "epcList"} & document.keys()


def test_a_pallet_is_shipped_with_all_that_is_in_it(fresh_sessions: Sessions) -> None:
    with fresh_sessions.write.begin() as session:
        plant = make_plant(session, gs1_prefix="6901234")
        first, second = packed(session, plant, 2)
        case = make_case(session, plant, [units_of(session, first, 1, 6), units_of(session, second, 1, 2)])
        pallet = make_case(session, plant, [units_of(session, first, 9, 10)], [case])
        command = ship_command(session, plant, units=[units_of(session, second, 7, 7)], logistic_units=logistic(pallet))
        [shipment] = record_shipments(session, [command], LIVE)
        assert document_of(session, shipment)["epcList"] == [f"https://id.gs1.org/00/{pallet.sscc}"]
        assert (shipment.units, shipment.mass_g) == (11, 1100)
        assert (live(session, first), live(session, second)) == ([(1, 6), (9, 10)], [(7, 7), (1, 2)])
        session.expire_all()
        assert {pallet.shipped_event_id, case.shipped_event_id} == {shipment.event_id}
        with pytest.raises(LotOverdrawnError), session.begin_nested():
            record_shipments(session, [ship_command(session, plant, logistic_units=logistic(pallet))], HISTORY)
    with fresh_sessions.read() as session:
        assert differences(session) == []


def test_what_is_in_a_case_leaves_with_the_case_alone(session: Session, plant: Party) -> None:
    [pack] = packed(session, plant, 1)
    case = make_case(session, plant, [units_of(session, pack, 1, 6)])
    pallet = make_case(session, plant, inner=[case])
    with pytest.raises(InLogisticUnitError):
        make_shipment(session, pack=pack, positions=(6, 7))
    with pytest.raises(InLogisticUnitError):
        record_shipments(session, [ship_command(session, plant, logistic_units=logistic(case))], LIVE)
    when = ship_command(session, plant).shipped_at
    record_disaggregations(
        session, [TakeApart(unit_id=pallet.id, sscc=pallet.sscc, party_id=plant.id, opened_at=when)], LIVE
    )
    with pytest.raises(LogisticUnitGoneError):
        record_shipments(session, [ship_command(session, plant, logistic_units=logistic(pallet))], LIVE)
    with pytest.raises(NotHeldError):
        record_shipments(session, [ship_command(session, make_plant(session), logistic_units=logistic(case))], LIVE)


@pytest.mark.parametrize("severity", [Severity.REFUSE, Severity.REASON])
def test_what_a_finding_holds_is_not_shipped(session: Session, severity: Severity) -> None:
    pack = make_pack(session)
    make_finding(session, lot=session.get_one(Lot, pack.lot_id), severity=severity)
    with pytest.raises(LotRefusedError), session.begin_nested():
        make_shipment(session, pack=pack)
    assert make_shipment(session, pack=pack, entry=HISTORY).units == 5


def test_a_note_stops_nothing(session: Session) -> None:
    pack = make_pack(session)
    make_finding(session, lot=session.get_one(Lot, pack.lot_id), severity=Severity.NOTE)
    assert make_shipment(session, pack=pack).units == 5


def test_a_corrected_shipment_frees_what_never_left(session: Session, plant: Party) -> None:
    first, second = packed(session, plant, 2)
    shipment = make_shipment(session, pack=first, positions=(1, 5))
    right = ship_command(
        session, plant, code=shipment.code, units=[units_of(session, first, 1, 3), units_of(session, second, 1, 1)]
    )
    correct_shipment(session, shipment, right, "incorrect_data", LIVE)
    assert (shipment.units, shipment.mass_g, shipment.buyer_id) == (4, 400, right.buyer_id)
    assert (live(session, first), live(session, second)) == ([(1, 3)], [(1, 1)])
    assert (get_lot_of(session, first).units, get_lot_of(session, second).units) == (7, 9)
    assert make_shipment(session, pack=first, positions=(4, 5)).units == 2
    assert zero_sums(session)


def test_a_shipment_that_never_left_leaves_cases_as_they_stood(session: Session, plant: Party) -> None:
    [pack] = packed(session, plant, 1)
    case = make_case(session, plant, [units_of(session, pack, 1, 6)])
    [shipment] = record_shipments(session, [ship_command(session, plant, logistic_units=logistic(case))], LIVE)
    session.refresh(case)
    with pytest.raises(LogisticUnitGoneError):
        correct_aggregation(session, case, None, "did_not_occur", LIVE)
    correct_shipment(session, shipment, None, "did_not_occur", LIVE)
    session.refresh(case)
    assert (case.shipped_event_id, live(session, pack), get_lot_of(session, pack).units) == (None, [], 10)
    assert list_records(session, OPERATOR, SHIPMENTS, Page(filters={"pack": get_lot_of(session, pack).code}))[0] == []


def test_a_shipment_is_read_with_its_ranges_and_found_by_any_of_its_packs(session: Session, plant: Party) -> None:
    first, second = packed(session, plant, 2)
    units = [units_of(session, first, 1, 3), units_of(session, second, 4, 5)]
    [shipment] = record_shipments(session, [ship_command(session, plant, units=units)], LIVE)
    for pack in (first, second):
        page = Page(filters={"pack": get_lot_of(session, pack).code})
        [record], _ = list_records(session, OPERATOR, SHIPMENTS, page)
        assert record["code"] == shipment.code
    found = get_record(session, OPERATOR, SHIPMENTS, f"{plant.code}/{shipment.code}")["ranges"]
    assert [(part["pack"], part["first_position"], part["last_position"]) for part in found] == [
        (get_lot_of(session, first).code, 1, 3),
        (get_lot_of(session, second).code, 4, 5),
    ]
