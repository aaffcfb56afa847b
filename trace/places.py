"""Places: villages and plots, with outline, holder, cultivar and age."""

from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from trace.db import Base


class Village(Base):
    """An administrative village with its 12-digit code."""

    __tablename__ = "village"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    longitude: Mapped[float | None]  # WGS-84, of the village's centre
    latitude: Mapped[float | None]
    households: Mapped[int | None]
    tea_households: Mapped[int | None]
    elevation_m: Mapped[int | None]


class Plot(Base):
    """A piece of land under one holder and one cultivar."""

    __tablename__ = "plot"
    __table_args__ = (CheckConstraint("area_m2 > 0", name="area_positive"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"), index=True)
    cooperative_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)
    cultivar: Mapped[str] = mapped_column(String(60))
    clonal: Mapped[bool | None]
    planted_year: Mapped[int | None]
    area_mu: Mapped[Decimal]  # as declared
    area_m2: Mapped[float]  # of the outline
    certification: Mapped[str | None] = mapped_column(String(60))
    crs: Mapped[str] = mapped_column(String(20))  # what the outline was given in; stored as WGS-84
    outline: Mapped[dict[str, Any]]  # GeoJSON polygon
