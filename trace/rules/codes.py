"""`code_check_digit`: a credit code or licence whose check character is wrong. A few real ones are; so a note."""

from collections.abc import Sequence
from dataclasses import dataclass

from trace.findings import Judgement, Severity
from trace.ids import check_licence, check_uscc

RULE = "code_check_digit"


@dataclass(frozen=True)
class Registered:
    """A party's registration: row id, credit code, numbers of licences."""

    id: int
    uscc: str | None
    licences: Sequence[str]


def judge(parties: Sequence[Registered]) -> list[Judgement]:
    """Judge the codes of parties; a workshop's free-text licence has no check character."""
    return [
        Judgement(
            rule=RULE,
            severity=Severity.NOTE,
            record=party.id,
            facts={"value": value, "warning": warning},
            source="GB 32100-2015; GB/T 17710 MOD 11,10",
        )
        for party in parties
        for value, warnings in _warnings(party)
        for warning in warnings
    ]


def _warnings(party: Registered) -> list[tuple[str, tuple[str, ...]]]:
    found = [(party.uscc, check_uscc(party.uscc))] if party.uscc else []
    return found + [(number, check_licence(number)) for number in party.licences if number.startswith("SC")]
