"""What the rules would say today of what was recorded before is told, and nothing is changed."""

import itertools
import re
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import ROOT
from tests.editions import limit_row, make_edition, shipped_rows
from tests.factories import make_leaf, make_measured, make_result
from trace.db import Sessions
from trace.findings import Finding, Severity, settle_findings
from trace.holds import LotHold
from trace.quality import Result, Sample
from trace.rule_tables import load_tables
from trace.rules.check import Change, check_rules
from trace.rules.judging import EVERY, judge_results
from trace.rules.tables import SHAPES, TEA, shipped_tables

LONG_AGO = date(2020, 1, 1)


def report(session: Session, value: str) -> Result:
    """Record and judge a report of 吡虫啉 in tea leaf."""
    measured = make_measured(analyte="吡虫啉", value=Decimal(value), limit_value=None, limit_basis=None)
    result = make_result(session, lot=make_leaf(session, crop=TEA), items=[measured])
    judge_all(session)
    return result


def judge_all(session: Session) -> None:
    """Judge every record, as its door would have."""
    for kind in EVERY:
        settle_findings(session, kind.say(session, kind.since(session, LONG_AGO), load_tables(session)))


def told(changes: list[Change]) -> list[tuple[str, str, str]]:
    return [(change.change, change.rule, change.record) for change in changes]


def kept(session: Session) -> list[object]:
    """Return all that findings say and hold."""
    columns = Finding.__table__.columns
    rows = [tuple(row) for row in session.execute(select(*columns).order_by(Finding.id))]
    return [*rows, session.scalar(select(func.count()).select_from(LotHold))]


def test_where_no_table_changed_nothing_differs(session: Session) -> None:
    report(session, "0.2")
    report(session, "0.6")
    assert check_rules(session, LONG_AGO) == []


def test_a_stricter_table_would_raise_what_passed_and_changes_nothing(session: Session) -> None:
    passed = report(session, "0.2")
    edition = make_edition(session)
    before = kept(session)
    [change] = check_rules(session, LONG_AGO)
    assert (change.change, change.rule, change.severity) == ("raised", "mrl_exceeded", Severity.REFUSE)
    assert (change.noun, change.record, change.facts["limit"]) == ("result", passed.code, "0.05")
    assert (change.table, change.edition, change.table_row) == (
        "residue-limits",
        edition.edition,
        "CN/茶鲜叶/吡虫啉",
    )
    assert change.party
    assert kept(session) == before
    assert judge_results(session, [passed.id]) == [], "judged again it passes, as it did"


def test_a_looser_table_would_withdraw_what_was_refused_and_changes_nothing(session: Session) -> None:
    failed = report(session, "0.6")
    make_edition(session, rows=[limit_row("5")])
    before = kept(session)
    assert told(check_rules(session, LONG_AGO)) == [("withdrawn", "mrl_exceeded", failed.code)]
    assert kept(session) == before


def test_a_limit_that_changed_is_told_as_withdrawn_and_raised(session: Session) -> None:
    failed = report(session, "0.6")
    make_edition(session, rows=[limit_row("0.05")])
    assert told(check_rules(session, LONG_AGO)) == [
        ("raised", "mrl_exceeded", failed.code),
        ("withdrawn", "mrl_exceeded", failed.code),
    ]


def test_the_same_limit_under_another_edition_is_no_difference(session: Session) -> None:
    report(session, "0.6")
    make_edition(session, rows=shipped_rows("residue-limits"))
    assert check_rules(session, LONG_AGO) == []


def test_only_what_happened_since_the_day_is_judged_again(session: Session) -> None:
    result = report(session, "0.2")
    make_edition(session)
    day = session.get_one(Sample, result.sample_id).sampled_on
    assert len(check_rules(session, day)) == 1
    assert check_rules(session, day + timedelta(days=1)) == []


def test_the_demo_season_is_judged_as_it_was(demo_sessions: Sessions) -> None:
    with demo_sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(Finding)) >= 3
        assert told(check_rules(session, LONG_AGO)) == []


def section(begins: str) -> set[str]:
    """Return the names in the first column of a table of `docs/rules.md`."""
    lines = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8").splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith(begins))
    table = itertools.takewhile(lambda line: line.startswith("|"), lines[start + 2 :])
    return {name for line in table for name in re.findall(r"`([^`]+)`", line.split("|")[1])}


def test_every_rule_that_is_documented_is_checked_and_every_rule_checked_is_documented(session: Session) -> None:
    said = {rule for kind in EVERY for rule in kind.say(session, [], shipped_tables()).rules}
    assert said == section("| Rule |")


def test_every_table_is_documented() -> None:
    assert section("| Table |") == set(SHAPES)
