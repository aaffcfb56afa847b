"""Databases for tests: new ones, and what stood in one laid into another, which costs less than writing it again.

On SQLite a database is a file. On the server that `TEST_DATABASE_URL` names, making and dropping a database waits for
the disk, so the tests of one worker take turns with two: one is emptied, in the other rows are exchanged.
"""

import pathlib
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, create_engine, event, make_url, text
from sqlalchemy.pool import NullPool

from trace.db import Sessions, open_sessions
from trace.instance import found_instance
from trace.migrate import upgrade

ID_URL = "https://id.example.test"
_TABLES = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'"
_SHAPE = (
    "SELECT md5(string_agg(name, ' ' ORDER BY name)) FROM (SELECT relname || relkind::text AS name FROM pg_class "
    "WHERE relnamespace = 'public'::regnamespace UNION ALL SELECT tgname || tgenabled::text FROM pg_trigger "
    "WHERE NOT tgisinternal) named"
)
_SEQUENCES = "SELECT quote_ident(sequencename), last_value FROM pg_sequences WHERE schemaname = 'public'"


@dataclass(frozen=True)
class Kept:
    """What stood in a database: its file, or each table's rows and each sequence's last value."""

    file: pathlib.Path | None = None
    rows: Mapping[str, bytes] = field(default_factory=dict)
    values: Mapping[str, int | None] = field(default_factory=dict)
    shape: str = ""  # of a server's tables and triggers


MakeSessions = Callable[..., Sessions]


def new_database(base: str | None, directory: pathlib.Path, like: str | None = None) -> Iterator[str]:
    """Yield the address of a new database, empty or like another that nobody is connected with."""
    if not base:
        file = directory / "test.db"
        if like:
            shutil.copyfile(file_of(like), file)
        yield f"sqlite:///{file}"
        return
    name = f"chasu_{uuid.uuid4().hex[:12]}"
    template = f" TEMPLATE {make_url(like).database}" if like else ""
    with _connected(base) as connection:
        connection.execute(text(f"CREATE DATABASE {name}{template}"))
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    try:
        yield make_url(base).set(database=name).render_as_string(hide_password=False)
    finally:
        with _connected(base) as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def open_quickly(url: str) -> Sessions:
    """Open sessions that do not wait for the disk: no test is about a power cut."""
    sessions = open_sessions(url)
    for maker in (sessions.write, sessions.read):
        if maker.kw["bind"].dialect.name == "sqlite":
            event.listen(maker.kw["bind"], "connect", lambda made, _: made.execute("PRAGMA synchronous=OFF"))
    return sessions


def prepare(url: str) -> Sessions:
    """Migrate a database and name the installation."""
    sessions = open_quickly(url)
    upgrade(sessions.write.kw["bind"])
    with sessions.write.begin() as session:
        found_instance(session, ID_URL)
    return sessions


def url_of(sessions: Sessions) -> str:
    """Return the address of a database that is open."""
    address: str = sessions.write.kw["bind"].url.render_as_string(hide_password=False)
    return address


def file_of(url: str) -> pathlib.Path:
    """Return the file of a SQLite database."""
    return pathlib.Path(str(make_url(url).database))


def keep(url: str, directory: pathlib.Path) -> Kept:
    """Return what stands in a database that nobody writes to any more."""
    if url.startswith("sqlite"):
        return Kept(file=shutil.copyfile(file_of(url), directory / "kept.db"))
    with _connected(url) as connection:
        rows = {table: _copy_out(connection, table) for table in connection.scalars(text(_TABLES))}
        return Kept(rows=rows, values=dict(connection.execute(text(_SEQUENCES)).all()), shape=_shape(connection))


def keep_all(sessions: Sessions, directory: pathlib.Path) -> Kept:
    """Close sessions, and return what stands in their database."""
    sessions.dispose()
    return keep(url_of(sessions), directory)


def lay(kept: Kept, url: str) -> None:
    """Let a database hold what stood in another, and nothing else; a server's must have the same tables."""
    if kept.file:
        shutil.copyfile(kept.file, file_of(url))
        return
    with _connected(url) as connection:
        _send_others_away(connection)
        assert _shape(connection) == kept.shape, "an earlier test changed tables or triggers: it wants `empty_url`"
        connection.execute(text("SET session_replication_role = replica"))  # no trigger, no foreign key
        _run(connection, [f"DELETE FROM {table}" for table in kept.rows])  # noqa: S608 -- tables of ours
        for table, rows in kept.rows.items():
            if rows:
                _copy_in(connection, table, rows)
        _run(
            connection,
            [
                f"SELECT setval('{name}', {1 if value is None else value}, {value is not None})"
                for name, value in kept.values.items()
            ],
        )


def empty(url: str) -> None:
    """Take everything out of a server's database."""
    with _connected(url) as connection:
        _send_others_away(connection)
        _run(connection, ["DROP SCHEMA public CASCADE", "CREATE SCHEMA public"])


def _shape(connection: Connection) -> str:
    return str(connection.scalar(text(_SHAPE)))


def _send_others_away(connection: Connection) -> None:
    """End the connections that the last test left."""
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    connection.execute(text(f"SELECT pg_terminate_backend(pid, 10000) {others}"))


def _run(connection: Connection, statements: list[str]) -> None:
    """Run statements in one journey and one transaction."""
    connection.exec_driver_sql("; ".join(["BEGIN", *statements, "COMMIT"]))


def _copy_out(connection: Connection, table: str) -> bytes:
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT") as copy:
        return b"".join(bytes(part) for part in copy)


def _copy_in(connection: Connection, table: str, rows: bytes) -> None:
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        copy.write(rows)


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    """Open one connection that begins no transaction by itself."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        yield connection
