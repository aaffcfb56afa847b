"""`flask keys …`: API keys."""

import click
from flask.cli import with_appcontext

from api.cli.refusals import refusals
from api.installation import prepare_embedded
from api.state import current_state
from trace.accounts import Role, create_key


@click.group("keys")
def api_keys() -> None:
    """Give out API keys."""


@api_keys.command("create")
@click.option("--party", metavar="CODE", help="The party the key acts for; only an operator needs none.")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]), help="What its holder may do.")
@with_appcontext
def create_command(party: str | None, role: str) -> None:
    """Make a key and print its token, which is never shown again."""
    state = current_state()
    with refusals():
        prepare_embedded(state)
        with state.sessions.write.begin() as session:
            token = create_key(session, party, Role(role))
    click.echo(token)
