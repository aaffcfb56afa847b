"""Register villages and plots, by the operator, the officer of the area, or the co-operative that works the land."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from trace.accounts import Caller, Role
from trace.entries.registry import Registry
from trace.places import Plot, Village
from trace.villages import RegisterVillage, register_villages


@dataclass(frozen=True, kw_only=True)
class EnterPlot:
    """A plot as somebody types it; its outline is GeoJSON."""

    code: str
    village: str
    cultivar: str
    area_mu: Decimal
    crs: str
    outline: Any
    cooperative: str | None = None
    holder: str | None = None
    clonal: bool | None = None
    planted_year: int | None = None
    certification: str | None = None
    from_on: date | None = None


_SAME = ("code", "cultivar", "area_mu", "crs", "clonal", "planted_year", "certification", "from_on")


def enter_villages(session: Session, caller: Caller, records: Sequence[RegisterVillage]) -> list[Village]:
    """Register villages; an officer those of the area. Raises `InvalidError` with every fault."""
    registry = Registry(session, caller)
    for place, record in enumerate(records):
        if caller.role is Role.OFFICER and not record.code.startswith(caller.area_code or "-"):
            registry.refuse(place, "code", "outside-the-area", value=record.code, area=caller.area_code)
    registry.close()
    return register_villages(session, records)


def enter_plots(session: Session, caller: Caller, records: Sequence[EnterPlot]) -> list[Plot]:
    """Register plots. A co-operative registers those it works itself. Raises `InvalidError` with every fault."""
    from trace.plots import Change, RegisterPlot, register_plots  # noqa: PLC0415 -- the first answer needs no polygons

    registry = Registry(session, caller)
    villages = registry.find_rows(
        Village, [(place, "village", record.village) for place, record in enumerate(records)], "villages"
    )
    registry.know(code for record in records for code in (record.cooperative, record.holder))
    commands = []
    for place, record in enumerate(records):
        own = caller.party.code if caller.party and caller.role is Role.COOP else None
        cooperative = registry.find_party(place, "cooperative", record.cooperative or own)
        holder = registry.find_party(place, "holder", record.holder)
        if own and cooperative and cooperative.id != caller.party_id:
            registry.refuse(place, "cooperative", "not-allowed", value=record.cooperative, allowed=[own])
        if caller.role is Role.OFFICER and not record.village.startswith(caller.area_code or "-"):
            registry.refuse(place, "village", "outside-the-area", value=record.village, area=caller.area_code)
        village = villages.get(record.village)
        commands.append(
            RegisterPlot(
                village_id=village.id if village else 0,
                cooperative_id=cooperative.id if cooperative else None,
                holder_id=holder.id if holder else None,
                geometry=record.outline,
                **{name: getattr(record, name) for name in _SAME},
            )
        )
    registry.close()
    return register_plots(session, commands, Change(account_id=caller.account_id))
