"""Give mandates by code: a party for itself, the operator for any."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from trace.accounts import Caller, Role
from trace.entries.accounts import find_party_ids
from trace.errors import Fault, InvalidError
from trace.mandates import GiveMandate, Mandate, NotForThemError, PartyNotSaidError, give_mandate


@dataclass(frozen=True, kw_only=True)
class EnterMandate:
    """A mandate as somebody types it."""

    agent: str
    from_on: date
    until_on: date | None = None
    principal: str | None = None  # the caller's own party where empty


def enter_mandates(session: Session, caller: Caller, records: Sequence[EnterMandate]) -> list[Mandate]:
    """Give mandates. An agent cannot give itself one, nor pass one on.

    The agent may be any party: before the first dealing neither sees the other. Raises `NotForThemError`,
    `InvalidError` with every fault.
    """
    principals = [_principal(caller, record) for record in records]
    parties = find_party_ids(session, {*principals, *(record.agent for record in records)})
    faults: list[Fault] = []
    for place, (record, principal) in enumerate(zip(records, principals, strict=True)):
        for field, code in (("principal", principal), ("agent", record.agent)):
            if code not in parties:
                faults.append(Fault(f"[{place}].{field}", "unknown-reference", {"value": code, "array": "parties"}))
        if record.agent == principal:
            faults.append(Fault(f"[{place}].agent", "mandate-to-itself", {"value": principal}))
        if record.until_on is not None and record.until_on < record.from_on:
            facts: dict[str, object] = {"value": str(record.until_on), "from_on": str(record.from_on)}
            faults.append(Fault(f"[{place}].until_on", "until-before-from", facts))
    if faults:
        raise InvalidError(faults)
    commands = [
        GiveMandate(
            principal_id=parties[principal],
            agent_id=parties[record.agent],
            from_on=record.from_on,
            until_on=record.until_on,
            account_id=caller.account_id,
        )
        for record, principal in zip(records, principals, strict=True)
    ]
    return [give_mandate(session, command) for command in commands]


def _principal(caller: Caller, record: EnterMandate) -> str:
    """Return the code of who gives the mandate. Raises `NotForThemError`."""
    own = caller.party.code if caller.party is not None else None
    code = own if record.principal is None else record.principal
    if code is None:
        raise PartyNotSaidError
    if caller.role is not Role.OPERATOR and code != own:
        raise NotForThemError(party=code)
    return code
