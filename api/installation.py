"""Bring an installation into being and up to date: tables, its row with the fixed `ID_URL`, the first serial key."""

from api.state import State
from trace import health, keys
from trace.errors import TraceError
from trace.instance import found_instance
from trace.label_jobs import labels_exist


class TablesBehindError(TraceError):
    """The tables are not those this program works with."""

    code = "migrations-behind"


def prepare(state: State) -> None:
    """Upgrade the tables; at the first start, fix the namespace and make the first key. Raises `TraceError`.

    Once labels were printed a missing key folder is an error, never a reason to make another key.
    """
    from trace.migrate import upgrade  # noqa: PLC0415 -- Alembic only where it works

    file = state.settings.sqlite_file
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    upgrade(state.sessions.write.kw["bind"])
    with state.sessions.write.begin() as session:
        found_instance(session, state.settings.id_url)
        printed = labels_exist(session)
    if not printed:
        _make_first_key(state)


def prepare_embedded(state: State) -> None:
    """Prepare the database in a file by itself; a database server is upgraded by its keeper alone.

    Raises `TablesBehindError` when that has not been done.
    """
    if state.settings.sqlite_file is not None:
        prepare(state)
    else:
        require_tables(state)


def require_tables(state: State) -> None:
    """Refuse to go on with tables that are behind."""
    from trace.migrate import is_current  # noqa: PLC0415 -- Alembic only where it is asked

    with state.sessions.latest() as session:
        if not is_current(session.connection()):
            raise TablesBehindError


def check_keys(state: State) -> None:
    """Refuse to go on without the keys of the labels printed so far."""
    with state.sessions.latest() as session:
        health.check_keys(session, state.settings.keys_dir)


def _make_first_key(state: State) -> None:
    try:
        keys.create_first_key(state.settings.keys_dir)
    except keys.KeysExistError:
        state.keys.ring()
