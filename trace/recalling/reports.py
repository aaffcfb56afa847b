"""Reports of a recall to the regulator: figures as they were, kept; and the end of the case by the final one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import BIG, Base, BigId
from trace.errors import ConflictError
from trace.recalls import Recall, RecallState, RecallStep

_ORDER = {state: place for place, state in enumerate(RecallState)}


class RecallClosedError(ConflictError):
    """The case is closed."""

    code = "recall-closed"


class RecallBackwardError(ConflictError):
    """A case goes forward only, and is closed by its final report alone."""

    code = "recall-backward"


class RecallOpenItemsError(ConflictError):
    """The case cannot be closed while something in it is open."""

    code = "recall-open-items"


class ReportKind(StrEnum):
    """What a report is for."""

    PROGRESS = "progress"
    FINAL = "final"


class RecallReport(Base):
    """A report as it was made; its figures do not change with what comes later."""

    __tablename__ = "recall_report"
    __table_args__ = (UniqueConstraint("recall_id", "number"),)
    id: Mapped[BigId]
    recall_id: Mapped[int] = mapped_column(BIG, ForeignKey("recall.id"))
    number: Mapped[int]
    kind: Mapped[ReportKind]
    person: Mapped[str] = mapped_column(String(60))
    cause: Mapped[str | None] = mapped_column(String(400))
    measures: Mapped[str | None] = mapped_column(String(1000))
    unrecovered: Mapped[str | None] = mapped_column(String(400))  # why units stay out
    figures: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


@dataclass(frozen=True, kw_only=True)
class MakeReport:
    """Ask for a report, with the figures of now."""

    recall_id: int
    kind: ReportKind
    person: str
    figures: Mapping[str, Any]
    cause: str | None = None
    measures: str | None = None
    unrecovered: str | None = None


@dataclass(frozen=True, kw_only=True)
class TakeStep:
    """Ask to bring a case to a state."""

    recall_id: int
    state: RecallState
    person: str
    note: str | None = None


def lock_case(session: Session, recall_id: int) -> Recall:
    """Lock a case that is not closed. Raises `RecallClosedError`."""
    recall = session.get_one(Recall, recall_id, with_for_update=True, populate_existing=True)
    if recall.state is RecallState.CLOSED:
        raise RecallClosedError(recall=recall.code)
    return recall


def take_step(session: Session, command: TakeStep, account_id: int | None) -> Recall:
    """Bring a case forward. Raises `RecallClosedError`, `RecallBackwardError`."""
    recall = lock_case(session, command.recall_id)
    if _ORDER[command.state] <= _ORDER[recall.state] or command.state is RecallState.CLOSED:
        raise RecallBackwardError(state=recall.state.value, wanted=command.state.value)
    _step(session, recall, command, account_id)
    return recall


def _step(session: Session, recall: Recall, command: TakeStep, account_id: int | None) -> None:
    recall.state = command.state
    session.add(RecallStep(**vars(command), taken_at=clock.now(), account_id=account_id))
    session.flush()


def make_report(
    session: Session, command: MakeReport, open_items: list[dict[str, Any]], account_id: int | None
) -> RecallReport:
    """Keep a report; a final one closes the case, and is refused while anything is open.

    Raises `RecallClosedError`, `RecallOpenItemsError`.
    """
    recall = lock_case(session, command.recall_id)
    final = command.kind is ReportKind.FINAL
    if final and open_items:
        raise RecallOpenItemsError(items=open_items)
    last = session.scalar(select(func.max(RecallReport.number)).where(RecallReport.recall_id == recall.id))
    report = RecallReport(
        **{**vars(command), "figures": dict(command.figures)},
        number=(last or 0) + 1,
        made_at=clock.now(),
        account_id=account_id,
    )
    session.add(report)
    session.flush()
    if final:
        closing = TakeStep(recall_id=recall.id, state=RecallState.CLOSED, person=command.person)
        _step(session, recall, closing, account_id)
    return report
