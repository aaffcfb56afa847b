"""Ask for paper forms, for one's own party or those one acts for; declare one void."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from trace import clock
from trace.accounts import Caller
from trace.entries.form import Filled, Form, new_code
from trace.mandates import acting_party
from trace.paper_forms import FormKind, IssueForms, PaperForm, PaperFormRun, issue_forms, void_form
from trace.records import Record


@dataclass(frozen=True, kw_only=True)
class EnterForms(Filled):
    """A run of blank forms to print."""

    kind: FormKind
    count: int


def enter_forms(session: Session, caller: Caller, records: Sequence[EnterForms]) -> list[PaperFormRun]:
    """Issue runs of forms. Raises what a form raises."""
    form = Form(session, caller, records)
    today = clock.now().astimezone(clock.COUNTRY)
    commands = [
        IssueForms(code=new_code("PF", today), party_id=party.id, kind=record.kind, count=record.count)
        for record, party in zip(records, form.principals, strict=True)
    ]
    return issue_forms(session, commands, form.entry)


def enter_void(session: Session, caller: Caller, record: Record, reason: str) -> PaperForm:
    """Declare a form void, for its party. Raises `NotForThemError`, `FormUsedError` and `FormVoidError`."""
    acting_party(session, caller, record["party"])
    return void_form(session, record["code"], reason, caller.account_id)
