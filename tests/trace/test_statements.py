"""Statements run by the driver write, find, refuse and announce what SQLAlchemy's own would."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import bindparam, event, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from tests.factories import make_leaf, make_party
from trace.db import PORTION, Sessions
from trace.events import Event, Mode
from trace.lots import Lot, LotKind
from trace.statements import Driver, Statement, insert_numbered

NEW_EVENTS, NEW_LOTS = insert_numbered(Event), insert_numbered(Lot)
LOTS_OF = Statement(select(Lot.uri).where(Lot.uri.in_(bindparam("uris", expanding=True))), listed="uris")


def event_row(party_id: int, name: str) -> dict[str, Any]:
    """Return an event's row: moments, a mode, a truth and bytes all have a spelling of their own."""
    return {
        "event_id": name,
        "declares_error": False,
        "type": "ObjectEvent",
        "biz_step": None,
        "event_time": datetime(2026, 4, 20, 6, 30, 0, 5000, tzinfo=timezone(timedelta(hours=8))),
        "utc_offset": "+08:00",
        "recorded_at": datetime(2026, 4, 20, tzinfo=UTC),
        "mode": Mode.LIVE,
        "party_id": party_id,
        "entered_by_id": None,
        "account_id": None,
        "document": b"{}",
        "commitment": b"\x00" * 32,
    }


def lot_row(party_id: int, code: str) -> dict[str, Any]:
    """Return the row of an empty lot."""
    empty = dict.fromkeys(("units", "grade", "crop", "product_kind", "plot_id", "declared_origin"))
    named = {"code": code, "uri": f"https://id.example.test/{code}", "party_id": party_id, "kind": LotKind.LEAF}
    return {
        **empty,
        **named,
        "made_on": date(2026, 4, 20),
        "initial_g": 0,
        "mass_g": 0,
        "entered_g": 0,
        "revision": 1,
    }


def as_stored(session: Session, id_: int) -> list[Any]:
    """Return what stands in an event's row, as the driver reads it."""
    row = session.execute(text("SELECT * FROM event WHERE id = :id"), {"id": id_}).mappings().one()
    return [value for name, value in row.items() if name not in ("id", "event_id")]


def test_an_event_is_stored_as_sqlalchemy_stores_it(session: Session) -> None:
    party = make_party(session)
    [ours] = NEW_EVENTS.number(Driver.of(session), [event_row(party.id, "ni:1")])
    [theirs] = session.scalars(insert(Event).returning(Event.id), [event_row(party.id, "ni:2")])
    assert as_stored(session, ours) == as_stored(session, theirs)


def test_many_lots_are_numbered_in_the_order_given(session: Session) -> None:
    party = make_party(session)
    codes = [f"L{number}" for number in range(7, 0, -1)]
    ids = NEW_LOTS.number(Driver.of(session), [lot_row(party.id, code) for code in codes])
    assert [session.get_one(Lot, id_).code for id_ in ids] == codes
    assert NEW_LOTS.number(Driver.of(session), []) == []


@pytest.mark.parametrize("count", [1, 2, 3, PORTION])
def test_as_many_lots_are_found_as_are_asked_for(session: Session, count: int) -> None:
    leaf = [make_leaf(session) for _ in range(3)]
    asked = [*(lot.uri for lot in leaf), *(f"urn:none:{number}" for number in range(count))][:count]
    found = LOTS_OF.ask(Driver.of(session), {"uris": asked})
    assert sorted(uri for (uri,) in found) == sorted(asked[:3])


def test_a_code_used_twice_is_refused_in_sqlalchemys_words(session: Session) -> None:
    party = make_party(session)
    row = lot_row(party.id, "L1")
    NEW_LOTS.number(Driver.of(session), [row])
    with pytest.raises(IntegrityError), session.begin_nested():
        NEW_LOTS.number(Driver.of(session), [row])
    with pytest.raises(IntegrityError), session.begin_nested():
        NEW_LOTS.run(Driver.of(session), [lot_row(party.id, "L2"), row])
    assert session.scalars(select(Lot.code).where(Lot.party_id == party.id)).all() == ["L1"]


def test_a_statement_by_the_driver_is_announced(session: Session) -> None:
    party = make_party(session)
    sent: list[str] = []
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", lambda *given: sent.append(given[2]))
    NEW_LOTS.number(Driver.of(session), [lot_row(party.id, "L1")])
    assert [statement[:15] for statement in sent] == ["INSERT INTO lot"]


def test_a_connection_that_was_lost_is_not_used_again(fresh_sessions: Sessions) -> None:
    def lose(session: Session) -> None:
        driver = Driver.of(session)
        driver.connection.connection.driver_connection.close()
        LOTS_OF.ask(driver, {"uris": ["urn:none"]})

    with fresh_sessions.write() as session, pytest.raises(DBAPIError) as refusal:
        lose(session)
    assert refusal.value.connection_invalidated
    with fresh_sessions.write.begin() as session:
        assert LOTS_OF.ask(Driver.of(session), {"uris": ["urn:none"]}) == []
