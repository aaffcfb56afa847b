"""Leaf and tea from outside: traced, marked, and never local."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.between import coming_in, make_outside
from tests.factories import get_lot_of, make_leaf, make_party, make_plant, make_run
from trace.db import Sessions
from trace.events import LIVE, Event
from trace.events.correct import CorrectionBlockedError
from trace.instance import get_namespace
from trace.ledger import Account, LedgerLine
from trace.lots import Lot, LotKind
from trace.outside import OutsideReceipt, correct_outside
from trace.rebuild import differences
from trace.tracing import Direction, trace_lot


def lines(session: Session, receipt: OutsideReceipt) -> dict[str, tuple[str | None, int]]:
    rows = session.scalars(select(LedgerLine).where(LedgerLine.event_id == receipt.event_id))
    return {row.account: (row.subject, row.amount) for row in rows}


def test_what_comes_from_outside_never_grew_here(session: Session) -> None:
    receipt = make_outside(session)
    assert lines(session, receipt) == {
        Account.SOLD: (get_namespace(session).outside, -5000),
        Account.LOT: (None, 5000),
    }


def test_its_lot_says_what_was_declared_and_a_name_alone_stays_out_of_the_event(session: Session) -> None:
    receipt = make_outside(session)
    lot = session.get_one(Lot, receipt.lot_id)
    assert (lot.declared_origin, lot.kind, lot.initial_g) == ("外省某县", LotKind.RECEIVED, 5000)
    document = session.get_one(Event, receipt.event_id).document.decode()
    assert '"chasu:declaredOrigin":"外省某县"' in document
    assert "外省茶行" not in document


def test_a_supplier_known_here_stands_in_the_ledger(session: Session) -> None:
    supplier = make_party(session, kind="outside-supplier")
    receipt = make_outside(session, supplier=(supplier.id, supplier.code), supplier_name=None)
    assert lines(session, receipt)[Account.SOLD] == (get_namespace(session).party(supplier.code), -5000)
    assert receipt.supplier_id == supplier.id


def test_a_trace_back_ends_at_leaf_from_outside_with_its_kind(session: Session) -> None:
    plant = make_plant(session)
    outside = session.get_one(Lot, make_outside(session, plant).lot_id)
    leaf = make_leaf(session, 15_000)
    tea = get_lot_of(session, make_run(session, plant=plant, taken=[(outside, 5000), (leaf, 15_000)]))
    ends = {end.node.id: end for end in trace_lot(session, tea.id, Direction.BACK).ends}
    assert ends.keys() == {outside.id, leaf.id}
    end = ends[outside.id]
    assert (end.share, end.node.kind, end.node.village, end.node.plot) == (0.25, "received", None, None)


def test_tea_from_outside_is_corrected(session: Session) -> None:
    receipt = make_outside(session)
    code = session.get_one(Lot, receipt.lot_id).code
    right = coming_in(session, code=code, mass_g=4000, declared_origin="外省另县", kind=LotKind.MADE)
    correct_outside(session, receipt, right, "incorrect_data", LIVE)
    lot = session.scalars(select(Lot).where(Lot.id == receipt.lot_id)).one()
    assert (lot.mass_g, lot.declared_origin, lot.kind) == (4000, "外省另县", LotKind.MADE)


def test_a_receipt_that_never_was_leaves_an_empty_lot(session: Session) -> None:
    receipt = make_outside(session)
    correct_outside(session, receipt, None, "did_not_occur", LIVE)
    assert receipt.undone_at
    assert session.scalars(select(Lot.mass_g).where(Lot.id == receipt.lot_id)).one() == 0


def test_a_receipt_of_leaf_used_since_stands(session: Session) -> None:
    receipt = make_outside(session)
    make_run(session, taken=[(session.get_one(Lot, receipt.lot_id), 5000)])
    with pytest.raises(CorrectionBlockedError), session.begin_nested():
        correct_outside(session, receipt, None, "did_not_occur", LIVE)


def test_the_books_agree_after_tea_came_from_outside(fresh_sessions: Sessions) -> None:
    with fresh_sessions.write.begin() as session:
        make_outside(session)
        correct_outside(session, make_outside(session), None, "did_not_occur", LIVE)
        changed = make_outside(session)
        right = coming_in(session, declared_origin="外省另县", code=session.get_one(Lot, changed.lot_id).code)
        correct_outside(session, changed, right, "incorrect_data", LIVE)
    with fresh_sessions.read() as session:
        assert differences(session) == []
