"""Corrections among other writers, each on its own connection: one order of locks, and nothing lost where one waits."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event, select, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from examples.client import Chasu
from tests.api.doors import Doors
from tests.api.moving import certify, grams, hand_over, make_packs, pick, send
from tests.api.served import serving
from tests.api.test_cases import FIRST, case
from tests.api.test_corrections import assert_books_agree, correction, events_of, picking
from tests.api.test_corrections_of_goods import write
from tests.api.test_intakes import intake
from tests.api.test_packs import ship
from tests.trace.test_events_writers import at_once
from trace.deliveries import Delivery
from trace.lots import Lot


def pick_some(doors: Doors, *codes: str) -> None:
    """Pick ten kilograms for each code, in that order."""
    for code in codes:
        write(doors, "/v1/pickings", picking(doors.plots["own"], code=code), "coop")


def less(doors: Doors, *codes: str, mass: str = "8") -> list[dict[str, Any]]:
    """Return the corrections of pickings to a lesser mass, in that order."""
    return [correction(f"pickings/{code}", picking(doors.plots["own"], mass)) for code in codes]


@pytest.fixture
def rows(doors: Doors) -> Doors:
    """A small town in a database that locks rows."""
    if doors.sessions.write.kw["bind"].dialect.name != "postgresql":
        pytest.skip("one writer at a time needs no order of locks")
    return doors


@pytest.fixture
def deadlocked(rows: Doors) -> Doors:
    """A small town that looks for a deadlock late enough for a test to make one."""

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("SET LOCAL deadlock_timeout = '2s'")

    event.listen(rows.sessions.write.kw["bind"], "begin", begin)
    return rows


def lock(session: Session, code: str, *, nowait: bool = False) -> None:
    """Lock a lot."""
    session.execute(select(Lot.id).where(Lot.code == code).with_for_update(nowait=nowait)).all()


@contextmanager
def corrected_meanwhile(doors: Doors, body: Any, *locked: str, caller: str = "coop") -> Iterator[tuple[Session, Any]]:
    """Hold lots while corrections come that must wait for one of them."""
    headers = {"Authorization": f"Bearer {doors.tokens[caller]}", "Idempotency-Key": "once"}
    client = doors.app.test_client()
    with ThreadPoolExecutor(1) as pool, doors.sessions.write() as other:
        for code in locked:
            lock(other, code)
        answer = pool.submit(client.post, "/v1/corrections", json=body, headers=headers)
        wait_for_a_lock(doors, answer)
        yield other, answer
        other.rollback()


def wait_for_a_lock(doors: Doors, answer: "Future[TestResponse]") -> None:
    """Return once some connection to this database waits for another."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    moment = threading.Event()
    for _ in range(1000):
        with doors.sessions.read() as session:
            if session.scalar(waiting):
                return
        assert not answer.done(), answer.result().text
        moment.wait(0.01)
    pytest.fail("nobody waits")


def test_several_corrections_wait_for_a_lot_before_they_hold_a_later_one(rows: Doors) -> None:
    pick_some(rows, "H7", "H8")
    with corrected_meanwhile(rows, less(rows, "H8", "H7"), "H7") as (other, answer):
        lock(other, "H8", nowait=True)
        other.rollback()
        assert answer.result(30).status_code == 201
    assert (grams(rows, "H7", "coop"), grams(rows, "H8", "coop")) == (8_000, 8_000)
    assert_books_agree(rows)


def test_a_lot_that_only_what_is_right_names_is_waited_for_in_order_too(rows: Doors) -> None:
    pick_some(rows, "H7", "H8")
    send(rows, "D1", lot="H8", mass="1")
    right = correction("hand-overs/D1", hand_over("H7", "1"))
    with corrected_meanwhile(rows, [*less(rows, "H8"), right], "H7") as (other, answer):
        lock(other, "H8", nowait=True)
        other.rollback()
        assert answer.result(30).status_code == 201
    assert (grams(rows, "H7", "coop"), grams(rows, "H8", "coop")) == (9_000, 8_000)
    assert_books_agree(rows)


def test_a_certificate_taken_back_waits_for_its_leaf_before_it_holds_what_was_made_of_it(rows: Doors) -> None:
    pick_some(rows, "H1")
    certify(rows, "H1", "Q1", mass_g=4_000)
    send(rows, "HO1", lot="H1", mass="4")
    write(rows, "/v1/intakes", intake(code="IT1", certificate="C01/Q1"), "plant")
    headers = {"Authorization": f"Bearer {rows.tokens['coop']}"}
    with ThreadPoolExecutor(1) as pool, rows.sessions.write() as other:
        lock(other, "H1")
        path, body = "/v1/certificates/Q1/void", {"reason": "填错了产地"}
        answer = pool.submit(rows.app.test_client().post, path, json=body, headers=headers)
        wait_for_a_lock(rows, answer)
        lock(other, "IT1", nowait=True)
        other.rollback()
        assert answer.result(30).status_code == 201


def test_a_delivery_is_locked_before_the_lots_of_other_corrections(rows: Doors) -> None:
    pick(rows, "H1")
    send(rows, "D1", lot="H1", mass="4")
    told = {"returned_at": "2026-04-20T15:00:00+08:00", "reason": "含水过高"}
    write(rows, "/v1/hand-overs/C01/D1/refusals", told)
    refusal = correction(str(events_of(rows)[-1].event_id), {**told, "reason": "夹杂老叶"})
    make_packs(rows)
    write(rows, "/v1/cases", case())
    shipped = write(rows, "/v1/shipments", ship("PK1", 7, 8, code="SH1"))
    assert shipped["units"] == 2
    with rows.sessions.write() as other, ThreadPoolExecutor(1) as pool:
        other.execute(select(Delivery.id).with_for_update()).all()
        both = [correction("shipments/SH1", ship("PK1", packs=[], cases=[FIRST])), refusal]
        headers = {"Authorization": f"Bearer {rows.tokens['plant']}"}
        answer = pool.submit(rows.app.test_client().post, "/v1/corrections", json=both, headers=headers)
        wait_for_a_lock(rows, answer)
        lock(other, "PK1", nowait=True)
        other.rollback()
        assert answer.result(30).status_code == 201, answer.result().text
    assert_books_agree(rows)


def test_many_who_correct_the_same_pickings_in_opposite_order_all_finish(doors: Doors) -> None:
    pick_some(doors, "H7", "H8", "H9")
    clients = [doors.app.test_client() for _ in range(8)]
    headers = {"Authorization": f"Bearer {doors.tokens['coop']}"}

    def correct(number: int) -> str:
        codes = ("H7", "H8", "H9") if number % 2 else ("H9", "H8", "H7")
        body = less(doors, *codes, mass=str(number + 1))
        return str(clients[number].post("/v1/corrections", json=body, headers=headers).status_code)

    assert at_once(correct, 8) == {"201": 8}
    assert len({grams(doors, code, "coop") for code in ("H7", "H8", "H9")}) == 1
    assert_books_agree(doors)


def test_corrections_and_hand_overs_of_the_same_lots_all_finish(doors: Doors) -> None:
    pick_some(doors, "H7", "H8")
    clients = [doors.app.test_client() for _ in range(8)]
    headers = {"Authorization": f"Bearer {doors.tokens['coop']}"}

    def work(number: int) -> str:
        lots = [{"lot": code, "mass": {"value": 100, "unit": "g"}} for code in ("H7", "H8")]
        bodies = {"/v1/corrections": less(doors, "H8", "H7"), "/v1/hand-overs": hand_over(lots=lots)}
        path = list(bodies)[number % 2]
        return str(clients[number].post(path, json=bodies[path], headers=headers).status_code)

    assert at_once(work, 8) == {"201": 8}
    assert [grams(doors, code, "coop") for code in ("H7", "H8")] == [7_600, 7_600]
    assert_books_agree(doors)


def test_who_is_chosen_to_break_a_deadlock_is_told_to_come_again_and_loses_nothing(deadlocked: Doors) -> None:
    pick_some(deadlocked, "H7", "H8")
    body = less(deadlocked, "H7", "H8")
    with corrected_meanwhile(deadlocked, body, "H8") as (other, answer):
        other.execute(text("SET LOCAL deadlock_timeout = '60s'"))  # the other is looked at first
        lock(other, "H7")
        told = answer.result(30)
    assert (told.status_code, told.json["code"], told.headers["Retry-After"]) == (503, "unavailable", "5")
    assert len(events_of(deadlocked)) == 2
    again = deadlocked.post("/v1/corrections", body, Idempotency_Key="once")
    assert again.status_code == 201, again.text
    assert_books_agree(deadlocked)


def test_the_example_client_comes_again_by_itself_after_a_deadlock(deadlocked: Doors) -> None:
    pick_some(deadlocked, "H7", "H8")
    waited: list[float] = []
    with serving(deadlocked.app) as port, ThreadPoolExecutor(1) as pool, deadlocked.sessions.write() as other:
        client = Chasu(f"http://127.0.0.1:{port}", deadlocked.tokens["coop"], sleep=waited.append)
        lock(other, "H8")
        answer = pool.submit(client.post, "corrections", less(deadlocked, "H7", "H8"))
        wait_for_a_lock(deadlocked, answer)
        other.execute(text("SET LOCAL deadlock_timeout = '60s'"))
        lock(other, "H7")
        other.rollback()
        assert [one["error"] for one in answer.result(30)] == ["incorrect_data"] * 2
    assert len(waited) == 1
    assert (grams(deadlocked, "H7", "coop"), grams(deadlocked, "H8", "coop")) == (8_000, 8_000)
    assert_books_agree(deadlocked)
