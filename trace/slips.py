"""Weigh slips (磅单): what a scale said when leaf or tea changed hands, at which price; never edited, only reversed.

A slip is a row of its own, written with the hand-over or the intake that it tells of: the paper in a grower's hand
stays what it was, whatever is corrected later. A correction that changes what stands on it reverses it, by another
row, and issues a new one. Its number counts the slips of a party's day, without a gap: whoever weighs for the same
party on the same day waits until the one before is written, and nobody else does.
"""

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import Date, ForeignKey, Index, LargeBinary, String, UniqueConstraint, bindparam, exists, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import BIG, Base, BigId, Grams, index_of_some
from trace.events.entry import Entry
from trace.events.tables import Mode
from trace.persons import find_written_names, keep_names
from trace.prices import amount_yuan

_TOKEN_BYTES = 16  # whoever has the link sees the slip: as hard to guess as a key


class SlipKind(StrEnum):
    """At which end it was weighed."""

    HAND_OVER = "hand-over"  # by the giver's scale
    INTAKE = "intake"  # by the receiver's, which counts


class WeighSlip(Base):
    """What one weighing said; `party` is whose scale it was."""

    __tablename__ = "weigh_slip"
    __table_args__ = (
        UniqueConstraint("code", "party_id"),
        Index("ix_weigh_slip_giver_id_weighed_on", "giver_id", "weighed_on"),
        Index("ix_weigh_slip_receiver_id_weighed_on", "receiver_id", "weighed_on"),
        index_of_some("ix_weigh_slip_delivery_id", "delivery_id", where=text("delivery_id IS NOT NULL")),
        index_of_some("ix_weigh_slip_intake_id", "intake_id", where=text("intake_id IS NOT NULL")),
        index_of_some("ix_weigh_slip_entered_by_id", "entered_by_id", where=text("entered_by_id IS NOT NULL")),
    )
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(String(40))
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    kind: Mapped[SlipKind]
    giver_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    receiver_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    delivery_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("delivery.id"))
    intake_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("intake.id"))
    weighed_on: Mapped[date]
    weighed_at: Mapped[datetime]
    gross_g: Mapped[Grams | None]
    tare_g: Mapped[Grams | None]
    deduction_g: Mapped[Grams | None]
    deduction_reason: Mapped[str | None] = mapped_column(String(120))
    net_g: Mapped[Grams]
    as_typed: Mapped[dict[str, Any] | None]  # masses and price with their units, as somebody typed them
    price_yuan_per_kg: Mapped[Decimal | None]
    amount_yuan: Mapped[Decimal | None]
    pluck_standard: Mapped[str | None] = mapped_column(String(60))
    grade: Mapped[str | None] = mapped_column(String(60))
    weigher_commitment: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # to a name in `written_name`
    token: Mapped[str] = mapped_column(String(40), unique=True)  # of the link
    mode: Mapped[Mode]
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))  # who entered it for the party
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    issued_at: Mapped[datetime]


class SlipReversal(Base):
    """That a slip is void, why, and which one stands in its place, if any."""

    __tablename__ = "slip_reversal"
    slip_id: Mapped[int] = mapped_column(BIG, ForeignKey("weigh_slip.id"), primary_key=True, autoincrement=False)
    replacement_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("weigh_slip.id"), unique=True)
    reason: Mapped[str | None] = mapped_column(String(400))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reversed_at: Mapped[datetime]


class SlipCounter(Base):
    """How many slips a party's day has."""

    __tablename__ = "slip_counter"
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), primary_key=True)
    weighed_on: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]


@dataclass(frozen=True, kw_only=True)
class Weights:
    """What was weighed and agreed, beside the net weight: part of the command that records a hand-over or an intake."""

    gross_g: int | None = None
    tare_g: int | None = None
    deduction_g: int | None = None
    deduction_reason: str | None = None
    as_typed: dict[str, Any] | None = None
    price_yuan_per_kg: Decimal | None = None
    pluck_standard: str | None = None
    grade: str | None = None
    weigher: str | None = None  # a person's name: kept apart

    def written(self) -> dict[str, Any]:
        """Return what the slip tells of them, the person apart."""
        return {name: getattr(self, name) for name in _WRITTEN}


_WRITTEN = (
    *("gross_g", "tare_g", "deduction_g", "deduction_reason", "as_typed", "price_yuan_per_kg"),
    *("pluck_standard", "grade"),
)


@dataclass(frozen=True, kw_only=True)
class IssueSlip:
    """Ask for a slip of one weighing, of the delivery or the intake with this row id."""

    kind: SlipKind
    record_id: int
    giver_id: int
    receiver_id: int
    weighed_at: datetime
    net_g: int
    weights: Weights

    @property
    def party_id(self) -> int:
        """Return whose scale it was."""
        return self.giver_id if self.kind is SlipKind.HAND_OVER else self.receiver_id

    @property
    def weighed_on(self) -> date:
        """Return the day that the slip is numbered in."""
        return clock.day_of(self.weighed_at)

    def written(self) -> dict[str, Any]:
        """Return what stands on the paper, but for its number and the person."""
        return {
            "kind": self.kind,
            "party_id": self.party_id,
            "giver_id": self.giver_id,
            "receiver_id": self.receiver_id,
            _RECORD[self.kind]: self.record_id,
            "weighed_on": self.weighed_on,
            "weighed_at": self.weighed_at,
            "net_g": self.net_g,
            "amount_yuan": amount_yuan(self.net_g, self.weights.price_yuan_per_kg),
            **self.weights.written(),
        }


_RECORD = {SlipKind.HAND_OVER: "delivery_id", SlipKind.INTAKE: "intake_id"}


class _Numbers:
    """The numbers that some slips get, day by day of each party."""

    def __init__(self, session: Session, wanted: Mapping[tuple[int, date], int]) -> None:
        """Take as many numbers as are wanted; whoever takes of several days takes them in the same order."""
        last = {
            key: session.execute(_COUNT, {"party": key[0], "day": key[1], "more": more}).scalar_one()
            for key, more in sorted(wanted.items())
        }
        self._next = {key: last[key] - more + 1 for key, more in wanted.items()}

    @classmethod
    def for_all(cls, session: Session, commands: Sequence[IssueSlip]) -> Self:
        """Take a number for each slip."""
        return cls(session, Counter((one.party_id, one.weighed_on) for one in commands))

    def take(self, command: IssueSlip) -> str:
        """Return the number of the next slip of its party's day."""
        key = (command.party_id, command.weighed_on)
        number, self._next[key] = self._next[key], self._next[key] + 1
        return f"WS-{command.weighed_on:%y%m%d}-{number:03d}"


# One statement takes the numbers and holds the day until its transaction ends; both engines know this clause.
_COUNT = text(
    "INSERT INTO slip_counter (party_id, weighed_on, last) VALUES (:party, :day, :more) "
    "ON CONFLICT (party_id, weighed_on) DO UPDATE SET last = slip_counter.last + excluded.last RETURNING last"
).bindparams(bindparam("day", type_=Date))


def hold_days(session: Session, days: Iterable[tuple[int, date]]) -> None:
    """Hold days of parties (row ids) for whoever will issue slips of several of them one after another."""
    _Numbers(session, dict.fromkeys(days, 0))


def issue_slips(session: Session, commands: Sequence[IssueSlip], entry: Entry) -> list[WeighSlip]:
    """Issue slips, numbered in the order given; to be the last that a verb does, since it holds the party's day."""
    commitments = keep_names(session, [one.weights.weigher for one in commands])
    numbers, now = _Numbers.for_all(session, commands), clock.now()
    slips = [
        WeighSlip(
            code=numbers.take(one),
            weigher_commitment=commitment,
            token=secrets.token_urlsafe(_TOKEN_BYTES),
            mode=entry.mode,
            entered_by_id=entry.agent.id if entry.agent and entry.agent.id != one.party_id else None,
            account_id=entry.account_id,
            issued_at=now,
            **one.written(),
        )
        for one, commitment in zip(commands, commitments, strict=True)
    ]
    session.add_all(slips)
    session.flush()
    return slips


def reissue_slip(session: Session, kind: SlipKind, record_id: int, right: IssueSlip | None, entry: Entry) -> None:
    """Let the slip of a corrected record say what is right: reversed and replaced, or, if it says so already, kept.

    Without `right` the record never was, and its slip is reversed.
    """
    wrong = find_standing_slip(session, kind, record_id)
    if wrong is not None and right is not None and _says(session, wrong, right):
        return
    [replacement] = issue_slips(session, [right], entry) if right is not None else [None]
    if wrong is not None:
        session.add(
            SlipReversal(
                slip_id=wrong.id,
                replacement_id=replacement and replacement.id,
                reason=entry.remark,
                account_id=entry.account_id,
                reversed_at=clock.now(),
            )
        )
    session.flush()


def is_reversed(slip: Any = WeighSlip.id) -> Any:
    """Hold where a slip (row id) is void."""
    return exists().where(SlipReversal.slip_id == slip)


def find_standing_slip(session: Session, kind: SlipKind, record_id: int) -> WeighSlip | None:
    """Return the slip that stands for a delivery or an intake (row id)."""
    record = getattr(WeighSlip, _RECORD[kind])
    slip: WeighSlip | None = session.scalar(select(WeighSlip).where(record == record_id, ~is_reversed()))
    return slip


def _says(session: Session, slip: WeighSlip, right: IssueSlip) -> bool:
    """Return whether a slip says already what is right."""
    names = find_written_names(session, [slip.weigher_commitment])
    weigher = names.get(slip.weigher_commitment) if slip.weigher_commitment else None
    written = right.written()
    return weigher == right.weights.weigher and all(getattr(slip, name) == value for name, value in written.items())
