"""Column types keep what they were given, on either engine, and a writer has its lock from the first statement."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import CheckConstraint, MetaData, String, event, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from tests.databases import open_quickly
from tests.factories import make_leaf, make_party
from trace.db import Base, BigId, Grams, Question, Sessions, open_sessions, take_snapshot
from trace.parties import Party

BIGGEST = 2**63 - 1


class Probe(DeclarativeBase):
    """Tables of this test's own, with the types of ours."""

    metadata = MetaData()
    type_annotation_map = Base.type_annotation_map


class Measurement(Probe):
    """One value of each type."""

    __tablename__ = "probe_measurement"
    __table_args__ = (CheckConstraint("mass_g >= 0"),)
    id: Mapped[BigId]
    mass_g: Mapped[Grams] = mapped_column(default=0)
    value: Mapped[Decimal | None]
    taken_at: Mapped[datetime | None]


@pytest.fixture
def probe(empty_url: str) -> Iterator[Sessions]:
    """A database with the table above."""
    sessions = open_quickly(empty_url)
    Probe.metadata.create_all(sessions.write.kw["bind"])
    yield sessions
    sessions.dispose()


def kept(sessions: Sessions, **values: object) -> Measurement:
    """Write one row and read it with another connection."""
    with sessions.write.begin() as session:
        session.add(Measurement(**values))
    with sessions.read() as session:
        return session.scalars(select(Measurement)).one()


def test_a_moment_comes_back_aware_and_in_utc(probe: Sessions) -> None:
    china = datetime(2026, 4, 20, 6, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    taken_at = kept(probe, taken_at=china).taken_at
    assert taken_at == china
    assert taken_at is not None
    assert taken_at.tzinfo is UTC


def test_a_moment_without_offset_is_refused(probe: Sessions) -> None:
    with pytest.raises(StatementError, match="naive"):
        kept(probe, taken_at=datetime(2026, 4, 20, 6, 0))  # noqa: DTZ001 -- what is refused


@pytest.mark.parametrize("digits", ["0.010", "5", "1E-7", "0.00", "123456789012345678.123456789", "-3.50"])
def test_a_measurement_keeps_its_digits(probe: Sessions, digits: str) -> None:
    assert str(kept(probe, value=Decimal(digits)).value) == str(Decimal(digits))


def test_grams_have_64_bits(probe: Sessions) -> None:
    assert kept(probe, mass_g=BIGGEST).mass_g == BIGGEST


def test_row_ids_have_64_bits(probe: Sessions) -> None:
    assert kept(probe, id=BIGGEST - 1).id == BIGGEST - 1


def test_enumerations_are_checked_words(session: Session) -> None:
    lot = make_leaf(session)
    with pytest.raises(IntegrityError):
        session.execute(text("UPDATE lot SET kind = 'cake' WHERE id = :id"), {"id": lot.id})


def test_a_lot_below_zero_is_refused_by_the_database_itself(session: Session) -> None:
    lot = make_leaf(session)
    with pytest.raises(IntegrityError):
        session.execute(text("UPDATE lot SET mass_g = -1 WHERE id = :id"), {"id": lot.id})


def test_a_reference_to_nothing_is_refused(session: Session) -> None:
    leaf = make_leaf(session)
    with pytest.raises(IntegrityError):
        session.execute(text("UPDATE lot SET party_id = 999999 WHERE id = :id"), {"id": leaf.id})


def test_a_second_writer_waits_for_the_first_and_sees_what_it_did(fresh_sessions: Sessions) -> None:
    begun, read = threading.Event(), []

    def second() -> None:
        begun.set()
        with fresh_sessions.write.begin() as session:
            session.execute(select(Party).where(Party.code == "C1").with_for_update()).all()
            read.append(session.scalar(select(Party.name).where(Party.code == "C1")))

    with fresh_sessions.write.begin() as session:
        make_party(session, code="C1", name="before")
    with fresh_sessions.write.begin() as session:
        party = session.scalars(select(Party).where(Party.code == "C1").with_for_update()).one()
        thread = threading.Thread(target=second)
        thread.start()
        begun.wait(10)
        party.name = "after"
    thread.join(30)
    assert read == ["after"]


def test_sqlite_takes_the_write_lock_with_the_first_statement(fresh_sessions: Sessions) -> None:
    engine = fresh_sessions.write.kw["bind"]
    if engine.dialect.name != "sqlite":
        pytest.skip("row locks on this engine")
    with fresh_sessions.write() as first, engine.connect() as second:
        first.execute(text("SELECT 1"))
        driver = second.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA busy_timeout = 0")
        with pytest.raises(OperationalError, match="locked"):
            second.exec_driver_sql("SELECT 1")


def test_a_reader_waits_for_no_writer(fresh_sessions: Sessions) -> None:
    with fresh_sessions.write.begin() as writer:
        make_party(writer, code="C2")
        with fresh_sessions.read() as reader:
            assert reader.scalar(select(Party.id).where(Party.code == "C2")) is None


def test_a_snapshot_is_one_picture(fresh_sessions: Sessions) -> None:
    with fresh_sessions.read() as reader:
        take_snapshot(reader)
        before = reader.scalars(select(Party.code)).all()
        with fresh_sessions.write.begin() as writer:
            make_party(writer)
        assert reader.scalars(select(Party.code)).all() == before


def test_text_with_a_longer_code_than_the_column_is_never_cut(fresh_sessions: Sessions) -> None:
    column = Party.__table__.c.code.type
    assert isinstance(column, String)
    assert column.length is not None
    code = "C" * (column.length + 1)
    try:
        with fresh_sessions.write.begin() as session:
            make_party(session, code=code)
    except DBAPIError:
        return  # PostgreSQL refuses
    with fresh_sessions.read() as session:
        assert session.scalar(select(Party.code).where(Party.code == code)) == code


NAME = Question("SELECT name FROM instance WHERE id = :id AND id_url <> :other")
ANY = {"id": 1, "other": "x"}


def test_a_session_and_an_asker_answer_a_question_alike(fresh_sessions: Sessions) -> None:
    for values in (ANY, {**ANY, "id": 2}):
        with fresh_sessions.read() as session:
            told = NAME.ask(session, values)
        assert NAME.ask(fresh_sessions.asker, values) == told
        assert (told is None) == (values["id"] == 2)


def test_an_asker_tells_what_was_committed_a_moment_ago(fresh_sessions: Sessions) -> None:
    count = Question("SELECT COUNT(*) FROM party WHERE code <> :other")
    for expected in (0, 1, 2):
        assert count.ask(fresh_sessions.asker, {"other": ""}) == (expected,)
        with fresh_sessions.write.begin() as session:
            make_party(session)


def test_an_asker_serves_threads_at_once(fresh_sessions: Sessions) -> None:
    with ThreadPoolExecutor(8) as threads:
        told = set(threads.map(lambda _: tuple(NAME.ask(fresh_sessions.asker, ANY) or ()), range(400)))
    assert told == {NAME.ask(fresh_sessions.asker, ANY)}


def test_an_asker_whose_connection_broke_opens_another(fresh_sessions: Sessions) -> None:
    opened: list[Any] = []
    event.listen(fresh_sessions.read.kw["bind"], "connect", lambda connection, _: opened.append(connection))
    before = NAME.ask(fresh_sessions.asker, ANY)
    opened[0].close()
    assert [NAME.ask(fresh_sessions.asker, ANY) for _ in range(3)] == [before] * 3


def test_an_asker_keeps_one_connection_until_it_is_closed(fresh_sessions: Sessions) -> None:
    opened: list[Any] = []
    event.listen(fresh_sessions.read.kw["bind"], "connect", lambda connection, _: opened.append(connection))
    for expected in (1, 1, 2, 2):
        if len(opened) < expected:
            fresh_sessions.dispose()
        assert NAME.ask(fresh_sessions.asker, ANY)
        assert len(opened) == expected


def test_a_question_that_fails_raises_what_every_door_knows_and_spoils_no_other(fresh_sessions: Sessions) -> None:
    with pytest.raises(DBAPIError):
        Question("SELECT name FROM nowhere WHERE id = :id").ask(fresh_sessions.asker, {"id": 1})
    assert NAME.ask(fresh_sessions.asker, ANY)


def test_a_database_that_cannot_be_opened_raises_what_every_door_knows(tmp_path: Path) -> None:
    sessions = open_sessions(f"sqlite:///{tmp_path / 'missing' / 'test.db'}")
    with pytest.raises(DBAPIError):
        NAME.ask(sessions.asker, ANY)
