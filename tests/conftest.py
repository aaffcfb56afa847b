"""Fixtures: a real database migrated once per run and worker, each test in a savepoint; a copy of the demo town."""

import os
import pathlib
import shutil
import uuid
from collections import Counter
from collections.abc import Generator, Iterator

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.orm import Session

from trace.db import Sessions, open_sessions
from trace.instance import found_instance
from trace.keys import create_first_key
from trace.migrate import upgrade

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
ID_URL = "https://id.example.test"


def new_database(base: str | None, directory: pathlib.Path) -> Iterator[str]:
    """Yield the address of an empty database: a file, or a new one on the server that `TEST_DATABASE_URL` names."""
    if not base:
        yield f"sqlite:///{directory / 'test.db'}"
        return
    name = f"chasu_{uuid.uuid4().hex[:12]}"
    server = create_engine(base, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(base).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


def prepare(url: str) -> Sessions:
    """Migrate a database and name the installation."""
    sessions = open_sessions(url)
    upgrade(sessions.write.kw["bind"])
    with sessions.write.begin() as session:
        found_instance(session, ID_URL)
    return sessions


@pytest.fixture(scope="session")
def database_base() -> str | None:
    """Return the server to test on, or None for SQLite."""
    return os.environ.get("TEST_DATABASE_URL")


@pytest.fixture(scope="session")
def shared_sessions(database_base: str | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sessions]:
    """One migrated, otherwise empty database for all tests of `session`."""
    for url in new_database(database_base, tmp_path_factory.mktemp("db")):
        sessions = prepare(url)
        yield sessions
        sessions.dispose()


@pytest.fixture
def session(shared_sessions: Sessions) -> Iterator[Session]:
    """A session whose work is rolled back."""
    with shared_sessions.write.kw["bind"].connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as opened:
            yield opened
        outer.rollback()


@pytest.fixture
def fresh_url(database_base: str | None, tmp_path: pathlib.Path) -> Iterator[str]:
    """The address of a database of the test's own, for tests that commit."""
    yield from new_database(database_base, tmp_path)


@pytest.fixture(scope="session")
def prepared_url(database_base: str | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a migrated database that nobody writes to, for others to be copies of."""
    for url in new_database(database_base, tmp_path_factory.mktemp("prepared")):
        prepare(url).dispose()
        yield url


def copy_database(source: str, target: str, base: str | None) -> None:
    """Make an empty database a copy of another: migrating each anew would take most of the suite's time."""
    original, copy = make_url(source).database, make_url(target).database
    if not base:
        shutil.copyfile(str(original), str(copy))
        return
    server = create_engine(base, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {copy}"))
        connection.execute(text(f"CREATE DATABASE {copy} TEMPLATE {original}"))
    server.dispose()


@pytest.fixture
def fresh_sessions(fresh_url: str, prepared_url: str, database_base: str | None) -> Iterator[Sessions]:
    """A migrated database of the test's own, for tests that commit or open several connections."""
    copy_database(prepared_url, fresh_url, database_base)
    sessions = open_sessions(fresh_url)
    yield sessions
    sessions.dispose()


@pytest.fixture(scope="session")
def keys_dir(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A key folder with one signing key."""
    directory = tmp_path_factory.mktemp("keys") / "keys"
    create_first_key(directory)
    return directory


@pytest.fixture(scope="session")
def demo_town() -> bytes:
    """The demo town's season file."""
    return (ROOT / "demo" / "demo-town.json").read_bytes()


@pytest.fixture(scope="session")
def demo_sessions(
    database_base: str | None, tmp_path_factory: pytest.TempPathFactory, demo_town: bytes
) -> Iterator[Sessions]:
    """A database with the demo town loaded and sequenced; tests must not change it."""
    from trace.events.sequencer import sequence_events  # noqa: PLC0415 -- only where the season is wanted
    from trace.season import load_season  # noqa: PLC0415

    for url in new_database(database_base, tmp_path_factory.mktemp("demo")):
        sessions = prepare(url)
        with sessions.write.begin() as opened:
            load_season(opened, demo_town)
        sequence_events(sessions.write)
        yield sessions
        sessions.dispose()


@pytest.fixture
def demo_session(demo_sessions: Sessions) -> Iterator[Session]:
    """A session on the demo town whose work is rolled back."""
    with demo_sessions.write.kw["bind"].connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as opened:
            yield opened
        outer.rollback()


@pytest.fixture(scope="session")
def interop() -> pathlib.Path:
    """The folder of conformance cases, or a skip that says so."""
    folder = SHARED / "interop"
    if not folder.is_dir():
        pytest.skip(f"no conformance cases: {folder} is missing")
    return folder


REQUIRED = tuple(name for name in os.environ.get("CHASU_REQUIRE", "").split(",") if name)
_ran: Counter[str] = Counter()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail what is skipped although `CHASU_REQUIRE` names its marker: on a machine that has all it needs."""
    report = yield
    marks = [name for name in REQUIRED if item.get_closest_marker(name)]
    if report.skipped and marks and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"skipped, but {marks} must run: {report.longrepr}"
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count what ran, by required marker."""
    if report.when == "call" and not report.skipped:
        _ran.update(name for name in REQUIRED if name in report.keywords)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which no test of a required marker ran."""
    if not hasattr(session.config, "workerinput") and any(not _ran[name] for name in REQUIRED):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests of each required marker ran."""
    for name in REQUIRED:
        terminalreporter.write_line(f"required: {name}: {_ran[name]} ran")
