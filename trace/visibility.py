"""Who may read what. One's own records, one step either side by lineage, an officer's area; operator and auditor all.

Every answer is a condition for a query, so a list never reads what it may not show.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, exists, false, or_, select, true, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from trace.accounts import Caller, Role
from trace.conformity import CertifiedLot, ConformityCertificate
from trace.deliveries import Delivery, DeliveryItem, DeliveryState
from trace.events.tables import Event
from trace.field_work import FieldWork
from trace.findings import Finding
from trace.holds import LotHold, RecalledLot
from trace.inputs import InputUse
from trace.intakes import Intake
from trace.lineage import LineageEdge
from trace.logistic_units import LogisticUnit
from trace.lots import Lot
from trace.mixing import Node
from trace.outside import OutsideReceipt
from trace.packs import Pack
from trace.parties import GROWER, Brand, BrandSupplier, Facility, Party
from trace.places import Plot, Village
from trace.products import TradeItem
from trace.quality import Result, Sample
from trace.recalls import Recall
from trace.returns import UnitReturn
from trace.shipments import Shipment
from trace.slips import WeighSlip
from trace.tracing import Direction, Trace, trace_lot

_Ids = InstrumentedAttribute[int] | InstrumentedAttribute[int | None]


def sees_all(caller: Caller) -> bool:
    """Return whether nothing is hidden from this role."""
    return caller.role in (Role.OPERATOR, Role.AUDITOR)


def own(caller: Caller, party: _Ids) -> ColumnElement[bool]:
    """Hold for records of the caller's party; for an officer, of every party in the area."""
    if sees_all(caller):
        return true()
    if caller.role is Role.OFFICER and caller.area_code:
        return party.in_(select(Party.id).where(Party.area_code.startswith(caller.area_code, autoescape=True)))
    if caller.party_id is None:
        return false()
    if caller.party is not None and caller.party.kind == GROWER:  # only growers are ever merged
        return or_(party == caller.party_id, party.in_(_duplicates(caller)))
    return party == caller.party_id


def _duplicates(caller: Caller) -> Select[int]:
    """Return the parties that turned out to be the caller's own."""
    return select(Party.id).where(Party.merged_into_id == caller.party_id)


def _own_lots(caller: Caller) -> Select[int]:
    return select(Lot.id).where(own(caller, Lot.party_id))


def _recalled_by(caller: Caller) -> Select[int]:
    """Return the lots that a recall opens to its owner."""
    return select(RecalledLot.lot_id).join(Recall).where(own(caller, Recall.owner_id))


def _on_their_way_to(caller: Caller) -> Select[int]:
    """Return the lots of which a delivery is on its way to the caller; once received, lineage leads to them."""
    sent = Delivery.state == DeliveryState.SENT, Delivery.undone_at.is_(None)
    return select(DeliveryItem.lot_id).join(Delivery).where(own(caller, Delivery.receiver_id), *sent)


def _packed_for(caller: Caller) -> Select[*tuple[Any, ...]]:
    """Return the packs, with their lots and events, that bear a brand of the caller's, whoever packed them."""
    packed = select(Pack.lot_id, Pack.event_id).join(TradeItem, Pack.trade_item_id == TradeItem.id)
    return packed.join(Brand, TradeItem.brand_id == Brand.id).where(own(caller, Brand.owner_id))


def lots_by_id(caller: Caller, lot: _Ids) -> ColumnElement[bool]:
    """Hold where a column names a lot the caller may read."""
    if sees_all(caller):
        return true()
    mine = _own_lots(caller)
    return lot.in_(
        union_all(
            mine,
            select(LineageEdge.child_id).where(LineageEdge.parent_id.in_(mine)),
            select(LineageEdge.parent_id).where(LineageEdge.child_id.in_(mine)),
            _on_their_way_to(caller),
            _recalled_by(caller),
            _packed_for(caller).with_only_columns(Pack.lot_id),
        )
    )


def lots(caller: Caller) -> ColumnElement[bool]:
    """Hold for lots the caller may read."""
    return lots_by_id(caller, Lot.id)


def tested_lots(caller: Caller) -> ColumnElement[bool]:
    """Hold for lots that the caller's laboratory tests: of these it may know what they are, not whence they come."""
    if caller.role is not Role.LABORATORY:
        return false()
    asked = or_(own(caller, Sample.taken_by_id), own(caller, Sample.laboratory_id))
    reported = (
        select(Sample.lot_id).join(Result, Result.sample_id == Sample.id).where(own(caller, Result.laboratory_id))
    )
    return Lot.id.in_(union_all(select(Sample.lot_id).where(asked), reported))


def parties(caller: Caller) -> ColumnElement[bool]:
    """Hold for the caller's party, its members, and those it deals with."""
    if sees_all(caller):
        return true()
    near = aliased(Lot)
    return or_(
        own(caller, Party.id),
        own(caller, Party.member_of_id),
        Party.id.in_(select(near.party_id).where(lots_by_id(caller, near.id))),
        Party.id.in_(select(Shipment.buyer_id).where(own(caller, Shipment.seller_id))),
        Party.id.in_(select(Shipment.seller_id).where(own(caller, Shipment.buyer_id))),
        Party.id.in_(select(Delivery.receiver_id).where(own(caller, Delivery.giver_id))),
        Party.id.in_(select(Delivery.giver_id).where(own(caller, Delivery.receiver_id))),
        Party.id.in_(select(OutsideReceipt.supplier_id).where(OutsideReceipt.lot_id.in_(_own_lots(caller)))),
        Party.id.in_(select(Lot.party_id).join(OutsideReceipt).where(own(caller, OutsideReceipt.supplier_id))),
        Party.id.in_(select(Result.laboratory_id).where(results(caller))),
    )


def villages(_caller: Caller) -> ColumnElement[bool]:
    """Hold for every village: they are public geography."""
    return Village.id > 0


def plots(caller: Caller) -> ColumnElement[bool]:
    """Hold for plots of the caller's, and for those whose leaf the caller took over directly."""
    if sees_all(caller):
        return true()
    return or_(
        own(caller, Plot.cooperative_id),
        own(caller, Plot.holder_id),
        Plot.id.in_(select(Lot.plot_id).where(Lot.plot_id.is_not(None), lots(caller))),
    )


def input_uses(caller: Caller) -> ColumnElement[bool]:
    """Hold for uses of inputs on plots the caller may read, and those it recorded itself."""
    return _on_plots(caller, InputUse)


def field_work(caller: Caller) -> ColumnElement[bool]:
    """Hold for work on plots the caller may read, and what it recorded itself."""
    return _on_plots(caller, FieldWork)


def _on_plots(caller: Caller, work: type[InputUse | FieldWork]) -> ColumnElement[bool]:
    if sees_all(caller):
        return true()
    mine = select(Event.id).where(own(caller, Event.party_id))
    return or_(work.event_id.in_(mine), work.plot_id.in_(select(Plot.id).where(plots(caller))))


def facilities(caller: Caller) -> ColumnElement[bool]:
    """Hold for facilities of parties the caller may read."""
    return Facility.party_id.in_(select(Party.id).where(parties(caller)))


def products(caller: Caller) -> ColumnElement[bool]:
    """Hold for items of one's own brands, of brands one supplies, and for what one packed."""
    if sees_all(caller):
        return true()
    return or_(
        TradeItem.brand_id.in_(select(Brand.id).where(own(caller, Brand.owner_id))),
        TradeItem.brand_id.in_(select(BrandSupplier.brand_id).where(own(caller, BrandSupplier.party_id))),
        TradeItem.id.in_(select(Pack.trade_item_id).where(packs(caller))),
    )


def events(caller: Caller) -> ColumnElement[bool]:
    """Hold for events of the caller's party, those that drew from or made a lot of its own, and its deliveries'."""
    if sees_all(caller):
        return true()
    mine = _own_lots(caller)
    touched: CompoundSelect[Any] = union_all(
        select(LineageEdge.event_id).where(LineageEdge.parent_id.in_(mine)),
        select(LineageEdge.event_id).where(LineageEdge.child_id.in_(mine)),
        select(Delivery.event_id).where(own(caller, Delivery.receiver_id)),
        select(Delivery.closed_by_id).where(own(caller, Delivery.giver_id)),
        _packed_for(caller).with_only_columns(Pack.event_id),
    )
    return or_(own(caller, Event.party_id), Event.id.in_(touched))


def packs(caller: Caller) -> ColumnElement[bool]:
    """Hold for packs whose lot the caller may read."""
    return lots_by_id(caller, Pack.lot_id)


def own_packs(caller: Caller, pack: _Ids) -> ColumnElement[bool]:
    """Hold where a column names a pack of the caller's own."""
    return true() if sees_all(caller) else pack.in_(select(Pack.id).where(Pack.lot_id.in_(_own_lots(caller))))


def shipments(caller: Caller) -> ColumnElement[bool]:
    """Hold for shipments sold or bought."""
    return or_(own(caller, Shipment.seller_id), own(caller, Shipment.buyer_id))


def logistic_units(caller: Caller) -> ColumnElement[bool]:
    """Hold for cases the caller put together, and those shipped to it."""
    bought = select(Shipment.event_id).where(own(caller, Shipment.buyer_id))
    return or_(own(caller, LogisticUnit.party_id), LogisticUnit.shipped_event_id.in_(bought))


def deliveries(caller: Caller) -> ColumnElement[bool]:
    """Hold for deliveries sent or to be received."""
    return or_(own(caller, Delivery.giver_id), own(caller, Delivery.receiver_id))


def intakes(caller: Caller) -> ColumnElement[bool]:
    """Hold for what the caller received or delivered: weights and price are between the two."""
    return or_(Intake.lot_id.in_(_own_lots(caller)), own(caller, Intake.supplier_id))


def slips(caller: Caller) -> ColumnElement[bool]:
    """Hold for slips of what the caller gave or received, and those it entered for others: they are between the two."""
    sides = (WeighSlip.giver_id, WeighSlip.receiver_id, WeighSlip.entered_by_id)
    return or_(*(own(caller, side) for side in sides))


def returns(caller: Caller) -> ColumnElement[bool]:
    """Hold for units that came back to the caller, and those it sent back."""
    return or_(own(caller, UnitReturn.seller_id), own(caller, UnitReturn.buyer_id))


def outside_lots(caller: Caller) -> ColumnElement[bool]:
    """Hold for what the caller received from outside, or supplied: the price is between the two."""
    return or_(OutsideReceipt.lot_id.in_(_own_lots(caller)), own(caller, OutsideReceipt.supplier_id))


def results(caller: Caller) -> ColumnElement[bool]:
    """Hold for reports the caller wrote, and those on lots the caller may read."""
    return or_(
        own(caller, Result.laboratory_id),
        Result.sample_id.in_(select(Sample.id).where(lots_by_id(caller, Sample.lot_id))),
    )


def findings(caller: Caller) -> ColumnElement[bool]:
    """Hold for findings on the caller's records. Whose lot one merely holds may know that it does."""
    held = exists().where(LotHold.finding_id == Finding.id, LotHold.lot_id.in_(_own_lots(caller)))
    return true() if sees_all(caller) else or_(own(caller, Finding.party_id), held)


def certificates(caller: Caller) -> ColumnElement[bool]:
    """Hold for certificates the caller issued, and those over lots the caller may read."""
    covering = select(CertifiedLot.certificate_id).where(lots_by_id(caller, CertifiedLot.lot_id))
    return or_(own(caller, ConformityCertificate.issuer_id), ConformityCertificate.id.in_(covering))


def samples(caller: Caller) -> ColumnElement[bool]:
    """Hold for samples the caller took or is to test, and those of lots the caller may read."""
    asked = or_(own(caller, Sample.taken_by_id), own(caller, Sample.laboratory_id))
    return or_(asked, lots_by_id(caller, Sample.lot_id))


def recalls(caller: Caller) -> ColumnElement[bool]:
    """Hold for the caller's recalls, and those that reach a lot of its own."""
    if sees_all(caller):
        return true()
    reached = select(RecalledLot.recall_id).where(RecalledLot.lot_id.in_(_own_lots(caller)))
    return or_(own(caller, Recall.owner_id), Recall.id.in_(reached))


def trace_for(session: Session, caller: Caller, lot_id: int, direction: Direction) -> Trace:
    """Trace a lot the caller may read. What is more than one step from its own lots loses party and plot."""
    trace = trace_lot(session, lot_id, direction)
    if sees_all(caller):
        return trace
    return _without(trace, trace.nodes.keys() - _near(session, caller, trace))


def _near(session: Session, caller: Caller, trace: Trace) -> set[int]:
    """Return the lots of a trace that the caller may know: its own, one step from those, and what is opened to it."""
    same = set(session.scalars(_duplicates(caller)))
    mine = {
        node.id for node in trace.nodes.values() if caller.sees(node.party_id, node.area_code) or node.party_id in same
    }
    steps = {(edge.parent, edge.child) for edge in trace.edges}
    beside = {child for parent, child in steps if parent in mine} | {parent for parent, child in steps if child in mine}
    opened = union_all(
        _on_their_way_to(caller), _recalled_by(caller), _packed_for(caller).with_only_columns(Pack.lot_id)
    )
    return mine | beside | (trace.nodes.keys() & set(session.scalars(opened)))


def _without(trace: Trace, hidden: Iterable[int]) -> Trace:
    """Return a trace in which these lots name neither party nor plot."""
    bare = {id_: trace.nodes[id_]._replace(party=None, plot=None) for id_ in hidden}
    nodes = {**trace.nodes, **bare}
    ends = [end._replace(node=nodes[end.node.id]) for end in trace.ends]
    return Trace(nodes[trace.lot.id], trace.direction, ends, trace.edges, nodes)


def names_in(trace: Trace) -> dict[int, str]:
    """Return what to call each lot of a trace: its code, and where two share one, more than that."""
    known: dict[str, list[Node]] = {}
    for node in trace.nodes.values():
        known.setdefault(node.code, []).append(node)
    return {
        node.id: code if len(same) == 1 else f"{node.party}/{code}" if node.party else f"{code}~{number}"
        for code, same in known.items()
        for number, node in enumerate(same, start=1)
    }
