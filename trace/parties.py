"""Parties: growers, co-operatives, plants, buyers, laboratories, public bodies; licences, facilities, brands.

Personal data of a grower stand in `persons.py`, never here: a grower's `name` is the public label.
"""

from datetime import date

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from trace.db import Base


class Party(Base):
    """Someone who acts in the chain."""

    __tablename__ = "party"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(60))  # a term of the scheme party-kind
    uscc: Mapped[str | None] = mapped_column(String(18), unique=True)
    area_code: Mapped[str] = mapped_column(String(12))  # administrative division; an officer's area is a prefix of it
    member_of_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    led_by_village: Mapped[bool | None]
    registered_on: Mapped[date | None]
    gs1_prefix: Mapped[str | None] = mapped_column(String(12))  # of its logistic units


class Licence(Base):
    """A production licence (SC + 14 digits) or workshop registration."""

    __tablename__ = "licence"
    id: Mapped[int] = mapped_column(primary_key=True)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    valid_to: Mapped[date]
    product_kinds: Mapped[list[str]]


class Facility(Base):
    """A place where a party works: plant, station, store."""

    __tablename__ = "facility"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    longitude: Mapped[float | None]  # WGS-84
    latitude: Mapped[float | None]
    capacity_g_per_day: Mapped[int | None]


class Brand(Base):
    """A name under which tea is sold, and the parties that may supply it."""

    __tablename__ = "brand"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    owner_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    gi_mark_holder: Mapped[str | None] = mapped_column(String(18))


class BrandSupplier(Base):
    """A plant that may supply a brand."""

    __tablename__ = "brand_supplier"
    brand_id: Mapped[int] = mapped_column(ForeignKey("brand.id"), primary_key=True)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), primary_key=True)
