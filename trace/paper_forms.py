"""Paper forms (纸质表): numbered sheets to fill in by hand, issued in runs, used line by line, or declared void.

A number has a check character, so that a slip of the pen names no other sheet. What is typed in from a sheet says its
number and line, and who wrote it: the name stands apart, the use keeps a commitment (`trace/persons.py`). A line whose
record was undone may be typed in again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from trace import clock
from trace.db import BIG, Base, BigId, portions
from trace.errors import ConflictError
from trace.events.entry import Entry
from trace.inputs import InputUse
from trace.instance import lock_instance
from trace.intakes import Intake
from trace.persons import keep_names
from trace.pickings import Picking
from trace.serials import check_character, normalise

MOST = 500  # sheets in one run
_DIGITS, _MOST_DIGITS = 7, 12


class FormUsedError(ConflictError):
    """Records stand on the form: it is not void."""

    code = "form-used"


class FormVoidError(ConflictError):
    """The form was declared void before."""

    code = "form-void"


class FormKind(StrEnum):
    """What is written on it, by the name of the door at which it is typed in."""

    PICKINGS = "pickings"
    INPUTS = "inputs"
    INTAKES = "intakes"


LINES = {FormKind.PICKINGS: 9, FormKind.INPUTS: 7, FormKind.INTAKES: 7}  # records on one sheet


class PaperFormRun(Base):
    """Sheets that a party had printed at once."""

    __tablename__ = "paper_form_run"
    __table_args__ = (UniqueConstraint("code", "party_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    kind: Mapped[FormKind]
    first: Mapped[int] = mapped_column(unique=True)
    count: Mapped[int]
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    issued_at: Mapped[datetime]


class PaperForm(Base):
    """One numbered sheet."""

    __tablename__ = "paper_form"
    id: Mapped[BigId]
    run_id: Mapped[int] = mapped_column(ForeignKey("paper_form_run.id"), index=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)


class PaperFormUse(Base):
    """A line of a sheet that was typed in: the record that it became, and a commitment to who wrote it."""

    __tablename__ = "paper_form_use"
    __table_args__ = (Index("ix_paper_form_use_form_id_line", "form_id", "line"),)
    id: Mapped[BigId]
    form_id: Mapped[int] = mapped_column(BIG, ForeignKey("paper_form.id"))
    line: Mapped[int]
    picking_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("picking.id"), unique=True)
    input_use_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("input_use.id"), unique=True)
    intake_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("intake.id"), unique=True)
    writer_commitment: Mapped[bytes] = mapped_column(LargeBinary(32))
    used_at: Mapped[datetime]


class PaperFormVoid(Base):
    """That a sheet was lost or spoiled: its number will not be typed in."""

    __tablename__ = "paper_form_void"
    form_id: Mapped[int] = mapped_column(BIG, ForeignKey("paper_form.id"), primary_key=True, autoincrement=False)
    reason: Mapped[str] = mapped_column(String(200))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    voided_at: Mapped[datetime]


_RECORD = {FormKind.PICKINGS: "picking_id", FormKind.INPUTS: "input_use_id", FormKind.INTAKES: "intake_id"}
_ROW: dict[FormKind, Any] = {FormKind.PICKINGS: Picking, FormKind.INPUTS: InputUse, FormKind.INTAKES: Intake}


@dataclass(frozen=True, kw_only=True)
class IssueForms:
    """Ask for a run of blank forms."""

    code: str
    party_id: int
    kind: FormKind
    count: int


@dataclass(frozen=True)
class Written:
    """A line of a form as it was typed in, and who wrote it."""

    form_id: int
    line: int
    writer: str


def form_number(number: int) -> str:
    """Return the number of a sheet, with its check character."""
    digits = f"{number:0{_DIGITS}d}"
    return f"{digits}-{check_character(digits)}"


def read_form_number(typed: str) -> str | None:
    """Return the number that was typed, whatever hyphens and look-alikes; None where its check character is wrong."""
    plain = normalise(typed)
    if not _DIGITS < len(plain) <= _MOST_DIGITS or not (plain.isascii() and plain[:-1].isdecimal()):
        return None
    return f"{plain[:-1]}-{plain[-1]}" if check_character(plain[:-1]) == plain[-1] else None


def issue_forms(session: Session, commands: Sequence[IssueForms], entry: Entry) -> list[PaperFormRun]:
    """Issue runs of blank forms; their numbers go on from the last ever issued."""
    lock_instance(session)
    following = session.scalar(select(func.max(PaperFormRun.first + PaperFormRun.count))) or 1
    runs = []
    for command in commands:
        runs.append(
            PaperFormRun(
                code=command.code,
                party_id=command.party_id,
                kind=command.kind,
                first=following,
                count=command.count,
                entered_by_id=entry.agent.id if entry.agent and entry.agent.id != command.party_id else None,
                account_id=entry.account_id,
                issued_at=clock.now(),
            )
        )
        following += command.count
    session.add_all(runs)
    session.flush()
    session.add_all(
        PaperForm(run_id=run.id, number=form_number(number))
        for run in runs
        for number in range(run.first, run.first + run.count)
    )
    session.flush()
    return runs


def lock_forms(session: Session, numbers: Iterable[str]) -> dict[str, tuple[PaperForm, PaperFormRun]]:
    """Return the forms of these numbers, locked in id order: no other types them in, or voids them, meanwhile."""
    found: dict[str, tuple[PaperForm, PaperFormRun]] = {}
    query = select(PaperForm, PaperFormRun).join(PaperFormRun).order_by(PaperForm.id).with_for_update(of=PaperForm)
    for few in portions(sorted(set(numbers))):
        for form, run in session.execute(query.where(PaperForm.number.in_(few))):
            found[form.number] = (form, run)
    return found


def stands_on_line() -> ColumnElement[bool]:
    """Hold for uses whose record was not undone."""
    return or_(
        *(
            exists()
            .where(row.id == getattr(PaperFormUse, _RECORD[kind]), row.undone_at.is_(None))
            .correlate(PaperFormUse)
            for kind, row in _ROW.items()
        )
    )


def find_used_lines(session: Session, forms: Iterable[int]) -> set[tuple[int, int]]:
    """Return the (form, line) that records stand on already."""
    used: set[tuple[int, int]] = set()
    query = select(PaperFormUse.form_id, PaperFormUse.line).where(stands_on_line())
    for few in portions(forms):
        used.update((form, line) for form, line in session.execute(query.where(PaperFormUse.form_id.in_(few))))
    return used


def find_void_forms(session: Session, forms: Iterable[int]) -> set[int]:
    """Return those of some forms that were declared void."""
    query = select(PaperFormVoid.form_id)
    return {form for few in portions(forms) for form in session.scalars(query.where(PaperFormVoid.form_id.in_(few)))}


def use_forms(session: Session, kind: FormKind, written: Sequence[Written | None], rows: Sequence[Any]) -> None:
    """Keep from which line of which form each record was typed in; the forms are locked and the lines free."""
    both = [(one, row) for one, row in zip(written, rows, strict=True) if one is not None]
    commitments = keep_names(session, [one.writer for one, _ in both])
    session.add_all(
        PaperFormUse(
            form_id=one.form_id,
            line=one.line,
            writer_commitment=commitment,
            used_at=clock.now(),
            **{_RECORD[kind]: row.id},
        )
        for (one, row), commitment in zip(both, commitments, strict=True)
    )
    session.flush()


def void_form(session: Session, number: str, reason: str, account_id: int | None) -> PaperForm:
    """Declare a form lost or spoiled. Raises `FormUsedError` and `FormVoidError`."""
    form, _ = lock_forms(session, [number])[number]
    if find_void_forms(session, [form.id]):
        raise FormVoidError(form=number)
    used = find_used_lines(session, [form.id])
    if used:
        raise FormUsedError(form=number, lines=sorted(line for _, line in used))
    session.add(PaperFormVoid(form_id=form.id, reason=reason, account_id=account_id, voided_at=clock.now()))
    session.flush()
    return form
