"""Packs: a lot packed as units of a trade item. Positions 1…units are ranges; a unit gets no row of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.db import BIG, Base
from trace.events import Entry, NewEvent, documents, record
from trace.instance import Namespace, get_namespace
from trace.lots import LotKind, OpenLot, open_lots

LABEL_LOT_LENGTH = 20  # GS1 application identifier 10


class Pack(Base):
    """One packing run. Its number is what a serial hides; `label_lot` is the lot code printed on the label."""

    __tablename__ = "pack"
    __table_args__ = (
        Index("ix_pack_trade_item_id_label_lot", "trade_item_id", "label_lot", unique=True),
        CheckConstraint("units > 0", name="units_positive"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    lot_id: Mapped[int] = mapped_column(BIG, ForeignKey("lot.id"), unique=True)
    trade_item_id: Mapped[int] = mapped_column(ForeignKey("trade_item.id"))
    label_lot: Mapped[str] = mapped_column(String(LABEL_LOT_LENGTH))
    packed_on: Mapped[date]
    best_before: Mapped[date]
    units: Mapped[int]
    next_position: Mapped[int] = mapped_column(default=1)  # the first position never printed
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"))


@dataclass(frozen=True, kw_only=True)
class PackTea:
    """Ask to record one packing run from one lot."""

    code: str
    packer_id: int
    packer_code: str
    lot: tuple[str, str]  # (identifier, code)
    trade_item_id: int
    gtin: str | None
    net_g: int
    packed_at: datetime
    best_before: date
    units: int
    used_g: int
    grade: str | None = None
    crop: str | None = None
    product_kind: str | None = None

    @property
    def overfill_g(self) -> int:
        """Return the grams given beyond the net content."""
        return self.used_g - self.net_g * self.units


def _label_lots(session: Session, commands: Sequence[PackTea]) -> list[str]:
    """Return the lot code for each label: the tea lot's, or with a number where that is taken for the item."""
    items = {command.trade_item_id for command in commands}
    query = select(Pack.trade_item_id, Pack.label_lot).where(Pack.trade_item_id.in_(items))
    taken = {(item, label_lot) for item, label_lot in session.execute(query)}
    codes = []
    for command in commands:
        base = code = command.lot[1][:LABEL_LOT_LENGTH]
        number = 1
        while (command.trade_item_id, code) in taken:
            number += 1
            suffix = f"-{number}"
            code = base[: LABEL_LOT_LENGTH - len(suffix)] + suffix
        taken.add((command.trade_item_id, code))
        codes.append(code)
    return codes


def _uri(names: Namespace, command: PackTea, label_lot: str) -> str:
    """Return the class identifier: GS1's where the item has a GTIN, ours where not."""
    if command.gtin:
        return f"https://id.gs1.org/01/{command.gtin}/10/{label_lot}"
    return names.lot(command.packer_code, command.code)


def _event(names: Namespace, command: PackTea, uri: str, entry: Entry) -> NewEvent:
    document = documents.transformation(
        names,
        when=command.packed_at,
        step="packing",
        mixing=documents.Mixing(
            taken=[documents.Grams(command.lot[0], command.used_g)],
            given=[documents.Pieces(uri, command.units)],
            lost=[("overfill", command.overfill_g)],
        ),
        extra={"chasu:netGrams": command.net_g, "chasu:pack": f"{command.packer_code}/{command.code}"},
    )
    return NewEvent(document=document, party_id=command.packer_id, entry=entry)


def record_packs(session: Session, commands: Sequence[PackTea], entry: Entry) -> list[Pack]:
    """Record packing runs; each makes a packed lot of units."""
    names = get_namespace(session)
    label_lots = _label_lots(session, commands)
    uris = [_uri(names, command, label_lot) for command, label_lot in zip(commands, label_lots, strict=True)]
    lots = open_lots(
        session,
        [
            OpenLot(
                code=command.code,
                uri=uri,
                party_id=command.packer_id,
                kind=LotKind.PACKED,
                made_on=command.packed_at.date(),
                units=0,
                grade=command.grade,
                crop=command.crop,
                product_kind=command.product_kind,
            )
            for command, uri in zip(commands, uris, strict=True)
        ],
    )
    events = record(session, [_event(names, command, uri, entry) for command, uri in zip(commands, uris, strict=True)])
    packs = [
        Pack(
            lot_id=lot.id,
            trade_item_id=command.trade_item_id,
            label_lot=label_lot,
            packed_on=command.packed_at.date(),
            best_before=command.best_before,
            units=command.units,
            next_position=1,
            event_id=event,
        )
        for command, lot, label_lot, event in zip(commands, lots, label_lots, events, strict=True)
    ]
    session.add_all(packs)
    session.flush()
    return packs
