"""`flask db …`: the tables."""

import click
from flask.cli import with_appcontext

from api.cli.refusals import both, refusals
from api.installation import check_keys, prepare
from api.state import current_state


@click.group("db")
def database() -> None:
    """Care for the tables."""


@database.command("upgrade")
@with_appcontext
def upgrade_command() -> None:
    """Bring the tables up to date; the first time, name the installation and make its first key."""
    state = current_state()
    with refusals():
        prepare(state)
        check_keys(state)
    click.echo(both("tables-current", {}))
