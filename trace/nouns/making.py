"""Making as its readers see it: runs and blends with what they took and what they made."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from trace import visibility
from trace.accounts import Caller
from trace.events.tables import Event
from trace.lineage import LineageEdge
from trace.lots import Lot
from trace.parties import Party
from trace.records import Noun, Parts, equal, plain
from trace.runs import Run

_AGENT = aliased(Party, name="agent")


def _runs(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Run.code, Party.code.label("owner"), Run.step, Run.run_on, Lot.code.label("output"), Lot.grade),
            *(Run.input_g, Run.output_g, Run.by_product_g, Run.sample_g, Run.moisture_percent, Lot.product_kind),
            *(Run.pluck_standard, Run.weather, Event.event_time.label("done_at"), Event.utc_offset, Event.mode),
            *(Event.event_id.label("event"), _AGENT.code.label("entered_by")),
        )
        .select_from(Run)
        .join(Party, Run.plant_id == Party.id)
        .join(Lot, Run.output_lot_id == Lot.id)
        .join(Event, Run.event_id == Event.id)
        .outerjoin(_AGENT, Event.entered_by_id == _AGENT.id)
        .where(Run.undone_at.is_(None))
    )


def _inputs(session: Session, _caller: Caller, runs: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """Return the lots that each run drew from, with grams."""
    query = (
        select(Run.id, Lot.code, Party.code, LineageEdge.mass_g)
        .join(LineageEdge, (LineageEdge.child_id == Run.output_lot_id) & (LineageEdge.event_id == Run.event_id))
        .join(Lot, LineageEdge.parent_id == Lot.id)
        .join(Party, Lot.party_id == Party.id)
        .where(Run.id.in_(runs))
        .order_by(Run.id, Lot.id)
    )
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for run, lot, party, mass_g in session.execute(query):
        found[run].append({"lot": lot, "party": party, "mass_g": mass_g})
    return found


def _noun(name: str, step: str) -> Noun:
    return Noun(
        name=name,
        key=Run.id,
        query=lambda caller: _runs(caller).where(Run.step == step),
        visible=lambda caller: visibility.lots_by_id(caller, Run.output_lot_id),
        code=plain(Run.code),
        owner=Party.code.expression,
        aliases="runs" if step == "run" else None,
        filters={"party": equal(Party.code), "output": equal(Lot.code)},
        parts=Parts("inputs", _inputs),
    )


RUNS, BLENDS = _noun("run", "run"), _noun("blend", "blend")
