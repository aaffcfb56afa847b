"""Destructions: grams that are no more, units that are void; nothing of a person in the event."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.between import burn, burn_units, burning, destroying, take_back
from tests.factories import make_pack, make_tea
from tests.packing import make_shipment
from trace.db import Sessions
from trace.destructions import correct_destruction, destroy
from trace.events import LIVE, Event
from trace.events.record import LotOverdrawnError
from trace.label_jobs import LabelsExceedUnitsError, plan_label_job
from trace.ledger import Account, Commodity, LedgerLine
from trace.lots import Lot
from trace.packs import Pack
from trace.rebuild import differences
from trace.units import Fate, PositionsTakenError, UnitRange


def stock(session: Session, lot_id: int) -> tuple[int, int | None]:
    mass_g, units = session.execute(select(Lot.mass_g, Lot.units).where(Lot.id == lot_id)).one()
    return mass_g, units


def void(session: Session, pack: Pack) -> list[tuple[int, int]]:
    query = select(UnitRange.first_position, UnitRange.last_position)
    rows = session.execute(query.where(UnitRange.pack_id == pack.id, UnitRange.fate == Fate.VOID))
    return [(first, last) for first, last in rows]


def test_grams_destroyed_are_lost_by_that_reason(session: Session) -> None:
    tea = make_tea(session)
    burnt = burn(session, tea, 700, witness="见证人某")
    assert stock(session, tea.id) == (tea.initial_g - 700, None)
    line = session.scalars(
        select(LedgerLine).where(LedgerLine.event_id == burnt.event_id, LedgerLine.account == Account.LOST)
    ).one()
    assert (line.subject, line.amount, line.commodity) == ("destroyed", 700, Commodity.GRAM)
    with pytest.raises(LotOverdrawnError), session.begin_nested():
        burn(session, tea, tea.initial_g)


def test_the_witness_stays_out_of_the_event(session: Session) -> None:
    burnt = burn(session, make_tea(session), 700, witness="见证人某")
    document = session.get_one(Event, burnt.event_id).document.decode()
    assert burnt.witness == "见证人某"
    assert "见证人某" not in document
    assert "焚烧" in document


def test_units_destroyed_are_void_and_gone(session: Session) -> None:
    pack = make_pack(session)
    burn_units(session, pack, (9, 10))
    assert (stock(session, pack.lot_id), void(session, pack)) == ((800, 8), [(9, 10)])
    with pytest.raises(PositionsTakenError), session.begin_nested():
        make_shipment(session, pack=pack, positions=(8, 9))
    with pytest.raises(PositionsTakenError), session.begin_nested():
        burn_units(session, pack, (10, 10))


def test_units_out_with_a_buyer_are_destroyed_after_they_came_back(session: Session) -> None:
    pack = make_pack(session)
    shipment = make_shipment(session, pack=pack, positions=(1, 5))
    with pytest.raises(PositionsTakenError), session.begin_nested():
        burn_units(session, pack, (5, 6))
    take_back(session, shipment, (5, 5))
    burn_units(session, pack, (5, 6))
    assert stock(session, pack.lot_id) == (400, 4)


def test_a_label_that_went_with_its_tea_is_not_printed_anew(session: Session) -> None:
    pack = make_pack(session)
    burn_units(session, pack, (1, 2))
    with pytest.raises(LabelsExceedUnitsError), session.begin_nested():
        plan_label_job(session, pack, pack.units + 1, "A")


def test_a_destruction_of_other_units_is_corrected(session: Session) -> None:
    pack = make_pack(session)
    burnt = burn_units(session, pack, (1, 2))
    correct_destruction(session, burnt, burning(session, pack, (2, 4)), "incorrect_data", LIVE)
    assert (stock(session, pack.lot_id), void(session, pack)) == ((700, 7), [(2, 4)])
    make_shipment(session, pack=pack, positions=(1, 1))


def test_a_destruction_that_never_was_leaves_the_tea_there(session: Session) -> None:
    pack, tea = make_pack(session), make_tea(session)
    for burnt in (burn_units(session, pack, (1, 2)), burn(session, tea, 700)):
        correct_destruction(session, burnt, None, "did_not_occur", LIVE)
        assert burnt.undone_at
    assert (stock(session, pack.lot_id), void(session, pack)) == ((1000, 10), [])
    assert stock(session, tea.id) == (tea.initial_g, None)
    make_shipment(session, pack=pack, positions=(1, 2))


def test_a_destruction_of_other_grams_is_corrected(session: Session) -> None:
    tea = make_tea(session)
    burnt = burn(session, tea, 700)
    correct_destruction(session, burnt, destroying(session, tea, 300), "incorrect_data", LIVE)
    assert (stock(session, tea.id), burnt.mass_g) == ((tea.initial_g - 300, None), 300)


def test_the_books_agree_after_a_destruction(fresh_sessions: Sessions) -> None:
    with fresh_sessions.write.begin() as session:
        pack, tea = make_pack(session), make_tea(session)
        destroy(session, [destroying(session, tea, 10), burning(session, pack, (1, 2))], LIVE)
        correct_destruction(session, burn_units(session, pack, (3, 3)), None, "did_not_occur", LIVE)
    with fresh_sessions.read() as session:
        assert differences(session) == []
