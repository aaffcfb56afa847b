"""The chain as its readers see it: lots, events, packs, shipments, print jobs."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, exists, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from trace import visibility
from trace.accounts import Caller, Role
from trace.events.tables import Event, EventPosition
from trace.findings import Finding, Severity
from trace.holds import LotHold, RecalledLot
from trace.label_jobs import LabelJob, LabelReprint
from trace.lots import Lot, LotKind
from trace.nouns.paper_forms import told_form
from trace.packs import Pack
from trace.paper_forms import PaperFormUse
from trace.parties import Party
from trace.pickings import Picking
from trace.places import Plot, Village
from trace.products import TradeItem
from trace.records import Filter, Noun, Parts, Record, equal, number_of, plain
from trace.releases import LotRelease
from trace.serials import MAX_POSITION
from trace.shipments import Shipment
from trace.units import UnitRange

_SECOND, _AGENT = aliased(Party, name="second"), aliased(Party, name="agent")


def _is_held() -> ColumnElement[bool]:
    """Hold for a lot that an unanswered finding above `note` concerns."""
    return exists().where(
        LotHold.lot_id == Lot.id,
        LotHold.finding_id == Finding.id,
        Finding.answered_at.is_(None),
        Finding.severity != Severity.NOTE,
    )


def _is_recalled() -> ColumnElement[bool]:
    return exists().where(RecalledLot.lot_id == Lot.id)


_TOLD = ("initial_g", "mass_g", "units", "grade", "product_kind", "declared_origin")


def _lots(caller: Caller) -> Select[*tuple[Any, ...]]:
    """Select lots; of one that it merely tests, a laboratory learns the code, the kind and the date."""
    told: dict[str, ColumnElement[Any]] = {
        **{name: getattr(Lot, name) for name in _TOLD},
        "plot": Plot.code.expression,
        "village": Village.name.expression,
        "held": _is_held(),
        "recalled": _is_recalled(),
        "released_at": _of_last_release(LotRelease.released_at),
        "released_by": _of_last_release(LotRelease.released_by),
    }
    if caller.role is Role.LABORATORY:
        told = {name: case((visibility.lots(caller), column)) for name, column in told.items()}
    return (
        select(
            *(Lot.id.label("id"), Lot.code, Lot.uri, Lot.kind, Lot.made_on, Party.code.label("owner")),
            *(column.label(name) for name, column in told.items()),
        )
        .join(Party, Lot.party_id == Party.id)
        .outerjoin(Plot, Lot.plot_id == Plot.id)
        .outerjoin(Village, Plot.village_id == Village.id)
    )


def _of_last_release(column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """Return what the last release of a lot says; nothing where nobody has let it go."""
    of_lot = select(column).where(LotRelease.lot_id == Lot.id)
    return of_lot.order_by(LotRelease.id.desc()).limit(1).correlate(Lot).scalar_subquery()


LOTS = Noun(
    name="lot",
    key=Lot.id,
    query=_lots,
    visible=lambda caller: or_(visibility.lots(caller), visibility.tested_lots(caller)),
    code=plain(Lot.code),
    owner=Party.code.expression,
    aliases="lot",
    filters={"kind": Filter(lambda kind: Lot.kind == LotKind(kind), tuple(LotKind)), "party": equal(Party.code)},
)


LOTS_TO_TRACE = replace(LOTS, visible=visibility.lots)  # what one merely tests leads nowhere


def _pickings(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Lot.code, Party.code.label("owner"), Plot.code.label("plot"), Village.name.label("village")),
            *(Picking.picked_on, Event.event_time.label("picked_at"), Event.utc_offset, Event.mode),
            *(Picking.mass_g, Picking.as_typed, Picking.pluck_standard, Picking.grade, Picking.method),
            *(Picking.weather, Picking.pickers, Picking.claim, Lot.crop, Event.event_id.label("event")),
            *(_SECOND.code.label("entered_by"), told_form(PaperFormUse.picking_id, Picking.id)),
        )
        .select_from(Picking)
        .join(Lot, Picking.lot_id == Lot.id)
        .join(Party, Lot.party_id == Party.id)
        .join(Plot, Picking.plot_id == Plot.id)
        .join(Village, Plot.village_id == Village.id)
        .join(Event, Picking.event_id == Event.id)
        .outerjoin(_SECOND, Event.entered_by_id == _SECOND.id)
        .where(Picking.undone_at.is_(None))
    )


PICKINGS = Noun(
    name="picking",
    key=Picking.id,
    query=_pickings,
    visible=lambda caller: visibility.lots_by_id(caller, Picking.lot_id),
    code=plain(Lot.code),
    owner=Party.code.expression,
    aliases="harvests",
    filters={"plot": equal(Plot.code), "party": equal(Party.code), "pluck_standard": equal(Picking.pluck_standard)},
)


def _events(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(EventPosition.position, Event.event_id, Event.type, Event.biz_step, Event.event_time, Event.utc_offset),
            *(Event.recorded_at, Event.mode, Event.declares_error, Event.document),
            *(Event.event_id.label("code"), Party.code.label("party")),
        )
        .join(Event, EventPosition.event_id == Event.id)
        .join(Party, Event.party_id == Party.id)
    )


def _event_code(code: str) -> ColumnElement[bool]:
    """Hold for the event at this position, or of this id; an error declaration is found by its position alone."""
    return (EventPosition.position == number_of(code, 2**63 - 1)) | and_(Event.event_id == code, ~Event.declares_error)


EVENTS = Noun(
    name="event",
    key=EventPosition.position,
    query=_events,
    visible=visibility.events,
    code=_event_code,
    filters={"step": equal(Event.biz_step), "party": equal(Party.code)},
)


def _packs(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Lot.code, Party.code.label("owner"), Pack.label_lot, Pack.packed_on, Pack.best_before, Pack.units),
            *(Lot.units.label("units_left"), (Pack.next_position - 1).label("printed")),
            *(TradeItem.code.label("product"), TradeItem.gtin, Lot.mass_g, Pack.unit_weights_grams),
            *(Event.event_time.label("packed_at"), Event.utc_offset, Event.mode, Event.event_id.label("event")),
            _AGENT.code.label("entered_by"),
        )
        .select_from(Pack)
        .join(Lot, Pack.lot_id == Lot.id)
        .join(Party, Lot.party_id == Party.id)
        .join(TradeItem, Pack.trade_item_id == TradeItem.id)
        .join(Event, Pack.event_id == Event.id)
        .outerjoin(_AGENT, Event.entered_by_id == _AGENT.id)
        .where(Pack.undone_at.is_(None))
    )


PACKS = Noun(
    name="pack",
    key=Pack.id,
    query=_packs,
    visible=visibility.packs,
    code=plain(Lot.code),
    owner=Party.code.expression,
    aliases="packs",
    filters={"product": equal(TradeItem.code), "party": equal(Party.code)},
)


def _shipments(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Shipment.code, Party.code.label("owner"), _SECOND.code.label("buyer"), Shipment.shipped_on),
            *(Shipment.delivery_note, Shipment.units, Shipment.mass_g),
            *(Event.event_time.label("shipped_at"), Event.utc_offset, Event.mode, Event.event_id.label("event")),
            _AGENT.code.label("entered_by"),
        )
        .join(Party, Shipment.seller_id == Party.id)
        .join(_SECOND, Shipment.buyer_id == _SECOND.id)
        .join(Event, Shipment.event_id == Event.id)
        .outerjoin(_AGENT, Event.entered_by_id == _AGENT.id)
        .where(Shipment.undone_at.is_(None))
    )


def _shipped_ranges(session: Session, _caller: Caller, shipments: Sequence[int]) -> dict[int, list[Record]]:
    """Return the positions that each shipment took along, pack by pack."""
    query = (
        select(Shipment.id, Lot.code.label("pack"), UnitRange.first_position, UnitRange.last_position)
        .join(UnitRange, UnitRange.event_id == Shipment.event_id)
        .join(Pack, Pack.id == UnitRange.pack_id)
        .join(Lot, Lot.id == Pack.lot_id)
        .where(Shipment.id.in_(shipments))
        .order_by(UnitRange.id)
    )
    ranges: dict[int, list[Record]] = defaultdict(list)
    for row in session.execute(query).mappings():
        ranges[row["id"]].append(dict(row))
    return ranges


def _has_pack(code: str) -> ColumnElement[bool]:
    query = select(UnitRange.event_id).join(Pack, Pack.id == UnitRange.pack_id).join(Lot, Lot.id == Pack.lot_id)
    return Shipment.event_id.in_(query.where(Lot.code == code, UnitRange.event_id.is_not(None)))


SHIPMENTS = Noun(
    name="shipment",
    key=Shipment.id,
    query=_shipments,
    visible=visibility.shipments,
    code=plain(Shipment.code),
    owner=Party.code.expression,
    aliases="shipments",
    filters={"pack": Filter(_has_pack), "buyer": equal(_SECOND.code)},
    parts=Parts("ranges", _shipped_ranges),
)


def _printed(job: type[LabelJob | LabelReprint], code: ColumnElement[str]) -> Select[*tuple[Any, ...]]:
    """Select what was printed: by new jobs, or once more."""
    return (
        select(
            *(code.label("code"), job.first_position, job.last_position, job.created_at),
            *(Lot.code.label("pack"), Party.code.label("owner"), literal(job is LabelReprint).label("reprint")),
        )
        .join(Pack, job.pack_id == Pack.id)
        .join(Lot, Pack.lot_id == Lot.id)
        .join(Party, Lot.party_id == Party.id)
    )


def _label_jobs(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return _printed(LabelJob, Lot.code + ":" + cast(LabelJob.first_position, String))


def _label_job_code(code: str) -> ColumnElement[bool]:
    """Hold for the job of `PACK:FIRST`, the first position it printed."""
    pack, _, first = code.partition(":")
    return and_(Lot.code == pack, LabelJob.first_position == number_of(first, MAX_POSITION))


LABEL_JOBS = Noun(
    name="label-job",
    key=LabelJob.id,
    query=_label_jobs,
    visible=lambda caller: visibility.own_packs(caller, LabelJob.pack_id),
    code=_label_job_code,
    owner=Party.code.expression,
    filters={"pack": equal(Lot.code)},
)


def _label_reprints(_caller: Caller) -> Select[*tuple[Any, ...]]:
    """Select reprints; of the same positions the last."""
    first, last, same = LabelReprint.first_position, LabelReprint.last_position, aliased(LabelReprint)
    later = exists().where(
        same.pack_id == LabelReprint.pack_id,
        same.first_position == first,
        same.last_position == last,
        same.id > LabelReprint.id,
    )
    return _printed(LabelReprint, Lot.code + ":" + cast(first, String) + "-" + cast(last, String)).where(~later)


def _label_reprint_code(code: str) -> ColumnElement[bool]:
    """Hold for the reprint of `PACK:FIRST-LAST`."""
    pack, _, positions = code.partition(":")
    first, _, last = positions.partition("-")
    columns = (LabelReprint.first_position, first), (LabelReprint.last_position, last)
    return and_(Lot.code == pack, *(column == number_of(told, MAX_POSITION) for column, told in columns))


LABEL_REPRINTS = Noun(
    name="label-job",
    key=LabelReprint.id,
    query=_label_reprints,
    visible=lambda caller: visibility.own_packs(caller, LabelReprint.pack_id),
    code=_label_reprint_code,
    owner=Party.code.expression,
)
