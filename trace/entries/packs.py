"""Enter packs: lots of one's own packed as units of an item one may supply; several lots fill a gift set."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from trace.accounts import Caller
from trace.entries.draws import Draw, Drawn, find_draws, latest_day
from trace.entries.form import Filled, Form, new_code
from trace.entries.references import Named, check_new_codes
from trace.facilities import hold_licences
from trace.lots import Lot
from trace.packs import Pack, PackTea, agreed, record_packs
from trace.parties import Brand, BrandSupplier
from trace.products import TradeItem
from trace.rules.judging import judge_lateness, judge_packs


@dataclass(frozen=True, kw_only=True)
class EnterPack(Filled):
    """A packing run as somebody types it."""

    product: str
    inputs: Sequence[Draw]
    packed_at: datetime
    best_before: date
    units: int
    code: str | None = None
    unit_weights_grams: Sequence[Decimal] = ()


def enter_packs(session: Session, caller: Caller, records: Sequence[EnterPack]) -> list[Pack]:
    """Record packing runs. Raises what a form raises, `LotOverdrawnError`, and `LotRefusedError` for held lots."""
    form = Form(session, caller, records)
    packs = record_packs(session, read_packs(form, records), form.entry)
    rows = [pack.id for pack in packs]
    judge_packs(session, rows)
    judge_lateness(session, Pack, rows)
    return packs


def read_packs(form: Form, records: Sequence[EnterPack]) -> list[PackTea]:
    """Return what a form of packing runs asks for. Raises `InvalidError` with every fault."""
    items = _find_items(form, [record.product for record in records])
    hold_licences(form.session, [party.id for party in form.principals])  # before any lot
    drawn = find_draws(form, [("inputs", record.inputs) for record in records])
    codes = [record.code or new_code("PACK", record.packed_at) for record in records]
    check_new_codes(form, [Named(place, "code", code) for place, code in enumerate(codes)], Lot, Lot.party_id)
    for place, (record, item, few) in enumerate(zip(records, items, drawn, strict=True)):
        _check(form, place, record, item, few)
    form.close()
    return [
        _command(form, place, record, item, (few, code))
        for place, (record, item, few, code) in enumerate(zip(records, items, drawn, codes, strict=True))
        if item is not None
    ]


def _find_items(form: Form, codes: Sequence[str]) -> list[TradeItem | None]:
    """Return the item for each code or GTIN: of a brand that the party owns or may supply."""
    gtins = {code: code.zfill(14) for code in codes if code.isascii() and code.isdecimal() and len(code) <= 14}
    query = (
        select(TradeItem, Brand.owner_id)
        .join(Brand, TradeItem.brand_id == Brand.id)
        .where(or_(TradeItem.code.in_(set(codes)), TradeItem.gtin.in_(set(gtins.values()))))
    )
    known = form.session.execute(query).all()
    brands = {item.brand_id for item, _ in known}
    allowed = {(item.brand_id, owner) for item, owner in known}
    suppliers = select(BrandSupplier.brand_id, BrandSupplier.party_id).where(BrandSupplier.brand_id.in_(brands))
    allowed.update((brand, party) for brand, party in form.session.execute(suppliers))
    found: list[TradeItem | None] = []
    for place, code in enumerate(codes):
        party = form.principals[place].id
        fits = [item for item, _ in known if code == item.code or gtins.get(code) == item.gtin]
        mine = next((item for item in fits if (item.brand_id, party) in allowed), None)
        if mine is None:
            form.refuse(place, "product", "unknown-reference", value=code, array="products")
        found.append(mine)
    return found


def _check(form: Form, place: int, record: EnterPack, item: TradeItem | None, drawn: Drawn) -> None:
    form.check_moment(place, "packed_at", record.packed_at)
    form.check_day(place, "packed_at", record.packed_at, since=latest_day(drawn))
    packed_on = record.packed_at.date()
    if record.best_before <= packed_on:
        form.refuse(place, "best_before", "before-its-source", value=str(record.best_before), source=str(packed_on))
    used_g = sum(draw.mass.mass_g for draw in record.inputs)
    if item is not None and used_g < item.net_g * record.units:
        form.refuse(place, "units", "mass-imbalance", entered=used_g, left=item.net_g * record.units)


def _command(form: Form, place: int, record: EnterPack, item: TradeItem, found: tuple[Drawn, str]) -> PackTea:
    drawn, code = found
    party, lots = form.principals[place], [lot for lot, _ in drawn]
    return PackTea(
        code=code,
        packer_id=party.id,
        packer_code=party.code,
        taken=[(lot.uri, lot.code, mass.mass_g) for lot, mass in drawn],
        trade_item_id=item.id,
        gtin=item.gtin,
        net_g=item.net_g,
        packed_at=record.packed_at,
        best_before=record.best_before,
        units=record.units,
        grade=agreed(lots, "grade"),
        crop=agreed(lots, "crop"),
        product_kind=agreed(lots, "product_kind"),
        unit_weights_grams=record.unit_weights_grams,
        as_typed={"inputs": [draw.mass.as_typed() for draw in record.inputs]},
    )
