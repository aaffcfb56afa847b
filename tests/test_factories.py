"""The factories' own promises: what they make is valid, balanced and complete."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests import factories, packing
from trace.holds import LotHold
from trace.ledger import LedgerLine
from trace.quality import ResultItem


def test_a_pack_stands_on_a_whole_chain_that_sums_to_zero(session: Session) -> None:
    packing.make_shipment(session)
    lines = session.execute(select(LedgerLine.commodity, func.sum(LedgerLine.amount)).group_by(LedgerLine.commodity))
    assert {commodity.value: int(total) for commodity, total in lines} == {"g": 0, "unit": 0}


def test_a_packed_lot_holds_what_was_packed_and_not_shipped(session: Session) -> None:
    pack = factories.make_pack(session, units=10)
    packing.make_shipment(session, pack=pack, positions=(1, 4))
    lot = factories.get_lot_of(session, pack)
    assert (lot.units, lot.mass_g) == (6, 600)


def test_a_result_keeps_the_digits_reported(session: Session) -> None:
    result = factories.make_result(session)
    value = session.scalar(select(ResultItem.value).where(ResultItem.result_id == result.id))
    assert str(value) == "0.010"


def test_a_finding_holds_all_that_was_made_of_the_leaf(session: Session) -> None:
    leaf = factories.make_leaf(session)
    factories.make_intake(session, taken=[(leaf, leaf.mass_g)])
    factories.make_finding(session, lot=leaf)
    assert session.scalar(select(func.count()).select_from(LotHold)) == 2


def test_certificates_input_uses_and_recalls_are_recorded(session: Session) -> None:
    assert factories.make_certificate(session).id
    assert factories.make_input_use(session).id
    assert factories.make_recall(session).id
