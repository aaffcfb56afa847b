"""`flask demo`: the demo town, loaded, with a label printed, served until interrupted."""

import json
import os
import secrets
import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.cli.refusals import refusals
from api.cli.season import load
from api.installation import check_keys, prepare
from api.settings import ROOT
from api.state import State, current_state
from trace.accounts import NewKey, OpenAccount, Role, find_caller, give_key, open_account
from trace.label_jobs import LabelJob, find_printed, get_pack

_SEASON = ROOT / "demo" / "demo-town.json"
_PACK = "PK001"
_HOLDERS = (
    (Role.COOP, "C01", "李敏（示例）"),
    (Role.PLANT, "PL1", "王强（示例）"),
    (Role.OFFICER, "379901101", "赵立（示例）"),
)
_WORKERS = 2


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Serve the demo town from a database of its own; a second run makes nothing anew."""
    from api.server import Serving, serve  # noqa: PLC0415 -- gunicorn only where it serves

    state = current_state()
    if state.settings.database_url != _database(state):
        _start_again(state)
    with refusals():
        prepare(state)
        check_keys(state)
        load(state, _SEASON.read_bytes())
        label, tokens = _print_label(state), _keep_tokens(state)
        page = _link(state)
    lines = [
        f"page {page}",
        f"label {label}",
        f"docs {state.settings.public_url}/v1/docs",
        *(f"key {role} {party} {tokens[party]}" for role, party, _ in _HOLDERS),
        "ready",
    ]
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    serve(Serving(app, _WORKERS, lambda: print("\n".join(lines), flush=True)))  # noqa: T201 -- to whoever started it


def _database(state: State) -> str:
    return f"sqlite:///{state.settings.instance_dir / 'demo.db'}"


def _start_again(state: State) -> None:
    """Become this same command with the demo's own database and spool."""
    environment = {name: value for name, value in os.environ.items() if name != "READ_DATABASE_URL"}
    environment |= {"DATABASE_URL": _database(state), "SPOOL_DIR": str(state.settings.instance_dir / "demo-spool")}
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)  # noqa: S606 -- ourselves, no shell


def _print_label(state: State) -> Path:
    """Print position 1 of the pack the first time; after that, print it again only if the picture is gone."""
    from api.printing import Order, print_labels  # noqa: PLC0415 -- drawing is heavy

    file = state.settings.instance_dir / "demo-label.png"
    with state.sessions.read() as session:
        pack, _ = get_pack(session, _PACK)
        printed = session.scalar(select(LabelJob.id).where(LabelJob.pack_id == pack.id).limit(1))
    if printed is None:
        print_labels(state, Order(pack=_PACK, count=1), file)
    elif not file.exists():
        print_labels(state, Order(pack=_PACK, again=(1, 1)), file)
    return file


def _link(state: State) -> str:
    """Return the address of the page behind the label."""
    from api.label_values import label_values  # noqa: PLC0415 -- drawing is heavy

    with state.sessions.read() as session:
        pack, _ = get_pack(session, _PACK)
        run = find_printed(session, pack, 1, 1)
        return next(label_values(session, run, state.keys.ring(), state.settings.public_url)).link


def _keep_tokens(state: State) -> dict[str, str]:
    """Return a token for each holder, the same at every run as long as its key is good."""
    file = state.settings.instance_dir / "demo-keys.json"
    kept: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    with state.sessions.write.begin() as session:
        tokens = {
            party: kept[party]
            if party in kept and find_caller(session, kept[party])
            else _open(session, OpenAccount(name=name, role=role, party=party))
            for role, party, name in _HOLDERS
        }
        if tokens != kept:  # first on disk, then committed: a token nobody can read would be of no use
            _write_private(file, json.dumps(tokens))
    return tokens


def _open(session: Session, holder: OpenAccount) -> str:
    """Return a token for somebody with a name: who answers a finding or lets a lot go is a person."""
    return give_key(session, NewKey(account=open_account(session, holder).code))[1]


def _write_private(file: Path, text: str) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    draft = file.with_name(f".{file.name}-{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(text)
    draft.replace(file)
