"""Samples leave their lot by so many grams; reports come one or several to a sample, and are corrected as one."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import PICKED_AT, make_leaf, make_measured, make_party, make_result, make_tea
from trace.db import Sessions
from trace.events import LIVE, Event
from trace.events.correct import AlreadyCorrectedError, CorrectionBlockedError
from trace.events.record import LotOverdrawnError
from trace.ledger import Account, LedgerLine
from trace.lots import Lot
from trace.parties import Party
from trace.quality import (
    Measured,
    Report,
    Result,
    ResultItem,
    Sample,
    Sampled,
    TakeSample,
    correct_result,
    correct_sample,
    list_results_of,
    record_results,
    take_samples,
)
from trace.rebuild import differences


def ask(session: Session, lot: Lot, **overrides: Any) -> TakeSample:
    """Ask for a sample of 100 g."""
    owner = session.get_one(Party, lot.party_id)
    values: dict[str, Any] = {"code": "SP-1", "mass_g": 100, "purpose": "commissioned", **overrides}
    when = PICKED_AT + timedelta(hours=2)
    return TakeSample(lot=(lot.id, lot.uri), taken_by_id=owner.id, taken_by_code=owner.code, taken_at=when, **values)


def report_on(
    session: Session, lot: Lot, sample: int | Sampled, code: str, items: Sequence[Measured] | None = None
) -> Result:
    laboratory = make_party(session, kind="laboratory")
    return record_results(session, [say(lot, sample, code, laboratory, items)], LIVE)[0]


def say(
    lot: Lot, sample: int | Sampled, code: str, laboratory: Party, items: Sequence[Measured] | None = None
) -> Report:
    return Report(
        code=code,
        lot=(lot.id, lot.uri),
        laboratory_id=laboratory.id,
        laboratory_code=laboratory.code,
        sample=sample,
        reported_at=PICKED_AT + timedelta(days=3),
        items=items or [make_measured()],
    )


def values_of(session: Session, result: Result) -> list[Decimal | None]:
    query = select(ResultItem.value).where(ResultItem.result_id == result.id, ResultItem.replaced_at.is_(None))
    return list(session.scalars(query))


def test_what_is_kept_of_a_sample_leaves_the_lot_and_is_lost_as_sample(session: Session) -> None:
    leaf = make_leaf(session, 10_000)
    [sample] = take_samples(session, [ask(session, leaf)], LIVE)
    assert (session.get_one(Lot, leaf.id).mass_g, sample.mass_g) == (9_900, 100)
    query = select(LedgerLine.account, LedgerLine.subject, LedgerLine.amount)
    lines = {tuple(row) for row in session.execute(query.where(LedgerLine.event_id == sample.event_id))}
    assert lines == {(Account.LOT, None, -100), (Account.LOST, "sample", 100)}


def test_a_sample_that_nobody_weighed_takes_nothing(session: Session) -> None:
    leaf = make_leaf(session, 10_000)
    [sample] = take_samples(session, [ask(session, leaf, mass_g=None)], LIVE)
    assert session.get_one(Lot, leaf.id).mass_g == 10_000
    assert session.get_one(Event, sample.event_id).biz_step == "sampling"


def test_a_sample_larger_than_its_lot_is_refused(session: Session) -> None:
    leaf = make_leaf(session, 50)
    with pytest.raises(LotOverdrawnError):
        take_samples(session, [ask(session, leaf)], LIVE)


def test_one_sample_has_several_reports(session: Session) -> None:
    leaf = make_leaf(session)
    [sample] = take_samples(session, [ask(session, leaf)], LIVE)
    codes = [report_on(session, leaf, sample.id, code).code for code in ("A-1", "A-2")]
    assert [result.code for result in list_results_of(session, sample.id)] == codes


def test_words_and_digits_are_kept_as_reported(session: Session) -> None:
    item = make_measured(value=None, words="未检出", loq=Decimal("0.0050"), limit_value=Decimal("5.0"))
    result = make_result(session, items=[item])
    kept = session.scalars(select(ResultItem).where(ResultItem.result_id == result.id)).one()
    assert (kept.value, kept.words, str(kept.loq), str(kept.limit_value)) == (None, "未检出", "0.0050", "5.0")


def test_a_corrected_report_says_what_it_really_said_and_the_first_stays_readable(session: Session) -> None:
    lot = make_tea(session)
    result = make_result(session, lot=lot, items=[make_measured(value=Decimal("0.05"))])
    laboratory = session.get_one(Party, result.laboratory_id)
    sampled = Sampled(PICKED_AT + timedelta(days=2), "supervision")
    right = say(lot, sampled, result.code, laboratory, [make_measured(value=Decimal("0.50"))])
    before = session.get_one(Lot, lot.id).revision
    correct_result(session, result, right, "incorrect_data", LIVE)
    assert values_of(session, result) == [Decimal("0.50")]
    assert len(session.scalars(select(ResultItem).where(ResultItem.result_id == result.id)).all()) == 2
    assert session.get_one(Sample, result.sample_id).purpose == "supervision"
    session.expire_all()
    assert session.get_one(Lot, lot.id).revision > before


def test_a_report_is_corrected_again_and_again_each_time_from_where_it_stands(session: Session) -> None:
    lot = make_tea(session)
    result = make_result(session, lot=lot)
    laboratory = session.get_one(Party, result.laboratory_id)
    for value in ("0.02", "0.03"):
        sampled = Sampled(PICKED_AT, "commissioned")
        right = say(lot, sampled, result.code, laboratory, [make_measured(value=Decimal(value))])
        correct_result(session, result, right, "incorrect_data", LIVE)
    assert values_of(session, result) == [Decimal("0.03")]


def test_a_report_that_was_none_takes_its_sample_with_it_and_is_corrected_once(session: Session) -> None:
    result = make_result(session)
    correct_result(session, result, None, "did_not_occur", LIVE)
    assert result.undone_at is not None
    assert session.get_one(Sample, result.sample_id).undone_at is not None
    with pytest.raises(AlreadyCorrectedError):
        correct_result(session, result, None, "did_not_occur", LIVE)


def test_a_corrected_sample_gives_its_grams_back_and_its_reports_follow_it(session: Session) -> None:
    wrong, right = make_leaf(session, 10_000), make_leaf(session, 10_000)
    [sample] = take_samples(session, [ask(session, wrong)], LIVE)
    result = report_on(session, wrong, sample.id, "A-1")
    first = result.event_id
    correct_sample(session, sample, ask(session, right, mass_g=200), "incorrect_data", LIVE)
    session.expire_all()
    assert (wrong.mass_g, right.mass_g, sample.lot_id, sample.mass_g) == (10_000, 9_800, right.id, 200)
    assert result.event_id != first
    assert right.uri.encode() in session.get_one(Event, result.event_id).document


def test_a_sample_with_reports_cannot_have_been_none(session: Session) -> None:
    leaf = make_leaf(session)
    [sample] = take_samples(session, [ask(session, leaf)], LIVE)
    result = report_on(session, leaf, sample.id, "A-1")
    with pytest.raises(CorrectionBlockedError) as refusal:
        correct_sample(session, sample, None, "did_not_occur", LIVE)
    assert refusal.value.facts["events"] == [session.get_one(Event, result.event_id).event_id]
    correct_result(session, result, None, "did_not_occur", LIVE)
    correct_sample(session, sample, None, "did_not_occur", LIVE)
    assert sample.undone_at is not None
    assert session.get_one(Lot, leaf.id).mass_g == 10_000


def test_samples_reports_and_their_corrections_agree_with_the_events(fresh_sessions: Sessions) -> None:
    with fresh_sessions.write.begin() as session:
        leaf, other = make_leaf(session), make_leaf(session)
        [first] = take_samples(session, [ask(session, leaf)], LIVE)
        [second] = take_samples(session, [ask(session, leaf, code="SP-2")], LIVE)
        report_on(session, leaf, first.id, "A-1")
        correct_sample(session, first, ask(session, other, mass_g=300), "incorrect_data", LIVE)
        correct_sample(session, second, None, "did_not_occur", LIVE)
    with fresh_sessions.read.begin() as session:
        assert differences(session) == []
