"""Editions of tables are entered whole, kept for ever, and judge only what was recorded after them."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.editions import IN_FORCE, limit_row, make_edition, officer, shipped_rows
from tests.factories import make_leaf, make_measured, make_result
from tests.trace.test_record import statements
from trace.db import Sessions
from trace.errors import InvalidError, NotFoundError
from trace.events import Event
from trace.findings import Finding, Severity
from trace.quality import Result
from trace.rule_tables import MOST_ROWS, ReplaceTable, TableEdition, check_table, load_tables, replace_table
from trace.rules.judging import judge_results
from trace.rules.tables import HOME, TEA, find_limit, shipped_tables


def limit_now(session: Session, day: date = IN_FORCE) -> str:
    found = find_limit(load_tables(session).on(day), HOME, TEA, "吡虫啉")
    assert found is not None
    return str(found.mg_per_kg)


def test_without_editions_the_shipped_tables_judge(session: Session) -> None:
    assert load_tables(session) is shipped_tables()


def test_a_new_edition_is_in_force_from_its_day_and_the_old_one_before(session: Session) -> None:
    edition = make_edition(session)
    assert limit_now(session) == "0.05"
    assert limit_now(session, IN_FORCE - timedelta(days=1)) == "0.5"
    found = find_limit(load_tables(session).on(IN_FORCE), HOME, TEA, "吡虫啉")
    assert found is not None
    assert found.found.edition.label == edition.edition
    assert (found.found.edition.recorded_by, found.found.row.number) == ("王站长", 1)


def test_an_edition_for_a_day_in_the_past_is_in_force_on_it(session: Session) -> None:
    make_edition(session, valid_from=date(2018, 1, 1))
    assert limit_now(session, date(2018, 1, 1)) == "0.05"
    assert limit_now(session, date(2017, 12, 31)) == "0.5"


def test_of_two_editions_of_one_day_the_later_entered_counts(session: Session) -> None:
    make_edition(session)
    make_edition(session, rows=[limit_row("0.07")])
    assert limit_now(session) == "0.07"


def test_a_shipped_table_entered_again_says_the_same(session: Session) -> None:
    make_edition(session, rows=shipped_rows("residue-limits"))
    loaded = load_tables(session).editions["residue-limits"]
    assert loaded[0].rows == loaded[1].rows


def test_an_edition_is_read_once_by_a_process(session: Session) -> None:
    make_edition(session)
    assert load_tables(session) is load_tables(session)


def test_an_edition_of_a_table_that_nobody_knows_is_refused(session: Session) -> None:
    with pytest.raises(NotFoundError):
        make_edition(session, "prices")


def test_an_edition_needs_a_name_of_its_own(session: Session) -> None:
    first = make_edition(session)
    for label in (first.edition, "2026-11"):  # the shipped one's
        with pytest.raises(InvalidError) as refused:
            make_edition(session, edition=label)
        assert [(fault.path, fault.code) for fault in refused.value.faults] == [("edition", "code-taken")]


def test_a_table_with_faults_is_not_entered_at_all(session: Session) -> None:
    with pytest.raises(InvalidError) as refused:
        make_edition(session, rows=[limit_row("0.5"), limit_row("?"), {"crop": TEA}])
    paths = [fault.path for fault in refused.value.faults]
    assert paths[0] == "rows[1].mg_per_kg"
    assert len(paths) == 7
    assert load_tables(session) is shipped_tables()


def test_a_table_has_rows_and_not_too_many(session: Session) -> None:
    many = [limit_row("0.5", analyte=str(number)) for number in range(MOST_ROWS + 1)]
    for rows, code in (([], "empty"), (many, "too-many")):
        with pytest.raises(InvalidError) as refused:
            make_edition(session, rows=rows)
        assert [(fault.path, fault.code) for fault in refused.value.faults] == [("rows", code)]


def test_a_table_is_checked_without_being_entered(session: Session) -> None:
    command = ReplaceTable(
        table="residue-limits", edition="试", valid_from=IN_FORCE, source="标准", rows=[limit_row("0.05")]
    )
    check_table(session, command)
    assert load_tables(session) is shipped_tables()


# -- what was judged before


def report(session: Session, value: str = "0.2") -> Result:
    measured = make_measured(analyte="吡虫啉", value=Decimal(value), limit_value=None, limit_basis=None)
    return make_result(session, lot=make_leaf(session, crop=TEA), items=[measured])


def test_a_table_replaced_today_leaves_yesterday_s_judgements_as_they_were(session: Session) -> None:
    before = report(session)
    assert judge_results(session, [before.id]) == []
    make_edition(session)
    assert judge_results(session, [before.id]) == [], "0.2 passed when it was recorded"
    [finding] = judge_results(session, [report(session).id])
    assert (finding.severity, finding.facts["limit"]) == (Severity.REFUSE, "0.05")


def test_a_finding_names_table_edition_row_and_source(session: Session) -> None:
    edition = make_edition(session)
    [finding] = judge_results(session, [report(session).id])
    kept = session.get_one(Finding, finding.id)
    assert (kept.table_name, kept.edition) == ("residue-limits", edition.edition)
    assert (kept.table_row, kept.source) == ("CN/茶鲜叶/吡虫啉", "标准文本")


def test_what_was_refused_stays_refused_when_a_table_is_loosened(session: Session) -> None:
    strict = report(session, "0.6")
    [finding] = judge_results(session, [strict.id])
    make_edition(session, rows=[limit_row("5")])
    assert judge_results(session, [strict.id]) == []
    session.refresh(finding)
    assert finding.withdrawn_at is None


def test_the_tables_are_asked_for_once_whatever_is_judged(session: Session) -> None:
    make_edition(session)
    results = [report(session).id for _ in range(12)]
    judge_results(session, results[:1])
    with statements(session) as sent:
        judge_results(session, results)
    assert len([one for one in sent if "FROM table_edition" in one]) == 1
    assert [one for one in sent if "FROM table_row" in one] == []


# -- at once


def test_what_is_judged_while_a_table_is_being_replaced_is_judged_again_as_it_was(fresh_sessions: Sessions) -> None:
    def replace() -> None:
        with fresh_sessions.write.begin() as session:
            make_edition(session)

    with ThreadPoolExecutor(1) as pool:
        with fresh_sessions.write.begin() as session:
            before = report(session)
            assert judge_results(session, [before.id]) == []
            replacing = pool.submit(replace)  # waits until this transaction has ended
        replacing.result(30)
    with fresh_sessions.write.begin() as session:
        event, edition = session.get_one(Event, before.event_id), session.scalars(select(TableEdition)).one()
        assert event.recorded_at < edition.recorded_at
        assert judge_results(session, [before.id]) == []
        assert len(judge_results(session, [report(session).id])) == 1


def test_two_officers_replace_a_table_at_once_and_both_editions_are_kept(fresh_sessions: Sessions) -> None:
    start = threading.Barrier(2)

    def replace(value: str) -> None:
        rows = [limit_row(value)]
        command = ReplaceTable(
            table="residue-limits", edition=f"E{value}", valid_from=IN_FORCE, source="标准", rows=rows
        )
        start.wait(10)
        with fresh_sessions.write.begin() as session:
            replace_table(session, officer(), command)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(replace, value) for value in ("0.05", "0.07")]:
            done.result(30)
    with fresh_sessions.read() as session:
        _, first, second = load_tables(session).editions["residue-limits"]
        assert {first.label, second.label} == {"E0.05", "E0.07"}
        assert first.recorded_at is not None
        assert second.recorded_at is not None
        assert first.recorded_at <= second.recorded_at
        assert limit_now(session) == second.label.removeprefix("E")
