"""Mandates: one party enters records for another, as a plant does for its broker. Members need none."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.accounts import Caller, Role
from trace.db import Base, portions
from trace.errors import ForbiddenError, NotFoundError
from trace.faults import Faults
from trace.parties import Party, hold_parties, parties_called


class NotForThemError(ForbiddenError):
    """The caller may not enter records for that party."""

    code = "not-for-them"


class PartyNotSaidError(NotForThemError):
    """The caller has no party of its own and says none."""

    code = "party-not-said"


class Mandate(Base):
    """From a day on, until another or until it is ended, `agent` may enter records for `principal`."""

    __tablename__ = "mandate"
    __table_args__ = (
        CheckConstraint("principal_id <> agent_id", name="not_itself"),
        Index("ix_mandate_code", "code", unique=True),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(36))
    principal_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # who recorded it


@dataclass(frozen=True, kw_only=True)
class GiveMandate:
    """Let `agent` enter records for `principal`, from a day on, until and with another where one is named."""

    principal_id: int
    agent_id: int
    from_on: date
    until_on: date | None = None
    account_id: int | None = None


def give_mandate(session: Session, command: GiveMandate) -> Mandate:
    """Write a mandate. Raises `InvalidError`."""
    faults = Faults()
    survivors = hold_parties(session, [command.principal_id, command.agent_id])
    principal, agent = survivors[command.principal_id], survivors[command.agent_id]
    if principal == agent:
        faults.fault("agent", "not-itself")
    if command.until_on is not None and command.until_on < command.from_on:
        faults.fault("until_on", "until-before-from", value=str(command.until_on), from_on=str(command.from_on))
    faults.refuse()
    values = {"principal_id": principal, "agent_id": agent}
    mandate = Mandate(code=str(uuid.uuid4()), **{**vars(command), **values})
    session.add(mandate)
    session.flush()
    return mandate


def end_mandate(session: Session, caller: Caller, code: str) -> Mandate:
    """End a mandate at once; ending it again changes nothing. Raises `NotFoundError`, `NotForThemError`."""
    found = session.execute(
        select(Mandate, Party.code).join(Party, Mandate.principal_id == Party.id).where(Mandate.code == code)
    ).one_or_none()
    if found is None:
        raise NotFoundError(what="mandate", code=code)
    mandate, principal = found
    if caller.role is not Role.OPERATOR and mandate.principal_id != caller.party_id:
        raise NotForThemError(party=principal)
    if mandate.ended_at is None:
        mandate.ended_at = clock.now()
        session.flush()
    return mandate


def acting_party(session: Session, caller: Caller, code: str | None) -> Party:
    """Return for whom the caller enters a record: its own party where no code is given.

    Raises `NotForThemError`, also for a party that does not exist: who may not act for one need not know of it.
    """
    return acting_parties(session, caller, [code])[code]


def reader_for(session: Session, caller: Caller, code: str | None) -> Caller:
    """Return who reads a record of a party: it itself where the caller enters for it, else the caller."""
    try:
        return caller if code is None else Caller(caller.role, acting_party(session, caller, code))
    except NotForThemError:
        return caller


def acting_parties(session: Session, caller: Caller, codes: Iterable[str | None]) -> dict[str | None, Party]:
    """Return by code for whom the caller enters records. Raises as `acting_party` does."""
    known: dict[str | None, Party] = {}
    if caller.party is not None:
        known = {None: caller.party, caller.party.code: caller.party}
    wanted = dict.fromkeys(codes)
    others = parties_called(session, [code for code in wanted if code is not None and code not in known])
    open_to_it = _principals(session, caller, others.values())
    for code in [code for code in wanted if code not in known]:
        principal = others.get(code) if code else None
        if caller.role is Role.OPERATOR and code is not None and principal is None:
            raise NotFoundError(what="party", code=code)
        if code is None:
            raise PartyNotSaidError
        if principal is None or principal.id not in open_to_it:
            raise NotForThemError(party=code)
        known[code] = principal
    return {code: known[code] for code in wanted}


def _principals(session: Session, caller: Caller, parties: Iterable[Party]) -> set[int]:
    """Return those of some parties (row ids) for whom the caller may act: its members, and who gave it a mandate.

    Its own party is among them under the code of a duplicate.
    """
    asked = {party.id: party for party in parties}
    if caller.role is Role.OPERATOR:
        return set(asked)
    if caller.party_id is None:
        return set()
    near = {id_ for id_, party in asked.items() if caller.party_id in (id_, party.member_of_id)}
    today = clock.today()
    running = select(Mandate.principal_id).where(
        Mandate.agent_id == caller.party_id,
        Mandate.ended_at.is_(None),
        Mandate.from_on <= today,
        or_(Mandate.until_on.is_(None), Mandate.until_on >= today),
    )
    for few in portions(asked.keys() - near):
        near.update(session.scalars(running.where(Mandate.principal_id.in_(few))))
    return near
