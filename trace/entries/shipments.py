"""Enter shipments: units of one's own packs, and whole cases, to a buyer; and what else becomes of positions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.accounts import Caller
from trace.db import portions
from trace.entries.cases import find_cases
from trace.entries.form import Filled, Form, new_code
from trace.entries.positions import PackRange, find_ranges
from trace.entries.references import Named, check_new_codes
from trace.lots import Lot
from trace.packs import Pack
from trace.parties import Party, called
from trace.rules.judging import judge_lateness
from trace.rules.judging.markets import refuse_for_buyers
from trace.shipments import Ship, Shipment, record_shipments
from trace.units import Fate, MarkUnits, UnitRange, mark_units


@dataclass(frozen=True, kw_only=True)
class EnterShipment(Filled):
    """A shipment as somebody types it."""

    buyer: str
    shipped_at: datetime
    packs: Sequence[PackRange] = ()
    cases: Sequence[str] = ()  # SSCCs
    note_number: str | None = None
    code: str | None = None


def enter_shipments(session: Session, caller: Caller, records: Sequence[EnterShipment]) -> list[Shipment]:
    """Record shipments; what is shipped goes live.

    Raises what a form and `record_shipments` raise, and `MarketRefusedError` for tea that fails a buyer's own limits.
    """
    form = Form(session, caller, records)
    shipments = record_shipments(session, read_shipments(form, records), form.entry)
    refuse_for_buyers(session, _bought(session, shipments), form.entry.mode)
    judge_lateness(session, Shipment, [shipment.id for shipment in shipments])
    return shipments


def _bought(session: Session, shipments: Sequence[Shipment]) -> list[tuple[str, list[str]]]:
    """Return by the buyer's code the packed lots that shipments took, out of cases too."""
    query = (
        select(Party.code, Lot.uri)
        .select_from(Shipment)
        .join(Party, Shipment.buyer_id == Party.id)
        .join(UnitRange, UnitRange.event_id == Shipment.event_id)
        .join(Pack, UnitRange.pack_id == Pack.id)
        .join(Lot, Pack.lot_id == Lot.id)
    )
    bought: dict[str, list[str]] = {}
    for few in portions(shipment.id for shipment in shipments):
        for buyer, lot in session.execute(query.where(Shipment.id.in_(few)).distinct()):
            bought.setdefault(buyer, []).append(lot)
    return list(bought.items())


def read_shipments(form: Form, records: Sequence[EnterShipment]) -> list[Ship]:
    """Return what a form of shipments asks for. Raises `InvalidError` with every fault."""
    buyers = _find_buyers(form, [record.buyer for record in records])
    found = find_ranges(form, [("packs", record.packs) for record in records])
    cases = find_cases(form, [record.cases for record in records])
    codes = [record.code or new_code("SH", record.shipped_at) for record in records]
    named = [Named(place, "code", code) for place, code in enumerate(codes)]
    check_new_codes(form, named, Shipment, Shipment.seller_id)
    for place, (record, few) in enumerate(zip(records, found, strict=True)):
        form.check_moment(place, "shipped_at", record.shipped_at)
        form.check_day(place, "shipped_at", record.shipped_at, since=max((lot.made_on for lot, _ in few), default=None))
        if not record.packs and not record.cases:
            form.refuse(place, "packs", "missing-field")
    form.close()
    return [
        Ship(
            code=codes[place],
            seller_id=form.principals[place].id,
            seller_code=form.principals[place].code,
            buyer_id=buyer.id,
            buyer_code=buyer.code,
            shipped_at=record.shipped_at,
            units=[units for _, units in found[place]],
            logistic_units=cases[place],
            delivery_note=record.note_number,
        )
        for place, (record, buyer) in enumerate(zip(records, buyers, strict=True))
        if buyer is not None
    ]


def _find_buyers(form: Form, codes: Sequence[str]) -> list[Party | None]:
    """Return the party for each code: before the first dealing neither sees the other, so any may be named."""
    known: dict[str, Party | None] = {
        code: form.session.scalar(select(Party).where(called(code))) for code in set(codes)
    }
    for place, code in enumerate(codes):
        if known[code] is None:
            form.refuse(place, "buyer", "unknown-reference", value=code, array="parties")
    return [known[code] for code in codes]


@dataclass(frozen=True, kw_only=True)
class EnterMark(Filled):
    """What became of positions of a pack, as somebody types it."""

    pack: str
    first: int
    last: int
    marked_at: datetime


def enter_marks(session: Session, caller: Caller, records: Sequence[EnterMark], fate: Fate) -> list[UnitRange]:
    """Say that units went live without a shipment, were spoiled, or are locked. Raises what `mark_units` raises."""
    form = Form(session, caller, records)
    return mark_units(session, read_marks(form, records, fate), form.entry)


def read_marks(form: Form, records: Sequence[EnterMark], fate: Fate) -> list[MarkUnits]:
    """Return what a form of marks asks for. Raises `InvalidError` with every fault."""
    wanted = [PackRange(pack=record.pack, first=record.first, last=record.last) for record in records]
    found = find_ranges(form, [("positions", [one]) for one in wanted])
    for place, record in enumerate(records):
        form.check_moment(place, "marked_at", record.marked_at)
    form.close()
    return [
        MarkUnits(units=units, lot_id=lot.id, party_id=form.principals[place].id, fate=fate, marked_at=record.marked_at)
        for place, record in enumerate(records)
        for lot, units in found[place]
    ]
