"""A second crop needs data, not code: the rice town loads by the same command and traces the same way."""

import json
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from tests.trace.season.towns import change_output, dump, same, totals_of
from trace.db import Sessions
from trace.findings import Severity
from trace.lots import LotKind, get_lot
from trace.rebuild import differences
from trace.season import Loaded, load_season
from trace.tracing import Direction, trace_lot
from trace.vocabulary import Scheme, find_names


@pytest.fixture
def loaded(session: Session, rice_town: bytes) -> Loaded:
    """The rice town, loaded into the test's own transaction."""
    return load_season(session, rice_town)


def test_the_rice_town_has_the_totals_it_says(loaded: Loaded, rice_town: bytes) -> None:
    town = json.loads(rice_town)
    assert len(town["expected_totals"]) == 29
    assert same(loaded.totals, town["expected_totals"])
    assert same(totals_of(town), town["expected_totals"])


def test_the_rice_town_has_no_finding_above_a_note(loaded: Loaded) -> None:
    assert [finding.record for finding in loaded.findings if finding.severity is not Severity.NOTE] == []


def test_the_rice_town_agrees_with_its_events(fresh_sessions: Sessions, rice_town: bytes) -> None:
    with fresh_sessions.write.begin() as session:
        load_season(session, rice_town)
    with fresh_sessions.read.begin() as session:
        assert differences(session) == []


@pytest.mark.parametrize("pack", ["PK001", "PK002"])
def test_a_bag_of_rice_is_traced_back_to_its_harvests(
    session: Session, loaded: Loaded, rice_town: bytes, pack: str
) -> None:
    town = json.loads(rice_town)
    trace = trace_lot(session, get_lot(session, pack).id, Direction.BACK)
    assert {end.node.kind for end in trace.ends} == {LotKind.LEAF}
    assert abs(sum(end.share for end in trace.ends) - 1) < 1e-6
    assert sum(end.mass_g for end in trace.ends) == trace.lot.initial_g
    intakes = {"PK001": ("IT0001", "IT0002"), "PK002": ("IT0003", "IT0004")}[pack]
    wanted = {code for row in town["intakes"] if row["id"] in intakes for code in row["harvests"]}
    assert {end.node.code for end in trace.ends} == wanted


def test_a_load_of_paddy_is_traced_forward_to_its_bags_and_its_bran(session: Session, loaded: Loaded) -> None:
    trace = trace_lot(session, get_lot(session, "H0001").id, Direction.FORWARD)
    assert {end.node.kind for end in trace.ends} >= {LotKind.PACKED, LotKind.BY_PRODUCT}


def test_words_of_rice_became_rows(session: Session, loaded: Loaded) -> None:
    assert find_names(session, Scheme.CROP)["稻谷"] == ("稻谷", "Paddy rice")
    assert find_names(session, Scheme.STEP)["砻谷"] == ("砻谷", "Husking")
    assert "粳米" in find_names(session, Scheme.PRODUCT_KIND)
    assert "镉(以Cd计)" in find_names(session, Scheme.ANALYTE)


def test_more_rice_than_the_paddy_held_is_found_by_dry_matter(session: Session, rice_town: bytes) -> None:
    town = json.loads(rice_town)
    run = town["runs"][0]
    change_output(town, run, int(Decimal(str(run["water_and_loss_kg"])) * 1000))
    run["output_moisture_pct"] = town["batches"][0]["moisture_pct"] = 12.0
    found = load_season(session, dump(town)).findings
    assert [(f.rule, f.severity, f.record) for f in found if f.severity is not Severity.NOTE] == [
        ("output_exceeds_input", Severity.REASON, "R0001")
    ]


def test_cadmium_above_the_limit_that_the_report_states_is_found(session: Session, rice_town: bytes) -> None:
    town = json.loads(rice_town)
    town["tests"][1]["items"][0].update(value=0.21, verdict="fail")
    answer = load_season(session, dump(town))
    [finding] = [finding for finding in answer.findings if finding.severity is not Severity.NOTE]
    assert (finding.rule, finding.severity, finding.record) == ("mrl_exceeded", Severity.REFUSE, "T002")
    assert set(answer.affects[finding.id]) == {"L001", "PK001"}
    assert answer.totals["failed_tests"] == 1
