"""Packs: lots packed as units of a trade item. Positions 1…units are ranges; a unit gets no row of its own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.db import BIG, Base
from trace.events import Entry, NewEvent, documents, record
from trace.instance import Namespace, get_namespace
from trace.lots import Lot, LotKind, OpenLot, open_lots
from trace.permits import refuse_held

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
    unit_weights_grams: Mapped[list[str] | None]  # net weights of single units, as checked: digits as read
    labels_used: Mapped[int | None]  # printed less voided, of labels that were not printed here
    as_typed: Mapped[dict[str, Any] | None]  # the masses with their units, as somebody typed them
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"), index=True)
    undone_at: Mapped[datetime | None]  # when it was said that this never happened


@dataclass(frozen=True, kw_only=True)
class PackTea:
    """Ask to record one packing run; several lots fill a gift set."""

    code: str
    packer_id: int
    packer_code: str
    taken: Sequence[tuple[str, str, int]]  # (identifier, code, grams) of each lot
    trade_item_id: int
    gtin: str | None
    net_g: int
    packed_at: datetime
    best_before: date
    units: int
    grade: str | None = None
    crop: str | None = None
    product_kind: str | None = None
    unit_weights_grams: Sequence[Decimal] = ()
    labels_used: int | None = None
    as_typed: dict[str, Any] | None = None

    @property
    def used_g(self) -> int:
        """Return all that was taken."""
        return sum(mass_g for _, _, mass_g in self.taken)

    @property
    def overfill_g(self) -> int:
        """Return the grams given beyond the net content."""
        return self.used_g - self.net_g * self.units


def agreed(lots: Sequence[Lot], name: str) -> str | None:
    """Return the grade, crop or kind that all of some lots have, if they agree."""
    values = {getattr(lot, name) for lot in lots}
    return values.pop() if len(values) == 1 else None


def _label_lot(command: PackTea) -> str:
    """Return what a label calls the lot: its code or, of several lots, the pack's own, as a link can carry it."""
    codes = dict.fromkeys(code for _, code, _ in command.taken)
    if len(codes) == 1:
        return next(iter(codes))[:LABEL_LOT_LENGTH]
    return re.sub(r"[^0-9A-Z.-]", "-", command.code.upper())[:LABEL_LOT_LENGTH]


def _label_lots(session: Session, commands: Sequence[PackTea]) -> list[str]:
    """Return the lot code for each label, or with a number where that is taken for the item."""
    items = {command.trade_item_id for command in commands}
    query = select(Pack.trade_item_id, Pack.label_lot).where(Pack.trade_item_id.in_(items))
    taken = {(item, label_lot) for item, label_lot in session.execute(query)}
    codes = []
    for command in commands:
        base = code = _label_lot(command)
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


def pack_event(names: Namespace, command: PackTea, uri: str, entry: Entry) -> NewEvent:
    """Return the event that makes a packed lot."""
    weights = _weights(command)
    document = documents.transformation(
        names,
        when=command.packed_at,
        step="packing",
        mixing=documents.Mixing(
            taken=[documents.Grams(lot, mass_g) for lot, _, mass_g in command.taken],
            given=[documents.Pieces(uri, command.units)],
            lost=[("overfill", command.overfill_g)],
        ),
        extra={
            "chasu:netGrams": command.net_g,
            "chasu:pack": f"{command.packer_code}/{command.code}",
            **({"chasu:unitWeights": weights} if weights else {}),
        },
    )
    return NewEvent(document=document, party_id=command.packer_id, entry=entry)


def record_packs(session: Session, commands: Sequence[PackTea], entry: Entry) -> list[Pack]:
    """Record packing runs; each makes a packed lot of units. Raises `LotRefusedError` for what a finding holds."""
    names = get_namespace(session)
    label_lots = _label_lots(session, commands)
    uris = [_uri(names, command, label_lot) for command, label_lot in zip(commands, label_lots, strict=True)]
    wanted = [_packed_lot(command, uri) for command, uri in zip(commands, uris, strict=True)]
    lots = open_lots(session, wanted)
    news = [pack_event(names, command, uri, entry) for command, uri in zip(commands, uris, strict=True)]
    events = record(session, news)
    refuse_held(session, {lot for command in commands for lot, _, _ in command.taken}, entry.mode)
    packs = [
        Pack(lot_id=lot.id, trade_item_id=command.trade_item_id, label_lot=label_lot, next_position=1)
        for command, lot, label_lot in zip(commands, lots, label_lots, strict=True)
    ]
    for pack, command, event in zip(packs, commands, events, strict=True):
        put_pack(pack, command, event)
    session.add_all(packs)
    session.flush()
    return packs


def _packed_lot(command: PackTea, uri: str) -> OpenLot:
    return OpenLot(
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


def _weights(command: PackTea) -> list[str]:
    return [str(weight) for weight in command.unit_weights_grams]


def put_pack(pack: Pack, command: PackTea, event: int) -> None:
    """Put what a command says on a pack's row; its lot, its item and its label lot stay as they are."""
    pack.packed_on, pack.best_before, pack.units = command.packed_at.date(), command.best_before, command.units
    pack.unit_weights_grams, pack.labels_used = _weights(command) or None, command.labels_used
    pack.as_typed, pack.event_id = command.as_typed, event
