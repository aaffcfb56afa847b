"""Many writers at once, each with its own connection: a lot never gives more than it holds, nobody waits for ever."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories import make_finding, make_leaf, make_plant, make_recall, make_run
from trace.db import Sessions
from trace.errors import TraceError
from trace.events.sequencer import sequence_events
from trace.events.tables import Event, EventPosition, Unsequenced
from trace.holds import LotHold, RecalledLot
from trace.ledger import Commodity, LedgerLine
from trace.lots import Lot
from trace.parties import Party

WRITERS = 20


def at_once(work: Callable[[int], str], workers: int = WRITERS) -> Counter[str]:
    """Start `work` in many threads at the same moment and count what they answer."""
    gate = threading.Barrier(workers)

    def run(number: int) -> str:
        gate.wait(30)
        return work(number)

    with ThreadPoolExecutor(workers) as pool:
        return Counter(pool.map(run, range(workers)))


def prepared(sessions: Sessions, *masses_g: int) -> tuple[Party, list[Lot]]:
    """Record a plant and a lot of leaf for each mass."""
    with sessions.write.begin() as session:
        plant_id = make_plant(session).id
        ids = [make_leaf(session, mass_g).id for mass_g in masses_g]
    with sessions.read() as session:
        return session.get_one(Party, plant_id), [session.get_one(Lot, id_) for id_ in ids]


def test_of_twenty_who_each_draw_80_g_from_100_g_one_gets_them(fresh_sessions: Sessions) -> None:
    plant, [leaf] = prepared(fresh_sessions, 100)

    def draw(_number: int) -> str:
        try:
            with fresh_sessions.write.begin() as session:
                make_run(session, plant=plant, taken=[(leaf, 80)])
        except TraceError as refusal:
            return refusal.code
        return "drawn"

    assert at_once(draw) == {"drawn": 1, "lot-overdrawn": WRITERS - 1}
    with fresh_sessions.read() as session:
        assert session.scalar(select(Lot.mass_g).where(Lot.id == leaf.id)) == 20
        lines = select(func.sum(LedgerLine.amount)).where(LedgerLine.lot_id == leaf.id)
        assert session.scalar(lines.where(LedgerLine.commodity == Commodity.GRAM)) == 20
        assert session.scalar(select(func.count()).select_from(Event)) == 2


def test_writers_who_name_the_same_lots_in_opposite_order_all_finish(fresh_sessions: Sessions) -> None:
    plant, [one, other] = prepared(fresh_sessions, 1000, 1000)

    def mix(number: int) -> str:
        lots = [one, other] if number % 2 else [other, one]
        with fresh_sessions.write.begin() as session:
            make_run(session, plant=plant, taken=[(lot, 5) for lot in lots])
        return "mixed"

    assert at_once(mix) == {"mixed": WRITERS}
    with fresh_sessions.read() as session:
        left = session.scalars(select(Lot.mass_g).where(Lot.id.in_([one.id, other.id]))).all()
    assert left == [900, 900]


def test_positions_are_gapless_while_many_write_and_two_sequence(fresh_sessions: Sessions) -> None:
    plant, [leaf] = prepared(fresh_sessions, 100_000)
    writers, sequencers = 8, 2
    done = threading.Semaphore(0)

    def work(number: int) -> str:
        if number >= writers:
            while not done.acquire(blocking=False):
                sequence_events(fresh_sessions.write)
            return "sequenced"
        for _ in range(10):
            with fresh_sessions.write.begin() as session:
                make_run(session, plant=plant, taken=[(leaf, 10)])
        if number == 0:
            done.release(sequencers)
        return "written"

    assert at_once(work, writers + sequencers) == {"written": writers, "sequenced": sequencers}
    sequence_events(fresh_sessions.write)
    with fresh_sessions.read() as session:
        events = set(session.scalars(select(Event.id)))
        rows = session.execute(
            select(EventPosition.position, EventPosition.event_id).order_by(EventPosition.position)
        ).all()
        assert session.scalar(select(func.count()).select_from(Unsequenced)) == 0
    assert [position for position, _ in rows] == list(range(1, len(events) + 1))
    assert {event for _, event in rows} == events
    assert len(events) == 1 + writers * 10


def test_an_event_of_an_open_transaction_has_no_position_and_holds_nobody_up(fresh_sessions: Sessions) -> None:
    plant, [leaf] = prepared(fresh_sessions, 1000)
    sequence_events(fresh_sessions.write)
    with fresh_sessions.write.begin() as session:
        make_run(session, plant=plant, taken=[(leaf, 10)])
        with fresh_sessions.read() as reader:
            assert reader.scalar(select(func.count()).select_from(Unsequenced)) == 0
    assert sequence_events(fresh_sessions.write) == 1


def hold(session: Session, lot: Lot) -> None:
    make_finding(session, lot=lot)


def take_back(session: Session, lot: Lot) -> None:
    make_recall(session, lot=lot)


@pytest.mark.parametrize(("stop", "table"), [(hold, LotHold), (take_back, RecalledLot)])
def test_tea_made_while_its_leaf_is_stopped_is_stopped_too(
    fresh_sessions: Sessions, stop: Callable[[Session, Lot], None], table: type[LotHold | RecalledLot]
) -> None:
    plant, [leaf] = prepared(fresh_sessions, 1000)

    def stop_leaf() -> None:
        with fresh_sessions.write.begin() as session:
            stop(session, leaf)

    with ThreadPoolExecutor(1) as pool:
        with fresh_sessions.write.begin() as session:
            made = make_run(session, plant=plant, taken=[(leaf, 500)]).output_lot_id
            stopped = pool.submit(stop_leaf)
            assert not wait([stopped], timeout=1).done, "it waits for whoever draws from the lot"
        stopped.result(30)
    with fresh_sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(table).where(table.lot_id == made)) == 1


@pytest.mark.parametrize(("stop", "table"), [(hold, LotHold), (take_back, RecalledLot)])
def test_tea_whose_maker_waited_while_its_leaf_was_stopped_is_stopped_too(
    fresh_sessions: Sessions, stop: Callable[[Session, Lot], None], table: type[LotHold | RecalledLot]
) -> None:
    plant, [leaf] = prepared(fresh_sessions, 1000)

    def make() -> int:
        with fresh_sessions.write.begin() as session:
            return make_run(session, plant=plant, taken=[(leaf, 500)]).output_lot_id

    with ThreadPoolExecutor(1) as pool:
        with fresh_sessions.write.begin() as session:
            stop(session, leaf)
            making = pool.submit(make)
            assert not wait([making], timeout=1).done, "it waits for whoever stops the lot"
        made = making.result(30)
    with fresh_sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(table).where(table.lot_id == made)) == 1
