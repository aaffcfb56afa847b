"""Findings hold what follows from them, and a named person's answer frees it."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import AREA, make_finding, make_leaf, make_party
from trace.accounts import Account, Caller, OpenAccount, Role, open_account
from trace.affected import find_affected
from trace.errors import NotFoundError
from trace.findings import (
    AnswerFinding,
    Finding,
    FindingAnsweredError,
    FindingWithdrawnError,
    Judging,
    NotYoursToAnswerError,
    Severity,
    answer_finding,
    answer_findings,
    settle_findings,
)
from trace.holds import LotHold
from trace.lots import Lot, get_lot
from trace.parties import Party
from trace.permits import find_refusals


def held(session: Session, finding: Finding) -> set[str]:
    query = select(Lot.code).join(LotHold, LotHold.lot_id == Lot.id).where(LotHold.finding_id == finding.id)
    return set(session.scalars(query))


def get_finding(session: Session, record: str) -> Finding:
    return session.scalars(select(Finding).where(Finding.record == record, Finding.severity != "note")).one()


def test_a_finding_holds_every_descendant_of_the_lot(demo_session: Session) -> None:
    finding = get_finding(demo_session, "R0023")
    assert held(demo_session, finding) == {"B0023", "R0023-BP", "L012", "L012-BP", "PK012"}


def test_an_early_picking_affects_its_certificate_run_and_pack(demo_session: Session) -> None:
    finding = get_finding(demo_session, "H0142")
    assert {"CT0062", "IT0062", "R0042", "L014", "PK014"} <= set(find_affected(demo_session, [finding.id])[finding.id])
    assert finding.facts["days_between"] == 4


def test_an_answer_by_a_named_person_frees_the_lot_and_renews_its_page(demo_session: Session) -> None:
    finding, pack = get_finding(demo_session, "R0023"), get_lot(demo_session, "PK012")
    before = pack.revision
    answer_finding(demo_session, finding, by="王站长", answer="补录了两批鲜叶")
    demo_session.refresh(pack)
    assert find_refusals(demo_session, pack.id) == []
    assert pack.revision > before


def test_the_worst_finding_of_a_lot_comes_first(demo_session: Session) -> None:
    assert [finding.rule for finding in find_refusals(demo_session, get_lot(demo_session, "PK008").id)] == [
        "mrl_exceeded"
    ]


def test_an_answer_is_never_overwritten(demo_session: Session) -> None:
    finding = get_finding(demo_session, "R0023")
    answer_finding(demo_session, finding, by="王站长", answer="补录了两批鲜叶")
    with pytest.raises(FindingAnsweredError):
        answer_finding(demo_session, finding, by="李某", answer="另一种说法")
    assert finding.answered_by == "王站长"


def caller_of(session: Session, role: Role, party: Party | None, name: str = "王站长") -> Caller:
    """Return a named person who acts for a party."""
    account = open_account(session, OpenAccount(name=name, role=role, party=party.code if party else None))
    return Caller(role, party, account=account)


def test_the_officer_of_the_area_answers_under_their_name(session: Session) -> None:
    finding = make_finding(session, severity=Severity.REFUSE)
    officer = caller_of(session, Role.OFFICER, make_party(session, area_code=AREA[:6], kind="public-body"))
    answer_findings(session, officer, [AnswerFinding(finding=finding.id, answer="已复检合格")])
    assert (finding.answered_by, finding.answer) == ("王站长", "已复检合格")
    assert session.get_one(Account, finding.answered_by_id).name == "王站长"


def test_a_named_person_of_the_party_gives_a_reason_and_lifts_no_refusal(session: Session) -> None:
    leaf = make_leaf(session)
    reason, refusal = make_finding(session, lot=leaf), make_finding(session, lot=leaf, severity=Severity.REFUSE)
    clerk = caller_of(session, Role.COOP, session.get_one(Party, leaf.party_id))
    answer_findings(session, clerk, [AnswerFinding(finding=reason.id, answer="标签间隔期为三天")])
    with pytest.raises(NotYoursToAnswerError):
        answer_findings(session, clerk, [AnswerFinding(finding=refusal.id, answer="没有问题")])
    assert reason.answered_at is not None
    assert refusal.answered_at is None


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.COOP, Role.OFFICER])
def test_others_answer_nothing(session: Session, role: Role) -> None:
    finding = make_finding(session)
    other = caller_of(session, role, make_party(session, area_code="110101001"))
    with pytest.raises(NotYoursToAnswerError):
        answer_findings(session, other, [AnswerFinding(finding=finding.id, answer="……")])


def test_nobody_without_a_name_answers(session: Session) -> None:
    finding = make_finding(session)
    with pytest.raises(NotYoursToAnswerError):
        answer_findings(session, Caller(Role.OPERATOR, None), [AnswerFinding(finding=finding.id, answer="……")])


def test_an_answer_to_no_finding_is_refused(session: Session) -> None:
    with pytest.raises(NotFoundError):
        answer_findings(session, caller_of(session, Role.OPERATOR, None), [AnswerFinding(finding=0, answer="……")])


def test_what_was_withdrawn_is_not_answered(session: Session) -> None:
    finding = make_finding(session)
    said = Judging(noun="lot", rules=[finding.rule], records=[finding.record_id], judged={}, judgements=[])
    settle_findings(session, said)
    session.refresh(finding)
    with pytest.raises(FindingWithdrawnError):
        answer_findings(
            session, caller_of(session, Role.OPERATOR, None), [AnswerFinding(finding=finding.id, answer="……")]
        )


def test_one_rule_leaves_what_another_found_on_the_record(session: Session) -> None:
    finding = make_finding(session)
    said = Judging(noun="lot", rules=["plot_yield"], records=[finding.record_id], judged={}, judgements=[])
    assert settle_findings(session, said) == []
    session.refresh(finding)
    assert finding.withdrawn_at is None
