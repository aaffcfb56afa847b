"""Renewal: what pages show of a party, place or product has changed, so the pages that show it are made anew.

A page is as new as its pack's lot and its trade item together (`verdicts.py`). Each renewal is one statement.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, union_all, update
from sqlalchemy.orm import Session

from trace.holds import RecalledLot
from trace.lineage import LineageEdge
from trace.lots import Lot
from trace.packs import Pack
from trace.parties import Brand, Party
from trace.places import Plot, Village
from trace.products import TradeItem
from trace.quality import Result, Sample
from trace.recalls import Recall

_TOWN = 9  # digits of a village's code that name its town


def renew_packs_of(session: Session, *lots: Select[Any]) -> None:
    """Renew the page of every pack made, at any remove, of the lots that queries name."""
    named = union_all(*lots).subquery()
    start = select(named.c[0].label("lot")).cte("down", recursive=True)
    down = start.union(select(LineageEdge.child_id).join(start, LineageEdge.parent_id == start.c.lot))
    packed = select(Pack.lot_id).join(down, Pack.lot_id == down.c.lot)
    # Locked in id order on the way: an update of several takes them in any.
    ordered = select(Lot.id).where(Lot.id.in_(packed)).order_by(Lot.id).with_for_update()
    session.execute(
        update(Lot).where(Lot.id.in_(ordered)).values(revision=Lot.revision + 1),
        execution_options={"synchronize_session": False},
    )


def renew_party_pages(session: Session, party: Party) -> None:
    """Renew the pages on which a party's name or licence stands: as maker, laboratory, town, or whoever recalled."""
    lots = [
        select(Lot.id).where(Lot.party_id == party.id),
        select(Sample.lot_id).join(Result, Result.sample_id == Sample.id).where(Result.laboratory_id == party.id),
        select(RecalledLot.lot_id).join(Recall).where(Recall.owner_id == party.id),
    ]
    if party.kind == "public-body":
        town = select(Village.id).where(func.substr(Village.code, 1, _TOWN) == party.code)
        lots.append(select(Lot.id).join(Plot, Lot.plot_id == Plot.id).where(Plot.village_id.in_(town)))
    renew_packs_of(session, *lots)
    renew_items(session, TradeItem.brand_id.in_(select(Brand.id).where(Brand.owner_id == party.id)))


def renew_village_pages(session: Session, village: Village) -> None:
    """Renew the pages on which a village stands."""
    renew_packs_of(session, select(Lot.id).join(Plot, Lot.plot_id == Plot.id).where(Plot.village_id == village.id))


def renew_plot_pages(session: Session, *plots: int) -> None:
    """Renew the pages of what was made of leaf from plots, by row id."""
    renew_packs_of(session, select(Lot.id).where(Lot.plot_id.in_(plots)))


def renew_items(session: Session, which: ColumnElement[bool]) -> None:
    """Give trade items their next revision, and with it the page of each and of every pack of it."""
    ordered = select(TradeItem.id).where(which).order_by(TradeItem.id).with_for_update()
    session.execute(
        update(TradeItem).where(TradeItem.id.in_(ordered)).values(revision=TradeItem.revision + 1),
        execution_options={"synchronize_session": "fetch"},
    )
