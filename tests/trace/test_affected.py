"""What a finding affects is read from the tables: the same for a season's file and for records written one by one."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import (
    PICKED_AT,
    get_lot_of,
    make_certificate,
    make_finding,
    make_input_use,
    make_intake,
    make_leaf,
    make_measured,
    make_pack,
    make_party,
    make_picking,
    make_plot,
    make_recall,
    make_result,
    make_run,
    make_tea,
)
from trace.affected import find_affected
from trace.certificate_endings import EndCertificate, void_certificates
from trace.events import LIVE
from trace.findings import Finding, Severity
from trace.inputs import InputProduct
from trace.rules.judging import judge_input_uses, judge_pickings, judge_results


def test_a_finding_affects_what_was_made_before_and_since_under_its_codes(session: Session) -> None:
    owner, plot = make_party(session), make_plot(session)
    leaf = make_leaf(session, party=owner, plot=plot)
    certificate = make_certificate(session, issuer=owner, lots=[leaf])
    used_at = PICKED_AT - timedelta(days=3)
    use = make_input_use(session, plot=plot, used_on=used_at.date(), used_at=used_at)
    [finding] = judge_input_uses(session, [use.id])
    assert find_affected(session, [finding.id]) == {finding.id: [certificate.code]}
    received = get_lot_of(session, make_intake(session, taken=[(leaf, leaf.mass_g)]))
    run = make_run(session, taken=[(received, received.mass_g)])
    wanted = [certificate.code, received.code, run.code, get_lot_of(session, run).code]
    assert find_affected(session, [finding.id]) == {finding.id: wanted}


def test_a_failed_report_affects_the_recall_it_set_off_and_its_packs(session: Session) -> None:
    tea = make_tea(session)
    pack = get_lot_of(session, make_pack(session, lot=tea))
    result = make_result(session, lot=tea, items=[make_measured(value=Decimal(6), passed=False)])
    [finding] = judge_results(session, [result.id])
    recall = make_recall(session, lot=tea, result_id=result.id)
    assert {recall.code, tea.code, pack.code} <= set(find_affected(session, [finding.id])[finding.id])


def test_a_certificate_taken_back_is_affected_no_more(session: Session) -> None:
    leaf = make_leaf(session)
    certificate, finding = make_certificate(session, lots=[leaf]), make_finding(session, lot=leaf)
    assert certificate.code in find_affected(session, [finding.id])[finding.id]
    command = EndCertificate(certificate=certificate.id, reason="开错了", ended_at=PICKED_AT + timedelta(days=1))
    void_certificates(session, [command], LIVE)
    assert certificate.code not in find_affected(session, [finding.id])[finding.id]


def test_a_note_on_a_picking_affects_its_certificate_alone(session: Session) -> None:
    plot = make_plot(session)
    picking = make_picking(session, plot=plot)
    product = InputProduct(code="IP-N", kind="pesticide", name="示例农药")  # whose label names no interval
    session.add(product)
    session.flush()
    make_input_use(session, plot=plot, product=product)
    certificate = make_certificate(session, lots=[get_lot_of(session, picking)])
    [note] = judge_pickings(session, [picking.id])
    assert note.severity is Severity.NOTE
    assert find_affected(session, [note.id]) == {note.id: [certificate.code]}


def test_a_season_names_what_is_affected_by_its_own_ids(demo_session: Session) -> None:
    finding = demo_session.scalars(select(Finding).where(Finding.record == "R0023")).one()
    assert find_affected(demo_session, [finding.id])[finding.id] == ["B0023", "R0023-BP", "L012", "L012-BP", "PK012"]
