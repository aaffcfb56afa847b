"""Migrations say what the tables say, up and down; and after every upgrade what is append-only still is."""

import pathlib
from collections.abc import Iterator
from decimal import Decimal

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Engine, Inspector, event, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.databases import MakeSessions, open_quickly
from tests.editions import make_edition
from tests.factories import make_intake, make_leaf, make_party, make_picking
from tests.packing import make_shipment, pack_of
from trace.day_closes import CloseDay, close_days
from trace.db import Base, Sessions
from trace.events import LIVE
from trace.events.sequencer import sequence_events
from trace.events.tables import APPEND_ONLY
from trace.files import store_file
from trace.intakes import Intake, correct_intake
from trace.ledger import LedgerLine
from trace.lots import Lot
from trace.mandates import Mandate
from trace.migrate import alembic_config, is_current, upgrade
from trace.paper_forms import FormKind, IssueForms, PaperForm, Written, issue_forms, use_forms, void_form
from trace.parties import FacilityVersion, LicenceTerm
from trace.places import Plot, PlotVersion
from trace.rebuild import differences
from trace.shipments import Shipment
from trace.tables import metadata
from trace.units import UnitRange

ROOT = pathlib.Path(__file__).resolve().parent.parent


@pytest.fixture
def engine(empty_url: str) -> Iterator[Engine]:
    """An empty database."""
    sessions = open_quickly(empty_url)
    yield sessions.write.kw["bind"]
    sessions.dispose()


def downgrade(engine: Engine) -> None:
    """Take every migration back."""
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "base")


def checks_of(inspector: Inspector) -> set[tuple[str, str]]:
    """Return (table, name) of every CHECK in the database."""
    return {
        (table, str(check["name"])) for table in metadata.tables for check in inspector.get_check_constraints(table)
    }


def triggers_of(engine: Engine) -> set[str]:
    """Return the names of all triggers."""
    names = {"sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'"}
    query = names.get(engine.dialect.name, "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
    with engine.connect() as connection:
        return set(connection.scalars(text(query)))


def test_the_migrations_make_what_the_tables_say(engine: Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_migrations_make_every_check_of_the_tables(engine: Engine) -> None:
    upgrade(engine)
    dialect = engine.dialect
    wanted = {
        (table.name, dialect.identifier_preparer.format_constraint(check))
        for table in metadata.tables.values()
        for check in table.constraints
        if isinstance(check, CheckConstraint)
    }
    assert checks_of(inspect(engine)) == wanted


def test_an_empty_database_goes_up_down_and_up_again(engine: Engine) -> None:
    upgrade(engine)
    first = triggers_of(engine)
    downgrade(engine)
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}
    upgrade(engine)
    assert set(inspect(engine).get_table_names()) == {"alembic_version", *metadata.tables}
    assert triggers_of(engine) == first
    assert first


def positions_of(session: Session, shipment: Shipment) -> tuple[int, int]:
    """Return the first and the last position that went."""
    query = select(UnitRange.first_position, UnitRange.last_position)
    first, last = session.execute(query.where(UnitRange.event_id == shipment.event_id)).one()
    return first, last


def test_shipments_keep_their_positions_and_intakes_find_their_hand_overs(fresh_sessions: Sessions) -> None:
    with fresh_sessions.write.begin() as session:
        shipment, intake = make_shipment(session, positions=(2, 5)), make_intake(session)
        wanted = positions_of(session, shipment), intake.hand_over_event_id
    engine = fresh_sessions.write.kw["bind"]
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0002")
    upgrade(engine)
    with fresh_sessions.write.begin() as session:
        kept = positions_of(session, session.get_one(Shipment, shipment.id))
        assert (kept, session.get_one(Intake, intake.id).hand_over_event_id) == wanted
        make_shipment(session, pack=pack_of(session, shipment), positions=(6, 6))


def test_lots_from_before_tell_what_entered_them(fresh_sessions: Sessions) -> None:
    with fresh_sessions.write.begin() as session:
        leaf = make_leaf(session)
        received = make_intake(session, taken=[(leaf, 10_000), (make_leaf(session), 5_000)]).lot_id
    engine = fresh_sessions.write.kw["bind"]
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0006")
    upgrade(engine)
    with fresh_sessions.read() as session:
        assert [session.get_one(Lot, lot).entered_g for lot in (received, leaf.id)] == [15_000, 0]
    with fresh_sessions.read() as session:
        assert differences(session) == []


def lines_of(sessions: Sessions) -> list[tuple[object, ...]]:
    """Return the lines of the ledger, each event's in their order."""
    columns = LedgerLine.__table__.columns
    with sessions.read() as session:
        return [
            tuple(row) for row in session.execute(select(*columns).order_by(LedgerLine.event_id, LedgerLine.number))
        ]


def test_the_lines_of_the_ledger_keep_their_order_and_stay_append_only(fresh_sessions: Sessions) -> None:
    with fresh_sessions.write.begin() as session:
        make_intake(session, taken=[(make_leaf(session), 10_000), (make_leaf(session), 5_000)])
    wanted, engine = lines_of(fresh_sessions), fresh_sessions.write.kw["bind"]
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0009")
        [first] = connection.scalars(text("SELECT min(id) FROM ledger_line"))
        columns = "event_id, account, lot_id, subject, commodity, amount"
        again = f"INSERT INTO ledger_line ({columns}) SELECT {columns} FROM ledger_line WHERE id = {first}"  # noqa: S608 -- a number
        connection.execute(text(again)).close()
        last = connection.scalar(text("SELECT max(id) FROM ledger_line"))
        assert last == len(wanted) + 1, "lines are numbered on"
    upgrade(engine)
    assert [line for line in lines_of(fresh_sessions) if line in wanted] == wanted
    with engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text("DELETE FROM ledger_line"))


def test_an_upgrade_of_what_is_current_changes_nothing(engine: Engine) -> None:
    upgrade(engine)
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    upgrade(engine)
    assert not [line for line in statements if line.lstrip().upper().startswith(("CREATE", "ALTER", "DROP", "INSERT"))]


def test_a_database_behind_the_code_is_not_current(engine: Engine) -> None:
    with engine.connect() as connection:
        assert not is_current(connection)
    upgrade(engine)
    with engine.connect() as connection:
        assert is_current(connection)


def test_there_is_one_line_of_migrations() -> None:
    assert len(ScriptDirectory.from_config(alembic_config()).get_heads()) == 1


BEFORE_VERSIONS = """
INSERT INTO party (id, code, name, kind, area_code) VALUES (1, 'C1', '合作社', 'cooperative', '379901101');
INSERT INTO party (id, code, name, kind, area_code) VALUES (2, 'PL1', '茶厂', 'plant', '379901101');
INSERT INTO licence (party_id, number, valid_to, product_kinds) VALUES (2, 'SC1', '2027-01-01', '["绿茶"]');
INSERT INTO facility (code, party_id, name) VALUES ('PL1', 2, '车间');
INSERT INTO mandate (principal_id, agent_id, from_on) VALUES (1, 2, '2026-01-01');
INSERT INTO village (id, code, name) VALUES (1, '379901101201', '村');
INSERT INTO plot (code, village_id, holder_id, cultivar, area_mu, area_m2, crs, outline)
VALUES ('P1', 1, 1, '群体种', '1.5', 1000, 'WGS-84', '{"type": "Polygon", "coordinates":
 [[[119.3, 35.3], [119.31, 35.3], [119.31, 35.32], [119.3, 35.3]]]}')
"""


def test_what_was_there_before_versions_has_a_first_one(engine: Engine) -> None:
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "0002")
        for statement in BEFORE_VERSIONS.split(";\n"):
            connection.exec_driver_sql(statement)
    upgrade(engine)
    with engine.connect() as connection:
        version = connection.execute(select(PlotVersion.from_on, PlotVersion.holder_id, PlotVersion.area_mu)).one()
        assert tuple(version) == (None, 1, Decimal("1.5"))
        edges = connection.execute(select(Plot.west, Plot.south, Plot.east, Plot.north, Plot.revision)).one()
        assert tuple(edges) == (119.3, 35.3, 119.31, 35.32, 1)
        assert connection.scalars(select(FacilityVersion.name)).one() == "车间"
        assert connection.scalars(select(LicenceTerm.product_kinds)).one() == ["绿茶"]
        assert len(connection.scalars(select(Mandate.code)).one()) == 36
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0002")
        assert connection.scalar(text("SELECT count(*) FROM plot")) == 1


def test_migrations_use_no_column_type_of_ours() -> None:
    for path in (ROOT / "migrations" / "versions").glob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert "UTCDateTime" not in source, path.name
        assert "ExactDecimal" not in source, path.name


def use_and_void_forms(session: Session) -> None:
    """Issue two paper forms; type one in, and declare the other void."""
    command = IssueForms(code="PF-1", party_id=make_party(session).id, kind=FormKind.PICKINGS, count=2)
    [run] = issue_forms(session, [command], LIVE)
    used, lost = session.scalars(select(PaperForm).where(PaperForm.run_id == run.id).order_by(PaperForm.id))
    use_forms(session, FormKind.PICKINGS, [Written(used.id, 1, "赵大爷")], [make_picking(session)])
    void_form(session, lost.number, "丢失", None)


@pytest.fixture(scope="module")
def filled(make_sessions: MakeSessions) -> Sessions:
    """A database with a row in every append-only table."""
    sessions = make_sessions()
    with sessions.write.begin() as session:
        make_picking(session)
        intake = make_intake(session)
        close_days(session, [CloseDay(party_id=intake.supplier_id, day=intake.received_on)], LIVE)
        correct_intake(session, intake, None, "did_not_occur", LIVE)
        use_and_void_forms(session)
        store_file(session, b"evidence", "text/plain")
        make_edition(session)
    sequence_events(sessions.write)
    return sessions


def row_class(table: str) -> type[Base]:
    """Return the mapped class of a table."""
    return next(mapper.class_ for mapper in Base.registry.mappers if mapper.local_table is metadata.tables[table])


def test_every_append_only_table_is_tried_with_a_row_in_it(filled: Sessions) -> None:
    with filled.read() as session:
        for table in APPEND_ONLY:
            assert session.scalars(select(row_class(table)).limit(1)).first() is not None, table


EMPTYING = {"sqlite": "REPLACE INTO {0} SELECT * FROM {0}", "postgresql": "TRUNCATE {0} CASCADE"}


@pytest.mark.parametrize("verb", ["update", "delete", "truncate or replace"])
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_no_statement_changes_what_is_append_only(filled: Sessions, table: str, verb: str) -> None:
    column = metadata.tables[table].columns.keys()[0]
    statements = {"update": "UPDATE {0} SET {1} = {1}", "delete": "DELETE FROM {0}"}
    statement = statements.get(verb, EMPTYING[filled.write.kw["bind"].dialect.name])
    with filled.write() as session, pytest.raises(DBAPIError, match="append-only"):
        session.execute(text(statement.format(table, column)))


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_no_object_changes_what_is_append_only(filled: Sessions, table: str) -> None:
    key = metadata.tables[table].columns.keys()[-1]
    with filled.write() as session:
        row = session.scalars(select(row_class(table)).limit(1)).one()
        setattr(row, key, None)
        with pytest.raises(TypeError, match="append-only"):
            session.flush()


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_no_object_of_what_is_append_only_is_deleted(filled: Sessions, table: str) -> None:
    with filled.write() as session:
        session.delete(session.scalars(select(row_class(table)).limit(1)).one())
        with pytest.raises(TypeError, match="append-only"):
            session.flush()
