"""`flask names …`: names of persons, erased when they ask for it."""

import click
from flask.cli import with_appcontext

from api.cli.refusals import refusals
from api.installation import prepare_embedded
from api.state import current_state


@click.group("names")
def names() -> None:
    """Look after the names of persons."""


@names.command("erase")
@click.option("--party", required=True, metavar="CODE", help="For whom the person weighed, wrote or worked.")
@click.option("--name", required=True, help="The name, as it was written.")
@with_appcontext
def erase_command(party: str, name: str) -> None:
    """Erase a name from weigh slips, paper forms and field work of a party; print at how many places it stood."""
    from trace.erasures import erase_name  # noqa: PLC0415 -- heavy: only where it is asked for

    state = current_state()
    with refusals():
        prepare_embedded(state)
        with state.sessions.write.begin() as session:
            erased = erase_name(session, party, name)
    click.echo(erased)
