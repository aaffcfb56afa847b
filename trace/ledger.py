"""The ledger: each event's lines sum to zero for every commodity, so no gram appears or vanishes unnamed."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from trace.db import BIG, Base, BigId, Grams


class Account(StrEnum):
    """Where grams or units are."""

    GROWN = "grown"  # came from the land; always negative
    LOT = "lot"
    LOST = "lost"  # with its reason
    PACKED = "packed"  # commodity `unit`: units made are negative, units opened again positive
    SOLD = "sold"  # to a party


class Commodity(StrEnum):
    """What is counted."""

    GRAM = "g"
    UNIT = "unit"


class LedgerLine(Base):
    """One amount moved into (positive) or out of (negative) an account by an event."""

    __tablename__ = "ledger_line"
    __table_args__ = (
        Index("ix_ledger_line_lot_id", "lot_id"),
        CheckConstraint("amount <> 0", name="amount_not_zero"),
    )
    id: Mapped[BigId]
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"), index=True)
    account: Mapped[Account]
    lot_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("lot.id"))
    subject: Mapped[str | None] = mapped_column(String(300))  # a loss's reason, a buyer's identifier
    commodity: Mapped[Commodity]
    amount: Mapped[Grams]
