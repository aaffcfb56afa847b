"""Records typed in from paper: the number and line of the form, and who wrote it; every fault of a number by name."""

from collections.abc import Sequence
from dataclasses import dataclass

from trace.entries.form import Filled, Form
from trace.events import Mode
from trace.paper_forms import (
    LINES,
    FormKind,
    PaperForm,
    PaperFormRun,
    Written,
    find_used_lines,
    find_void_forms,
    lock_forms,
    read_form_number,
)

_WHAT = {FormKind.PICKINGS: "picking", FormKind.INPUTS: "input-use", FormKind.INTAKES: "intake"}


@dataclass(frozen=True, kw_only=True)
class OnPaper(Filled):
    """What a record from one of our paper forms says beside its facts."""

    form_number: str | None = None
    form_line: int = 1
    written_by: str | None = None  # a person's name: kept apart


def read_forms(form: Form, records: Sequence[OnPaper], kind: FormKind) -> list[Written | None]:
    """Return the line of which form each record was written on, locked; what is wrong with a number is a fault."""
    numbers = [_number(form, place, record) for place, record in enumerate(records)]
    found = lock_forms(form.session, [number for number in numbers if number])
    known = [one.id for one, _ in found.values()]
    taken, void = find_used_lines(form.session, known), find_void_forms(form.session, known)
    written: list[Written | None] = []
    for place, (record, number) in enumerate(zip(records, numbers, strict=True)):
        sheet = found.get(number or "")
        if number and sheet is None:
            form.refuse(place, "form_number", "form-unknown", value=number)
        if sheet is None or not _fits(form, place, record, sheet, kind) or record.written_by is None:
            written.append(None)
            continue
        line = (sheet[0].id, record.form_line)
        if sheet[0].id in void:
            form.refuse(place, "form_number", "form-void", form=number)
        elif line in taken:
            form.refuse(place, "form_line", "form-used", form=number, lines=record.form_line)
        taken.add(line)
        written.append(Written(*line, record.written_by))
    return written


def _number(form: Form, place: int, record: OnPaper) -> str | None:
    """Return the number that a record names, or none; add a fault for what goes without it, and for a wrong one."""
    if record.form_number is None:
        if record.written_by is not None or record.form_line != 1:
            form.refuse(place, "form_number", "missing-field")
        return None
    if record.mode is not Mode.PAPER:
        form.refuse(place, "mode", "disagrees", value=record.mode.value, other=Mode.PAPER.value)
    if record.written_by is None:
        form.refuse(place, "written_by", "missing-field")
    number = read_form_number(record.form_number)
    if number is None:
        form.refuse(place, "form_number", "form-check", value=record.form_number)
    return number


def _fits(form: Form, place: int, record: OnPaper, sheet: tuple[PaperForm, PaperFormRun], kind: FormKind) -> bool:
    """Return whether a sheet was issued to the party for this; add a fault where not."""
    paper, run = sheet
    if run.party_id != form.principals[place].id:
        form.refuse(place, "form_number", "form-not-theirs", value=paper.number)
    elif run.kind is not kind:
        form.refuse(place, "form_number", "form-kind", value=paper.number, what=_WHAT[run.kind])
    elif record.form_line > LINES[kind]:
        form.refuse(place, "form_line", "out-of-range", value=record.form_line, least=1, most=LINES[kind])
    else:
        return True
    return False
