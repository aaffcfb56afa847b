"""Who sees what: own records, one step either side, an officer's area, everything, and nothing else."""

import pytest

from tests.api.conftest import Asking


def test_a_coop_sees_its_pickings_and_the_lots_they_went_into(ask: Asking) -> None:
    lots = ask("/v1/lots?limit=200", "coop").json["items"]
    assert {lot["party"] for lot in lots if lot["kind"] == "leaf"} == {"C01"}
    assert {lot["kind"] for lot in lots} == {"leaf", "received"}


def test_two_steps_away_is_not_found(ask: Asking) -> None:
    assert ask("/v1/lots/H0142", "coop").status_code == 200
    assert ask("/v1/lots/IT0062", "coop").status_code == 200
    for lot in ("B0042", "L014", "PK014"):
        assert ask(f"/v1/lots/{lot}", "coop").status_code == 404


def test_others_records_are_not_found_just_as_what_does_not_exist(ask: Asking) -> None:
    others, nobodys = ask("/v1/lots/H0001", "coop"), ask("/v1/lots/H9999", "coop")
    assert others.status_code == nobodys.status_code == 404
    assert others.json["detail"].replace("H0001", "") == nobodys.json["detail"].replace("H9999", "")


def test_a_plant_sees_the_leaf_it_took_over_and_its_plots(ask: Asking) -> None:
    lots = ask("/v1/lots?limit=200", "plant").json["items"]
    assert {lot["kind"] for lot in lots} == {"leaf", "received", "made", "finished", "by-product", "packed"}
    assert {lot["party"] for lot in lots if lot["kind"] != "leaf"} == {"PL1"}
    assert {lot["plot"] for lot in lots if lot["plot"]} <= ask.codes("/v1/plots?limit=200", "plant")


@pytest.mark.parametrize("noun", ["parties", "plots", "lots", "packs", "shipments", "results", "findings", "recalls"])
@pytest.mark.parametrize("caller", ["officer", "auditor"])
def test_an_officer_of_the_whole_town_and_an_auditor_see_all_of_it(ask: Asking, noun: str, caller: str) -> None:
    assert ask.codes(f"/v1/{noun}?limit=200", caller) == ask.codes(f"/v1/{noun}?limit=200", "operator")


def test_a_laboratory_sees_its_own_reports(ask: Asking) -> None:
    reports = ask("/v1/results?limit=200", "laboratory").json["items"]
    assert {report["laboratory"] for report in reports} == {"LAB-2"}
    assert ask("/v1/results/T016", "laboratory").status_code == 200


def test_a_laboratory_learns_what_it_tests_but_not_where_it_came_from(ask: Asking) -> None:
    tested = {report["lot"] for report in ask("/v1/results?limit=200", "laboratory").json["items"]}
    assert ask.codes("/v1/lots?limit=200", "laboratory") == tested
    lot = ask("/v1/lots/L008", "laboratory").json
    assert {name for name, value in lot.items() if value is not None} == {"code", "uri", "party", "kind", "made_on"}
    assert ask("/v1/lots/L008/trace", "laboratory").status_code == 404
    assert ask("/v1/lots/H0142", "laboratory").status_code == 404


def test_a_recall_opens_its_scope_to_its_owner_alone(ask: Asking) -> None:
    assert ask("/v1/recalls/RC01", "recall owner").json["lots"] == ["L008", "PK008"]
    assert ask("/v1/recalls/RC01", "plant").status_code == 404


def test_a_plant_learns_that_its_lot_is_held_but_not_what_happened_at_the_grower(ask: Asking) -> None:
    finding = ask("/v1/findings?severity=reason", "plant").json["items"][0]
    assert (finding["rule"], finding["severity"]) == ("harvest_inside_phi", "reason")
    assert [finding[name] for name in ("record", "party", "facts", "affects", "code")] == [None] * 5
    [own] = ask("/v1/findings?severity=reason", "coop").json["items"]
    assert own["record"] == "H0142"


def test_parties_are_those_one_deals_with(ask: Asking) -> None:
    seen = ask.codes("/v1/parties?limit=200", "coop")
    assert {"C01", "PL1"} <= seen
    assert not seen & {"C02", "PL2", "BUY-1"}


def test_an_event_is_seen_by_the_party_and_by_whom_it_touched(ask: Asking) -> None:
    parties = {event["party"] for event in ask("/v1/events?limit=200", "coop").json["items"]}
    assert parties == {"C01", "PL1"}
