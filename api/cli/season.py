"""`flask season …`: load a season file."""

import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask.cli import with_appcontext

from api.catalogue import findings_sentence
from api.cli.refusals import both, refusals
from api.installation import prepare_embedded
from api.state import State, current_state
from trace.errors import InvalidError

if TYPE_CHECKING:
    from trace.season import Loaded


@click.group("season")
def season() -> None:
    """Load seasons."""


@season.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def load_command(file: Path, as_json: bool) -> None:
    """Load a season file: all of it or, with any fault, nothing."""
    state = current_state()
    with refusals():
        data = file.read_bytes()
        prepare_embedded(state)
        try:
            answer = load(state, data)
        except InvalidError as refusal:
            if not as_json:
                raise
            click.echo(_dump({"errors": _faults(state, refusal)}))
            raise SystemExit(1) from None
    click.echo(_dump(answer) if as_json else "\n".join(_lines(answer)))


def load(state: State, data: bytes) -> dict[str, Any]:
    """Load a season and give its events their positions; return what to tell."""
    from trace.events.sequencer import sequence_events  # noqa: PLC0415 -- heavy: only where a season is loaded
    from trace.season import load_season  # noqa: PLC0415 -- likewise

    with state.sessions.write.begin() as session:
        answer = _answer(state, load_season(session, data))
    sequence_events(state.sessions.write)
    return answer


def _answer(state: State, loaded: "Loaded") -> dict[str, Any]:
    return {
        "loaded": loaded.loaded,
        "totals": loaded.totals,
        "findings": [
            {
                "rule": finding.rule,
                "severity": finding.severity.value,
                "record": finding.record,
                "affects": loaded.affects[finding.id],
                "facts": finding.facts,
                "detail": state.catalogue.finding(finding.rule, finding.facts, "zh"),
            }
            for finding in loaded.findings
        ],
    }


def _faults(state: State, refusal: InvalidError) -> list[dict[str, str]]:
    return [
        {
            "path": fault.path,
            "code": fault.code,
            "detail": state.catalogue.sentence(fault.code, fault.facts, "zh"),
        }
        for fault in refusal.faults
    ]


def _lines(answer: dict[str, Any]) -> list[str]:
    """Return what a person reads: the outcome, the totals, and the findings above `note`."""
    grave = [finding for finding in answer["findings"] if finding["severity"] != "note"]
    return [
        both("season-loaded" if answer["loaded"] else "season-known", {}),
        *(f"{name}: {_dump(value)}" for name, value in answer["totals"].items()),
        *(_finding_line(finding) for finding in grave),
        both("season-notes", {"count": len(answer["findings"]) - len(grave)}),
    ]


def _finding_line(finding: dict[str, Any]) -> str:
    sentence = both(findings_sentence(finding["rule"], finding["facts"]), finding["facts"])
    return f"{finding['severity']} {finding['record']} {finding['rule']}: {sentence}"


def _number(value: object) -> object:
    """Return a number as JSON writes it: equal in value, whole where it is whole."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _dump(answer: object) -> str:
    return json.dumps(answer, ensure_ascii=False, default=_number)
