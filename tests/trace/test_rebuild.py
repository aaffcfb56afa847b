"""`flask rebuild --check`: whatever disagrees with the events is named by table and record."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, text

from tests.conftest import ROOT
from tests.databases import Kept, MakeSessions, keep_all, lay, open_quickly
from tests.factories import make_recall
from trace.db import Sessions
from trace.lots import get_lot
from trace.rebuild import differences
from trace.season import load_season


@pytest.fixture(scope="module")
def rice(make_sessions: MakeSessions, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """What stands in a database with the rice town and a recall in it."""
    sessions = make_sessions()
    with sessions.write.begin() as session:
        load_season(session, (ROOT / "demo" / "rice-town.json").read_bytes())
        make_recall(session, lot=get_lot(session, "L001"))
    return keep_all(sessions, tmp_path_factory.mktemp("kept"))


@pytest.fixture
def rice_sessions(fresh_url: str, rice: Kept) -> Iterator[Sessions]:
    """A database of the test's own with the rice town in it."""
    lay(rice, fresh_url)
    sessions = open_quickly(fresh_url)
    yield sessions
    sessions.dispose()


def told(sessions: Sessions) -> list[str]:
    with sessions.read.begin() as session:
        return differences(session)


def test_a_season_agrees_with_its_events(rice_sessions: Sessions) -> None:
    assert told(rice_sessions) == []


def silence_triggers(connection: Connection, table: str) -> None:
    """Do what only the owner of a database can; on a server for this transaction, for its tables outlive the test."""
    if connection.dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            connection.execute(text(f"DROP TRIGGER {table}_no_{verb}"))
    else:
        connection.execute(text("SET LOCAL session_replication_role = replica"))


def lower_a_lot(connection: Connection) -> str:
    connection.execute(text("UPDATE lot SET mass_g = mass_g - 1 WHERE code = 'L001'"))
    return "lot https://id.example.test/id/lot/PL1/L001: mass_g"


def forget_what_entered(connection: Connection) -> str:
    connection.execute(text("UPDATE lot SET entered_g = 0 WHERE code = 'L001'"))
    return "lot https://id.example.test/id/lot/PL1/L001: entered_g"


def thicken_an_edge(connection: Connection) -> str:
    child = "SELECT id FROM lot WHERE code = 'L001'"
    connection.execute(text(f"UPDATE lineage_edge SET mass_g = mass_g + 1 WHERE child_id = ({child})"))  # noqa: S608 -- constant
    return "lineage_edge https://id.example.test/id/lot/PL1/B0001"


def cut_an_edge(connection: Connection) -> str:
    child = "SELECT id FROM lot WHERE code = 'B0002'"
    connection.execute(text(f"DELETE FROM lineage_edge WHERE child_id = ({child})"))  # noqa: S608 -- constant
    return "lineage_edge https://id.example.test/id/lot/PL1/IT0002"


def change_a_line(connection: Connection) -> str:
    silence_triggers(connection, "ledger_line")
    row = connection.scalar(text("SELECT min(event_id) FROM ledger_line"))
    connection.execute(text(f"UPDATE ledger_line SET amount = amount + 1 WHERE event_id = {row} AND amount > 0"))  # noqa: S608 -- a number
    return f"ledger_line of event {row}"


def take_a_line_away(connection: Connection) -> str:
    silence_triggers(connection, "ledger_line")
    row = connection.scalar(text("SELECT max(event_id) FROM ledger_line"))
    connection.execute(text(f"DELETE FROM ledger_line WHERE event_id = {row} AND amount < 0"))  # noqa: S608 -- a number
    return f"ledger_line of event {row}"


def spoil_a_document(connection: Connection) -> str:
    silence_triggers(connection, "event")
    row = connection.scalar(text("SELECT min(event_id) FROM ledger_line"))
    connection.execute(text(f"UPDATE event SET document = :nothing WHERE id = {row}"), {"nothing": b"{"})  # noqa: S608 -- a number
    return f"event {row}"


def forget_an_event(connection: Connection) -> str:
    row = connection.scalar(text("SELECT max(event_id) FROM unsequenced"))
    connection.execute(text(f"DELETE FROM unsequenced WHERE event_id = {row}"))  # noqa: S608 -- a number
    return f"event {row}: neither"


def free_a_descendant(connection: Connection) -> str:
    leaf = connection.scalar(text("SELECT min(parent_id) FROM lineage_edge"))
    finding = "INSERT INTO finding (id, rule, severity, noun, record_id, record, party_id, facts, found_at) "
    facts = "9999, 'mrl_exceeded', 'refuse', 'result', 1, 'T', min(id), '{}', CURRENT_TIMESTAMP"
    connection.execute(text(f"{finding} SELECT {facts} FROM party"))  # noqa: S608 -- constants
    connection.execute(text(f"INSERT INTO lot_hold (lot_id, finding_id) VALUES ({leaf}, 9999)"))  # noqa: S608 -- a number
    return "lot_hold https://id.example.test/id/lot/"


def free_what_is_recalled(connection: Connection) -> str:
    connection.execute(text("DELETE FROM recalled_lot WHERE lot_id = (SELECT max(lot_id) FROM recalled_lot)"))
    return "recalled_lot https://"


@pytest.mark.parametrize(
    "tamper",
    [
        lower_a_lot,
        forget_what_entered,
        thicken_an_edge,
        cut_an_edge,
        change_a_line,
        take_a_line_away,
        spoil_a_document,
        forget_an_event,
        free_a_descendant,
        free_what_is_recalled,
    ],
)
def test_tampering_is_reported_by_table_and_record(
    rice_sessions: Sessions, tamper: Callable[[Connection], str]
) -> None:
    with rice_sessions.write.begin() as session:
        named = tamper(session.connection())
    found = told(rice_sessions)
    assert any(named in line for line in found), found
