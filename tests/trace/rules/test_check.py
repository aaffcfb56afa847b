"""What the rules would say today of what was recorded before is told, and nothing is changed."""

from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.editions import limit_row, make_edition, shipped_rows
from tests.factories import make_leaf, make_measured, make_result
from trace.db import Sessions
from trace.findings import Finding, Severity
from trace.holds import LotHold
from trace.quality import Result, Sample
from trace.rule_tables import load_tables
from trace.rules.check import Change, check_rules
from trace.rules.judging import EVERY, judge_results
from trace.rules.tables import TEA, shipped_tables

LONG_AGO = date(2020, 1, 1)


def report(session: Session, value: str) -> Result:
    """Record and judge a report of 吡虫啉 in tea leaf."""
    measured = make_measured(analyte="吡虫啉", value=Decimal(value), limit_value=None, limit_basis=None)
    result = make_result(session, lot=make_leaf(session, crop=TEA), items=[measured])
    judge_results(session, [result.id])
    return result


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


def test_every_kind_of_record_can_be_asked_about_none(session: Session) -> None:
    rules = [rule for kind in EVERY for rule in kind.say(session, [], shipped_tables()).rules]
    assert {"harvest_inside_phi", "output_exceeds_input", "mrl_exceeded", "code_check_digit"} <= set(rules)
    assert load_tables(session) is shipped_tables()
    assert all(kind.since(session, date(2999, 1, 1)) == [] or "code_check_digit" in rules for kind in EVERY)
