"""Goods for recall cases: ten units packed, four of them with a buyer."""

import pytest
from sqlalchemy import select

from tests.api.doors import Doors
from tests.factories import get_lot_of, make_pack, make_party, make_tea
from tests.packing import make_shipment
from trace.parties import Party


@pytest.fixture
def goods(doors: Doors) -> None:
    """Pack ten units and ship four of them."""
    with doors.sessions.write.begin() as session:
        plant = session.scalars(select(Party).where(Party.code == "PL1")).one()
        pack = make_pack(session, packer=plant, lot=make_tea(session, plant=plant), code="PK1")
        buyer = make_party(session, code="BUY-A", kind="buyer", name="日照茶叶市场丙")
        make_shipment(session, pack=pack, buyer=buyer, positions=(1, 4))
        assert get_lot_of(session, pack).units == 6
