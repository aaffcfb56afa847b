"""SSCCs: numbers of logistic units, each given once below a GS1 company prefix (GS1 General Specifications, AI 00)."""

from contextlib import suppress

from sqlalchemy import String, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.db import BIG, Base
from trace.errors import ConflictError
from trace.ids import gs1_check_digit

_BODY = 17  # digits before the check digit


class SsccsUsedUpError(ConflictError):
    """Below this company prefix every number was given."""

    code = "ssccs-used-up"


class SsccCounter(Base):
    """The next number below a company prefix; its row is the lock under which numbers are given."""

    __tablename__ = "sscc_counter"
    prefix: Mapped[str] = mapped_column(String(12), primary_key=True)
    next_number: Mapped[int] = mapped_column(BIG)


def sscc_uri(sscc: str) -> str:
    """Return an SSCC as in event documents."""
    return f"https://id.gs1.org/00/{sscc}"


def sscc_at(prefix: str, number: int) -> str:
    """Return the SSCC of a number: what the serial reference cannot hold goes into the extension digit.

    Raises `SsccsUsedUpError`.
    """
    width = _BODY - 1 - len(prefix)
    extension, serial = divmod(number, 10**width)
    if extension > 9:
        raise SsccsUsedUpError(prefix=prefix)
    body = f"{extension}{prefix}{serial:0{width}d}"
    return body + gs1_check_digit(body)


def give_numbers(session: Session, prefix: str, count: int) -> range:
    """Take the next numbers below a prefix. Whoever asks meanwhile waits, and gets those after them."""
    forward = (
        update(SsccCounter)
        .where(SsccCounter.prefix == prefix)
        .values(next_number=SsccCounter.next_number + count)
        .returning(SsccCounter.next_number)
    )
    after = session.scalar(forward)
    if after is None:
        with suppress(IntegrityError), session.begin_nested():  # where another is first, its row is there then
            session.add(SsccCounter(prefix=prefix, next_number=0))
        after = session.scalars(forward).one()
    return range(after - count, after)
