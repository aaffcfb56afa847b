"""Lots: leaf or tea made under the same conditions, known by one traceability lot code; unique within a party."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.db import Base, BigId, Grams, index_of_some
from trace.errors import AmbiguousCodeError, NotFoundError
from trace.parties import Party
from trace.seasons import SeasonRecord
from trace.statements import Driver, insert_numbered


class LotKind(StrEnum):
    """Where in the chain a lot stands."""

    LEAF = "leaf"  # one picking
    RECEIVED = "received"  # weighed in at a plant
    MADE = "made"  # output of a run
    FINISHED = "finished"  # refined and blended
    BY_PRODUCT = "by-product"
    PACKED = "packed"  # units of a trade item


class Lot(Base):
    """A lot. `mass_g` is what is left of it, `initial_g` what it came into being with."""

    __tablename__ = "lot"
    __table_args__ = (
        UniqueConstraint("party_id", "code"),
        CheckConstraint("mass_g >= 0", name="mass_not_negative"),
        CheckConstraint("units >= 0", name="units_not_negative"),
        Index("ix_lot_code", "code"),
        index_of_some("ix_lot_plot_id", "plot_id", where=text("plot_id IS NOT NULL")),
    )
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(String(40))
    uri: Mapped[str] = mapped_column(String(300), unique=True)  # as in event documents
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    kind: Mapped[LotKind]
    made_on: Mapped[date]
    initial_g: Mapped[Grams] = mapped_column(default=0)
    mass_g: Mapped[Grams] = mapped_column(default=0)
    entered_g: Mapped[Grams] = mapped_column(default=0)  # drawn from other lots to make it: the sum of its edges
    units: Mapped[int | None]  # of a packed lot: packs left
    grade: Mapped[str | None] = mapped_column(String(60))
    crop: Mapped[str | None] = mapped_column(String(60))  # a term of the scheme crop: what tables judge it by
    product_kind: Mapped[str | None] = mapped_column(String(60))
    plot_id: Mapped[int | None] = mapped_column(ForeignKey("plot.id"))  # of a picking
    declared_origin: Mapped[str | None] = mapped_column(String(200))  # of what came from outside: its supplier's word
    revision: Mapped[int] = mapped_column(default=1)  # grows with all that a scan of it would show


@dataclass(frozen=True, kw_only=True)
class OpenLot:
    """Ask for a new lot; its grams come with the event that makes it."""

    code: str
    uri: str
    party_id: int
    kind: LotKind
    made_on: date
    units: int | None = None
    grade: str | None = None
    crop: str | None = None
    product_kind: str | None = None
    plot_id: int | None = None
    declared_origin: str | None = None


class OpenedLot(NamedTuple):
    """A new lot: its row id, and what names it."""

    id: int
    uri: str
    party_id: int
    made_on: date


_NEW_LOTS = insert_numbered(Lot)


def open_lots(session: Session, commands: Sequence[OpenLot]) -> list[OpenedLot]:
    """Write the rows of new lots, still empty, in the order asked."""
    session.flush()  # what the session has not written yet may be what these point to
    rows = [{**vars(command), "initial_g": 0, "mass_g": 0, "entered_g": 0, "revision": 1} for command in commands]
    ids = _NEW_LOTS.number(Driver.of(session), rows)
    return [
        OpenedLot(id_, command.uri, command.party_id, command.made_on)
        for id_, command in zip(ids, commands, strict=True)
    ]


def get_lot(session: Session, code: str) -> Lot:
    """Return the lot known as `CODE`, as `PARTY/CODE`, or by the id it had in a season's file.

    Raises `NotFoundError`, or `AmbiguousCodeError` naming the candidates when several parties use the code.
    """
    party, _, bare = code.rpartition("/")
    aliases = select(SeasonRecord.record_id).where(SeasonRecord.noun == "lot", SeasonRecord.alias == bare)
    query = (
        select(Lot, Party.code)
        .join(Party)
        .where(or_(Lot.code == bare, Lot.id.in_(aliases)))
        .order_by(Party.code, Lot.code)
        .limit(20)
    )
    if party:
        query = query.where(Party.code == party)
    found = session.execute(query).all()
    if not found:
        raise NotFoundError(what="lot", code=code)
    exact = [lot for lot, _ in found if lot.code == bare] if party else []
    if exact:
        return exact[0]  # a party's own code goes before what some season's file called another lot of its
    if len(found) > 1:
        raise AmbiguousCodeError(code=code, candidates=[f"{owner}/{lot.code}" for lot, owner in found])
    lot: Lot = found[0][0]
    return lot
