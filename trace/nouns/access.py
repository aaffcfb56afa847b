"""Who may ask, as readers see it: accounts, their keys (never a token, nor its hash), mandates."""

from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_, select, true
from sqlalchemy.orm import aliased

from trace import visibility
from trace.accounts import Account, ApiKey, Caller, Role
from trace.mandates import Mandate
from trace.parties import Party
from trace.records import Noun, equal, plain

_SECOND = aliased(Party, name="second")


def _accounts(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return select(
        *(Account.code, Account.name, Account.role, Account.created_at, Account.closed_at, Party.code.label("party"))
    ).outerjoin(Party, Account.party_id == Party.id)


ACCOUNTS = Noun(
    name="account",
    key=Account.id,
    query=_accounts,
    visible=lambda caller: _mine(caller, Account.id == caller.account_id),
    code=plain(Account.code),
    filters={"party": equal(Party.code)},
)


def _keys(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(ApiKey.code, ApiKey.scopes, ApiKey.created_at, ApiKey.expires_at, ApiKey.revoked_at, ApiKey.last_used_at),
            *(Account.code.label("account"), Account.name, Account.role, Party.code.label("party")),
        )
        .join(Account, ApiKey.account_id == Account.id)
        .outerjoin(Party, Account.party_id == Party.id)
    )


API_KEYS = Noun(
    name="api-key",
    key=ApiKey.id,
    query=_keys,
    visible=lambda caller: _mine(caller, ApiKey.account_id == caller.account_id),
    code=plain(ApiKey.code),
    filters={"account": equal(Account.code)},
)


def _mine(caller: Caller, own: ColumnElement[bool]) -> ColumnElement[bool]:
    """Hold for everything where the operator asks, else for what belongs to the caller's own account."""
    if caller.role is Role.OPERATOR:
        return true()
    return false() if caller.account_id is None else own


def _mandates(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Mandate.code, Mandate.from_on, Mandate.until_on, Mandate.ended_at),
            *(Party.code.label("principal"), _SECOND.code.label("agent")),
        )
        .join(Party, Mandate.principal_id == Party.id)
        .join(_SECOND, Mandate.agent_id == _SECOND.id)
    )


MANDATES = Noun(
    name="mandate",
    key=Mandate.id,
    query=_mandates,
    visible=lambda caller: or_(visibility.own(caller, Mandate.principal_id), visibility.own(caller, Mandate.agent_id)),
    code=plain(Mandate.code),
    filters={"principal": equal(Party.code), "agent": equal(_SECOND.code)},
)
