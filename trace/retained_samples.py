"""Retained samples (留样): what is kept beside what was tested, where, and until when; disposed of by a person.

What is kept is part of a sample that was taken and left its lot then. It is kept until six months after the shelf life
of what was packed of the lot, and for two years where nothing was (Food Safety Law art. 50); or until a later day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import BIG, Base, BigId, Grams, portions
from trace.errors import ConflictError
from trace.lineage import LineageEdge
from trace.lots import Lot
from trace.packs import Pack
from trace.quality import Sample

_MONTHS_AFTER, _YEARS_WITHOUT = 6, 2  # Food Safety Law art. 50


class SampleDisposedError(ConflictError):
    """The sample was disposed of before."""

    code = "sample-disposed"


class SampleKeptError(ConflictError):
    """The day until which the sample is kept has not gone by, or its lot is held or recalled."""

    code = "sample-kept"


class RetainedSample(Base):
    """What is kept of a sample."""

    __tablename__ = "retained_sample"
    __table_args__ = (Index("ix_retained_sample_party_id_code", "party_id", "code", unique=True),)
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(String(40))
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    sample_id: Mapped[int] = mapped_column(BIG, ForeignKey("sample.id"), index=True)
    mass_g: Mapped[Grams]
    place: Mapped[str] = mapped_column(String(120))
    kept_from: Mapped[date]
    keep_until: Mapped[date] = mapped_column(index=True)
    disposed_on: Mapped[date | None]
    disposed_by: Mapped[str | None] = mapped_column(String(60))  # a person
    disposal: Mapped[str | None] = mapped_column(String(200))  # how, and why
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    entered_at: Mapped[datetime]


@dataclass(frozen=True, kw_only=True)
class RetainSample:
    """Ask to keep part of a sample (row id)."""

    code: str
    party_id: int
    sample_id: int
    mass_g: int
    place: str
    kept_from: date
    keep_until: date
    account_id: int | None = None


def retain_samples(session: Session, commands: Sequence[RetainSample]) -> list[RetainedSample]:
    """Write what is kept."""
    now = clock.now()
    rows = [RetainedSample(**vars(command), entered_at=now) for command in commands]
    session.add_all(rows)
    session.flush()
    return rows


def retained_of(session: Session, samples: Iterable[int]) -> dict[int, int]:
    """Return the grams that are kept of samples (row ids) already, or were."""
    kept = select(RetainedSample.sample_id, func.sum(RetainedSample.mass_g)).group_by(RetainedSample.sample_id)
    found = (session.execute(kept.where(RetainedSample.sample_id.in_(few))) for few in portions(samples))
    return {sample: int(mass_g) for rows in found for sample, mass_g in rows}


def least_days(session: Session, lots: Mapping[int, date]) -> dict[int, date]:
    """Return until when samples of lots (row ids, with the days they were made) are to be kept at least."""
    packed = (
        select(LineageEdge.parent_id, func.max(Pack.best_before))
        .join(Pack, LineageEdge.child_id == Pack.lot_id)
        .where(Pack.undone_at.is_(None))
        .group_by(LineageEdge.parent_id)
    )
    found = {lot: later(made_on, months=12 * _YEARS_WITHOUT) for lot, made_on in lots.items()}
    for few in portions(lots):
        for lot, best_before in session.execute(packed.where(LineageEdge.parent_id.in_(few))):
            found[lot] = later(best_before, months=_MONTHS_AFTER)
    return found


def later(day: date, *, months: int) -> date:
    """Return the same day so many months on, or the first of the next month where that month has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    try:
        return day.replace(year=day.year + years, month=month + 1)
    except ValueError:
        return date(day.year + years, month + 2, 1)


def dispose_of(session: Session, row: RetainedSample, by: str, disposal: str) -> RetainedSample:
    """Dispose of what is kept, once its day has gone by, and that of what was packed since.

    Raises `SampleDisposedError`, `SampleKeptError`.
    """
    if row.disposed_on is not None:
        raise SampleDisposedError(sample=row.code, by=row.disposed_by)
    today, lot = clock.today(), session.get_one(Lot, session.get_one(Sample, row.sample_id).lot_id)
    until = max(row.keep_until, least_days(session, {lot.id: lot.made_on})[lot.id])
    if today <= until:
        raise SampleKeptError(sample=row.code, until=str(until))
    row.disposed_on, row.disposed_by, row.disposal = today, by, disposal
    session.flush()
    return row
