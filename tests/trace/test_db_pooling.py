"""A PostgreSQL server keeps statements that come again; through a pooler, which would mix them up, none is kept."""

import os
import pathlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import make_url, text

from trace.db import Sessions, open_sessions

POOLER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")


@pytest.fixture
def server_url(empty_url: str) -> str:
    """A database on a server."""
    if not empty_url.startswith("postgresql"):
        pytest.skip("SQLite has no server; set TEST_DATABASE_URL")
    return empty_url


@pytest.fixture
def pooler_url(server_url: str, tmp_path: pathlib.Path) -> Iterator[str]:
    """The same database behind PgBouncer in transaction mode, with two connections for everybody."""
    if POOLER is None:
        pytest.skip("no pgbouncer here")
    url = make_url(server_url)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    password = f" password={url.password}" if url.password else ""
    (tmp_path / "users").write_text(f'"{url.username}" "{url.password or ""}"\n')
    settings = tmp_path / "pooler.ini"
    settings.write_text(
        f"[databases]\n* = host={url.host} port={url.port or 5432} user={url.username}{password}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        f"auth_file = {tmp_path}/users\npool_mode = transaction\ndefault_pool_size = 2\nlogfile =\npidfile =\n"
    )
    command = [POOLER, str(settings)]
    if os.geteuid() == 0:  # it refuses to run as root
        for folder in (tmp_path, *tmp_path.parents[:3]):
            folder.chmod(0o755)
        command = ["runuser", "-u", "nobody", "--", *command]
    pooler = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield url.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
    finally:
        pooler.terminate()
        pooler.wait(10)


def threshold(sessions: Sessions) -> int | None:
    """Return after how many times a statement is kept by the server."""
    with sessions.write() as session:
        value: int | None = session.connection().connection.driver_connection.prepare_threshold  # type: ignore[union-attr]
        return value


def test_a_server_keeps_statements_that_come_again(server_url: str) -> None:
    sessions = open_sessions(server_url)
    assert threshold(sessions) == 5
    sessions.dispose()


def test_through_a_pooler_many_writers_keep_nothing_and_none_fails(pooler_url: str) -> None:
    sessions = open_sessions(pooler_url)
    assert threshold(sessions) is None

    def ask(number: int) -> int:
        with sessions.write.begin() as session:
            return session.execute(text("SELECT CAST(:number AS INTEGER)"), {"number": number}).scalar_one()

    with ThreadPoolExecutor(8) as writers:
        assert list(writers.map(ask, range(400))) == list(range(400))
    sessions.dispose()
