"""Paper forms: a number with a check character, one run after another, each line used once, void for good."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import make_party, make_picking, new_code
from tests.trace.test_events_writers import at_once
from trace.db import Sessions
from trace.events import LIVE
from trace.keys import ALPHABET
from trace.paper_forms import (
    FormKind,
    FormUsedError,
    FormVoidError,
    IssueForms,
    PaperForm,
    PaperFormRun,
    PaperFormUse,
    Written,
    form_number,
    issue_forms,
    read_form_number,
    use_forms,
    void_form,
)
from trace.persons import WrittenName


def issue(session: Session, count: int = 2) -> list[PaperForm]:
    """Issue blank forms for pickings to a party."""
    command = IssueForms(code=new_code("PF"), party_id=make_party(session).id, kind=FormKind.PICKINGS, count=count)
    [run] = issue_forms(session, [command], LIVE)
    return list(session.scalars(select(PaperForm).where(PaperForm.run_id == run.id).order_by(PaperForm.id)))


@given(st.integers(1, 9_999_999), st.integers(0, 7), st.sampled_from(ALPHABET))
def test_a_slip_of_the_pen_names_no_other_form(number: int, place: int, symbol: str) -> None:
    whole = form_number(number)
    assert read_form_number(whole) == whole
    plain = whole.replace("-", "")
    wrong = plain[:place] + symbol + plain[place + 1 :]
    assert read_form_number(wrong) == (whole if wrong == plain else None)


def test_a_number_is_read_however_it_is_typed() -> None:
    whole = form_number(1012)
    for typed in (whole, whole.lower(), whole.replace("-", ""), f" {whole.replace('0', 'o').replace('1', 'I')} "):
        assert read_form_number(typed) == whole, typed
    for typed in ("", "1", "abcdefgh", "0" * 40, "0000101", "茶"):
        assert read_form_number(typed) is None, typed


def test_runs_number_their_forms_on(session: Session) -> None:
    numbers = [form.number for _ in range(3) for form in issue(session, 3)]
    counted = [int(number.partition("-")[0]) for number in numbers]
    assert counted == list(range(counted[0], counted[0] + 9))


def test_those_who_issue_at_once_get_different_numbers(fresh_sessions: Sessions) -> None:
    def issue_some(_number: int) -> str:
        with fresh_sessions.write.begin() as session:
            issue(session, 4)
        return "issued"

    assert at_once(issue_some, 8) == {"issued": 8}
    with fresh_sessions.read() as session:
        runs = session.scalars(select(PaperFormRun).order_by(PaperFormRun.first)).all()
        assert [run.first for run in runs] == [1 + 4 * place for place in range(8)]
        assert len(set(session.scalars(select(PaperForm.number)))) == 32


def test_a_line_keeps_a_commitment_to_who_wrote_it(session: Session) -> None:
    [form, _] = issue(session)
    use_forms(session, FormKind.PICKINGS, [Written(form.id, 3, "赵大爷")], [make_picking(session)])
    use = session.scalars(select(PaperFormUse)).one()
    kept = session.get_one(WrittenName, use.writer_commitment)
    assert (use.line, kept.name) == (3, "赵大爷")
    assert hashlib.sha256(kept.salt + "赵大爷".encode()).digest() == use.writer_commitment


def test_a_form_is_void_once_and_only_while_nothing_stands_on_it(session: Session) -> None:
    [used, lost] = issue(session)
    use_forms(session, FormKind.PICKINGS, [Written(used.id, 1, "赵大爷")], [make_picking(session)])
    with pytest.raises(FormUsedError):
        void_form(session, used.number, "丢失", None)
    assert void_form(session, lost.number, "丢失", None) is lost
    with pytest.raises(FormVoidError):
        void_form(session, lost.number, "丢失", None)
