"""Inputs: fertilizers, pesticides and traps, and each use of one on a plot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace.db import Base, BigId
from trace.events import Entry, NewEvent, documents, record
from trace.instance import get_namespace
from trace.revisions import Revised


class InputProduct(Revised, Base):
    """What was bought, as its pack label says."""

    __tablename__ = "input_product"
    code: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(120))
    active: Mapped[str | None] = mapped_column(String(60))
    registration: Mapped[str | None] = mapped_column(String(60))
    interval_days: Mapped[int | None]  # 安全间隔期 of the label
    max_applications: Mapped[int | None]
    unit: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str | None] = mapped_column(String(200))


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
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))


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


_KEPT = ("code", "plot_id", "product_id", "used_on", "per_mu", "unit", "area_mu", "total", "target", "operator_id")


def use_inputs(session: Session, commands: Sequence[UseInput], entry: Entry) -> list[InputUse]:
    """Record uses of inputs."""
    names = get_namespace(session)
    events = record(
        session,
        [
            NewEvent(
                document=documents.observation(
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
                ),
                party_id=command.recorder_id,
                entry=entry,
            )
            for command in commands
        ],
    )
    uses = [
        InputUse(**{name: getattr(command, name) for name in _KEPT}, supplier=command.supplier, event_id=event)
        for command, event in zip(commands, events, strict=True)
    ]
    session.add_all(uses)
    session.flush()
    return uses
