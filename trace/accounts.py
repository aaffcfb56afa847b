"""Accounts: who may ask. A named holder with a role, acting for a party; each has keys, kept as their SHA-256 only."""

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import Base
from trace.errors import ConflictError, NotFoundError, TraceError
from trace.ids import new_api_token
from trace.parties import Party, find_party

LONGEST_NAME = 60
GRACE = timedelta(days=7)  # a replaced key still opens, so that every device can be given the new one


class Role(StrEnum):
    """What an account's holder may do."""

    OPERATOR = "operator"
    OFFICER = "officer"
    COOP = "coop"
    BROKER = "broker"
    PLANT = "plant"
    BRAND = "brand"
    LABORATORY = "laboratory"
    AUDITOR = "auditor"


class Scope(StrEnum):
    """What a key may be used for."""

    READ = "read"
    WRITE = "write"
    HISTORY = "history"  # enter what happened before: findings judge it, and stop nothing


USUAL = (Scope.READ, Scope.WRITE)


class PartyRequiredError(TraceError):
    """Only an operator acts for nobody."""

    code = "party-required"


class ExpiryPastError(TraceError):
    """A key would be expired when it is made."""

    code = "expiry-past"


class KeyClosedError(ConflictError):
    """The key was revoked, or its account closed."""

    code = "key-closed"


class Account(Base):
    """A person or a program that may ask. `party_id` is empty for the operator only."""

    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(36), unique=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))  # of the person who answers for what is entered
    role: Mapped[Role]
    party_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class ApiKey(Base):
    """One key of an account."""

    __tablename__ = "api_key"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(36), unique=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


@dataclass(frozen=True, kw_only=True)
class OpenAccount:
    """Ask for an account."""

    name: str
    role: Role
    party: str | None = None


@dataclass(frozen=True, kw_only=True)
class NewKey:
    """Ask for a key of an account."""

    account: str
    scopes: tuple[Scope, ...] = USUAL
    expires_at: datetime | None = None


class Caller:
    """Who asks: the account and its role, the party acted for, that party's area, and what the key is good for."""

    def __init__(
        self,
        role: Role,
        party: Party | None,
        scopes: Iterable[str] = USUAL,
        account: Account | None = None,
        key: ApiKey | None = None,
    ) -> None:
        self.role = role
        self.party = party
        self.party_id = party.id if party else None
        self.area_code = party.area_code if party else ""
        self.scopes = frozenset(scopes)
        self.account, self.key = account, key  # both empty where nobody asked through a door
        self.account_id = account.id if account else None
        self.name = account.name if account else ""

    def sees(self, party_id: int, area_code: str) -> bool:
        """Return whether this party's records are the caller's own, in the caller's area, or open to the role."""
        if self.role in (Role.OPERATOR, Role.AUDITOR):
            return True
        if self.role is Role.OFFICER and self.area_code:
            return area_code.startswith(self.area_code)
        return party_id == self.party_id


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def open_account(session: Session, command: OpenAccount) -> Account:
    """Open an account. Raises `NotFoundError`, `PartyRequiredError`."""
    if command.party is None and command.role is not Role.OPERATOR:
        raise PartyRequiredError(role=command.role.value)
    parties: dict[str, int] = {}
    if command.party is not None:
        party = find_party(session, command.party)
        if party is None:
            raise NotFoundError(what="party", code=command.party)
        parties[command.party] = party.id
    return open_accounts(session, [command], parties)[0]


def open_accounts(session: Session, commands: Sequence[OpenAccount], parties: Mapping[str, int]) -> list[Account]:
    """Open accounts for parties given as code → row id."""
    accounts = [
        Account(
            code=str(uuid.uuid4()),
            name=command.name,
            role=command.role,
            party_id=None if command.party is None else parties[command.party],
            created_at=clock.now(),
        )
        for command in commands
    ]
    session.add_all(accounts)
    session.flush()
    return accounts


def close_account(session: Session, code: str) -> Account:
    """Close an account: none of its keys opens any more. Closing it again changes nothing."""
    account = get_account(session, code)
    if account.closed_at is None:
        account.closed_at = clock.now()
        session.flush()
    return account


def get_account(session: Session, code: str) -> Account:
    """Return an account. Raises `NotFoundError`."""
    account: Account | None = session.scalar(select(Account).where(Account.code == code))
    if account is None:
        raise NotFoundError(what="account", code=code)
    return account


def give_key(session: Session, command: NewKey) -> tuple[ApiKey, str]:
    """Make a key and return it with its token, which is never shown again.

    Raises `ExpiryPastError`, `KeyClosedError`.
    """
    account = get_account(session, command.account)
    if account.closed_at is not None:
        raise KeyClosedError(account=command.account)
    now = clock.now()
    if command.expires_at is not None and command.expires_at <= now:
        raise ExpiryPastError(expires_at=command.expires_at.isoformat())
    token = new_api_token()
    key = ApiKey(
        code=str(uuid.uuid4()),
        sha256=_digest(token),
        account_id=account.id,
        scopes=[scope.value for scope in command.scopes],
        created_at=now,
        expires_at=command.expires_at,
    )
    session.add(key)
    session.flush()
    return key, token


def get_key(session: Session, code: str) -> ApiKey:
    """Return a key by its code, which is not its token. Raises `NotFoundError`."""
    key: ApiKey | None = session.scalar(select(ApiKey).where(ApiKey.code == code))
    if key is None:
        raise NotFoundError(what="api-key", code=code)
    return key


def rotate_key(session: Session, code: str) -> tuple[ApiKey, str]:
    """Replace a key by a new one of the same account, scopes and expiry; the former opens for some days more.

    Raises `KeyClosedError`.
    """
    former, now = get_key(session, code), clock.now()
    account = session.get_one(Account, former.account_id)
    if former.revoked_at is not None or (former.expires_at is not None and former.expires_at <= now):
        raise KeyClosedError(key=code)
    scopes = tuple(Scope(scope) for scope in former.scopes)
    new, token = give_key(session, NewKey(account=account.code, scopes=scopes, expires_at=former.expires_at))
    former.expires_at = min(former.expires_at or now + GRACE, now + GRACE)
    session.flush()
    return new, token


def revoke_key(session: Session, code: str) -> ApiKey:
    """Let a key open nothing from now on. Revoking it again changes nothing."""
    key = get_key(session, code)
    if key.revoked_at is None:
        key.revoked_at = clock.now()
        session.flush()
    return key


def usual_name(role: Role, party: str | None) -> str:
    """Return what to call an account whose holder nobody named."""
    return role.value if party is None else f"{role} {party}"


def create_key(session: Session, party: str | None, role: Role, scopes: tuple[Scope, ...] = USUAL) -> str:
    """Open an account named after its role and party, and return the token of its first key.

    Raises what `open_account` raises.
    """
    account = open_account(session, OpenAccount(name=usual_name(role, party), role=role, party=party))
    return give_key(session, NewKey(account=account.code, scopes=scopes))[1]


def find_caller(session: Session, token: str) -> Caller | None:
    """Return who holds the token, or None where it opens nothing, or nothing any more."""
    row = session.execute(
        select(ApiKey, Account, Party)
        .join(Account, ApiKey.account_id == Account.id)
        .outerjoin(Party, Account.party_id == Party.id)
        .where(ApiKey.sha256 == _digest(token), ApiKey.revoked_at.is_(None), Account.closed_at.is_(None))
    ).one_or_none()
    if row is None or (row[0].expires_at is not None and row[0].expires_at <= clock.now()):
        return None
    key, account, party = row
    return Caller(account.role, party, key.scopes, account, key)


def note_uses(session: Session, uses: dict[int, datetime]) -> None:
    """Keep when keys (by row id) were last used; an older use than the one known changes nothing."""
    for key, used_at in sorted(uses.items()):
        newer = (ApiKey.last_used_at.is_(None)) | (ApiKey.last_used_at < used_at)
        session.execute(update(ApiKey).where(ApiKey.id == key, newer).values(last_used_at=used_at))
