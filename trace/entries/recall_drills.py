"""Hold a drill: find scope, codes and buyers of a recall that is none, on real data, and time each step."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace import clock
from trace.accounts import Caller
from trace.entries.form import new_code
from trace.entries.recall_scopes import begin_with
from trace.entries.recalls import name_of
from trace.errors import Fault, InvalidError
from trace.keys import KeyRing
from trace.mandates import acting_party
from trace.nouns import INPUT_USES, LOTS, PLOTS, RESULTS
from trace.parties import Party
from trace.recalling.codes import find_printed, write_codes
from trace.recalling.contacts import best_contacts
from trace.recalling.drills import KeepDrill, RecallDrill, keep_drill, points_of
from trace.recalling.scope import Fate, Scope, Source, Start, find_scope, find_sources

_NOUNS = {"plot": PLOTS, "input": INPUT_USES, "result": RESULTS}


@dataclass(frozen=True, kw_only=True)
class EnterDrill:
    """A drill as somebody asks for it: it begins with lots, or with a plot, an input's use or a result."""

    party: str | None = None
    lots: Sequence[str] | None = None
    plot: str | None = None
    input: str | None = None
    result: str | None = None
    person: str | None = None


def hold_drill(
    session: Session, caller: Caller, record: EnterDrill, ring: Callable[[], KeyRing], known_at: datetime
) -> RecallDrill:
    """Hold a drill and keep how it went; nothing else is written. Times are from when it was asked.

    The keys are asked for when codes are made, so that a fault of the form is told first.

    Raises `InvalidError`, `NotRecallableError` and what finding the records raises.
    """
    owner = acting_party(session, caller, record.party)
    begun = time.perf_counter()
    start, named = _start(session, caller, record)
    scope, sources = find_scope(session, start), find_sources(session, start)
    _ = scope.counts, scope.holders
    scope_ms = _since(begun)
    codes = sum(part.count("\n") for part in write_codes(session, scope, find_printed(session, start, ring()))) - 1
    codes_ms = _since(begun)
    reachable = _reachable(session, owner, scope)
    buyers_ms = _since(begun)
    figures = _figures(scope, sources, codes=codes, reachable=reachable)
    command = KeepDrill(
        code=new_code("RD", known_at),
        owner_id=owner.id,
        person=record.person or name_of(session, caller),
        begun_with=named,
        known_at=known_at,
        scope_ms=scope_ms,
        codes_ms=codes_ms,
        buyers_ms=buyers_ms,
        figures=figures,
        score=round(sum(points_of(figures, buyers_ms))),
    )
    return keep_drill(session, command, caller.account_id)


def _since(begun: float) -> int:
    return round((time.perf_counter() - begun) * 1000)


def _start(session: Session, caller: Caller, record: EnterDrill) -> tuple[Start, list[str]]:
    given = [name for name in ("lots", *_NOUNS) if getattr(record, name)]
    if not given:
        raise InvalidError([Fault("lots", "missing-field")])
    if len(given) > 1:
        raise InvalidError([Fault(given[1], "not-both", {"value": given[1], "other": given[0]})])
    if given[0] != "lots":
        start, code = begin_with(session, caller, _NOUNS[given[0]], getattr(record, given[0]))
        return start, [code]
    begun = [begin_with(session, caller, LOTS, code) for code in record.lots or ()]
    ids = [id_ for start, _ in begun for id_ in start.values.values()]
    return Start.of_lots(ids), [code for _, code in begun]


def _reachable(session: Session, owner: Party, scope: Scope) -> int:
    """Return of how many buyers the owner keeps a contact."""
    codes = [one.code for one in scope.buyers]
    ids = list(session.scalars(select(Party.id).where(Party.code.in_(codes))))
    return len(best_contacts(session, owner.id, ids))


def _figures(scope: Scope, sources: Sequence[Source], *, codes: int, reachable: int) -> dict[str, Any]:
    return {
        "lots": len(scope.lots),
        "packs": len(scope.packs),
        "units": scope.units,
        "shipped": scope.counts[Fate.SHIPPED],
        "in_stock": scope.in_stock,
        "codes": codes,
        "buyers": len(scope.buyers),
        "buyers_with_contact": reachable,
        "buyers_listed": [one._asdict() for one in scope.buyers],
        "plots": sum(one.plot is not None for one in sources),
        "leaf_g": sum(one.mass_g for one in sources),
        "leaf_from_plots_g": sum(one.mass_g for one in sources if one.plot is not None),
        "day": clock.today().isoformat(),
    }
