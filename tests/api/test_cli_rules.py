"""`flask rules check`: each difference on a line, exit code 1; none, exit code 0; nothing is written."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from api.app import Api
from api.settings import Settings
from tests.api.conftest import OpenApp
from tests.api.test_cli import run, sessions_of
from tests.databases import Kept, lay
from tests.editions import limit_row, make_edition
from trace.findings import Finding


@pytest.fixture
def town(open_app: OpenApp, fresh_url: str, make_settings: Callable[..., Settings], demo_kept: Kept) -> Api:
    """An application over a demo town of the test's own."""
    lay(demo_kept, fresh_url)
    return open_app(make_settings(fresh_url))


def tighten(app: Api) -> None:
    """Let an officer enter a table with a limit below the one that a report of the demo season exceeds."""
    with sessions_of(app).write.begin() as session:
        make_edition(session, edition="收紧", rows=[limit_row("0.3")])


def test_the_demo_season_is_judged_as_it_was(town: Api) -> None:
    result = run(town, "rules", "check", "--since", "2025-01-01")
    assert (result.exit_code, result.output) == (0, "no difference\n")


def test_each_difference_is_a_line_in_both_languages_and_nothing_is_written(town: Api) -> None:
    tighten(town)
    result = run(town, "rules", "check", "--since", "2025-01-01")
    assert result.exit_code == 1, result.output
    raised, withdrawn = [line for line in result.output.splitlines() if ": refuse " in line]
    assert raised.startswith("按现在的表会提出 / would be raised: refuse ")
    assert withdrawn.startswith("按现在的表会撤回 / would be withdrawn: refuse ")
    assert "T016 mrl_exceeded [residue-limits 收紧 CN/茶鲜叶/吡虫啉]: " in raised
    assert "T016 mrl_exceeded [residue-limits 2026-11 CN/茶鲜叶/吡虫啉]: " in withdrawn
    assert "0.74" in raised
    with sessions_of(town).read() as session:
        changed = Finding.withdrawn_at.is_not(None) | (Finding.edition == "收紧")
        assert session.scalar(select(func.count()).select_from(Finding).where(changed)) == 0


def test_a_program_reads_the_differences(town: Api) -> None:
    tighten(town)
    result = run(town, "rules", "check", "--since", "2025-01-01", "--json")
    assert result.exit_code == 1, result.output
    answer = json.loads(result.output)
    assert answer["since"] == "2025-01-01"
    failed = [one for one in answer["differences"] if one["severity"] == "refuse"]
    assert [(one["change"], one["record"], one["facts"]["limit"]) for one in failed] == [
        ("raised", "T016", "0.3"),
        ("withdrawn", "T016", "0.5"),
    ]
    assert all(one["detail"] for one in failed)


def test_what_happened_before_the_day_is_not_judged_again(town: Api) -> None:
    tighten(town)
    result = run(town, "rules", "check", "--since", "2026-12-31", "--json")
    assert (result.exit_code, json.loads(result.output)["differences"]) == (0, [])


@pytest.mark.parametrize("words", [(), ("--since", "yesterday")])
def test_a_day_is_wanted(town: Api, words: tuple[str, ...]) -> None:
    assert run(town, "rules", "check", *words).exit_code == 2
