"""The three violations of the demo town: each one mended takes its own finding away, and what that one held."""

import copy

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.trace.season.towns import DEMO_FINDINGS, REPAIRS, Town, dump
from trace.findings import Finding, Severity
from trace.holds import LotHold
from trace.lots import get_lot
from trace.season import load_season

PACKS = {"H0142": "PK014", "R0023": "PK012", "T016": "PK008"}


def test_every_violation_can_be_mended() -> None:
    assert set(REPAIRS) == {record for _, _, record in DEMO_FINDINGS} == set(PACKS)


@pytest.mark.parametrize("mended", REPAIRS)
def test_a_violation_mended_loses_its_own_finding_and_hold_and_no_other(
    session: Session, demo_tree: Town, mended: str
) -> None:
    town = copy.deepcopy(demo_tree)
    REPAIRS[mended](town)
    found = load_season(session, dump(town)).findings
    above_note = {(one.rule, one.severity.value, one.record) for one in found if one.severity is not Severity.NOTE}
    assert above_note == {one for one in DEMO_FINDINGS if one[2] != mended}
    lots = {record: get_lot(session, code).id for record, code in PACKS.items()}
    held = set(session.scalars(select(LotHold.lot_id).join(Finding).where(Finding.severity != "note")))
    assert {record for record, lot in lots.items() if lot in held} == set(PACKS) - {mended}
