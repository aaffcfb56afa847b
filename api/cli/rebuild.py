"""`flask rebuild`: whether what was derived still follows from the events."""

import click
from flask.cli import with_appcontext

from api.cli.refusals import refusals
from api.installation import prepare_embedded
from api.state import current_state


@click.command("rebuild")
@click.option("--check", is_flag=True, required=True, help="Compare only; nothing is written.")
@with_appcontext
def rebuild(check: bool) -> None:  # noqa: ARG001 -- required, so always true; click hands flags over by name
    """Derive everything anew from the events and print each difference."""
    from trace.rebuild import differences  # noqa: PLC0415 -- heavy: only where it is asked for

    state = current_state()
    with refusals():
        prepare_embedded(state)
        with state.sessions.latest() as session:  # one picture: the read engine sees to it
            found = differences(session)
    click.echo("\n".join(found) if found else "no difference")
    if found:
        raise SystemExit(1)
