"""Closings of the day (日结): what a party bought and sold by weigh slips on one day, frozen per grower and standard.

Slips of intakes count, by the receiver's scale; a hand-over on its way counts for nobody yet and is named as open. What
comes after the closing, late or from paper, or is reversed since, stands in a supplement: another closing of the same
day, which carries that alone. None is ever edited.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Select, String, UniqueConstraint, and_, exists, or_, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from trace import clock
from trace.db import BIG, Base, BigId, Grams
from trace.deliveries import Delivery, DeliveryKind, DeliveryState
from trace.errors import ConflictError
from trace.events.entry import Entry
from trace.parties import Party
from trace.slips import SlipKind, SlipReversal, WeighSlip, is_reversed


class DayClosedError(ConflictError):
    """The day was closed, and nothing came since."""

    code = "day-closed"


class Side(StrEnum):
    """Which way the leaf went."""

    BOUGHT = "bought"
    SOLD = "sold"


class DayClose(Base):
    """One closing of a party's day; the second and later ones are supplements."""

    __tablename__ = "day_close"
    __table_args__ = (UniqueConstraint("code", "party_id"), UniqueConstraint("party_id", "day", "number"))
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(String(40))
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    day: Mapped[date]
    number: Mapped[int]
    open_hand_overs: Mapped[list[str]]  # as `PARTY/CODE`, when it was closed
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    closed_at: Mapped[datetime]


class DayCloseLine(Base):
    """What slips with one other party, of one standard and grade, add up to; what was taken back is subtracted."""

    __tablename__ = "day_close_line"
    id: Mapped[BigId]
    close_id: Mapped[int] = mapped_column(BIG, ForeignKey("day_close.id"), index=True)
    side: Mapped[Side]
    other_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    pluck_standard: Mapped[str | None] = mapped_column(String(60))
    grade: Mapped[str | None] = mapped_column(String(60))
    slips: Mapped[int]
    reversed: Mapped[int]
    net_g: Mapped[Grams]
    amount_yuan: Mapped[Decimal]


class DayCloseSlip(Base):
    """A slip that a closing counted or, reversed since, took back: each once for a party."""

    __tablename__ = "day_close_slip"
    __table_args__ = (Index("ix_day_close_slip_close_id", "close_id"),)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), primary_key=True)
    slip_id: Mapped[int] = mapped_column(BIG, ForeignKey("weigh_slip.id"), primary_key=True)
    taken_back: Mapped[bool] = mapped_column(primary_key=True)
    close_id: Mapped[int] = mapped_column(BIG, ForeignKey("day_close.id"))


@dataclass(frozen=True, kw_only=True)
class CloseDay:
    """Ask to close a party's day."""

    party_id: int
    day: date


@dataclass
class _Sum:
    """What some slips add up to."""

    slips: int = 0
    reversed: int = 0
    net_g: int = 0
    amount_yuan: Decimal = Decimal("0.00")

    def add(self, slip: WeighSlip, *, taken_back: bool) -> None:
        """Count a slip, or take it back."""
        sign = -1 if taken_back else 1
        self.slips += not taken_back
        self.reversed += taken_back
        self.net_g += sign * slip.net_g
        self.amount_yuan += sign * (slip.amount_yuan or Decimal(0))


def close_days(session: Session, commands: Sequence[CloseDay], entry: Entry) -> list[DayClose]:
    """Close days in order, or add what came since they were closed. Raises `DayClosedError` where nothing did."""
    _lock_parties(session, {command.party_id for command in commands})
    return [_close_day(session, command, entry) for command in commands]


def _close_day(session: Session, command: CloseDay, entry: Entry) -> DayClose:
    before = session.scalars(_closes(command).order_by(DayClose.number)).all()
    counted, taken_back = _uncounted(session, command), _reversed_since(session, command)
    if before and not counted and not taken_back:
        raise DayClosedError(close=before[-1].code)
    close = DayClose(
        code=f"DC-{command.day:%y%m%d}-{len(before) + 1}",
        party_id=command.party_id,
        day=command.day,
        number=len(before) + 1,
        open_hand_overs=_open_hand_overs(session, command),
        closed_at=clock.now(),
        entered_by_id=entry.agent.id if entry.agent and entry.agent.id != command.party_id else None,
        account_id=entry.account_id,
    )
    session.add(close)
    session.flush()
    marked = [(slip, False) for slip in counted] + [(slip, True) for slip in taken_back]
    session.add_all(_lines(close, marked))
    session.add_all(
        DayCloseSlip(party_id=close.party_id, slip_id=slip.id, taken_back=back, close_id=close.id)
        for slip, back in marked
    )
    session.flush()
    return close


def _lock_parties(session: Session, ids: Collection[int]) -> None:
    """Make whoever else closes a day of these parties wait, all in one order; those who weigh need not."""
    query = select(Party.id).where(Party.id.in_(ids)).order_by(Party.id).with_for_update(key_share=True)
    session.execute(query)


def _closes(command: CloseDay) -> Select[DayClose]:
    return select(DayClose).where(DayClose.party_id == command.party_id, DayClose.day == command.day)


def _of_the_day(command: CloseDay) -> Select[WeighSlip]:
    sides = or_(WeighSlip.giver_id == command.party_id, WeighSlip.receiver_id == command.party_id)
    intakes = WeighSlip.kind == SlipKind.INTAKE, WeighSlip.weighed_on == command.day
    return select(WeighSlip).where(*intakes, sides).order_by(WeighSlip.id)


def _counted(command: CloseDay, *, taken_back: bool) -> Select[int]:
    """Return the slips that a closing of the party has counted, or taken back."""
    mark = aliased(DayCloseSlip)
    which = and_(mark.party_id == command.party_id, mark.slip_id == WeighSlip.id, mark.taken_back.is_(taken_back))
    return select(mark.slip_id).where(which)


def _uncounted(session: Session, command: CloseDay) -> Sequence[WeighSlip]:
    query = _of_the_day(command).where(~is_reversed(), ~exists(_counted(command, taken_back=False)))
    return session.scalars(query).all()


def _reversed_since(session: Session, command: CloseDay) -> Sequence[WeighSlip]:
    query = _of_the_day(command).join(SlipReversal, SlipReversal.slip_id == WeighSlip.id)
    once = exists(_counted(command, taken_back=False)), ~exists(_counted(command, taken_back=True))
    return session.scalars(query.where(*once)).all()


def _lines(close: DayClose, marked: Iterable[tuple[WeighSlip, bool]]) -> Iterator[DayCloseLine]:
    sums: dict[tuple[Side, int, str | None, str | None], _Sum] = {}
    for slip, taken_back in marked:
        bought = slip.receiver_id == close.party_id
        side, other = (Side.BOUGHT, slip.giver_id) if bought else (Side.SOLD, slip.receiver_id)
        sums.setdefault((side, other, slip.pluck_standard, slip.grade), _Sum()).add(slip, taken_back=taken_back)
    for (side, other, standard, grade), total in sums.items():
        yield DayCloseLine(
            close_id=close.id, side=side, other_id=other, pluck_standard=standard, grade=grade, **vars(total)
        )


def _open_hand_overs(session: Session, command: CloseDay) -> list[str]:
    """Return the hand-overs up to that day which nobody has received."""
    query = (
        select(Party.code, Delivery.code)
        .join(Party, Delivery.giver_id == Party.id)
        .where(Delivery.kind == DeliveryKind.HAND_OVER, Delivery.state == DeliveryState.SENT)
        .where(Delivery.undone_at.is_(None), Delivery.sent_on <= command.day)
        .where(or_(Delivery.giver_id == command.party_id, Delivery.receiver_id == command.party_id))
        .order_by(Delivery.id)
    )
    return [f"{party}/{code}" for party, code in session.execute(query)]
