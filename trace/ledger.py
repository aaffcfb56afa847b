"""The ledger: each event's lines sum to zero for every commodity, so no gram appears or vanishes unnamed."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from trace.db import BIG, Base, Grams, index_of_some, word_by_word, words_of

TAKEN = text("amount < 0")  # in these words: SQLite uses an index of some rows only for what is asked as it says


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
        index_of_some("ix_ledger_line_lot_id", "lot_id", where=TAKEN),
        word_by_word("account", Account),
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        {"sqlite_with_rowid": False},  # the lines of an event lie side by side: one page is written for them
    )
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)  # among the event's lines, from 1
    account: Mapped[Account] = mapped_column(words_of(Account))
    lot_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("lot.id"))
    subject: Mapped[str | None] = mapped_column(String(300))  # a loss's reason, a buyer's identifier
    commodity: Mapped[Commodity]
    amount: Mapped[Grams]
