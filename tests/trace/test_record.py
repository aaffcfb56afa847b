"""Histories of tea through the domain's verbs beside a plain dict: grams conserved, nothing below zero, books equal."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from tests.factories import (
    CHINA,
    PICKED_AT,
    make_finding,
    make_intake,
    make_leaf,
    make_party,
    make_plant,
    make_tea,
)
from tests.histories import Driver
from trace.db import Sessions
from trace.events import LIVE, Event, NewEvent, documents, record
from trace.events.record import EventKnownError, LotOverdrawnError
from trace.holds import LotHold
from trace.instance import get_namespace
from trace.lineage import LineageEdge
from trace.lots import Lot, LotKind, OpenedLot, OpenLot, open_lots
from trace.tracing import Direction, trace_lot

SEEDS = (1, 2, 3, 4)
STEPS = 40
Grams = tuple[Lot | OpenedLot, int]  # so many of a lot


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    """Gather the statements sent while the block runs."""
    sent: list[str] = []
    connection = session.connection()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(connection, "before_cursor_execute", note)


def weighed_in(session: Session, taken: Sequence[Grams], given: Sequence[Grams]) -> NewEvent:
    """Return an event that takes from lots and gives to others, hours after the picking."""
    mixing = documents.Mixing(
        taken=[documents.Grams(lot.uri, mass_g) for lot, mass_g in taken],
        given=[documents.Grams(lot.uri, mass_g) for lot, mass_g in given],
        lost=[("transport", sum(mass_g for _, mass_g in taken) - sum(mass_g for _, mass_g in given))],
    )
    when = (PICKED_AT + timedelta(hours=8)).astimezone(CHINA)
    document = documents.transformation(get_namespace(session), when=when, step="receiving", mixing=mixing, extra={})
    return NewEvent(document=document, party_id=taken[0][0].party_id, entry=LIVE)


def open_empty(session: Session, like: Lot, *codes: str) -> list[OpenedLot]:
    """Open lots of a party, still without grams."""
    return open_lots(
        session,
        [
            OpenLot(
                code=code,
                uri=f"{like.uri}-{code}",
                party_id=like.party_id,
                kind=LotKind.RECEIVED,
                made_on=PICKED_AT.date(),
            )
            for code in codes
        ],
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_any_history_keeps_every_gram(fresh_sessions: Sessions, seed: int) -> None:
    driver = Driver(fresh_sessions, seed)
    for _ in range(STEPS):
        driver.step()
        driver.compare()


@pytest.mark.parametrize(("held", "count"), [(False, 8), (True, 9)])
def test_recording_one_event_takes_few_statements(session: Session, held: bool, count: int) -> None:
    leaf = [make_leaf(session) for _ in range(5)]
    if held:
        make_finding(session, lot=leaf[0])
    [received] = open_empty(session, leaf[0], "N")
    new = weighed_in(session, [(lot, 10_000) for lot in leaf], [(received, 49_000)])
    with statements(session) as sent:
        record(session, [new])
    assert len(sent) == count, "\n".join(sent)
    assert session.scalar(select(func.count()).where(LotHold.lot_id == received.id)) == held


@pytest.mark.parametrize("direction", Direction)
def test_a_trace_takes_one_statement_whatever_the_size(session: Session, direction: Direction) -> None:
    small = make_tea(session)
    leaf = [make_leaf(session) for _ in range(60)]
    large = make_intake(session, taken=[(lot, 10_000) for lot in leaf]).lot_id
    for lot in (small.id, large, leaf[0].id):
        with statements(session) as sent:
            trace_lot(session, lot, direction)
        assert len(sent) == 1


def test_an_event_known_already_is_refused(session: Session) -> None:
    leaf = make_leaf(session)
    lots = open_empty(session, leaf, "N", "M")
    first = weighed_in(session, [(leaf, 1_000)], [(lots[0], 1_000)])
    record(session, [first])
    again = weighed_in(session, [(leaf, 1_000)], [(lots[1], 1_000)])
    known = NewEvent(
        document=again.document,
        party_id=again.party_id,
        entry=LIVE,
        event_id=session.scalars(select(Event.event_id).order_by(Event.id.desc())).first(),
    )
    with pytest.raises(EventKnownError), session.begin_nested():
        record(session, [known])
    with pytest.raises(EventKnownError), session.begin_nested():
        record(session, [first])
    assert session.get_one(Lot, leaf.id).mass_g == 9_000


def test_one_sequence_may_use_what_it_has_made(session: Session) -> None:
    leaf = make_leaf(session)
    received, made = open_empty(session, leaf, "N", "M")
    news = [
        weighed_in(session, [(leaf, 10_000)], [(received, 9_900)]),
        weighed_in(session, [(received, 9_000)], [(made, 2_000)]),
    ]
    record(session, news)
    assert [session.get_one(Lot, lot.id).mass_g for lot in (leaf, received, made)] == [0, 900, 2_000]
    more = [
        weighed_in(session, [(received, 900)], [(made, 900)]),
        weighed_in(session, [(received, 1)], [(made, 1)]),
    ]
    with pytest.raises(LotOverdrawnError) as refusal:
        record(session, more)
    assert refusal.value.facts["index"] == 1


def test_two_hand_overs_alike_are_two(session: Session) -> None:
    leaf, plant, supplier = make_leaf(session), make_plant(session), make_party(session)
    for _ in range(2):
        make_intake(session, plant=plant, supplier=supplier, taken=[(leaf, 5_000)])
    assert session.get_one(Lot, leaf.id).mass_g == 0


def test_a_lot_weighed_in_twice_by_one_event_has_one_edge(session: Session) -> None:
    leaf = make_leaf(session)
    intake = make_intake(session, taken=[(leaf, 3_000), (leaf, 4_000)])
    edge = session.scalars(select(LineageEdge).where(LineageEdge.child_id == intake.lot_id)).one()
    assert edge.mass_g == 7_000
