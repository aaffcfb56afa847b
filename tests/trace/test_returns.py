"""Returns of units: back in stock, told apart, shipped again; never more than is out with the buyer."""

import pathlib
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.between import burn_units, coming_back, take_back
from tests.factories import make_pack
from tests.packing import make_shipment, pack_of, ship_command, units_of
from trace.db import Sessions
from trace.events import LIVE, Event
from trace.events.correct import CorrectionBlockedError
from trace.instance import get_instance
from trace.keys import load_keys
from trace.label_jobs import get_pack, serials, start_label_job
from trace.lots import Lot
from trace.packs import Pack
from trace.parties import Party
from trace.products import TradeItem
from trace.rebuild import differences
from trace.returns import correct_unit_return, return_units
from trace.shipments import Ship, Shipment, correct_shipment
from trace.units import Fate, PositionsNotOutError, PositionsTakenError, UnitRange, units_out
from trace.verdicts import Code, Verdict, judge_code


@pytest.fixture
def shipment(session: Session) -> Shipment:
    """Positions 1 to 5 of ten, out with a buyer."""
    return make_shipment(session, positions=(1, 5))


def stock(session: Session, shipment: Shipment) -> tuple[int, int | None]:
    query = (
        select(Lot.mass_g, Lot.units).join(Pack, Pack.lot_id == Lot.id).where(Pack.id == pack_of(session, shipment).id)
    )
    mass_g, units = session.execute(query).one()
    return mass_g, units


def again(session: Session, shipment: Shipment, positions: tuple[int, int]) -> Shipment:
    return make_shipment(session, pack=pack_of(session, shipment), positions=positions)


def resent(session: Session, shipment: Shipment, positions: tuple[int, int], *, other: bool = False) -> Ship:
    """Return the command that ships other positions under the same code, to the same buyer or to another."""
    seller = session.get_one(Party, shipment.seller_id)
    buyer = None if other else session.get_one(Party, shipment.buyer_id)
    units = [units_of(session, pack_of(session, shipment), *positions)]
    return ship_command(session, seller, buyer=buyer, code=shipment.code, units=units)


def out(session: Session, shipment: Shipment) -> int:
    return session.scalar(select(units_out()).where(UnitRange.pack_id == pack_of(session, shipment).id)) or 0


def test_units_that_come_back_are_in_stock_and_told_apart(session: Session, shipment: Shipment) -> None:
    returned = take_back(session, shipment, (2, 3))
    assert stock(session, shipment) == (700, 7)
    assert (returned.units, returned.mass_g, out(session, shipment)) == (2, 200, 3)
    assert session.get_one(UnitRange, returned.unit_range_id).fate is Fate.RETURNED


def test_positions_that_came_back_are_shipped_again_and_come_back_again(session: Session, shipment: Shipment) -> None:
    take_back(session, shipment, (2, 3))
    with pytest.raises(PositionsTakenError), session.begin_nested():
        again(session, shipment, (3, 4))
    second = again(session, shipment, (3, 3))
    assert out(session, shipment) == 4
    take_back(session, second, (3, 3))
    assert (out(session, shipment), stock(session, shipment)) == (3, (700, 7))


@pytest.mark.parametrize("positions", [(5, 6), (6, 6), (1, 11), (0, 1), (3, 2)])
def test_more_than_was_shipped_does_not_come_back(
    session: Session, shipment: Shipment, positions: tuple[int, int]
) -> None:
    with pytest.raises((PositionsNotOutError, PositionsTakenError)), session.begin_nested():
        take_back(session, shipment, positions)


def test_units_come_back_once(session: Session, shipment: Shipment) -> None:
    take_back(session, shipment, (2, 3))
    for positions in ((3, 4), (1, 2), (1, 5)):
        with pytest.raises(PositionsNotOutError), session.begin_nested():
            take_back(session, shipment, positions)
    commands = [coming_back(session, shipment, (4, 5)), coming_back(session, shipment, (5, 5))]
    with pytest.raises(PositionsNotOutError), session.begin_nested():
        return_units(session, commands, LIVE)


def test_a_buyer_sends_back_what_that_buyer_bought(session: Session, shipment: Shipment) -> None:
    other = again(session, shipment, (6, 7))
    with pytest.raises(PositionsNotOutError), session.begin_nested():
        take_back(session, shipment, (6, 6))
    take_back(session, other, (6, 7))
    second = again(session, shipment, (6, 6))
    with pytest.raises(PositionsNotOutError), session.begin_nested():
        take_back(session, other, (6, 6))
    take_back(session, second, (6, 6))


def test_a_returned_position_keeps_its_verdict(demo_session: Session, keys_dir: pathlib.Path) -> None:
    keys = load_keys(keys_dir)
    pack, _ = get_pack(demo_session, "PK001")
    job = start_label_job(demo_session, pack, 2, keys.signing.id)
    serial = next(iter(serials(demo_session, job, keys)))
    gtin = demo_session.scalars(select(TradeItem.gtin).where(TradeItem.id == pack.trade_item_id)).one() or ""
    instance = get_instance(demo_session).name
    shipped = demo_session.scalars(
        select(Shipment)
        .join(UnitRange, UnitRange.event_id == Shipment.event_id)
        .where(UnitRange.pack_id == pack.id, UnitRange.first_position == 1)
    ).one()

    def verdict() -> Verdict:
        return judge_code(demo_session, keys, instance, Code(gtin=gtin, serial=serial)).verdict

    before = verdict()
    take_back(demo_session, shipped, (1, 1))
    assert verdict() is before is not Verdict.INACTIVE


def test_a_return_of_other_positions_is_corrected(session: Session, shipment: Shipment) -> None:
    returned = take_back(session, shipment, (2, 3))
    correct_unit_return(session, returned, coming_back(session, shipment, (3, 5)), "incorrect_data", LIVE)
    assert (stock(session, shipment), out(session, shipment)) == ((800, 8), 2)
    again(session, shipment, (3, 5))
    with pytest.raises(PositionsTakenError), session.begin_nested():
        again(session, shipment, (2, 2))


def test_a_return_that_never_was_leaves_the_units_with_the_buyer(session: Session, shipment: Shipment) -> None:
    returned = take_back(session, shipment, (2, 3))
    correct_unit_return(session, returned, None, "did_not_occur", LIVE)
    assert (stock(session, shipment), out(session, shipment)) == ((500, 5), 5)
    assert returned.undone_at
    take_back(session, shipment, (2, 3))


@pytest.mark.parametrize("corrected", [None, (1, 2), (4, 5)])
def test_a_return_stands_where_the_units_left_again(
    session: Session, shipment: Shipment, corrected: tuple[int, int] | None
) -> None:
    returned = take_back(session, shipment, (1, 3))
    second = again(session, shipment, (3, 3))
    right = coming_back(session, shipment, corrected) if corrected else None
    with pytest.raises(CorrectionBlockedError) as blocked, session.begin_nested():
        correct_unit_return(session, returned, right, "incorrect_data", LIVE)
    assert blocked.value.facts["events"] == [session.get_one(Event, second.event_id).event_id]


def test_a_return_of_units_destroyed_since_stands(session: Session, shipment: Shipment) -> None:
    returned = take_back(session, shipment, (1, 3))
    burnt = burn_units(session, pack_of(session, shipment), (2, 2))
    with pytest.raises(CorrectionBlockedError) as blocked, session.begin_nested():
        correct_unit_return(session, returned, None, "did_not_occur", LIVE)
    assert blocked.value.facts["events"] == [session.get_one(Event, burnt.event_id).event_id]


def test_a_return_is_not_corrected_to_positions_that_were_not_out(session: Session, shipment: Shipment) -> None:
    returned = take_back(session, shipment, (2, 3))
    right = coming_back(session, shipment, (2, 6))
    with pytest.raises(PositionsNotOutError), session.begin_nested():
        correct_unit_return(session, returned, right, "incorrect_data", LIVE)


def test_the_reason_of_a_return_is_corrected_after_the_units_left_again(session: Session, shipment: Shipment) -> None:
    command = coming_back(session, shipment, (2, 3))
    [returned] = return_units(session, [command], LIVE)
    again(session, shipment, (2, 3))
    correct_unit_return(session, returned, replace(command, reason="错发"), "incorrect_data", LIVE)
    assert (returned.reason, out(session, shipment)) == ("错发", 5)


def test_the_books_agree_after_units_came_and_went(fresh_sessions: Sessions) -> None:
    with fresh_sessions.write.begin() as session:
        shipment = make_shipment(session, pack=make_pack(session), positions=(1, 5))
        take_back(session, shipment, (1, 2))
        again(session, shipment, (2, 2))
        undone = take_back(session, shipment, (4, 4))
        correct_unit_return(session, undone, None, "did_not_occur", LIVE)
    with fresh_sessions.read() as session:
        assert differences(session) == []


@pytest.mark.parametrize("change", ["never left", "another buyer", "fewer units"])
def test_a_shipment_stands_where_its_units_came_back(session: Session, shipment: Shipment, change: str) -> None:
    returned = take_back(session, shipment, (2, 3))
    right = resent(session, shipment, (1, 2) if change == "fewer units" else (1, 5), other=change == "another buyer")
    with pytest.raises(CorrectionBlockedError) as blocked, session.begin_nested():
        correct_shipment(session, shipment, None if change == "never left" else right, "incorrect_data", LIVE)
    assert blocked.value.facts["events"] == [session.get_one(Event, returned.event_id).event_id]
    assert stock(session, shipment) == (700, 7)


def test_a_shipment_corrected_keeps_its_place_before_what_came_back(session: Session, shipment: Shipment) -> None:
    returned = take_back(session, shipment, (2, 3))
    correct_shipment(session, shipment, resent(session, shipment, (2, 4)), "incorrect_data", LIVE)
    assert (stock(session, shipment), out(session, shipment)) == ((900, 9), 1)
    with pytest.raises(CorrectionBlockedError), session.begin_nested():
        correct_shipment(session, shipment, None, "did_not_occur", LIVE)
    correct_unit_return(session, returned, coming_back(session, shipment, (2, 2)), "incorrect_data", LIVE)
    assert (stock(session, shipment), out(session, shipment)) == ((800, 8), 2)
