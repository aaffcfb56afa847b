"""Corrections: lines reversed, lineage replaced, what is held stays held, and a refusal that names what stands."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from tests.factories import (
    PICKED_AT,
    get_lot_of,
    make_finding,
    make_intake,
    make_leaf,
    make_party,
    make_picking,
    make_plot,
    make_recall,
    make_run,
)
from tests.histories import zero_sums
from tests.trace.test_record import weighed_in
from trace.events import LIVE, Event, NewEvent, documents
from trace.events.correct import (
    AlreadyCorrectedError,
    Correction,
    CorrectionBlockedError,
    correct_events,
    refuse_taken_before,
)
from trace.holds import LotHold, RecalledLot
from trace.instance import get_namespace
from trace.ledger import LedgerLine
from trace.lineage import LineageEdge
from trace.lots import Lot
from trace.pickings import Pick, correct_picking


def undo(event: int, party: int) -> Correction:
    """Say that an event did not happen."""
    return Correction(wrong=[event], right=[], reason="did_not_occur", party_id=party, entry=LIVE)


def test_a_corrected_picking_has_reversed_and_new_lines(session: Session) -> None:
    leaf = make_leaf(session, 10_000)
    wrong = session.scalars(select(LedgerLine.event_id).where(LedgerLine.lot_id == leaf.id)).one()
    names = get_namespace(session)
    right = documents.commissioning(names, when=PICKED_AT, made=[documents.Grams(leaf.uri, 8_000)], extra={})
    command = Correction(
        wrong=[wrong],
        right=[NewEvent(document=right, party_id=leaf.party_id, entry=LIVE)],
        reason="incorrect_data",
        party_id=leaf.party_id,
        entry=LIVE,
    )
    [row] = correct_events(session, command)
    query = select(LedgerLine.amount).where(LedgerLine.lot_id == leaf.id).order_by(LedgerLine.event_id)
    assert list(session.scalars(query)) == [10_000, -10_000, 8_000]
    assert session.get_one(Lot, leaf.id).mass_g == session.get_one(Lot, leaf.id).initial_g == 8_000
    declared = session.scalars(select(Event.event_id).where(Event.declares_error.is_(True))).one()
    assert declared == session.get_one(Event, wrong).event_id != session.get_one(Event, row).event_id


def test_a_picking_corrected_to_another_plot_grew_there(session: Session) -> None:
    owner, right = make_party(session), make_plot(session)
    picking = make_picking(session, party=owner)
    command = Pick(
        code=get_lot_of(session, picking).code,
        party_id=owner.id,
        party_code=owner.code,
        plot_id=right.id,
        plot_code=right.code,
        picked_at=PICKED_AT + timedelta(days=1),
        mass_g=8_000,
        pluck_standard="一芽二叶",
        grade="二级",
    )
    correct_picking(session, picking, command, "incorrect_data", LIVE)
    session.expire_all()
    lot = get_lot_of(session, picking)
    assert (picking.plot_id, picking.mass_g, picking.pluck_standard) == (right.id, 8_000, "一芽二叶")
    assert (lot.plot_id, lot.grade, lot.mass_g, lot.made_on) == (right.id, "二级", 8_000, picking.picked_on)


def test_an_event_is_corrected_once(session: Session) -> None:
    picking = make_picking(session)
    command = undo(picking.event_id, make_party(session).id)
    correct_events(session, command)
    with pytest.raises(AlreadyCorrectedError):
        correct_events(session, command)


def test_a_blocked_correction_names_the_events_that_still_stand(session: Session) -> None:
    picking = make_picking(session, mass_g=10_000)
    leaf = session.get_one(Lot, picking.lot_id)
    undone = make_intake(session, taken=[(leaf, 4_000)])
    party = leaf.party_id
    correct_events(session, undo(undone.event_id, party))
    standing = make_intake(session, taken=[(leaf, 4_000)])
    with pytest.raises(CorrectionBlockedError) as refusal:
        correct_events(session, undo(picking.event_id, party))
    assert refusal.value.facts["events"] == [session.get_one(Event, standing.event_id).event_id]
    assert refusal.value.facts["missing"] == 4_000


def test_a_chain_of_wrong_events_is_corrected_in_one_piece(session: Session) -> None:
    picking = make_picking(session, mass_g=10_000)
    leaf = session.get_one(Lot, picking.lot_id)
    intake = make_intake(session, taken=[(leaf, 10_000)])
    received = session.get_one(Lot, intake.lot_id)
    names = get_namespace(session)
    grown = documents.commissioning(names, when=PICKED_AT, made=[documents.Grams(leaf.uri, 9_000)], extra={})
    command = Correction(
        wrong=[picking.event_id, intake.event_id],
        right=[
            NewEvent(document=grown, party_id=leaf.party_id, entry=LIVE),
            weighed_in(session, [(leaf, 9_000)], [(received, 8_900)]),
        ],
        reason="incorrect_data",
        party_id=leaf.party_id,
        entry=LIVE,
    )
    rows = correct_events(session, command)
    assert (session.get_one(Lot, leaf.id).mass_g, session.get_one(Lot, received.id).mass_g) == (0, 8_900)
    edge = session.scalars(select(LineageEdge).where(LineageEdge.child_id == received.id)).one()
    assert (edge.event_id, edge.mass_g) == (rows[1], 9_000)
    assert zero_sums(session)


def test_a_correction_holds_and_recalls_what_was_made_of_the_right_lot_before(session: Session) -> None:
    mistaken, right = make_leaf(session), make_leaf(session)
    finding, recall = make_finding(session, lot=right), make_recall(session, lot=right)
    intake = make_intake(session, taken=[(mistaken, 10_000)])
    received = session.get_one(Lot, intake.lot_id)
    made = get_lot_of(session, make_run(session, taken=[(received, 4_000)]))
    command = Correction(
        wrong=[intake.event_id],
        right=[weighed_in(session, [(right, 10_000)], [(received, intake.received_g)])],
        reason="incorrect_data",
        party_id=right.party_id,
        entry=LIVE,
    )
    correct_events(session, command)
    assert session.get(LotHold, (made.id, finding.id))
    assert session.get(RecalledLot, (made.id, recall.id))


def test_a_refused_correction_leaves_the_lineage_as_it_was(session: Session) -> None:
    intake = make_intake(session)
    received = session.get_one(Lot, intake.lot_id)
    make_run(session, taken=[(received, received.mass_g)])
    command = undo(intake.event_id, received.party_id)
    with pytest.raises(CorrectionBlockedError):
        correct_events(session, command)
    assert session.scalar(select(func.count()).where(LineageEdge.child_id == received.id)) == 1


def test_what_took_from_a_lot_is_found_without_reading_the_whole_ledger(session: Session) -> None:
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("a server reads a small table whole, whatever indexes there are")
    leaf = make_leaf(session)
    asked: list[tuple[str, Any]] = []
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    refuse_taken_before(session, [leaf.id])
    [(statement, values)] = asked
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    assert not [step for *_, step in plan if step.startswith("SCAN")], plan


def test_a_correction_may_be_taken_back_by_another(session: Session) -> None:
    owner, plot = make_party(session), make_plot(session)
    picking = make_picking(session, party=owner, plot=plot, mass_g=10_000)
    for mass_g in (8_000, 10_000):
        command = Pick(
            code=get_lot_of(session, picking).code,
            party_id=owner.id,
            party_code=owner.code,
            plot_id=plot.id,
            plot_code=plot.code,
            picked_at=PICKED_AT,
            mass_g=mass_g,
            pluck_standard="一芽一叶",
        )
        correct_picking(session, picking, command, "incorrect_data", LIVE)
        session.expire_all()
        assert get_lot_of(session, picking).mass_g == mass_g
