"""Draws: grams of lots that a record takes, each lot once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from trace.entries.form import Form
from trace.entries.references import Named, find_own_lots
from trace.lots import Lot, LotKind
from trace.mass import Weighed
from trace.parties import Party


@dataclass(frozen=True, kw_only=True)
class Draw:
    """So much of a lot."""

    lot: str
    mass: Weighed


Drawn = list[tuple[Lot, Weighed]]


def find_draws(
    form: Form, wanted: Sequence[tuple[str, Sequence[Draw]]], owners: Sequence[Party] | None = None
) -> list[Drawn]:
    """Return the lots that each record draws from; `wanted` has each record's field and draws.

    A lot that is unknown, another's or named twice is a fault at its place. `owners` are those of the lots, where a
    record takes another's than its own party's. A record that is itself one draw has no field for it.
    """
    named = [
        Named(place, _place(field, number), draw.lot)
        for place, (field, draws) in enumerate(wanted)
        for number, draw in enumerate(draws)
    ]
    lots = iter(find_own_lots(form, named, owners))
    found: list[Drawn] = []
    for place, (field, draws) in enumerate(wanted):
        drawn: Drawn = []
        seen: dict[int, str] = {}
        for number, draw in enumerate(draws):
            lot, here = next(lots), _place(field, number)
            if lot is None:
                continue
            if lot.kind is LotKind.PACKED:  # its grams are units: they are opened again, not drawn
                form.refuse(place, here, "packed-lot", value=draw.lot)
            if lot.id in seen:
                form.refuse(place, here, "duplicate-value", value=draw.lot, first=seen[lot.id])
            seen.setdefault(lot.id, here)
            drawn.append((lot, draw.mass))
        found.append(drawn)
    return found


def _place(field: str, number: int) -> str:
    return f"{field}[{number}].lot" if field else "lot"


def latest_day(drawn: Drawn) -> date | None:
    """Return the day on which the youngest of the lots came into being."""
    return max((lot.made_on for lot, _ in drawn), default=None)
