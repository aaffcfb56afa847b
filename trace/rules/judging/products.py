"""Judge trade items by their packaging."""

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace import clock
from trace.findings import Finding, Judged, Judging, settle_findings
from trace.parties import Brand
from trace.products import TradeItem
from trace.rule_tables import load_tables
from trace.rules import packaging
from trace.rules.judging.bringing import names_of, rows_of
from trace.rules.tables import Tables


def judge_products(session: Session, item_ids: Iterable[int]) -> list[Finding]:
    """Judge trade items. Returns what was not found before."""
    ids = set(item_ids)
    return settle_findings(session, say_of_products(session, ids, load_tables(session))) if ids else []


def say_of_products(session: Session, ids: Collection[int], tables: Tables) -> Judging:
    """Say what the rules find in trade items: an item has no day, so it is judged as if it were packed today."""
    query = select(TradeItem, Brand.owner_id).join(Brand, TradeItem.brand_id == Brand.id).order_by(TradeItem.id)
    rows = list(rows_of(session, query, TradeItem.id, ids))
    names = names_of(session, ("skus",), {item.id: item.code for item, _ in rows})
    at = tables.on(clock.today())
    facts = [
        packaging.Designed(
            id=item.id,
            net_g=item.net_g,
            form=item.packaging_form,
            layers=item.packaging_layers,
            price_yuan=item.price_yuan,
            cost_yuan=item.packaging_cost_yuan,
            gross_g=item.gross_g,
            volume_ml=item.volume_ml,
            at=at,
        )
        for item, _ in rows
    ]
    return Judging(
        noun="product",
        rules=[packaging.RULE],
        records=ids,
        judged={item.id: Judged(party_id=owner, lots=[], names=names[item.id]) for item, owner in rows},
        judgements=packaging.judge(facts),
    )


def find_products_since(session: Session, _since: date) -> list[int]:
    """Return every trade item: what it is has no day."""
    return list(session.scalars(select(TradeItem.id).order_by(TradeItem.id)))
