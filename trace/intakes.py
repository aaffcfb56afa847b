"""Intakes: leaf or tea weighed again by whoever receives it, mixed into one lot by supplier, day and standard.

A receiver is a plant, a broker or a co-operative. What it takes in either left the supplier's lots earlier, with
deliveries, or leaves them now: hand-over and intake in one record.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import BIG, Base, BigId, Grams
from trace.deliveries import (
    Delivery,
    DeliveryNotOpenError,
    DeliveryState,
    check_open,
    close,
    list_carried,
    lock_closed_by,
    lock_deliveries,
    reopen,
)
from trace.errors import ConflictError, Fault, InvalidError
from trace.events import Entry, NewEvent, documents, record
from trace.events.correct import Correction, correct_events
from trace.instance import Namespace, get_namespace
from trace.lots import Lot, LotKind, OpenedLot, OpenLot, open_lots
from trace.slips import IssueSlip, SlipKind, Weights, issue_slips, reissue_slip


class DeliveryNotTheirsError(ConflictError):
    """The delivery goes from another giver, or to another receiver, than the intake says."""

    code = "delivery-not-theirs"


class Intake(Base):
    """One weighing at the receiver's gate."""

    __tablename__ = "intake"
    __table_args__ = (Index("ix_intake_supplier_id_received_on", "supplier_id", "received_on"),)
    id: Mapped[BigId]
    lot_id: Mapped[int] = mapped_column(BIG, ForeignKey("lot.id"), unique=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    certificate_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("conformity_certificate.id"), index=True)
    received_on: Mapped[date]
    delivered_g: Mapped[Grams]
    received_g: Mapped[Grams]
    gross_g: Mapped[Grams | None]
    tare_g: Mapped[Grams | None]
    deduction_g: Mapped[Grams | None]
    deduction_reason: Mapped[str | None] = mapped_column(String(120))
    as_typed: Mapped[dict[str, Any] | None]  # the masses with their units, as somebody typed them
    moisture_percent: Mapped[Decimal | None]
    price_yuan_per_kg: Mapped[Decimal | None]
    pluck_standard: Mapped[str | None] = mapped_column(String(60))
    weather: Mapped[str | None] = mapped_column(String(60))
    exemption: Mapped[dict[str, Any] | None]  # of a household: its own test instead of a certificate
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"), index=True)
    hand_over_event_id: Mapped[int | None] = mapped_column(
        BIG, ForeignKey("event.id"), index=True
    )  # where recorded with it
    undone_at: Mapped[datetime | None]  # since when it is said never to have happened


@dataclass(frozen=True, kw_only=True)
class TakeIn(Weights):
    """Ask to record one intake: of `deliveries` (row ids), or of `taken`, handed over now, as (identifier, grams)."""

    code: str
    receiver_id: int
    receiver_code: str
    supplier_id: int
    supplier_code: str
    certificate_id: int | None
    handed_over_at: datetime
    received_at: datetime
    taken: Sequence[tuple[str, int]] = ()
    deliveries: Sequence[int] = ()
    received_g: int
    moisture_percent: Decimal | None = None
    crop: str | None = None
    product_kind: str | None = None
    kind: LotKind = LotKind.RECEIVED  # tea stays what it is, whoever receives it
    weather: str | None = None
    exemption: dict[str, Any] | None = None

    @property
    def delivered_g(self) -> int:
        """Return what the supplier's scale said."""
        return sum(mass_g for _, mass_g in self.taken)


_KEPT = (
    *("supplier_id", "certificate_id", "delivered_g", "received_g", "gross_g", "tare_g", "deduction_g"),
    *("deduction_reason", "as_typed", "moisture_percent", "price_yuan_per_kg", "pluck_standard", "weather"),
    "exemption",
)


def find_weight_faults(command: TakeIn) -> list[Fault]:
    """Return what is wrong with the weights (pure): gross less tare and deduction is net, and that was received."""
    parts = {name: getattr(command, name) for name in ("gross_g", "tare_g", "deduction_g")}
    faults = [Fault(name, "out-of-range", {"value": mass_g}) for name, mass_g in parts.items() if (mass_g or 0) < 0]
    if command.deduction_g and not command.deduction_reason:
        faults.append(Fault("deduction_reason", "missing-field"))
    net_g = (command.gross_g or 0) - (command.tare_g or 0) - (command.deduction_g or 0)
    if any(mass_g is not None for mass_g in parts.values()) and net_g != command.received_g:
        faults.append(Fault("received_g", "disagrees", {"value": command.received_g, "other": net_g}))
    return faults


def _hand_over(names: Namespace, command: TakeIn, entry: Entry) -> NewEvent:
    """Return the supplier's event: leaf on its way."""
    document = documents.observation(
        names,
        when=command.handed_over_at,
        step="shipping",
        of=[documents.Grams(uri, mass_g) for uri, mass_g in command.taken],
        extra={
            **documents.owner_change(names, command.supplier_code, command.receiver_code),
            # Two hand-overs of as much of the same lot at the same hour are two.
            "chasu:intake": f"{command.receiver_code}/{command.code}",
        },
    )
    return NewEvent(document=document, party_id=command.supplier_id, entry=entry)


def _receipt(names: Namespace, command: TakeIn, lot_uri: str, entry: Entry, deliveries: Sequence[str]) -> NewEvent:
    """Return the receiver's event: many pickings become one lot, by the receiver's own scale."""
    document = documents.transformation(
        names,
        when=command.received_at,
        step="receiving",
        mixing=documents.Mixing(
            taken=[documents.Grams(uri, mass_g) for uri, mass_g in command.taken],
            given=[documents.Grams(lot_uri, command.received_g)],
            lost=[("transport", command.delivered_g - command.received_g)],
        ),
        extra={
            **documents.owner_change(names, command.supplier_code, command.receiver_code),
            **({"chasu:deliveries": list(deliveries)} if deliveries else {}),
        },
    )
    return NewEvent(document=document, party_id=command.receiver_id, entry=entry)


def taking_in(
    names: Namespace, command: TakeIn, lot_uri: str, entry: Entry, deliveries: Sequence[str] = ()
) -> list[NewEvent]:
    """Return the events of an intake, the receipt last; `deliveries` are `PARTY/CODE`, sent by events of their own."""
    receipt = _receipt(names, command, lot_uri, entry, deliveries)
    return [receipt] if deliveries else [_hand_over(names, command, entry), receipt]


def _open(session: Session, names: Namespace, commands: Sequence[TakeIn]) -> list[OpenedLot]:
    return open_lots(
        session,
        [
            OpenLot(
                code=command.code,
                uri=names.lot(command.receiver_code, command.code),
                party_id=command.receiver_id,
                kind=command.kind,
                made_on=command.received_at.date(),
                grade=command.grade,
                crop=command.crop,
                product_kind=command.product_kind,
            )
            for command in commands
        ],
    )


@dataclass(frozen=True)
class Arrived:
    """An intake asked for with the deliveries that it receives, locked; its command says what they carry."""

    command: TakeIn
    deliveries: Sequence[Delivery] = ()

    def codes(self) -> list[str]:
        """Return the deliveries as `PARTY/CODE`."""
        return [f"{self.command.supplier_code}/{delivery.code}" for delivery in self.deliveries]

    def close(self, event: int) -> None:
        """Say that the deliveries are received."""
        for delivery in self.deliveries:
            close(delivery, DeliveryState.RECEIVED, event)


def lock_arrived(session: Session, commands: Sequence[TakeIn]) -> list[Arrived]:
    """Lock the deliveries that intakes receive, and bring what they carry.

    Raises `NotFoundError`, `DeliveryNotOpenError` and `DeliveryNotTheirsError`.
    """
    ids = [id_ for command in commands for id_ in command.deliveries]
    if not ids:
        return [Arrived(command) for command in commands]
    rows, carried = lock_deliveries(session, ids), list_carried(session, ids)
    [(most, times)] = Counter(ids).most_common(1)
    if times > 1:
        raise DeliveryNotOpenError(delivery=rows[most].code, state=DeliveryState.RECEIVED.value)
    return [_arrived(command, [rows[id_] for id_ in command.deliveries], carried) for command in commands]


def _arrived(command: TakeIn, deliveries: Sequence[Delivery], carried: Mapping[int, Sequence[Any]]) -> Arrived:
    for delivery in deliveries:
        if (delivery.giver_id, delivery.receiver_id) != (command.supplier_id, command.receiver_id):
            raise DeliveryNotTheirsError(delivery=delivery.code, intake=command.code)
    if not deliveries:
        return Arrived(command)
    items = [item for delivery in deliveries for item in carried[delivery.id]]
    return Arrived(replace(command, taken=[(item.lot_uri, item.mass_g) for item in items]), deliveries)


def _check(commands: Sequence[TakeIn]) -> None:
    """Refuse weights that disagree, and an intake of nothing."""
    faults = []
    for index, command in enumerate(commands):
        prefix = f"[{index}]." if len(commands) > 1 else ""
        found = find_weight_faults(command)
        if not command.taken and not command.deliveries:
            found.append(Fault("taken", "missing-field"))
        faults += [Fault(prefix + fault.path, fault.code, fault.facts) for fault in found]
    if faults:
        raise InvalidError(faults)


def record_intakes(session: Session, commands: Sequence[TakeIn], entry: Entry) -> list[Intake]:
    """Record intakes; each makes a lot of the receiver's. Raises `InvalidError` and what `lock_arrived` raises."""
    _check(commands)
    names, arrived = get_namespace(session), lock_arrived(session, commands)
    check_open([delivery for one in arrived for delivery in one.deliveries])
    lots = _open(session, names, commands)
    news = [taking_in(names, one.command, lot.uri, entry, one.codes()) for one, lot in zip(arrived, lots, strict=True)]
    ids = iter(record(session, [event for few in news for event in few]))
    intakes = []
    for one, lot, few in zip(arrived, lots, news, strict=True):
        intake = Intake(lot_id=lot.id)
        _keep(intake, one, [next(ids) for _ in few])
        intakes.append(intake)
    session.add_all(intakes)
    session.flush()
    issue_slips(session, [_slip(intake, one.command) for intake, one in zip(intakes, arrived, strict=True)], entry)
    return intakes


def _slip(intake: Intake, command: TakeIn) -> IssueSlip:
    """Return the command for the slip of an intake."""
    return IssueSlip(
        kind=SlipKind.INTAKE,
        record_id=intake.id,
        giver_id=command.supplier_id,
        receiver_id=command.receiver_id,
        weighed_at=command.received_at,
        net_g=command.received_g,
        weights=command,
    )


def _keep(intake: Intake, arrived: Arrived, events: Sequence[int]) -> None:
    """Put on the row what an intake is, and by which events; its deliveries are received."""
    for name in _KEPT:
        setattr(intake, name, getattr(arrived.command, name))
    intake.received_on = arrived.command.received_at.date()
    intake.event_id = events[-1]
    intake.hand_over_event_id = events[0] if len(events) > 1 else None
    arrived.close(intake.event_id)


def keep_intake(session: Session, intake: Intake, arrived: Arrived, events: Sequence[int]) -> None:
    """Put what an intake really was on its row and its lot, which keeps its code."""
    _keep(intake, arrived, events)
    lot = session.get_one(Lot, intake.lot_id)
    lot.made_on = intake.received_on
    lot.grade, lot.crop = arrived.command.grade, arrived.command.crop
    lot.kind, lot.product_kind = arrived.command.kind, arrived.command.product_kind


def correct_intake(session: Session, intake: Intake, right: TakeIn | None, reason: str, entry: Entry) -> Intake:
    """Say what an intake really was; without `right` it never was, its lot is empty, its deliveries are on their way.

    Raises what `record_intakes` and `correct_events` raise.
    """
    lot = session.get_one(Lot, intake.lot_id)
    reopen(lock_closed_by(session, intake.event_id, right.deliveries if right else ()))
    session.flush()
    arrived = None if right is None else _rearrived(session, right)
    news = (
        [] if arrived is None else taking_in(get_namespace(session), arrived.command, lot.uri, entry, arrived.codes())
    )
    wrong = [event for event in (intake.hand_over_event_id, intake.event_id) if event is not None]
    correction = Correction(wrong=wrong, right=news, reason=reason, party_id=lot.party_id, entry=entry)
    events = correct_events(session, correction)
    if arrived is None:
        intake.undone_at = clock.now()
    else:
        keep_intake(session, intake, arrived, events)
    session.flush()
    slip = None if arrived is None else _slip(intake, arrived.command)
    reissue_slip(session, SlipKind.INTAKE, intake.id, slip, entry)
    return intake


def _rearrived(session: Session, right: TakeIn) -> Arrived:
    """Check the right intake as if it were new, and lock its deliveries."""
    _check([right])
    [arrived] = lock_arrived(session, [right])
    check_open(arrived.deliveries)
    return arrived
