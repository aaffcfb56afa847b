"""Paper forms as their readers see them: runs, sheets with their state, and which records stand on which line."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from trace import visibility
from trace.accounts import Caller
from trace.inputs import InputUse
from trace.intakes import Intake
from trace.lots import Lot
from trace.nouns.slips import is_caller
from trace.paper_forms import (
    FormKind,
    PaperForm,
    PaperFormRun,
    PaperFormUse,
    PaperFormVoid,
    form_number,
    stands_on_line,
)
from trace.parties import Party
from trace.persons import WrittenName
from trace.pickings import Picking
from trace.records import Filter, Noun, Parts, Record, equal, plain

_AGENT = aliased(Party, name="agent")
_PICKED, _RECEIVED = aliased(Lot, name="picked"), aliased(Lot, name="received")
_KINDS = Filter(lambda kind: PaperFormRun.kind == FormKind(kind), tuple(FormKind))
OPEN, USED, VOID = "open", "used", "void"
_USED = exists().where(PaperFormUse.form_id == PaperForm.id, stands_on_line())
_VOID = PaperFormVoid.form_id.is_not(None)  # joined in the query
_STATES: dict[str, Callable[[], ColumnElement[bool]]] = {
    OPEN: lambda: and_(~_USED, ~_VOID),
    USED: lambda: _USED,
    VOID: lambda: _VOID,
}


def _runs(_caller: Caller) -> Select[*tuple[Any, ...]]:
    run = PaperFormRun
    return (
        select(
            *(run.code, Party.code.label("owner"), Party.name.label("owner_name"), run.party_id, run.kind),
            *(run.first, run.count, run.issued_at, _AGENT.code.label("entered_by")),
        )
        .join(Party, run.party_id == Party.id)
        .outerjoin(_AGENT, run.entered_by_id == _AGENT.id)
    )


def _visible(caller: Caller) -> ColumnElement[bool]:
    """Hold for forms of the caller's, and those it had printed for others."""
    return or_(visibility.own(caller, PaperFormRun.party_id), visibility.own(caller, PaperFormRun.entered_by_id))


FORM_RUNS = Noun(
    name="paper-form-run",
    key=PaperFormRun.id,
    query=_runs,
    visible=_visible,
    code=plain(PaperFormRun.code),
    owner=Party.code.expression,
    filters={"party": equal(Party.code), "kind": _KINDS},
)


def _forms(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(PaperForm.number.label("code"), Party.code.label("party"), PaperFormRun.kind, PaperFormRun.issued_at),
            *(PaperFormRun.code.label("run"), PaperFormVoid.reason.label("void_reason"), PaperFormVoid.voided_at),
            case((_VOID, VOID), (_USED, USED), else_=OPEN).label("state"),
        )
        .join(PaperFormRun, PaperForm.run_id == PaperFormRun.id)
        .join(Party, PaperFormRun.party_id == Party.id)
        .outerjoin(PaperFormVoid, PaperFormVoid.form_id == PaperForm.id)
    )


def _uses(session: Session, caller: Caller, forms: Sequence[int]) -> dict[int, list[Record]]:
    """Return the records that stand on each form, in the order of its lines; who wrote it is told to the party."""
    use = PaperFormUse
    knows = or_(is_caller(caller, PaperFormRun.party_id), is_caller(caller, PaperFormRun.entered_by_id))
    query = (
        select(use.form_id, use.line, use.used_at, case((knows, WrittenName.name)).label("written_by"))
        .add_columns(func.coalesce(_PICKED.code, InputUse.code, _RECEIVED.code).label("record"))
        .join(PaperForm, use.form_id == PaperForm.id)
        .join(PaperFormRun, PaperForm.run_id == PaperFormRun.id)
        .outerjoin(Picking, use.picking_id == Picking.id)
        .outerjoin(_PICKED, Picking.lot_id == _PICKED.id)
        .outerjoin(InputUse, use.input_use_id == InputUse.id)
        .outerjoin(Intake, use.intake_id == Intake.id)
        .outerjoin(_RECEIVED, Intake.lot_id == _RECEIVED.id)
        .outerjoin(WrittenName, WrittenName.commitment == use.writer_commitment)
        .where(use.form_id.in_(forms), stands_on_line())
        .order_by(use.form_id, use.line)
    )
    found: dict[int, list[Record]] = defaultdict(list)
    for row in session.execute(query).mappings():
        found[row["form_id"]].append(dict(row))
    return found


PAPER_FORMS = Noun(
    name="paper-form",
    key=PaperForm.id,
    query=_forms,
    visible=_visible,
    code=plain(PaperForm.number),
    filters={
        "party": equal(Party.code),
        "kind": _KINDS,
        "run": equal(PaperFormRun.code),
        "state": Filter(lambda state: _STATES[state](), tuple(_STATES)),
    },
    parts=Parts("uses", _uses),
)


def numbers_of(run: Record) -> list[str]:
    """Return the numbers of a run's sheets, in order."""
    return [form_number(number) for number in range(run["first"], run["first"] + run["count"])]


def told_form(record: InstrumentedAttribute[int | None], row: InstrumentedAttribute[int]) -> Any:
    """Return the column that tells from which form a record was typed in."""
    form = select(PaperForm.number).join(PaperFormUse, PaperFormUse.form_id == PaperForm.id).where(record == row)
    return form.correlate(row.class_).scalar_subquery().label("form_number")
