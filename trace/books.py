"""A grower's book of a year: every weigh slip of leaf that was bought, and what they add up to.

The slips are those of intakes, by the receiver's scale; a reversed one is listed as void and counts for nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from trace import visibility
from trace.accounts import Caller
from trace.errors import NotFoundError
from trace.nouns import PARTIES, SLIPS
from trace.nouns.slips import STANDING
from trace.parties import GROWER, Party
from trace.records import Record, get_record, read_records
from trace.slips import SlipKind, WeighSlip

MOST = 5000  # slips in one book: fourteen on every day of the year


@dataclass
class Total:
    """What the standing slips of one kind add up to."""

    name: str
    slips: int = 0
    net_g: int = 0
    amount_yuan: Decimal = Decimal("0.00")

    def add(self, slip: Record) -> None:
        """Count a slip."""
        self.slips += 1
        self.net_g += slip["net_g"]
        self.amount_yuan += slip["amount_yuan"] or Decimal(0)


@dataclass(frozen=True)
class Book:
    """A year of one grower."""

    grower: str
    name: str
    year: int
    slips: Sequence[Record]
    whole: Total
    buyers: Sequence[Total]
    standards: Sequence[Total]
    months: Sequence[Total]


def get_book(session: Session, caller: Caller, code: str, year: int) -> Book:
    """Return the book of a grower whom the caller may read, of the slips that it may. Raises `NotFoundError`."""
    grower = session.get_one(Party, get_record(session, caller, PARTIES, code)["key"])
    if grower.kind != GROWER:
        raise NotFoundError(what="grower", code=code)
    same = select(Party.id).where(or_(Party.id == grower.id, Party.merged_into_id == grower.id))
    keys = session.scalars(_slips_of(same, year).where(visibility.slips(caller))).all()
    slips = read_records(session, caller, SLIPS, keys)
    standing = [slip for slip in slips if slip["state"] == STANDING]
    return Book(
        grower=grower.code,
        name=grower.name,
        year=year,
        slips=slips,
        whole=next(iter(_totals((str(year), slip) for slip in standing)), Total(str(year))),
        buyers=_totals((slip["receiver_name"], slip) for slip in standing),
        standards=_totals((standard_of(slip), slip) for slip in standing),
        months=_totals((f"{slip['weighed_on']:%Y-%m}", slip) for slip in standing),
    )


def standard_of(slip: Record) -> str:
    """Return standard and grade as one text."""
    return " ".join(part for part in (slip["pluck_standard"], slip["grade"]) if part)


def _slips_of(growers: Select[int], year: int) -> Select[int]:
    within: ColumnElement[bool] = WeighSlip.weighed_on.between(date(year, 1, 1), date(year, 12, 31))
    return (
        select(WeighSlip.id)
        .where(WeighSlip.giver_id.in_(growers), WeighSlip.kind == SlipKind.INTAKE, within)
        .order_by(WeighSlip.weighed_on, WeighSlip.id)
        .limit(MOST)
    )


def _totals(named: Iterable[tuple[str, Record]]) -> list[Total]:
    """Return a total for each name, in the order met."""
    found: dict[str, Total] = {}
    for name, slip in named:
        found.setdefault(name, Total(name)).add(slip)
    return list(found.values())
