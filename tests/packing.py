"""What happens to packs after packing, made through the domain's own verbs: shipments, marks, cases, reworks."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import PICKED_AT, make_pack, make_party, new_code
from trace.aggregations import PutTogether, record_aggregations
from trace.events import LIVE, Entry
from trace.logistic_units import LogisticUnit
from trace.lots import Lot
from trace.packs import Pack
from trace.parties import Party
from trace.products import TradeItem
from trace.reworks import Rework, ReworkPacks, record_reworks
from trace.shipments import Ship, Shipment, record_shipments
from trace.units import Fate, MarkUnits, UnitRange, Units, mark_units


def units_of(session: Session, pack: Pack, first: int, last: int) -> Units:
    """Return positions of a pack."""
    return Units(
        pack_id=pack.id,
        lot_uri=session.get_one(Lot, pack.lot_id).uri,
        net_g=session.get_one(TradeItem, pack.trade_item_id).net_g,
        first_position=first,
        last_position=last,
    )


def pack_of(session: Session, shipment: Shipment) -> Pack:
    """Return the one pack whose units a shipment took."""
    query = select(UnitRange.pack_id).where(UnitRange.event_id == shipment.event_id).distinct()
    return session.get_one(Pack, session.scalars(query).one())


def make_shipment(
    session: Session,
    *,
    pack: Pack | None = None,
    buyer: Party | None = None,
    positions: tuple[int, int] = (1, 5),
    entry: Entry = LIVE,
    **overrides: Any,
) -> Shipment:
    """Ship a range of positions of a pack to a buyer."""
    pack = pack or make_pack(session)
    seller = session.get_one(Party, session.get_one(Lot, pack.lot_id).party_id)
    overrides = {"units": [units_of(session, pack, *positions)], **overrides}
    command = ship_command(session, seller, buyer=buyer, **overrides)
    return record_shipments(session, [command], entry)[0]


def ship_command(session: Session, seller: Party, *, buyer: Party | None = None, **overrides: Any) -> Ship:
    """Return the command that ships to a buyer."""
    buyer = buyer or make_party(session, code=new_code("BUY-"), kind="buyer")
    command = {
        "code": new_code("D"),
        "seller_id": seller.id,
        "seller_code": seller.code,
        "buyer_id": buyer.id,
        "buyer_code": buyer.code,
        "shipped_at": PICKED_AT + timedelta(days=3),
        **overrides,
    }
    return Ship(**command)


def mark_command(session: Session, pack: Pack, fate: Fate, first: int, last: int) -> MarkUnits:
    """Return the command that gives positions of a pack a fate."""
    lot = session.get_one(Lot, pack.lot_id)
    return MarkUnits(
        units=units_of(session, pack, first, last),
        lot_id=lot.id,
        party_id=lot.party_id,
        fate=fate,
        marked_at=PICKED_AT + timedelta(days=3),
    )


def make_mark(session: Session, pack: Pack, fate: Fate, first: int, last: int) -> UnitRange:
    """Give positions of a pack a fate."""
    return mark_units(session, [mark_command(session, pack, fate, first, last)], LIVE)[0]


def make_case(
    session: Session, party: Party, units: Sequence[Units] = (), inner: Sequence[LogisticUnit] = (), **overrides: Any
) -> LogisticUnit:
    """Put positions and logistic units of a party into a case or pallet."""
    command = {
        "party_id": party.id,
        "packed_at": PICKED_AT + timedelta(days=2, hours=2),
        "units": units,
        "inner": [(unit.id, unit.sscc) for unit in inner],
        **overrides,
    }
    return record_aggregations(session, [PutTogether(**command)], LIVE)[0]


def rework_command(session: Session, pack: Pack, first: int, last: int, **overrides: Any) -> ReworkPacks:
    """Return the command that opens positions of a pack again; nothing is lost."""
    lot = session.get_one(Lot, pack.lot_id)
    command = {
        "code": new_code("RW"),
        "party_id": lot.party_id,
        "party_code": session.get_one(Party, lot.party_id).code,
        "reworked_at": PICKED_AT + timedelta(days=4),
        "opened": [units_of(session, pack, first, last)],
        "grade": lot.grade,
        **overrides,
    }
    return ReworkPacks(**command)


def make_rework(session: Session, pack: Pack, first: int, last: int, **overrides: Any) -> Rework:
    """Open positions of a pack again."""
    return record_reworks(session, [rework_command(session, pack, first, last, **overrides)], LIVE)[0]
