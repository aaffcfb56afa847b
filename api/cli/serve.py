"""`flask serve` and `flask worker`."""

import click
from flask import current_app
from flask.cli import with_appcontext

from api.cli.refusals import both, refusals
from api.installation import check_keys, prepare, prepare_embedded
from api.state import current_state

DEFAULT_WORKERS = 2


@click.command("serve")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=DEFAULT_WORKERS, show_default=True, help="Processes for the web."
)
@with_appcontext
def serve_command(workers: int) -> None:
    """Upgrade the tables, then serve on HOST:PORT with one worker process beside."""
    from api.server import Serving, serve  # noqa: PLC0415 -- gunicorn only where it serves
    from trace.events.sequencer import sequence_events  # noqa: PLC0415 -- likewise

    state = current_state()
    with refusals():
        prepare(state)
        check_keys(state)
        sequence_events(state.sessions.write)
    address = state.settings.public_url
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    serve(Serving(app, workers, lambda: click.echo(both("serving", {"address": address}))))


@click.command("worker")
@with_appcontext
def worker_command() -> None:
    """Give events their positions and post scans, until told to stop."""
    from api.worker import stop_on_signals, work  # noqa: PLC0415 -- only where it works

    state = current_state()
    with refusals():
        prepare_embedded(state)
        check_keys(state)
    work(state, stop_on_signals())
