"""Seasons: a file's ids belong to (town code, season); the alias table keeps each id beside the row it became."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.db import BIG, Base


class Season(Base):
    """One loaded season."""

    __tablename__ = "season"
    __table_args__ = (UniqueConstraint("town_code", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    town_code: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(60))
    town_name: Mapped[str] = mapped_column(String(120))
    timezone: Mapped[str] = mapped_column(String(60))
    sha256: Mapped[str] = mapped_column(String(64))
    loaded_at: Mapped[datetime]


class SeasonRecord(Base):
    """`alias`, the id in the file's array `noun`, is row `record_id` of that noun's table."""

    __tablename__ = "season_record"
    __table_args__ = (
        Index("ix_season_record_noun_alias", "noun", "alias"),
        Index("ix_season_record_noun_record_id", "noun", "record_id"),
    )
    season_id: Mapped[int] = mapped_column(ForeignKey("season.id"), primary_key=True)
    noun: Mapped[str] = mapped_column(String(40), primary_key=True)
    alias: Mapped[str] = mapped_column(String(60), primary_key=True)
    record_id: Mapped[int] = mapped_column(BIG)


class SeasonPlot(Base):
    """A plot as one season's file declares it: seasons share the plot, and each keeps its own totals."""

    __tablename__ = "season_plot"
    season_id: Mapped[int] = mapped_column(ForeignKey("season.id"), primary_key=True)
    plot_id: Mapped[int] = mapped_column(ForeignKey("plot.id"), primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"))
    area_mu: Mapped[Decimal]
    clonal: Mapped[bool | None]


def find_aliases(session: Session, noun: str, alias: str) -> list[int]:
    """Return the rows that any season calls so."""
    query = select(SeasonRecord.record_id).where(SeasonRecord.noun == noun, SeasonRecord.alias == alias).distinct()
    return sorted(session.scalars(query))
