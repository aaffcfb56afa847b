"""The nouns one may read: their columns as the world sees them. Row ids and persons are never among them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, or_, select
from sqlalchemy.orm import Session, aliased

from trace import visibility
from trace.accounts import Caller
from trace.events.tables import Event, EventPosition
from trace.findings import Finding, Severity
from trace.holds import LotHold, RecalledLot
from trace.label_jobs import LabelJob
from trace.lots import Lot, LotKind
from trace.packs import Pack
from trace.parties import Brand, Facility, Party
from trace.places import Plot, Village
from trace.products import TradeItem
from trace.quality import Result, ResultItem, Sample
from trace.recalls import Recall
from trace.records import Filter, Noun, Parts, equal, number_of, plain
from trace.serials import MAX_POSITION
from trace.shipments import Shipment
from trace.units import UnitRange

_SECOND = aliased(Party, name="second")


def _parties(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return select(
        *(Party.code, Party.name, Party.kind, Party.uscc, Party.area_code, Party.led_by_village, Party.registered_on),
        _SECOND.code.label("member_of"),
    ).outerjoin(_SECOND, Party.member_of_id == _SECOND.id)


PARTIES = Noun(
    name="party",
    key=Party.id,
    query=_parties,
    visible=visibility.parties,
    code=plain(Party.code),
    filters={"kind": equal(Party.kind)},
)


def _villages(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return select(
        *(Village.code, Village.name, Village.longitude, Village.latitude),
        *(Village.households, Village.tea_households, Village.elevation_m),
    )


VILLAGES = Noun(
    name="village",
    key=Village.id,
    query=_villages,
    visible=visibility.villages,
    code=plain(Village.code),
    aliases="villages",
)


def _plots(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Plot.code, Plot.cultivar, Plot.clonal, Plot.planted_year, Plot.area_mu, Plot.area_m2),
            *(Plot.certification, Plot.crs, Plot.outline),
            *(Village.code.label("village"), Village.name.label("village_name")),
            *(Party.code.label("cooperative"), _SECOND.code.label("holder")),
        )
        .join(Village, Plot.village_id == Village.id)
        .outerjoin(Party, Plot.cooperative_id == Party.id)
        .outerjoin(_SECOND, Plot.holder_id == _SECOND.id)
    )


PLOTS = Noun(
    name="plot",
    key=Plot.id,
    query=_plots,
    visible=visibility.plots,
    code=plain(Plot.code),
    aliases="plots",
    filters={"village": equal(Village.code), "cooperative": equal(Party.code), "cultivar": equal(Plot.cultivar)},
)


def _facilities(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return select(
        *(Facility.code, Facility.name, Facility.longitude, Facility.latitude, Facility.capacity_g_per_day),
        Party.code.label("party"),
    ).join(Party, Facility.party_id == Party.id)


FACILITIES = Noun(
    name="facility",
    key=Facility.id,
    query=_facilities,
    visible=visibility.facilities,
    code=plain(Facility.code),
    filters={"party": equal(Party.code)},
)


def _products(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(TradeItem.code, TradeItem.gtin, TradeItem.name, TradeItem.grade, TradeItem.net_g, TradeItem.packaging),
            *(TradeItem.shelf_life_months, TradeItem.standard, TradeItem.ingredients, TradeItem.storage),
            *(TradeItem.price_yuan, TradeItem.packaging_cost_yuan, TradeItem.packaging_layers, TradeItem.gross_g),
            *(Brand.code.label("brand"), Brand.name.label("brand_name"), Party.code.label("party")),
        )
        .join(Brand, TradeItem.brand_id == Brand.id)
        .join(Party, Brand.owner_id == Party.id)
    )


def _product_code(code: str) -> ColumnElement[bool]:
    """Hold for the item of this code or GTIN, with or without leading zeros."""
    gtin = code.zfill(14) if code.isascii() and code.isdecimal() else code
    return (TradeItem.code == code) | (TradeItem.gtin == gtin)


PRODUCTS = Noun(
    name="product",
    key=TradeItem.id,
    query=_products,
    visible=visibility.products,
    code=_product_code,
    aliases="skus",
    filters={"brand": equal(Brand.code)},
)


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


def _lots(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Lot.id.label("id"), Lot.code, Lot.uri, Lot.kind, Lot.made_on, Lot.initial_g, Lot.mass_g, Lot.units),
            *(Lot.grade, Lot.product_kind, Party.code.label("owner"), Plot.code.label("plot")),
            *(Village.name.label("village"), _is_held().label("held"), _is_recalled().label("recalled")),
        )
        .join(Party, Lot.party_id == Party.id)
        .outerjoin(Plot, Lot.plot_id == Plot.id)
        .outerjoin(Village, Plot.village_id == Village.id)
    )


LOTS = Noun(
    name="lot",
    key=Lot.id,
    query=_lots,
    visible=visibility.lots,
    code=plain(Lot.code),
    owner=Party.code.expression,
    aliases="lot",
    filters={"kind": Filter(lambda kind: Lot.kind == LotKind(kind), tuple(LotKind)), "party": equal(Party.code)},
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
            *(TradeItem.code.label("product"), TradeItem.gtin, Lot.mass_g),
        )
        .select_from(Pack)
        .join(Lot, Pack.lot_id == Lot.id)
        .join(Party, Lot.party_id == Party.id)
        .join(TradeItem, Pack.trade_item_id == TradeItem.id)
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
            *(Shipment.code, Party.code.label("owner"), _SECOND.code.label("buyer"), Lot.code.label("pack")),
            *(Shipment.shipped_on, Shipment.units, Shipment.mass_g, UnitRange.first_position, UnitRange.last_position),
        )
        .join(Party, Shipment.seller_id == Party.id)
        .join(_SECOND, Shipment.buyer_id == _SECOND.id)
        .join(UnitRange, Shipment.unit_range_id == UnitRange.id)
        .join(Pack, Shipment.pack_id == Pack.id)
        .join(Lot, Pack.lot_id == Lot.id)
    )


SHIPMENTS = Noun(
    name="shipment",
    key=Shipment.id,
    query=_shipments,
    visible=visibility.shipments,
    code=plain(Shipment.code),
    owner=Party.code.expression,
    aliases="shipments",
    filters={"pack": equal(Lot.code), "buyer": equal(_SECOND.code)},
)


def _results(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Result.id.label("id"), Result.code, Party.code.label("owner"), Result.reported_on, Result.passed),
            *(Sample.sampled_on, Sample.purpose, Lot.code.label("lot"), _SECOND.code.label("lot_party")),
        )
        .join(Party, Result.laboratory_id == Party.id)
        .join(Sample, Result.sample_id == Sample.id)
        .join(Lot, Sample.lot_id == Lot.id)
        .join(_SECOND, Lot.party_id == _SECOND.id)
    )


def _items(session: Session, _caller: Caller, results: Sequence[int]) -> dict[int, list[ResultItem]]:
    """Return what each report found, in its order."""
    items: dict[int, list[ResultItem]] = defaultdict(list)
    for item in session.scalars(select(ResultItem).where(ResultItem.result_id.in_(results)).order_by(ResultItem.id)):
        items[item.result_id].append(item)
    return items


RESULTS = Noun(
    name="result",
    key=Result.id,
    query=_results,
    visible=visibility.results,
    code=plain(Result.code),
    owner=Party.code.expression,
    aliases="tests",
    filters={"lot": equal(Lot.code)},
    parts=Parts("items", _items),
)


def _findings(caller: Caller) -> Select[*tuple[Any, ...]]:
    """Select findings; one on another's record tells that it holds one's lot, not what was found there."""
    mine = visibility.own(caller, Finding.party_id)
    return select(
        *(Finding.id.label("id"), Finding.rule, Finding.severity, Finding.edition, Finding.source, Finding.found_at),
        *(Finding.answered_at, Finding.answered_by, Finding.answer),
        case((mine, Finding.record)).label("record"),
        case((mine, Finding.facts)).label("facts"),
        case((mine, Finding.affects)).label("affects"),
        case((mine, Party.code)).label("party"),
        case((mine, Finding.rule + ":" + Finding.record)).label("code"),
    ).join(Party, Finding.party_id == Party.id)


def _finding_code(code: str) -> ColumnElement[bool]:
    """Hold for the findings of `rule:record`."""
    rule, _, record = code.partition(":")
    return and_(Finding.rule == rule, Finding.record == record)


FINDINGS = Noun(
    name="finding",
    key=Finding.id,
    query=_findings,
    visible=visibility.findings,
    code=_finding_code,
    filters={
        "severity": Filter(lambda word: Finding.severity == Severity(word), tuple(Severity)),
        "rule": equal(Finding.rule),
    },
)


def _label_jobs(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(LabelJob.first_position, LabelJob.last_position, LabelJob.created_at),
            *(Lot.code.label("pack"), Party.code.label("owner")),
        )
        .join(Pack, LabelJob.pack_id == Pack.id)
        .join(Lot, Pack.lot_id == Lot.id)
        .join(Party, Lot.party_id == Party.id)
    )


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


def _recalls(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Recall.id.label("id"), Recall.code, Party.code.label("owner"), Recall.level, Recall.known_at),
            *(Recall.start_by, Recall.started_at, Result.code.label("result")),
        )
        .join(Party, Recall.owner_id == Party.id)
        .outerjoin(Result, Recall.result_id == Result.id)
    )


def _scopes(session: Session, caller: Caller, recalls: Sequence[int]) -> dict[int, list[str]]:
    """Return the lots of each recall: all for its owner, for others their own."""
    scopes: dict[int, list[str]] = defaultdict(list)
    query = (
        select(RecalledLot.recall_id, Lot.code)
        .join(Lot, RecalledLot.lot_id == Lot.id)
        .join(Recall, RecalledLot.recall_id == Recall.id)
        .where(RecalledLot.recall_id.in_(recalls))
        .where(or_(visibility.own(caller, Recall.owner_id), visibility.own(caller, Lot.party_id)))
        .order_by(Lot.id)
    )
    for recall, code in session.execute(query):
        scopes[recall].append(code)
    return scopes


RECALLS = Noun(
    name="recall",
    key=Recall.id,
    query=_recalls,
    visible=visibility.recalls,
    code=plain(Recall.code),
    owner=Party.code.expression,
    aliases="recalls",
    parts=Parts("lots", _scopes),
)
