"""What becomes of packs and stock, as its readers see it: cases, reworks, destructions."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ScalarSelect, Select, case, func, select
from sqlalchemy.orm import Session, aliased

from trace import visibility
from trace.accounts import Caller
from trace.destructions import Destruction
from trace.events.tables import Event
from trace.logistic_units import LogisticUnit, LogisticUnitItem
from trace.lots import Lot, LotKind
from trace.packs import Pack
from trace.parties import Party
from trace.products import TradeItem
from trace.records import Noun, Parts, Record, equal, plain
from trace.reworks import Rework
from trace.shipments import Shipment
from trace.units import UnitRange

_AGENT, _SECOND = aliased(Party, name="agent"), aliased(Party, name="second")
_OPENING, _INNER = aliased(Event, name="opening"), aliased(LogisticUnit, name="inner")


def _destructions(_caller: Caller) -> Select[*tuple[Any, ...]]:
    """Select destructions; who stood by as a witness is a person, and stays out of it."""
    packed = Lot.kind == LotKind.PACKED
    return (
        select(
            *(Destruction.code, Party.code.label("owner"), Destruction.destroyed_on, Destruction.mass_g),
            *(case((~packed, Lot.code)).label("lot"), case((packed, Lot.code)).label("pack"), Destruction.as_typed),
            *(Destruction.first_position, Destruction.last_position, Destruction.reason, Destruction.method),
            *(Event.event_time.label("destroyed_at"), Event.utc_offset, Event.mode, Event.event_id.label("event")),
            _AGENT.code.label("entered_by"),
        )
        .select_from(Destruction)
        .join(Party, Destruction.party_id == Party.id)
        .join(Lot, Destruction.lot_id == Lot.id)
        .join(Event, Destruction.event_id == Event.id)
        .outerjoin(_AGENT, Event.entered_by_id == _AGENT.id)
        .where(Destruction.undone_at.is_(None))
    )


DESTRUCTIONS = Noun(
    name="destruction",
    key=Destruction.id,
    query=_destructions,
    visible=lambda caller: visibility.lots_by_id(caller, Destruction.lot_id),
    code=plain(Destruction.code),
    owner=Party.code.expression,
    filters={"party": equal(Party.code), "lot": equal(Lot.code)},
)


def _cases(_caller: Caller) -> Select[*tuple[Any, ...]]:
    unit = LogisticUnit
    state = case(
        (unit.opened_event_id.is_not(None), "opened"), (unit.shipped_event_id.is_not(None), "shipped"), else_="packed"
    )
    return (
        select(
            *(unit.sscc, unit.sscc.label("code"), Party.code.label("owner"), unit.packed_on, state.label("state")),
            *(Shipment.code.label("shipment"), _SECOND.code.label("buyer"), _OPENING.event_time.label("opened_at")),
            *(Event.event_time.label("packed_at"), Event.utc_offset, Event.mode, Event.event_id.label("event")),
            *(_OPENING.utc_offset.label("opened_offset"), _AGENT.code.label("entered_by")),
        )
        .select_from(unit)
        .join(Party, unit.party_id == Party.id)
        .join(Event, unit.event_id == Event.id)
        .outerjoin(_OPENING, unit.opened_event_id == _OPENING.id)
        .outerjoin(Shipment, unit.shipped_event_id == Shipment.event_id)
        .outerjoin(_SECOND, Shipment.buyer_id == _SECOND.id)
        .outerjoin(_AGENT, Event.entered_by_id == _AGENT.id)
        .where(unit.undone_at.is_(None))
    )


def _contents(session: Session, _caller: Caller, units: Sequence[int]) -> dict[int, list[Record]]:
    """Return what was put straight into each case: positions of packs, and other cases."""
    item = LogisticUnitItem
    query = (
        select(item.unit_id, Lot.code.label("pack"), item.first_position, item.last_position, _INNER.sscc.label("case"))
        .outerjoin(Pack, item.pack_id == Pack.id)
        .outerjoin(Lot, Pack.lot_id == Lot.id)
        .outerjoin(_INNER, item.inner_id == _INNER.id)
        .where(item.unit_id.in_(units))
        .order_by(item.id)
    )
    found: dict[int, list[Record]] = defaultdict(list)
    for row in session.execute(query).mappings():
        found[row["unit_id"]].append(dict(row))
    return found


CASES = Noun(
    name="logistic-unit",
    key=LogisticUnit.id,
    query=_cases,
    visible=visibility.logistic_units,
    code=plain(LogisticUnit.sscc),
    filters={"party": equal(Party.code), "shipment": equal(Shipment.code)},
    parts=Parts("contents", _contents),
)


def _opened_g() -> ScalarSelect[int]:
    """Return the net content of the positions that a rework opened."""
    count = UnitRange.last_position - UnitRange.first_position + 1
    return (
        select(func.sum(count * TradeItem.net_g))
        .select_from(UnitRange)
        .join(Pack, Pack.id == UnitRange.pack_id)
        .join(TradeItem, TradeItem.id == Pack.trade_item_id)
        .where(UnitRange.event_id == Rework.event_id)
        .correlate(Rework)
        .scalar_subquery()
    )


def _reworks(_caller: Caller) -> Select[*tuple[Any, ...]]:
    lost_g = _opened_g() - Rework.mass_g
    return (
        select(
            *(Lot.code, Party.code.label("owner"), Rework.reworked_on, Rework.units, Rework.mass_g, Lot.grade),
            *(lost_g.label("lost_g"), Event.event_time.label("reworked_at"), Event.utc_offset, Event.mode),
            *(Event.event_id.label("event"), _AGENT.code.label("entered_by")),
        )
        .select_from(Rework)
        .join(Lot, Rework.lot_id == Lot.id)
        .join(Party, Lot.party_id == Party.id)
        .join(Event, Rework.event_id == Event.id)
        .outerjoin(_AGENT, Event.entered_by_id == _AGENT.id)
        .where(Rework.undone_at.is_(None))
    )


def _opened(session: Session, _caller: Caller, reworks: Sequence[int]) -> dict[int, list[Record]]:
    """Return the positions that each rework opened, pack by pack."""
    query = (
        select(Rework.id, Lot.code.label("pack"), UnitRange.first_position, UnitRange.last_position)
        .join(UnitRange, UnitRange.event_id == Rework.event_id)
        .join(Pack, Pack.id == UnitRange.pack_id)
        .join(Lot, Lot.id == Pack.lot_id)
        .where(Rework.id.in_(reworks))
        .order_by(UnitRange.id)
    )
    found: dict[int, list[Record]] = defaultdict(list)
    for row in session.execute(query).mappings():
        found[row["id"]].append(dict(row))
    return found


REWORKS = Noun(
    name="rework",
    key=Rework.id,
    query=_reworks,
    visible=lambda caller: visibility.lots_by_id(caller, Rework.lot_id),
    code=plain(Lot.code),
    owner=Party.code.expression,
    filters={"party": equal(Party.code)},
    parts=Parts("packs", _opened),
)
