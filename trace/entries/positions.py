"""Ranges of positions that a record names: each of a pack that the party holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from trace.db import portions
from trace.entries.form import Form
from trace.entries.references import Named, find_own_lots
from trace.lots import Lot, LotKind
from trace.packs import Pack
from trace.products import TradeItem
from trace.units import Units


@dataclass(frozen=True, kw_only=True)
class PackRange:
    """Positions `first`…`last` of a pack."""

    pack: str
    first: int
    last: int


Found = list[tuple[Lot, Units]]


def find_ranges(form: Form, wanted: Sequence[tuple[str, Sequence[PackRange]]]) -> list[Found]:
    """Return the positions that each record names; `wanted` has each record's field and ranges.

    A pack that is unknown, another's or no pack is a fault at its place, and so is a range turned round. A record that
    is itself one range has no field for it.
    """
    named = [
        Named(place, f"{field}[{number}].pack" if field else "pack", one.pack)
        for place, (field, ranges) in enumerate(wanted)
        for number, one in enumerate(ranges)
    ]
    lots = find_own_lots(form, named)
    packs = _packs_of(form, [lot.id for lot in lots if lot is not None])
    rest = iter(zip(named, lots, strict=True))
    found: list[Found] = []
    for _, ranges in wanted:
        few: Found = []
        for one in ranges:
            where, lot = next(rest)
            units = _units(form, where, one, lot, packs)
            if lot is not None and units is not None:
                few.append((lot, units))
        found.append(few)
    return found


def _packs_of(form: Form, lots: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return row id and net grams of each pack, by its lot."""
    packs: dict[int, tuple[int, int]] = {}
    for few in portions(lots):
        query = select(Pack.lot_id, Pack.id, TradeItem.net_g).join(TradeItem, Pack.trade_item_id == TradeItem.id)
        packs.update(
            {lot: (pack, net_g) for lot, pack, net_g in form.session.execute(query.where(Pack.lot_id.in_(few)))}
        )
    return packs


def _units(
    form: Form, where: Named, one: PackRange, lot: Lot | None, packs: dict[int, tuple[int, int]]
) -> Units | None:
    if one.last < one.first:
        field = "last" if where.field == "pack" else where.field.removesuffix(".pack")
        form.refuse(where.place, field, "positions-outside", value=one.first, last=one.last)
    if lot is None:
        return None
    if lot.kind is not LotKind.PACKED or lot.id not in packs:
        form.refuse(where.place, where.field, "unknown-reference", value=one.pack, array="packs")
        return None
    pack, net_g = packs[lot.id]
    return Units(pack_id=pack, lot_uri=lot.uri, net_g=net_g, first_position=one.first, last_position=one.last)
