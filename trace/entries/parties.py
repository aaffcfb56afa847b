"""Register parties: the operator and the officer of the area any, a co-operative its growers, a plant its brokers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from trace.accounts import Caller, Role
from trace.entries.registry import Registry
from trace.parties import Party, RegisterParty, register_parties
from trace.persons import Private
from trace.rules.judging import judge_parties
from trace.vocabulary import Scheme, ensure_terms

# Whom a party brings along; others are registered by whoever keeps the register.
BRINGS = {Role.COOP: "grower", Role.PLANT: "broker"}


@dataclass(frozen=True, kw_only=True)
class EnterParty:
    """A party as somebody types it."""

    code: str
    name: str
    kind: str
    area_code: str | None = None
    uscc: str | None = None
    member_of: str | None = None
    led_by_village: bool | None = None
    registered_on: date | None = None
    gs1_prefix: str | None = None
    address: str | None = None
    contact: str | None = None
    private: Private | None = None


_SAME = ("code", "name", "kind", "uscc", "led_by_village", "registered_on", "gs1_prefix", "address", "contact")


def enter_parties(session: Session, caller: Caller, records: Sequence[EnterParty]) -> list[Party]:
    """Register parties. Raises `InvalidError` with every fault."""
    registry = Registry(session, caller)
    registry.know(record.member_of for record in records)
    commands = []
    for place, record in enumerate(records):
        home = registry.find_party(place, "member_of", record.member_of)
        commands.append(
            RegisterParty(
                area_code=record.area_code or caller.area_code,
                member_of_id=home.id if home else None,
                person=record.private,
                **{name: getattr(record, name) for name in _SAME},
            )
        )
        _check(registry, place, record)
    registry.close()
    ensure_terms(session, Scheme.PARTY_KIND, [record.kind for record in records])
    parties = register_parties(session, commands)
    judge_parties(session, [party.id for party in parties])
    return parties


def _check(registry: Registry, place: int, record: EnterParty) -> None:
    """Refuse a party that the caller may not bring along."""
    caller = registry.caller
    if caller.role in BRINGS:
        if record.kind != BRINGS[caller.role]:
            registry.refuse(place, "kind", "not-allowed", value=record.kind, allowed=[BRINGS[caller.role]])
        own = caller.party.code if caller.party else None
        if record.member_of != (own if caller.role is Role.COOP else None):
            registry.refuse(place, "member_of", "not-allowed", value=record.member_of, allowed=[own])
    elif not (record.area_code or caller.area_code):
        registry.refuse(place, "area_code", "missing-field")
    elif caller.role is Role.OFFICER:
        area = record.area_code or caller.area_code
        if not caller.area_code or not area.startswith(caller.area_code):
            registry.refuse(place, "area_code", "outside-the-area", value=area, area=caller.area_code)
