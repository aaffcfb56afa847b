"""`flask rules …`: what the rules would say today of what was recorded before."""

import json
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click
from flask.cli import with_appcontext

from api.catalogue import findings_sentence
from api.cli.refusals import both, refusals
from api.installation import prepare_embedded
from api.state import current_state

if TYPE_CHECKING:
    from trace.rules.check import Change

SAME = "no difference"


@click.group("rules")
def rules() -> None:
    """Ask the rules."""


@rules.command("check")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The first day to judge again.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def check_command(since: datetime, as_json: bool) -> None:
    """Judge again by the tables as they are known now, and print each difference; nothing is written."""
    changes = check(since.date())
    if as_json:
        answer = {"since": since.date().isoformat(), "differences": [_record(change) for change in changes]}
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        click.echo("\n".join(map(_line, changes)) or SAME)
    if changes:
        raise SystemExit(1)


def check(since: date) -> "list[Change]":
    """Return what differs, of what happened on a day and later."""
    from trace.rules.check import check_rules  # noqa: PLC0415 -- heavy: only where it is asked for

    state = current_state()
    with refusals():
        prepare_embedded(state)
        with state.sessions.latest() as session:  # one picture, and nothing can be written
            return check_rules(session, since)


def _record(change: "Change") -> dict[str, Any]:
    return {**asdict(change), "detail": current_state().catalogue.finding(change.rule, change.facts, "zh")}


def _line(change: "Change") -> str:
    """Return what a person reads: what would happen to which finding, by which row of which table."""
    named = " ".join(filter(None, (change.table, change.edition, change.table_row)))
    outcome = both(f"rules-check.{change.change}", {})
    sentence = both(findings_sentence(change.rule, change.facts), change.facts)
    return f"{outcome}: {change.severity} {change.party}/{change.record} {change.rule} [{named or '-'}]: {sentence}"
