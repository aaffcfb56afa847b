"""Runs and blends: leaf becomes made tea, made tea becomes a finished lot; what is lost has a reason."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import BIG, Base, BigId, Grams
from trace.events import Entry, NewEvent, documents, record
from trace.events.correct import Correction, correct_events
from trace.instance import Namespace, get_namespace
from trace.lots import Lot, LotKind, OpenedLot, OpenLot, open_lots


class Run(Base):
    """One processing run or one blend (`step` says which), with the output's moisture."""

    __tablename__ = "run"
    __table_args__ = (UniqueConstraint("plant_id", "code"),)
    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(String(40))
    plant_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    step: Mapped[str] = mapped_column(String(20))
    run_on: Mapped[date]
    output_lot_id: Mapped[int] = mapped_column(BIG, ForeignKey("lot.id"), unique=True)
    by_product_lot_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("lot.id"))
    input_g: Mapped[Grams]
    output_g: Mapped[Grams]
    by_product_g: Mapped[Grams]
    sample_g: Mapped[Grams]
    moisture_percent: Mapped[Decimal | None]
    pluck_standard: Mapped[str | None] = mapped_column(String(60))
    weather: Mapped[str | None] = mapped_column(String(60))
    as_typed: Mapped[dict[str, Any] | None]  # the masses with their units, as somebody typed them
    event_id: Mapped[int] = mapped_column(BIG, ForeignKey("event.id"), index=True)
    undone_at: Mapped[datetime | None]  # when it was said that this never happened


class RunStep(Base):
    """One step of a run, in order, with what was measured."""

    __tablename__ = "run_step"
    run_id: Mapped[int] = mapped_column(BIG, ForeignKey("run.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(String(60))  # a term of the scheme step
    measured: Mapped[dict[str, Any]]  # as typed: decimals as text


@dataclass(frozen=True, kw_only=True)
class MakeTea:
    """Ask to record one run or blend. `taken` are (identifier, grams)."""

    code: str
    step: str  # "run" or "blend"
    plant_id: int
    plant_code: str
    done_at: datetime
    taken: Sequence[tuple[str, int]]
    output_code: str
    output_kind: LotKind
    output_g: int
    by_product_code: str
    by_product_g: int
    sample_g: int
    lost: tuple[str, int]
    grade: str | None = None
    crop: str | None = None
    product_kind: str | None = None
    moisture_percent: Decimal | None = None
    pluck_standard: str | None = None
    weather: str | None = None
    steps: Sequence[tuple[str, dict[str, Any]]] = field(default=())
    as_typed: dict[str, Any] | None = None

    @property
    def input_g(self) -> int:
        """Return all that was taken."""
        return sum(mass_g for _, mass_g in self.taken)


_KEPT = (
    *("step", "plant_id", "input_g", "output_g", "by_product_g", "sample_g"),
    *("moisture_percent", "pluck_standard", "weather", "as_typed"),
)


def _new_lots(names: Namespace, command: MakeTea) -> list[OpenLot]:
    """Return the output lot and, where there is any, the by-product lot."""
    outputs = [(command.output_code, command.output_kind)]
    if command.by_product_g:
        outputs.append((command.by_product_code, LotKind.BY_PRODUCT))
    return [
        OpenLot(
            code=code,
            uri=names.lot(command.plant_code, code),
            party_id=command.plant_id,
            kind=kind,
            made_on=command.done_at.date(),
            grade=command.grade,
            crop=command.crop,
            product_kind=command.product_kind,
        )
        for code, kind in outputs
    ]


def run_event(names: Namespace, command: MakeTea, lots: Sequence[Lot | OpenedLot], entry: Entry) -> NewEvent:
    """Return the event that makes the output lot and, where there is a second one, the by-product lot."""
    masses = (command.output_g, command.by_product_g)
    document = documents.transformation(
        names,
        when=command.done_at,
        step="creating_class_instance",
        mixing=documents.Mixing(
            taken=[documents.Grams(uri, mass_g) for uri, mass_g in command.taken],
            given=[
                documents.Grams(lot.uri, mass_g)
                for lot, mass_g in zip(lots, masses, strict=False)
                if lot is lots[0] or mass_g
            ],
            lost=[("sample", command.sample_g), command.lost],
        ),
        extra={"transformationID": names.record(command.step, f"{command.plant_code}/{command.code}")},
    )
    return NewEvent(document=document, party_id=command.plant_id, entry=entry)


def record_runs(session: Session, commands: Sequence[MakeTea], entry: Entry) -> list[Run]:
    """Record runs or blends; each makes an output lot and perhaps a by-product lot."""
    names = get_namespace(session)
    wanted = [_new_lots(names, command) for command in commands]
    made = iter(open_lots(session, [lot for lots in wanted for lot in lots]))
    lots = [[next(made) for _ in few] for few in wanted]
    news = [run_event(names, command, few, entry) for command, few in zip(commands, lots, strict=True)]
    runs = [Run(code=command.code, output_lot_id=few[0].id) for command, few in zip(commands, lots, strict=True)]
    for run, command, few, event in zip(runs, commands, lots, record(session, news), strict=True):
        put_run(run, command, few, event)
    session.add_all(runs)
    session.flush()
    _add_steps(session, runs, commands)
    return runs


def put_run(run: Run, command: MakeTea, lots: Sequence[Lot | OpenedLot], event: int) -> None:
    """Put what a command says on a run's row; code and output lot stay as they are."""
    for name in _KEPT:
        setattr(run, name, getattr(command, name))
    run.run_on, run.event_id = command.done_at.date(), event
    run.by_product_lot_id = lots[1].id if len(lots) > 1 else None


def _add_steps(session: Session, runs: Sequence[Run], commands: Sequence[MakeTea]) -> None:
    session.add_all(
        RunStep(run_id=run.id, place=place, step=step, measured=measured)
        for run, command in zip(runs, commands, strict=True)
        for place, (step, measured) in enumerate(command.steps, start=1)
    )
    session.flush()


def correct_run(session: Session, run: Run, command: MakeTea | None, reason: str, entry: Entry) -> Run:
    """Say what a run or blend really was; its lots keep their codes. Without a command it never was.

    Raises what `correct_events` raises.
    """
    names = get_namespace(session)
    lots = run_lots(session, run, command)
    right = [run_event(names, command, lots, entry)] if command else []
    correction = Correction(wrong=[run.event_id], right=right, reason=reason, party_id=run.plant_id, entry=entry)
    events = correct_events(session, correction)
    if command is None:
        run.undone_at = clock.now()
    else:
        put_run(run, command, lots, events[0])
        for lot in lots:
            lot.made_on, lot.grade = run.run_on, command.grade
            lot.crop, lot.product_kind = command.crop, command.product_kind
        session.execute(delete(RunStep).where(RunStep.run_id == run.id))
        _add_steps(session, [run], [command])
    session.flush()
    return run


def run_lots(session: Session, run: Run, command: MakeTea | None) -> list[Lot]:
    """Return a run's output lot and its by-product lot, opening one where the command is the first to name any."""
    lots = [session.get_one(Lot, id_) for id_ in (run.output_lot_id, run.by_product_lot_id) if id_ is not None]
    if command and command.by_product_g and len(lots) == 1:
        [opened] = open_lots(session, _new_lots(get_namespace(session), command)[1:])
        lots.append(session.get_one(Lot, opened.id))
    return lots
