"""What is told of a trace beside its grams: signs, names, events; by as many statements however large it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.factories import (
    PICKED_AT,
    get_lot_of,
    make_blend,
    make_finding,
    make_intake,
    make_leaf,
    make_measured,
    make_recall,
    make_result,
    make_run,
    make_tea,
)
from trace.accounts import Caller, Role
from trace.chains import Mark, find_marks, find_party_names, list_happenings
from trace.lots import Lot
from trace.quality import Result
from trace.tracing import Direction, trace_lot
from trace.visibility import trace_for

OPERATOR = Caller(Role.OPERATOR, None)


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    """Count the statements sent meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    engine = session.get_bind().engine
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def tea_of(session: Session, runs: int) -> Lot:
    """Return a blend of so many runs, each of two pickings."""
    made = []
    for _ in range(runs):
        leaf = [make_leaf(session), make_leaf(session)]
        received = get_lot_of(session, make_intake(session, taken=[(lot, lot.mass_g) for lot in leaf]))
        made.append(get_lot_of(session, make_run(session, taken=[(received, received.mass_g)])))
    return get_lot_of(session, make_blend(session, taken=[(lot, lot.mass_g) for lot in made]))


def test_a_lot_bears_the_sign_of_its_hold_its_failed_report_and_its_recall(session: Session) -> None:
    tea = make_tea(session)
    make_finding(session, lot=tea)
    make_result(session, lot=tea, items=[make_measured(value=Decimal(6), passed=False)])
    make_recall(session, lot=tea)
    marks = find_marks(session, trace_lot(session, tea.id, Direction.BACK))
    assert marks == {tea.id: [Mark.RECALLED, Mark.FAILED, Mark.HELD]}


def test_a_finding_answered_and_a_report_undone_leave_no_sign(session: Session) -> None:
    tea = make_tea(session)
    finding = make_finding(session, lot=tea)
    finding.answered_at = PICKED_AT
    result = make_result(session, lot=tea, items=[make_measured(value=Decimal(6), passed=False)])
    session.get_one(Result, result.id).undone_at = PICKED_AT + timedelta(days=1)
    session.flush()
    assert find_marks(session, trace_lot(session, tea.id, Direction.BACK)) == {}


def test_the_chain_of_a_blend_is_told_in_order_of_time(session: Session) -> None:
    tea = tea_of(session, 2)
    told = list_happenings(session, OPERATOR, trace_lot(session, tea.id, Direction.BACK))
    nouns = [happening.noun for happening in told]
    assert [nouns.count(noun) for noun in ("picking", "intake", "run", "blend")] == [4, 2, 2, 1]
    assert [one.event_time for one in told] == sorted(one.event_time for one in told)


def test_a_trace_forward_tells_what_became_of_a_picking(session: Session) -> None:
    leaf = make_leaf(session)
    received = get_lot_of(session, make_intake(session, taken=[(leaf, leaf.mass_g)]))
    make_run(session, taken=[(received, received.mass_g)])
    told = list_happenings(session, OPERATOR, trace_lot(session, leaf.id, Direction.FORWARD))
    assert [happening.noun for happening in told if happening.noun in {"picking", "intake", "run"}] == [
        *("picking", "intake", "run")
    ]


def test_a_large_trace_takes_no_more_statements_than_a_small_one(session: Session) -> None:
    counts = []
    for runs in (1, 12):
        tea = tea_of(session, runs)
        with counted(session) as sent:
            trace = trace_for(session, OPERATOR, tea.id, Direction.BACK)
            find_marks(session, trace)
            find_party_names(session, trace)
            list_happenings(session, OPERATOR, trace)
        counts.append(len(sent))
    assert counts == [4, 4]
