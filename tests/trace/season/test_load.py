"""Seasons side by side: each keeps its own totals and findings; codes that two seasons use become ambiguous."""

import json

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.trace.season.conftest import Side, Told
from tests.trace.season.towns import dump, other_season, same, totals_of
from trace.errors import AmbiguousCodeError, InvalidError
from trace.events import LIVE
from trace.findings import Severity
from trace.lots import Lot, get_lot
from trace.mass import kilograms
from trace.pack_corrections import correct_pack
from trace.packs import Pack
from trace.parties import Party
from trace.places import Plot
from trace.rebuild import differences
from trace.runs import Run, correct_run
from trace.season import load_season
from trace.season.totals import season_totals
from trace.seasons import Season
from trace.shipments import Shipment, correct_shipment
from trace.units import UnitRange


def above_note(told: Told) -> set[tuple[str, str, str]]:
    return {(f.rule, f.severity.value, f.record) for f in told.answer.findings if f.severity is not Severity.NOTE}


def test_the_demo_town_has_the_totals_it_says(side_by_side: Side, demo_town: bytes) -> None:
    said = json.loads(demo_town)["expected_totals"]
    assert len(said) == 29
    assert same(side_by_side.demo.answer.totals, said)
    assert same(totals_of(side_by_side.demo.town), said)


def test_the_demo_town_has_exactly_three_findings_and_what_they_affect(side_by_side: Side) -> None:
    answer = side_by_side.demo.answer
    found = {f.record: answer.affects[f.id] for f in answer.findings if f.severity is not Severity.NOTE}
    assert above_note(side_by_side.demo) == side_by_side.demo.expected
    assert set(found["H0142"]) >= {"CT0062", "IT0062", "R0042", "B0042", "L014", "PK014"}
    assert set(found["R0023"]) >= {"B0023", "L012", "PK012"}
    assert set(found["T016"]) >= {"RC01", "L008", "PK008"}


@pytest.mark.parametrize("name", ["demo", "other", "later", "mended"])
def test_each_season_has_its_own_totals(side_by_side: Side, name: str) -> None:
    told: Told = getattr(side_by_side, name)
    assert told.answer.loaded
    assert same(told.answer.totals, totals_of(told.town))


@pytest.mark.parametrize("name", ["demo", "other", "later", "mended"])
def test_a_seasons_totals_stay_its_own_when_others_follow(side_by_side: Side, name: str) -> None:
    town = getattr(side_by_side, name).town
    with side_by_side.sessions.read.begin() as session:
        query = select(Season.id).where(Season.town_code == town["town"]["code"], Season.name == town["town"]["season"])
        assert same(season_totals(session, session.scalars(query).one()), totals_of(town))


@pytest.mark.parametrize("name", ["demo", "other", "later", "mended"])
def test_each_season_has_exactly_its_own_findings(side_by_side: Side, name: str) -> None:
    told: Told = getattr(side_by_side, name)
    assert above_note(told) == told.expected


def test_findings_affect_records_under_the_names_of_their_own_file(side_by_side: Side) -> None:
    for told in (side_by_side.demo, side_by_side.other):
        known = {row["id"] for rows in told.town.values() if isinstance(rows, list) for row in rows if "id" in row}
        for finding in told.answer.findings:
            named = {code for code in told.answer.affects[finding.id] if "-BP" not in code}
            assert named <= known
            assert finding.severity is Severity.NOTE or named


def test_one_database_with_four_seasons_agrees_with_its_events(side_by_side: Side) -> None:
    with side_by_side.sessions.read.begin() as session:
        assert differences(session) == []


def test_another_town_has_parties_and_plots_of_its_own(side_by_side: Side) -> None:
    with side_by_side.sessions.read.begin() as session:
        codes = set(session.scalars(select(Party.code).where(Party.kind == "cooperative")))
        assert {"C01", "C01.2"} <= codes
        assert "C01.3" not in codes  # later seasons of the demo town match its parties by credit code
        assert session.scalar(select(func.count()).select_from(Plot)) == 120


def test_a_bare_lot_code_of_two_towns_is_ambiguous(side_by_side: Side) -> None:
    with side_by_side.sessions.read.begin() as session:
        with pytest.raises(AmbiguousCodeError) as refusal:
            get_lot(session, "L001")
        assert {"PL1/L001", "PL1/L001.2", "PL1/L001.3", "PL1.2/L001"} == set(refusal.value.facts["candidates"])  # type: ignore[call-overload]


def test_every_candidate_of_an_ambiguous_code_can_be_asked_for(side_by_side: Side) -> None:
    with side_by_side.sessions.read.begin() as session:
        for code in ("PL1/L001", "PL1/L001.2", "PL1/L001.3", "PL1.2/L001"):
            lot = get_lot(session, code)
            owner = session.get_one(Party, lot.party_id)
            assert f"{owner.code}/{lot.code}" == code
        assert get_lot(session, "L001.2").code == "L001.2"


def test_a_later_season_of_the_same_plant_numbers_its_clashing_lots(side_by_side: Side) -> None:
    with side_by_side.sessions.read.begin() as session:
        plant = session.scalars(select(Party.id).where(Party.code == "PL1")).one()
        codes = set(session.scalars(select(Lot.code).where(Lot.party_id == plant, Lot.code.like("L001%"))))
        assert codes >= {"L001", "L001.2", "L001.3"}


def test_the_same_season_again_loads_nothing(side_by_side: Side) -> None:
    for told in (side_by_side.demo, side_by_side.later):
        with side_by_side.sessions.write.begin() as session:
            again = load_season(session, dump(told.town))
            assert not again.loaded
            assert not session.new
            assert not session.dirty
        assert same(again.totals, totals_of(told.town))
        assert [f.id for f in again.findings] == [f.id for f in told.answer.findings]


def test_the_same_season_with_other_content_is_refused(side_by_side: Side) -> None:
    changed = {**side_by_side.demo.town, "plants": [dict(row) for row in side_by_side.demo.town["plants"]]}
    changed["plants"][0]["name"] += "新"
    with side_by_side.sessions.write.begin() as session, pytest.raises(InvalidError) as refusal:
        load_season(session, dump(changed))
    assert [(fault.path, fault.code) for fault in refusal.value.faults] == [("town.season", "season-changed")]


def test_spacing_and_the_checkers_own_words_do_not_make_another_season(side_by_side: Side) -> None:
    town = {name: part for name, part in side_by_side.demo.town.items() if name not in ("_doc", "violations")}
    with side_by_side.sessions.write.begin() as session:
        assert not load_season(session, json.dumps(town, indent=3).encode()).loaded


def test_a_known_gtin_with_another_net_content_is_refused(side_by_side: Side) -> None:
    town, _ = other_season(side_by_side.demo.town, 11)
    town["skus"][3]["gtin13"] = side_by_side.demo.town["skus"][3]["gtin13"]
    unused = {**town["skus"][3], "id": "S99", "net_g": 77}
    town["skus"].append({**unused, "gtin13": side_by_side.demo.town["skus"][0]["gtin13"]})
    with side_by_side.sessions.write() as session, pytest.raises(InvalidError) as refusal:
        load_season(session, dump(town))
    assert [(fault.path, fault.code) for fault in refusal.value.faults] == [("skus[16].net_g", "disagrees")]


def test_what_never_was_counts_in_no_total(demo_session: Session) -> None:
    season = demo_session.scalars(select(Season.id)).one()
    before = season_totals(demo_session, season)
    pack = demo_session.scalars(select(Pack).order_by(Pack.id.desc()).limit(1)).one()
    blend, run = (
        demo_session.scalars(select(Run).where(Run.step == step).order_by(Run.id.desc()).limit(1)).one()
        for step in ("blend", "run")
    )
    sold = select(Shipment).join(UnitRange, UnitRange.event_id == Shipment.event_id).where(UnitRange.pack_id == pack.id)
    for shipment in demo_session.scalars(sold.distinct()).all():
        correct_shipment(demo_session, shipment, None, "did_not_occur", LIVE)
    correct_pack(demo_session, pack, None, "did_not_occur", LIVE)
    for last in (blend, run):
        correct_run(demo_session, last, None, "did_not_occur", LIVE)
    after = season_totals(demo_session, season)
    assert before["units"] - after["units"] == pack.units
    assert before["made_tea_kg"] - after["made_tea_kg"] == kilograms(run.output_g)
