"""What became of units: shipped once, spoiled, locked; never twice."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import make_pack, make_shipment
from trace.db import Sessions
from trace.events import LIVE
from trace.label_jobs import get_pack
from trace.lots import Lot
from trace.parties import Party
from trace.products import TradeItem
from trace.rebuild import differences
from trace.shipments import Ship, record_shipments
from trace.units import Fate, PositionsTakenError, Units, mark_units

WHEN = datetime(2026, 6, 1, 8, tzinfo=UTC)


def ship(session: Session, first: int, last: int) -> Ship:
    pack, lot = get_pack(session, "PK001")
    seller = session.get_one(Party, lot.party_id)
    buyer = session.scalars(select(Party).where(Party.code == "BUY-1")).one()
    return Ship(
        code="SH-TEST",
        pack_id=pack.id,
        lot_uri=lot.uri,
        net_g=session.get_one(TradeItem, pack.trade_item_id).net_g,
        seller_id=seller.id,
        seller_code=seller.code,
        buyer_id=buyer.id,
        buyer_code=buyer.code,
        shipped_at=WHEN,
        first_position=first,
        last_position=last,
    )


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
    pack, lot = get_pack(demo_session, "PK001")
    units = Units(pack_id=pack.id, first_position=440, last_position=last)
    with pytest.raises(PositionsTakenError):
        mark_units(demo_session, units, fate, when=WHEN, party_id=lot.party_id)


def test_a_spoiled_position_is_not_shipped(demo_session: Session) -> None:
    pack, lot = get_pack(demo_session, "PK001")
    units = Units(pack_id=pack.id, first_position=200, last_position=200)
    mark_units(demo_session, units, Fate.VOID, when=WHEN, party_id=lot.party_id)
    with pytest.raises(PositionsTakenError):
        record_shipments(demo_session, [ship(demo_session, 199, 201)], LIVE)


def test_marking_units_renews_their_pages_and_is_an_event(demo_session: Session) -> None:
    pack, lot = get_pack(demo_session, "PK001")
    before = lot.revision
    units = Units(pack_id=pack.id, first_position=300, last_position=310)
    mark_units(demo_session, units, Fate.LOCKED, when=WHEN, party_id=lot.party_id)
    demo_session.refresh(lot)
    assert lot.revision > before
    with pytest.raises(PositionsTakenError):
        mark_units(demo_session, units, Fate.LOCKED, when=WHEN, party_id=lot.party_id)
