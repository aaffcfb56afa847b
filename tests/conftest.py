"""Fixtures: a real database migrated once per run and worker, each test in a savepoint; a copy of the demo town."""

import gc
import os
import pathlib
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy.orm import Session

from tests.databases import Kept, MakeSessions, empty, keep, keep_all, lay, new_database, open_quickly, prepare
from trace.db import Sessions
from trace.keys import create_first_key

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.replication import Pair

# A busy machine draws and tries slowly, which says nothing about tea.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def database_base() -> str | None:
    """Return the server to test on, or None for SQLite."""
    return os.environ.get("TEST_DATABASE_URL")


@pytest.fixture(scope="session")
def prepared_url(database_base: str | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a migrated database that nobody writes to, for others to be like."""
    for url in new_database(database_base, tmp_path_factory.mktemp("prepared")):
        prepare(url).dispose()
        yield url


@pytest.fixture(scope="session")
def prepared(prepared_url: str, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """What stands in a migrated database."""
    return keep(prepared_url, tmp_path_factory.mktemp("kept"))


@pytest.fixture(scope="session")
def make_sessions(
    database_base: str | None, prepared_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MakeSessions]:
    """Make migrated databases that several tests share, holding what was kept of another."""
    with ExitStack() as made:

        def make(kept: Kept | None = None) -> Sessions:
            directory = tmp_path_factory.mktemp("database")
            url = made.enter_context(contextmanager(new_database)(database_base, directory, prepared_url))
            if kept:
                lay(kept, url)
            sessions = open_quickly(url)
            made.callback(sessions.dispose)
            return sessions

        yield make


@pytest.fixture(scope="session")
def shared_sessions(make_sessions: MakeSessions) -> Sessions:
    """One migrated, otherwise empty database for all tests of `session`."""
    return make_sessions()


@pytest.fixture
def session(shared_sessions: Sessions) -> Iterator[Session]:
    """A session whose work is rolled back."""
    with shared_sessions.write.kw["bind"].connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as opened:
            yield opened
        outer.rollback()


@pytest.fixture(scope="session")
def turns(database_base: str | None, prepared_url: str) -> Iterator[Callable[[str], str]]:
    """Give the addresses of a server's databases in which the tests of this worker take turns: `own` and `empty`."""
    with ExitStack() as made:
        here = pathlib.Path()
        likes = {"own": prepared_url, "empty": None}
        yield cache(lambda name: made.enter_context(contextmanager(new_database)(database_base, here, likes[name])))


@pytest.fixture
def fresh_url(database_base: str | None, turns: Callable[[str], str], tmp_path: pathlib.Path) -> str:
    """The address of a database of the test's own; what stands in it is for other fixtures to lay."""
    return turns("own") if database_base else f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture
def empty_url(database_base: str | None, turns: Callable[[str], str], tmp_path: pathlib.Path) -> str:
    """The address of a database of the test's own without a table."""
    if database_base:
        empty(turns("empty"))
        return turns("empty")
    return f"sqlite:///{tmp_path / 'empty.db'}"


@pytest.fixture
def fresh_sessions(fresh_url: str, prepared: Kept) -> Iterator[Sessions]:
    """A migrated database of the test's own, for tests that commit or open several connections."""
    lay(prepared, fresh_url)
    sessions = open_quickly(fresh_url)
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
def demo_kept(make_sessions: MakeSessions, tmp_path_factory: pytest.TempPathFactory, demo_town: bytes) -> Kept:
    """What stands in a database with the demo town loaded and sequenced."""
    from trace.events.sequencer import sequence_events  # noqa: PLC0415 -- only where the season is wanted
    from trace.season import load_season  # noqa: PLC0415

    sessions = make_sessions()
    with sessions.write.begin() as opened:
        load_season(opened, demo_town)
    sequence_events(sessions.write)
    return keep_all(sessions, tmp_path_factory.mktemp("kept"))


@pytest.fixture(scope="session")
def demo_sessions(make_sessions: MakeSessions, demo_kept: Kept) -> Sessions:
    """The demo town; tests must not change it."""
    return make_sessions(demo_kept)


@pytest.fixture
def demo_session(demo_sessions: Sessions) -> Iterator[Session]:
    """A session on the demo town whose work is rolled back."""
    with demo_sessions.write.kw["bind"].connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as opened:
            yield opened
        outer.rollback()


@pytest.fixture(scope="session")
def replicated_pair() -> Iterator["Pair"]:
    """One primary with a replica for all tests of a worker; a skip that says so where there are no programs for it."""
    from tests.replication import replicated  # noqa: PLC0415 -- only where it is wanted

    with replicated() as pair:
        yield pair


@pytest.fixture
def pair(replicated_pair: "Pair") -> "Pair":
    """A primary and its replica, whatever the last test did to them."""
    replicated_pair.mend()
    return replicated_pair


@pytest.fixture(scope="session")
def replicated_like(replicated_pair: "Pair") -> str:
    """The address of a migrated database of the pair, for others to be like."""
    url = replicated_pair.new_database("prepared")
    prepare(url).dispose()
    return url


@pytest.fixture
def beside_late(pair: "Pair", replicated_like: str, request: pytest.FixtureRequest) -> Iterator[Sessions]:
    """Sessions on a migrated database of the test's own beside a replica that answers though it lags a minute."""
    from tests.replication import wait_until  # noqa: PLC0415 -- only where it is wanted
    from trace.replicas import Pace, Standing, open_beside  # noqa: PLC0415

    url = pair.new_database(request.node.name[:60], like=replicated_like)
    sessions = open_beside(url, pair.replica.url_of(url), Pace(most_s=60, every_s=0.05))
    wait_until(lambda: sessions.replica is not None and sessions.replica.standing() is Standing.OK)
    yield sessions
    sessions.dispose()


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """One browser for all tests, which cannot have two in one process; a skip that says so where there is none."""
    from tests.browsers import CHROMIUM, open_browser  # noqa: PLC0415 -- only where it is wanted

    if not CHROMIUM.exists():
        pytest.skip(f"no browser: {CHROMIUM} is missing")
    with open_browser() as started:
        yield started


@pytest.fixture(scope="session")
def interop() -> pathlib.Path:
    """The folder of conformance cases, or a skip that says so."""
    folder = SHARED / "interop"
    if not folder.is_dir():
        pytest.skip(f"no conformance cases: {folder} is missing")
    return folder


def pytest_collection_finish() -> None:
    """Let no garbage collection walk through all that is loaded by now, again and again."""
    gc.collect()
    gc.freeze()


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
