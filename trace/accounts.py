"""Accounts: API keys, the role and the party each acts for. A key is kept as its SHA-256 only."""

import hashlib
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import Base
from trace.errors import NotFoundError, TraceError
from trace.ids import new_api_token
from trace.parties import Party


class Role(StrEnum):
    """What a key's holder may do."""

    OPERATOR = "operator"
    OFFICER = "officer"
    COOP = "coop"
    BROKER = "broker"
    PLANT = "plant"
    BRAND = "brand"
    LABORATORY = "laboratory"
    AUDITOR = "auditor"


class PartyRequiredError(TraceError):
    """Only an operator acts for nobody."""

    code = "party-required"


class ApiKey(Base):
    """One key. `party_id` is empty for the operator only."""

    __tablename__ = "api_key"
    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[Role]
    party_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Caller:
    """Who asks: the role, the party acted for, and that party's area."""

    def __init__(self, role: Role, party: Party | None) -> None:
        self.role = role
        self.party_id = party.id if party else None
        self.area_code = party.area_code if party else ""

    def sees(self, party_id: int, area_code: str) -> bool:
        """Return whether this party's records are the caller's own, in the caller's area, or open to the role."""
        if self.role in (Role.OPERATOR, Role.AUDITOR):
            return True
        if self.role is Role.OFFICER and self.area_code:
            return area_code.startswith(self.area_code)
        return party_id == self.party_id


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def create_key(session: Session, party_code: str | None, role: Role) -> str:
    """Make a key and return its token, which is never shown again. Raises `NotFoundError`, `PartyRequiredError`."""
    party = None
    if party_code is None and role is not Role.OPERATOR:
        raise PartyRequiredError(role=role.value)
    if party_code is not None:
        party = session.scalar(select(Party).where(Party.code == party_code))
        if party is None:
            raise NotFoundError(what="party", code=party_code)
    token = new_api_token()
    session.add(ApiKey(sha256=_digest(token), role=role, party_id=party.id if party else None, created_at=clock.now()))
    session.flush()
    return token


def find_caller(session: Session, token: str) -> Caller | None:
    """Return who holds the token, or None."""
    row = session.execute(
        select(ApiKey, Party)
        .outerjoin(Party, ApiKey.party_id == Party.id)
        .where(ApiKey.sha256 == _digest(token), ApiKey.revoked_at.is_(None))
    ).one_or_none()
    return Caller(row[0].role, row[1]) if row else None
