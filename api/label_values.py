"""What the labels of a pack say: the record's values, and for each position its serial and link."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from labels.parts import LabelValues
from trace.digital_link import build_link
from trace.keys import KeyRing
from trace.label_jobs import PrintRun, serials
from trace.packs import Pack
from trace.parties import Brand
from trace.products import TradeItem
from trace.tracing import Direction, trace_lot


def label_values(session: Session, run: PrintRun, keys: KeyRing, public_url: str) -> Iterator[LabelValues]:
    """Return the values of each label of a print run, in order of position, made one by one."""
    pack = session.get_one(Pack, run.pack_id)
    item = session.get_one(TradeItem, pack.trade_item_id)
    same = _same_on_all(session, pack, item)
    return (
        replace(same, serial=serial, link=_link(public_url, item.gtin, pack.label_lot, serial))
        for serial in serials(session, run, keys)
    )


def _same_on_all(session: Session, pack: Pack, item: TradeItem) -> LabelValues:
    return LabelValues(
        link="",
        serial="",
        name=item.name,
        grade=item.grade or "",
        net_content=_net_content(item.net_g),
        lot=pack.label_lot,
        packed_on=pack.packed_on,
        best_before=pack.best_before,
        brand=session.scalars(select(Brand.name).where(Brand.id == item.brand_id)).one(),
        village=_villages(session, pack.lot_id),
    )


def _link(public_url: str, gtin: str | None, lot: str, serial: str) -> str:
    """Return the GS1 Digital Link of one pack, or our own short one where the item has no GTIN."""
    return build_link(public_url, gtin, lot, serial) if gtin else f"{public_url}/t/{serial}"


def _net_content(net_g: int) -> str:
    """Return the net content in the unit its size calls for (JJF 1070: grams below a kilogram)."""
    return f"{net_g} g" if net_g < 1000 else f"{(Decimal(net_g) / 1000).normalize():f} kg"


def _villages(session: Session, lot_id: int) -> str:
    """Return the village most of the leaf came from, and of how many it is one; none where any came from outside."""
    grams: dict[str, float] = {}
    for end in trace_lot(session, lot_id, Direction.BACK).ends:
        if not end.node.village:
            return ""
        grams[end.node.village] = grams.get(end.node.village, 0) + end.share
    first = max(grams, key=lambda name: (grams[name], name))
    return first if len(grams) == 1 else f"{first}等{len(grams)}村"
