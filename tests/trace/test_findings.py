"""Findings hold what follows from them, and a named person's answer frees it."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.findings import Finding, FindingAnsweredError, answer_finding
from trace.holds import LotHold
from trace.lots import Lot, get_lot
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
    assert {"CT0062", "IT0062", "R0042", "L014", "PK014"} <= set(finding.affects)
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
