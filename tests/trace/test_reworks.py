"""Reworks: packs opened again become a bulk lot, gram for gram, and are packed anew."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import get_lot_of, make_pack
from tests.histories import zero_sums
from tests.packing import make_case, make_mark, make_rework, make_shipment, rework_command, units_of
from trace.db import Sessions
from trace.events import LIVE
from trace.events.correct import CorrectionBlockedError
from trace.events.postings import MassImbalanceError
from trace.label_jobs import LabelsExceedUnitsError, start_label_job
from trace.lineage import LineageEdge
from trace.logistic_units import InLogisticUnitError
from trace.lots import Lot, LotKind
from trace.parties import Party
from trace.rebuild import differences
from trace.reworks import correct_rework
from trace.units import Fate, PositionsTakenError, UnitRange


def test_packs_opened_again_become_a_bulk_lot_that_is_packed_anew(fresh_sessions: Sessions) -> None:
    with fresh_sessions.write.begin() as session:
        pack = make_pack(session)
        make_shipment(session, pack=pack, positions=(1, 2))
        rework = make_rework(session, pack, 4, 10, lost=[("sorting", 50)])
        bulk, packed = get_lot_of(session, rework), get_lot_of(session, pack)
        assert (bulk.kind, bulk.mass_g, rework.units, rework.mass_g) == (LotKind.FINISHED, 650, 7, 650)
        assert (packed.units, packed.mass_g) == (1, 100)
        edge = session.scalars(select(LineageEdge).where(LineageEdge.child_id == bulk.id)).one()
        assert (edge.parent_id, edge.mass_g) == (packed.id, 700)
        assert make_pack(session, lot=bulk, units=6).units == 6
        assert zero_sums(session)
    with fresh_sessions.read() as session:
        assert differences(session) == []


def test_packs_of_two_kinds_may_be_opened_in_one_go(session: Session) -> None:
    pack, other = make_pack(session), make_pack(session)
    opened = [units_of(session, pack, 1, 3), units_of(session, other, 8, 10), units_of(session, pack, 6, 6)]
    rework = make_rework(session, pack, 1, 1, opened=opened)
    edges = session.execute(
        select(LineageEdge.parent_id, LineageEdge.mass_g).where(LineageEdge.child_id == rework.lot_id)
    )
    assert dict(edges.all()) == {pack.lot_id: 400, other.lot_id: 300}
    assert zero_sums(session)


def test_what_was_shipped_or_spoiled_is_not_opened(session: Session) -> None:
    pack = make_pack(session)
    make_shipment(session, pack=pack, positions=(1, 2))
    make_mark(session, pack, Fate.VOID, 5, 5)
    for first, last in ((2, 3), (5, 5), (10, 11)):
        with pytest.raises(PositionsTakenError), session.begin_nested():
            make_rework(session, pack, first, last)


def test_what_stands_in_a_case_is_not_opened(session: Session) -> None:
    pack = make_pack(session)
    party = session.get_one(Party, get_lot_of(session, pack).party_id)
    party.gs1_prefix = "6901234"
    case = make_case(session, party, [units_of(session, pack, 1, 6)])
    with pytest.raises(InLogisticUnitError) as refusal:
        make_rework(session, pack, 6, 7)
    assert refusal.value.facts == {"sscc": case.sscc, "first": 1, "last": 6}


def test_a_rework_never_loses_more_than_it_opens(session: Session) -> None:
    with pytest.raises(MassImbalanceError):
        make_rework(session, make_pack(session), 1, 2, lost=[("sorting", 200)])


def test_units_opened_again_get_no_new_labels(session: Session) -> None:
    pack = make_pack(session)
    start_label_job(session, pack, 10, "A")
    make_rework(session, pack, 1, 4)
    with pytest.raises(LabelsExceedUnitsError):
        start_label_job(session, pack, 1, "A")


def test_a_rework_is_corrected_to_other_positions(session: Session) -> None:
    pack = make_pack(session)
    rework = make_rework(session, pack, 1, 4)
    command = replace(rework_command(session, pack, 2, 3), lost=[("sorting", 10)])
    correct_rework(session, rework, command, "incorrect_data", LIVE)
    ranges = session.execute(
        select(UnitRange.first_position, UnitRange.last_position).where(UnitRange.pack_id == pack.id)
    )
    assert ranges.all() == [(2, 3)]
    assert (get_lot_of(session, rework).mass_g, get_lot_of(session, pack).units) == (190, 8)
    assert zero_sums(session)


def test_a_rework_that_never_was_leaves_the_packs_whole(session: Session) -> None:
    pack = make_pack(session)
    rework = make_rework(session, pack, 1, 4)
    correct_rework(session, rework, None, "did_not_occur", LIVE)
    assert rework.undone_at
    assert (get_lot_of(session, rework).mass_g, session.get_one(Lot, pack.lot_id).units) == (0, 10)
    assert make_shipment(session, pack=pack, positions=(1, 10)).units == 10


def test_a_rework_whose_tea_was_packed_did_happen(session: Session) -> None:
    rework = make_rework(session, make_pack(session), 1, 4)
    make_pack(session, lot=get_lot_of(session, rework), units=4)
    with pytest.raises(CorrectionBlockedError):
        correct_rework(session, rework, None, "did_not_occur", LIVE)
