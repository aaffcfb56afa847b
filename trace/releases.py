"""Releases: a named person lets a lot of made tea go to be packed or shipped, once its required results have passed.

A release is never taken back: whoever finds that it was wrong holds the lot. `keep_releases` writes those that happened
before this record began, as a season's file tells them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Select, String, exists, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import BIG, Base, BigId, portions
from trace.descent import lock_descendants, touch
from trace.errors import ConflictError, ForbiddenError
from trace.events import Entry, NewEvent, documents, record
from trace.findings import Finding, Judgement, NewFinding, Severity, raise_findings
from trace.instance import get_namespace
from trace.lineage import LineageEdge
from trace.lots import Lot, LotKind

HELD = (
    "held_by_person"  # what a person says stands among findings: it reaches what was made of the lot, and is answered
)
TO_BE_RELEASED = (LotKind.MADE, LotKind.FINISHED, LotKind.BY_PRODUCT)


class LotReleasedError(ConflictError):
    """The lot was released before, and nothing holds it."""

    code = "lot-released"


class NamelessError(ForbiddenError):
    """Only a person can answer for this: the key's account has no name, or only reads."""

    code = "nameless"


class NeedsNoReleaseError(ConflictError):
    """The lot is of a kind that nobody releases: leaf, or packs."""

    code = "needs-no-release"


class LotRelease(Base):
    """That somebody let a lot go. `recorded_at` says which tables were known then."""

    __tablename__ = "lot_release"
    id: Mapped[BigId]
    lot_id: Mapped[int] = mapped_column(BIG, ForeignKey("lot.id"), index=True)
    released_at: Mapped[datetime]
    released_by: Mapped[str | None] = mapped_column(String(60))  # a person; empty where a season's file says so
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]
    event_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("event.id"), index=True)


@dataclass(frozen=True)
class Person:
    """Who answers for a release or a hold: a name, and the account where one asked through a door."""

    name: str
    account_id: int | None = None


def is_released() -> ColumnElement[bool]:
    """Hold for lots that somebody let go."""
    return exists().where(LotRelease.lot_id == Lot.id)


def lock_lot(session: Session, lot: int) -> Lot:
    """Lock a lot (row id) with all made of it, so that no result comes in between, and return it as it is now."""
    lock_descendants(session, [lot])
    return session.get_one(Lot, lot, populate_existing=True)


def release_lot(session: Session, lot: Lot, by: Person, entry: Entry) -> LotRelease:
    """Let a locked lot go. Whether it may be is for the rules to have said."""
    now = clock.now()
    document = documents.observation(
        get_namespace(session),
        when=now.astimezone(clock.COUNTRY),
        step="inspecting",
        of=[lot.uri],
        extra={"disposition": "available", "chasu:release": by.name},
    )
    [event] = record(session, [NewEvent(document=document, party_id=lot.party_id, entry=entry)])
    release = LotRelease(
        lot_id=lot.id,
        released_at=now,
        released_by=by.name,
        account_id=by.account_id,
        recorded_at=now,
        event_id=event,
    )
    session.add(release)
    session.flush()
    touch(session, [lot.id], locked=True)
    return release


def keep_releases(session: Session, released: Iterable[tuple[int, datetime]]) -> list[LotRelease]:
    """Keep when lots (row ids) were let go before this record began."""
    now = clock.now()
    rows = [LotRelease(lot_id=lot, released_at=at, recorded_at=now) for lot, at in released]
    session.add_all(rows)
    session.flush()
    return rows


@dataclass(frozen=True, kw_only=True)
class HoldLot:
    """Ask to hold a lot; `severity` says whether its own party may let it go again."""

    reason: str
    severity: Severity
    by: Person


def hold_lot(session: Session, lot: Lot, command: HoldLot, entry: Entry) -> Finding:
    """Hold a locked lot and all made of it until a named person answers."""
    document = documents.observation(
        get_namespace(session),
        when=clock.now().astimezone(clock.COUNTRY),
        step="holding",
        of=[lot.uri],
        extra={"disposition": "unavailable", "chasu:reason": command.reason},
    )
    record(session, [NewEvent(document=document, party_id=lot.party_id, entry=entry)])
    facts = {"reason": command.reason, "by": command.by.name}
    judgement = Judgement(rule=HELD, severity=command.severity, record=lot.id, facts=facts)
    new = NewFinding(judgement=judgement, noun="lot", record=lot.code, party_id=lot.party_id, lots=[lot.id])
    return raise_findings(session, [new])[0]


def find_unreleased(session: Session, lots: Iterable[str]) -> list[str]:
    """Return the codes of lots (identifiers) that nobody let go; of packs, those of what they were packed from."""
    found: set[str] = set()
    for few in portions(set(lots)):
        found.update(session.scalars(_unreleased(few)))
    return sorted(found)


def _unreleased(uris: Sequence[str]) -> Select[str]:
    packed = select(Lot.id).where(Lot.uri.in_(uris), Lot.kind == LotKind.PACKED)
    sources = select(LineageEdge.parent_id).where(LineageEdge.child_id.in_(packed))
    asked = or_(Lot.uri.in_(uris), Lot.id.in_(sources))
    return select(Lot.code).where(asked, Lot.kind.in_(TO_BE_RELEASED), ~is_released())
