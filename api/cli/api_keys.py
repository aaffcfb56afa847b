"""`flask keys …`: API keys."""

from datetime import datetime
from typing import Any

import click
from flask.cli import with_appcontext

from api.cli.refusals import both, refusals
from api.installation import prepare_embedded
from api.state import current_state
from trace.accounts import LONGEST_NAME, USUAL, NewKey, OpenAccount, Role, Scope, give_key, open_account, usual_name


class _Moment(click.ParamType[datetime]):
    """A moment with its offset."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the moment; end the command where it is none."""
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            moment = datetime.min  # noqa: DTZ901 -- refused below, like any without an offset
        if moment.tzinfo is None:
            self.fail(both("offset-missing", {"value": value}), param, ctx)
        return moment


@click.group("keys")
def api_keys() -> None:
    """Give out API keys."""


@api_keys.command("create")
@click.option("--party", metavar="CODE", help="The party the key acts for; only an operator needs none.")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]), help="What its holder may do.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What the key is good for; may be given several times. Read and write by default.",
)
@click.option("--name", help="Who answers for what is entered with it; role and party by default.")
@click.option("--expires", type=_Moment(), help="Until when it opens, with an offset: 2027-03-31T00:00:00+08:00.")
@with_appcontext
def create_command(
    party: str | None, role: str, scopes: tuple[str, ...], name: str | None, expires: datetime | None
) -> None:
    """Open an account, make its first key and print the token, which is never shown again."""
    state = current_state()
    if name is not None and len(name) > LONGEST_NAME:
        raise click.BadParameter(both("too-long", {"most": LONGEST_NAME}), param_hint="--name")
    wanted = tuple(Scope(scope) for scope in dict.fromkeys(scopes)) or USUAL
    asked = OpenAccount(name=name or usual_name(Role(role), party), role=Role(role), party=party)
    with refusals():
        prepare_embedded(state)
        with state.sessions.write.begin() as session:
            account = open_account(session, asked)
            _, token = give_key(session, NewKey(account=account.code, scopes=wanted, expires_at=expires))
    click.echo(token)
