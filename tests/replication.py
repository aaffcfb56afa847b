"""A primary and its streaming replica, made for the tests that want them by PostgreSQL's own programs."""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

PROGRAMS = max(
    pathlib.Path("/usr/lib/postgresql").glob("*/bin"),
    key=lambda folder: float(folder.parent.name),
    default=pathlib.Path(shutil.which("initdb") or "/").parent,
)
_SETTINGS = ("listen_addresses=127.0.0.1", "fsync=off", "max_connections=50")


def wait_until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for what comes by itself; a busy machine takes its time."""
    limit = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < limit, "waited in vain"
        time.sleep(0.01)


def run(program: str, *arguments: object) -> None:
    """Run a program of the server's, which refuses to be root."""
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    command = [*user, str(PROGRAMS / program), *map(str, arguments)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")


@dataclass(frozen=True)
class Server:
    """A server with its data, which may be stopped and started."""

    folder: pathlib.Path
    port: int

    @property
    def url(self) -> str:
        """Return its address."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres"

    def url_of(self, url: str) -> str:
        """Return the address here of the database that an address names elsewhere."""
        return make_url(self.url).set(database=make_url(url).database).render_as_string(hide_password=False)

    @property
    def engine(self) -> Engine:
        """Return an engine that keeps no connection."""
        return create_engine(self.url, isolation_level="AUTOCOMMIT", poolclass=NullPool)

    def start(self) -> None:
        """Start it, and wait until it answers; if it runs, do nothing."""
        if not (self.folder / "postmaster.pid").exists():
            named = " ".join(f"-c {setting}" for setting in (f"unix_socket_directories={self.folder}", *_SETTINGS))
            run("pg_ctl", "-D", self.folder, "-w", "-l", f"{self.folder}.log", "-o", f"-p {self.port} {named}", "start")

    def stop(self) -> None:
        """Stop it as a crash would."""
        if (self.folder / "postmaster.pid").exists():
            run("pg_ctl", "-D", self.folder, "-w", "-m", "immediate", "stop")

    def ask(self, sql: str) -> Any:
        """Run a statement; return the first value, if it has rows."""
        with self.engine.connect() as connection:
            result = connection.execute(text(sql))
            return result.scalar() if result.returns_rows else None


@dataclass(frozen=True)
class Pair:
    """A primary and its replica."""

    primary: Server
    replica: Server

    def new_database(self, name: str, like: str = "") -> str:
        """Make a database, which goes when the pair does; return its address at the primary."""
        url = make_url(self.primary.url).set(database=name).render_as_string(hide_password=False)
        template = f' TEMPLATE "{make_url(like).database}"' if like else ""
        self.primary.ask(f'CREATE DATABASE "{name}"{template}')
        return url

    def write(self) -> int:
        """Commit one more row at the primary; return how many there are."""
        return int(self.primary.ask("WITH new AS (INSERT INTO tick DEFAULT VALUES RETURNING id) SELECT id FROM new"))

    def pause(self) -> None:
        """Let the replica receive and not replay."""
        self.replica.ask("SELECT pg_wal_replay_pause()")

    def resume(self) -> None:
        """Let the replica replay again."""
        self.replica.ask("SELECT pg_wal_replay_resume()")

    def cut_off(self) -> None:
        """Let the replica lose its primary, and replay all that it has received."""
        self._follow(1)

    def follow(self) -> None:
        """Let the replica find its primary."""
        self._follow(self.primary.port)

    def _follow(self, port: int) -> None:
        self.replica.ask(f"ALTER SYSTEM SET primary_conninfo = 'user=postgres host=127.0.0.1 port={port}'")
        self.replica.ask("SELECT pg_reload_conf()")

    def mend(self) -> None:
        """Let the replica run, follow, replay, and have all that there is."""
        self.replica.start()
        self.resume()
        self.follow()
        self.write()  # waits for the disk, so that the position covers what others wrote
        end = self.primary.ask("SELECT pg_current_wal_lsn()")
        wait_until(lambda: bool(self.replica.ask(f"SELECT pg_last_wal_replay_lsn() >= '{end}'")))


@contextmanager
def replicated() -> Iterator[Pair]:
    """Make a pair; skip, saying so, where the programs are missing."""
    if not (PROGRAMS / "initdb").exists():
        pytest.skip("no PostgreSQL programs here: initdb is missing")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="chasu-pair-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    pair = Pair(*(Server(folder / name, port) for name, port in zip(("one", "two"), _free_ports(), strict=True)))
    try:
        kind = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        run("initdb", "-D", pair.primary.folder, "-N", *kind)
        pair.primary.start()
        pair.primary.ask("CREATE TABLE tick (id bigserial PRIMARY KEY, at timestamptz DEFAULT clock_timestamp())")
        source = f"user=postgres host=127.0.0.1 port={pair.primary.port}"
        run("pg_basebackup", "-d", source, "-D", pair.replica.folder, "-R", "-c", "fast", "-N")
        pair.replica.start()
        yield pair
    finally:
        for server in (pair.replica, pair.primary):
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _free_ports() -> list[int]:
    with socket.socket() as one, socket.socket() as two:
        for free in (one, two):
            free.bind(("127.0.0.1", 0))
        return [one.getsockname()[1], two.getsockname()[1]]
