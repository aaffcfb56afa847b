"""Which server answers a reader: the replica while it lags less than so much, else the primary."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from math import inf
from typing import Any

import pytest
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import ProgrammingError

from tests.proofs import tries
from tests.replication import Pair, wait_until
from trace.db import Question, Sessions, take_snapshot
from trace.replicas import PACE, Lag, Pace, Standing, open_beside

QUICK = Pace(most_s=0.5, every_s=0.05)
IS_REPLICA = Question("SELECT pg_is_in_recovery()")
COUNT = Question("SELECT COALESCE(MAX(id), 0) FROM tick")
_NEWEST = "SELECT COALESCE(MAX(id), 0), pg_is_in_recovery() FROM tick"
NEWEST, NEWEST_BY_QUESTION = text(_NEWEST), Question(_NEWEST)


def test_a_replica_answers_below_five_seconds() -> None:
    lag = Lag(PACE.most_s)
    lag.note(replayed=100, at=0.0, written=100)
    assert (PACE.most_s, lag.standing(4.9), lag.standing(5.0)) == (5.0, Standing.OK, Standing.BEHIND)


def test_before_it_is_measured_a_replica_answers_nobody() -> None:
    assert (Lag(5).standing(0), Lag(5).bound(0)) == (Standing.SILENT, inf)


def test_a_replica_that_has_all_of_an_idle_primary_does_not_lag() -> None:
    lag = Lag(5)
    for second in range(60):
        lag.note(replayed=100, at=second, written=100)
        assert lag.bound(second) == 0


def test_a_replica_is_as_old_as_the_last_position_it_reached() -> None:
    lag = Lag(5)
    for second in range(4):
        lag.note(replayed=second * 10 - 5, at=second, written=second * 10)
    assert lag.bound(4) == 2  # it has what was written after 2 seconds, and not yet all of the third
    lag.note(replayed=25, at=60, written=600)
    assert lag.bound(60) == 58
    lag.note(replayed=605, at=61, written=610)
    assert lag.bound(61) == 1


def test_a_replica_that_answers_no_more_is_silent_until_it_does() -> None:
    lag = Lag(5)
    lag.note(replayed=100, at=0, written=100)
    lag.lose()
    assert lag.standing(0.1) is Standing.SILENT
    lag.note(replayed=None, at=1, written=200)
    assert lag.standing(1) is Standing.SILENT
    lag.note(replayed=250, at=2, written=300)
    assert (lag.standing(2), lag.bound(2)) == (Standing.OK, 1)


def test_while_the_primary_is_silent_a_replica_grows_old() -> None:
    lag = Lag(5)
    for second in range(7):
        lag.note(replayed=100, at=second, written=None if second else 100)
    assert (lag.standing(4.9), lag.standing(6)) == (Standing.OK, Standing.BEHIND)


def test_what_followed_another_primary_proves_nothing_by_our_positions() -> None:
    lag = Lag(5)
    lag.note(replayed=90, at=0, written=90)
    for second, written in enumerate((70, 80, 95, 120), start=10):  # another primary took over at 70
        lag.note(replayed=90, at=second, written=written)
        assert lag.standing(second) is Standing.BEHIND
    lag.note(replayed=130, at=14, written=130)  # made anew from the new one
    assert lag.standing(14) is Standing.OK


def test_a_replica_made_anew_from_an_older_copy_has_to_catch_up() -> None:
    lag = Lag(5)
    lag.note(replayed=100, at=0, written=100)
    lag.note(replayed=40, at=1, written=110)
    assert (lag.standing(1), lag.bound(1)) == (Standing.BEHIND, inf)


@pytest.fixture
def beside(pair: Pair) -> Iterator[Sessions]:
    """Sessions beside the replica, which answers."""
    sessions = open_beside(pair.primary.url, pair.replica.url, QUICK)
    wait_until(lambda: answering(sessions) == {"replica"})
    yield sessions
    sessions.dispose()


def ask_session(sessions: Sessions) -> Any:
    with sessions.read() as session:
        return IS_REPLICA.ask(session, {})


def ask_begun(sessions: Sessions) -> Any:
    with sessions.read.begin() as session:
        return IS_REPLICA.ask(session, {})


def ask_asker(sessions: Sessions) -> Any:
    return IS_REPLICA.ask(sessions.asker, {})


WAYS = (ask_session, ask_begun, ask_asker)


def answering(sessions: Sessions) -> set[str]:
    """Return who answers a session, one with a transaction begun, and a single question."""
    return {"replica" if ask(sessions)[0] else "primary" for ask in WAYS}


def test_without_a_replica_nothing_is_measured(pair: Pair) -> None:
    for address in (None, pair.primary.url):
        sessions = open_beside(pair.primary.url, address)
        assert (sessions.replica, sessions.read) == (None, sessions.latest)
        sessions.dispose()


def test_a_replica_that_does_not_replay_is_left_and_taken_up_again(pair: Pair, beside: Sessions) -> None:
    pair.pause()
    pair.write()
    wait_until(lambda: answering(beside) == {"primary"})
    assert beside.replica
    assert beside.replica.standing() is Standing.BEHIND
    assert QUICK.most_s <= beside.replica.lag_s() < inf
    written = pair.write()
    assert COUNT.ask(beside.asker, {}) == (written,)
    pair.resume()
    wait_until(lambda: answering(beside) == {"replica"})


def test_a_replica_cut_off_is_left_though_it_has_replayed_all_that_it_received(pair: Pair, beside: Sessions) -> None:
    pair.cut_off()
    wait_until(lambda: pair.replica.ask("SELECT COUNT(*) FROM pg_stat_wal_receiver") == 0)
    pair.write()
    wait_until(lambda: answering(beside) == {"primary"})
    assert pair.replica.ask("SELECT pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()")
    pair.follow()
    wait_until(lambda: answering(beside) == {"replica"})


def test_beside_an_idle_primary_a_replica_goes_on_answering(pair: Pair, beside: Sessions) -> None:
    time.sleep(2 * QUICK.most_s)
    assert pair.replica.ask("SELECT now() - pg_last_xact_replay_timestamp()").total_seconds() > QUICK.most_s
    wait_until(lambda: answering(beside) == {"replica"})


@pytest.mark.parametrize("ask", WAYS)
def test_a_replica_that_stops_before_it_is_measured_again_fails_no_reader(
    pair: Pair, ask: Callable[[Sessions], Any]
) -> None:
    sessions = open_beside(pair.primary.url, pair.replica.url, Pace(most_s=60, every_s=60))
    wait_until(lambda: answering(sessions) == {"replica"})
    pair.replica.stop()
    assert tuple(ask(sessions)) == (False,)
    sessions.dispose()


def test_a_replica_that_is_back_answers_again(pair: Pair, beside: Sessions) -> None:
    pair.replica.stop()
    assert beside.replica
    wait_until(lambda: beside.replica.standing() is Standing.SILENT)
    pair.replica.start()
    wait_until(lambda: answering(beside) == {"replica"})


def test_a_server_that_is_no_replica_answers_nobody(pair: Pair) -> None:
    other = make_url(pair.primary.url).set(database="template1").render_as_string(hide_password=False)
    sessions = open_beside(pair.primary.url, other, QUICK)
    assert sessions.replica
    assert sessions.replica.standing() is Standing.SILENT
    assert answering(sessions) == {"primary"}
    with sessions.read() as session:
        assert session.scalar(text("SELECT current_database()")) == "postgres"
    sessions.dispose()


def test_what_is_wrong_with_a_question_is_told_as_ever_and_the_replica_answers_on(beside: Sessions) -> None:
    with pytest.raises(ProgrammingError):
        Question("SELECT 1 FROM nowhere").ask(beside.asker, {})
    with beside.read() as session, pytest.raises(ProgrammingError):
        session.execute(text("INSERT INTO nowhere VALUES (1)"))
    wait_until(lambda: answering(beside) == {"replica"})


def test_a_reading_session_is_one_picture_already(pair: Pair, beside: Sessions) -> None:
    with beside.read() as session:
        take_snapshot(session)
        before = session.scalar(text("SELECT MAX(id) FROM tick"))
        pair.write()
        pair.mend()
        assert session.scalar(text("SELECT MAX(id) FROM tick")) == before


def test_to_measure_costs_readers_no_statement(beside: Sessions) -> None:
    assert beside.replica
    sent: list[str] = []
    for engine in (beside.replica.engine, beside.latest.kw["bind"]):
        event.listen(engine, "before_cursor_execute", lambda *told: sent.append(told[2]))
    for _ in range(20):
        with beside.read() as session:
            session.execute(text("SELECT 1"))
    assert sent == ["SELECT 1"] * 20


def test_who_reads_again_after_all_was_closed_is_answered_by_the_replica_again(beside: Sessions) -> None:
    beside.dispose()
    wait_until(lambda: answering(beside) == {"replica"})


@pytest.mark.prove
def test_no_reader_misses_what_was_committed_so_long_ago(pair: Pair, beside: Sessions) -> None:
    """Rows are written all the while, and the replica is paused and cut off at random."""
    committed: list[tuple[float, int]] = []
    ended, chance = threading.Event(), random.Random(7)  # noqa: S311 -- the same at every run

    def write() -> None:
        while not ended.is_set():
            number = pair.write()
            committed.append((time.monotonic(), number))

    asked: set[tuple[bool, bool]] = set()  # was it the replica, and had it anything that it must show
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        try:
            for _ in range(tries(4, 100)):
                chance.choice([pair.pause, pair.resume, pair.cut_off, pair.follow])()
                limit = time.monotonic() + chance.uniform(0.1, 1.5 * QUICK.most_s)
                while time.monotonic() < limit:
                    asked.add(ask_for_what_is_due(beside, committed, by_session=chance.random() < 0.5))
            pair.mend()
            wait_until(lambda: ask_for_what_is_due(beside, committed, by_session=True) == (True, True))
        finally:
            ended.set()
            writing.result()  # a writer that failed leaves nothing due, and proves nothing
    assert (True, True) in asked


def ask_for_what_is_due(beside: Sessions, committed: list[tuple[float, int]], *, by_session: bool) -> tuple[bool, bool]:
    """Ask for the newest row, which must be one committed longer ago than a replica may lag, or a newer one."""
    began = time.monotonic()
    if by_session:
        with beside.read() as session:
            seen, replica = session.execute(NEWEST).one()
    else:
        seen, replica = NEWEST_BY_QUESTION.ask(beside.asker, {}) or (0, False)
    due = max((number for at, number in list(committed) if at <= began - QUICK.most_s), default=0)
    assert seen >= due
    return replica, due > 0
