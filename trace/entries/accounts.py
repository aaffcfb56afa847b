"""Open accounts for parties by code, and give out their keys."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.accounts import Account, ApiKey, NewKey, OpenAccount, Role, give_key, open_accounts
from trace.db import portions
from trace.errors import Fault, InvalidError, NotFoundError
from trace.parties import Party


def find_party_ids(session: Session, codes: set[str]) -> dict[str, int]:
    """Return the row id of each party that is known by one of these codes."""
    found: dict[str, int] = {}
    for few in portions(codes):
        query = select(Party.code, Party.id).where(Party.code.in_(few))
        found.update({row.code: row.id for row in session.execute(query)})
    return found


def enter_accounts(session: Session, records: Sequence[OpenAccount]) -> list[Account]:
    """Open accounts; the operator alone may ask for it. Raises `InvalidError` with every fault."""
    parties = find_party_ids(session, {record.party for record in records if record.party is not None})
    faults: list[Fault] = []
    for place, record in enumerate(records):
        if record.party is None and record.role is not Role.OPERATOR:
            faults.append(Fault(f"[{place}].party", "missing-field"))
        elif record.party is not None and record.party not in parties:
            faults.append(Fault(f"[{place}].party", "unknown-reference", {"value": record.party, "array": "parties"}))
    if faults:
        raise InvalidError(faults)
    return open_accounts(session, records, parties)


def enter_key(session: Session, command: NewKey) -> tuple[ApiKey, str]:
    """Give out a key of an account by its code. Raises `InvalidError`, `ExpiryPastError`, `KeyClosedError`."""
    try:
        return give_key(session, command)
    except NotFoundError:
        facts: dict[str, object] = {"value": command.account, "array": "accounts"}
        raise InvalidError([Fault("account", "unknown-reference", facts)]) from None
