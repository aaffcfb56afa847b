"""Inputs: fertilizers, pesticides and traps, where they were bought, and each use of one on a plot.

Whoever carried a use out is a party of kind grower, whose person stands in `persons.py`, or one of `workers.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import BIG, Base, BigId
from trace.events import Entry, Event, NewEvent, documents, record
from trace.events.correct import Correction, correct_events
from trace.instance import Namespace, get_namespace
from trace.revisions import Revised


class InputProduct(Revised, Base):
    """What was bought, as its pack label says."""

    __tablename__ = "input_product"
    code: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(120))
    maker: Mapped[str | None] = mapped_column(String(120))
    active: Mapped[str | None] = mapped_column(String(60))
    other_actives: Mapped[list[str] | None]  # of a mixture
    formulation: Mapped[str | None] = mapped_column(String(60))
    registration: Mapped[str | None] = mapped_column(String(60))
    registered_until: Mapped[date | None]
    crops: Mapped[list[str] | None]  # for which the label says it is registered
    targets: Mapped[list[str] | None]  # against what
    interval_days: Mapped[int | None]  # 安全间隔期 of the label
    max_applications: Mapped[int | None]  # a season
    max_per_mu: Mapped[Decimal | None]  # the label's largest dose, in `unit`
    label_sha256: Mapped[str | None] = mapped_column(String(64))  # of a photograph of the pack
    unit: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str | None] = mapped_column(String(200))


class InputPurchase(Base):
    """One purchase of a product, for those who keep a record of it."""

    __tablename__ = "input_purchase"
    __table_args__ = (UniqueConstraint("buyer_id", "code"),)
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(String(40))
    buyer_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("input_product.id"), index=True)
    supplier: Mapped[str] = mapped_column(String(120))
    maker_code: Mapped[str | None] = mapped_column(String(60))  # 生产批号 on the pack
    quantity: Mapped[Decimal]
    unit: Mapped[str] = mapped_column(String(20))
    bought_on: Mapped[date]
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("worker.id"))  # who bought it
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"), index=True)
    undone_at: Mapped[datetime | None]  # said not to have happened


class InputUse(Base):
    """One use of a product on a plot."""

    __tablename__ = "input_use"
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(String(40), index=True)
    plot_id: Mapped[int] = mapped_column(ForeignKey("plot.id"), index=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("input_product.id"))
    used_on: Mapped[date]
    per_mu: Mapped[Decimal | None]
    unit: Mapped[str | None] = mapped_column(String(20))
    area_mu: Mapped[Decimal | None]
    total: Mapped[Decimal | None]
    target: Mapped[str | None] = mapped_column(String(60))
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    supplier: Mapped[str | None] = mapped_column(String(120))
    weather: Mapped[str | None] = mapped_column(String(60))
    dilution: Mapped[Decimal | None]  # times
    maker_code: Mapped[str | None] = mapped_column(String(60))  # 生产批号 on the pack
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("worker.id"))  # who carried it out, if no party
    purchase_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("input_purchase.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    undone_at: Mapped[datetime | None]  # said not to have happened


@dataclass(frozen=True, kw_only=True)
class BuyInput:
    """Ask to record one purchase of a product."""

    code: str
    buyer_id: int
    buyer_code: str
    product_id: int
    product_code: str
    supplier: str
    quantity: Decimal
    unit: str
    bought_at: datetime
    maker_code: str | None = None
    worker_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class UseInput:
    """Ask to record one use of a product on a plot."""

    code: str
    plot_id: int
    plot_code: str
    product_id: int
    product_code: str
    used_on: date
    used_at: datetime
    recorder_id: int
    per_mu: Decimal | None = None
    unit: str | None = None
    area_mu: Decimal | None = None
    total: Decimal | None = None
    target: str | None = None
    operator_id: int | None = None
    supplier: str | None = None
    weather: str | None = None
    dilution: Decimal | None = None
    maker_code: str | None = None
    worker_id: int | None = None
    purchase_id: int | None = None


_KEPT = (
    *("code", "plot_id", "product_id", "used_on", "per_mu", "unit", "area_mu", "total", "target", "operator_id"),
    *("supplier", "weather", "dilution", "maker_code", "worker_id", "purchase_id"),
)
_PURCHASE_KEPT = ("code", "buyer_id", "product_id", "supplier", "maker_code", "quantity", "unit", "worker_id")


def _event(names: Namespace, command: UseInput, entry: Entry) -> NewEvent:
    document = documents.observation(
        names,
        when=command.used_at,
        step=names.word("step", "field-work"),
        of=[names.plot(command.plot_code)],
        extra={
            "chasu:inputUse": command.code,
            "chasu:inputProduct": names.record("input-product", command.product_code),
            "chasu:dose": {
                "chasu:total": str(command.total) if command.total is not None else "",
                "chasu:unit": command.unit or "",
            },
        },
    )
    return NewEvent(document=document, party_id=command.recorder_id, entry=entry)


def use_inputs(session: Session, commands: Sequence[UseInput], entry: Entry) -> list[InputUse]:
    """Record uses of inputs."""
    names = get_namespace(session)
    events = record(session, [_event(names, command, entry) for command in commands])
    uses = [
        InputUse(**{name: getattr(command, name) for name in _KEPT}, event_id=event)
        for command, event in zip(commands, events, strict=True)
    ]
    session.add_all(uses)
    session.flush()
    return uses


def correct_input_use(session: Session, use: InputUse, command: UseInput | None, reason: str, entry: Entry) -> InputUse:
    """Say what a use really was, or with None that there was none. Raises what `correct_events` raises.

    The rules are to judge the pickings it concerned, and those it concerns now.
    """
    right = [_event(get_namespace(session), command, entry)] if command else []
    by = command.recorder_id if command else session.get_one(Event, use.event_id).party_id
    events = correct_events(
        session, Correction(wrong=[use.event_id], right=right, reason=reason, party_id=by, entry=entry)
    )
    if command is None:
        use.undone_at = clock.now()
    else:
        [use.event_id] = events
        for name in _KEPT:
            setattr(use, name, getattr(command, name))
    session.flush()
    return use


def _purchase_event(names: Namespace, command: BuyInput, entry: Entry) -> NewEvent:
    document = documents.observation(
        names,
        when=command.bought_at,
        step=names.word("step", "buying-input"),
        of=[names.record("input-product", command.product_code)],
        extra={
            "chasu:inputPurchase": f"{command.buyer_code}/{command.code}",
            "chasu:bought": {"chasu:quantity": str(command.quantity), "chasu:unit": command.unit},
        },
    )
    return NewEvent(document=document, party_id=command.buyer_id, entry=entry)


def buy_inputs(session: Session, commands: Sequence[BuyInput], entry: Entry) -> list[InputPurchase]:
    """Record purchases of products."""
    names = get_namespace(session)
    events = record(session, [_purchase_event(names, command, entry) for command in commands])
    purchases = [
        InputPurchase(
            bought_on=command.bought_at.date(),
            event_id=event,
            **{name: getattr(command, name) for name in _PURCHASE_KEPT},
        )
        for command, event in zip(commands, events, strict=True)
    ]
    session.add_all(purchases)
    session.flush()
    return purchases


def correct_purchase(
    session: Session, purchase: InputPurchase, command: BuyInput | None, reason: str, entry: Entry
) -> InputPurchase:
    """Say what a purchase really was, or with None that there was none. Raises what `correct_events` raises."""
    right = [_purchase_event(get_namespace(session), command, entry)] if command else []
    correction = Correction(
        wrong=[purchase.event_id], right=right, reason=reason, party_id=purchase.buyer_id, entry=entry
    )
    events = correct_events(session, correction)
    if command is None:
        purchase.undone_at = clock.now()
    else:
        [purchase.event_id] = events
        purchase.bought_on = command.bought_at.date()
        for name in _PURCHASE_KEPT:
            setattr(purchase, name, getattr(command, name))
    session.flush()
    return purchase
