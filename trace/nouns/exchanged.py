"""Nouns as a register that goes out and comes back: with the moments and parts that their readers need not see."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from trace.accounts import Caller
from trace.events.tables import Event
from trace.lineage import LineageEdge
from trace.lots import Lot
from trace.nouns.chain import PACKS
from trace.nouns.making import BLENDS, RUNS
from trace.nouns.quality import RESULTS
from trace.packs import Pack
from trace.quality import Sample
from trace.records import Noun, Parts, Record
from trace.runs import Run

_BESIDE, _SAMPLING = aliased(Lot, name="beside"), aliased(Event, name="sampling")


def _packs(caller: Caller) -> Select[*tuple[Any, ...]]:
    return PACKS.query(caller).add_columns(Pack.as_typed)


def _filled(session: Session, _caller: Caller, packs: Sequence[int]) -> dict[int, list[Record]]:
    """Return the lots that each pack was filled from, with grams."""
    query = (
        select(Pack.id, Lot.code.label("lot"), LineageEdge.mass_g)
        .join(LineageEdge, (LineageEdge.child_id == Pack.lot_id) & (LineageEdge.event_id == Pack.event_id))
        .join(Lot, LineageEdge.parent_id == Lot.id)
        .where(Pack.id.in_(packs))
        .order_by(Pack.id, Lot.id)
    )
    found: dict[int, list[Record]] = defaultdict(list)
    for row in session.execute(query).mappings():
        found[row["id"]].append(dict(row))
    return found


def _results(caller: Caller) -> Select[*tuple[Any, ...]]:
    """Select reports; of a sample that has no event of its own the report's tells when it was taken."""
    query = RESULTS.query(caller).outerjoin(_SAMPLING, Sample.event_id == _SAMPLING.id)
    return query.add_columns(_SAMPLING.event_time.label("sampled_at"))


def _with_by_product(noun: Noun) -> Noun:
    def query(caller: Caller) -> Select[*tuple[Any, ...]]:
        query = noun.query(caller).outerjoin(_BESIDE, Run.by_product_lot_id == _BESIDE.id)
        return query.add_columns(_BESIDE.code.label("by_product"), Run.as_typed)

    return replace(noun, query=query)


PACKS_WHOLE = replace(PACKS, query=_packs, parts=Parts("inputs", _filled))
RESULTS_WHOLE = replace(RESULTS, query=_results)
RUNS_WHOLE, BLENDS_WHOLE = _with_by_product(RUNS), _with_by_product(BLENDS)
