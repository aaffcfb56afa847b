"""`/v1/lots/{code}/trace`: shares, edges, and what a caller may not see of them."""

import pytest

from tests.api.conftest import Asking


def test_a_packs_sources_are_its_pickings_and_their_shares_sum_to_one(ask: Asking) -> None:
    trace = ask("/v1/lots/PK001/trace?direction=back").json
    assert (trace["lot"], trace["direction"]) == ("PK001", "back")
    assert {source["kind"] for source in trace["sources"]} == {"leaf"}
    assert sum(source["share"] for source in trace["sources"]) == pytest.approx(1, abs=1e-6)
    assert all(
        source["lower"] - 1e-9 <= source["share"] <= source["upper"] + 1e-9 <= 1 + 1e-6 for source in trace["sources"]
    )


def test_a_trace_has_the_fields_of_the_contract(ask: Asking) -> None:
    trace = ask("/v1/lots/PL1/PK001/trace").json
    assert set(trace) == {"lot", "direction", "mass_g", "sources", "edges"}
    wanted = {"lot", "party", "plot", "village", "mass_g", "share", "lower", "upper", "depth"}
    assert all(wanted <= set(source) for source in trace["sources"])
    assert all(set(edge) == {"from", "to", "event", "mass_g"} for edge in trace["edges"])
    assert all(isinstance(edge["mass_g"], int) and edge["event"].startswith("ni:///") for edge in trace["edges"])


def test_edges_lead_from_the_sources_to_the_pack(ask: Asking) -> None:
    trace = ask("/v1/lots/PK001/trace").json
    made_of: dict[str, set[str]] = {}
    for edge in trace["edges"]:
        made_of.setdefault(edge["to"], set()).add(edge["from"])
    reached, waiting = set(), ["PK001"]
    while waiting:
        lot = waiting.pop()
        reached.add(lot)
        waiting += made_of.get(lot, set()) - reached
    assert {source["lot"] for source in trace["sources"]} <= reached


def test_a_picking_forward_reaches_the_packs(ask: Asking) -> None:
    trace = ask("/v1/lots/H0142/trace?direction=forward").json
    assert "PK014" in {source["lot"] for source in trace["sources"]}


def test_beyond_one_step_a_node_loses_party_and_plot_and_keeps_the_rest(ask: Asking) -> None:
    everything = {source["lot"]: source for source in ask("/v1/lots/PK001/trace").json["sources"]}
    own = ask("/v1/lots/PK001/trace", "plant").json["sources"]
    assert {source["lot"]: source["party"] for source in own} == {
        lot: source["party"] for lot, source in everything.items()
    }
    forward = ask("/v1/lots/H0142/trace?direction=forward", "coop").json["sources"]
    assert forward
    for source in forward:
        assert (source["party"], source["plot"]) == (None, None)
        assert source["share"] > 0
        assert source["kind"]
        assert source["date"]


def test_an_officer_and_the_operator_see_all_of_a_trace(ask: Asking) -> None:
    path = "/v1/lots/H0142/trace?direction=forward"
    assert ask(path, "officer").json == ask(path).json
    assert {source["party"] for source in ask(path).json["sources"]} == {"PL1"}


def test_a_lot_that_is_not_found_has_no_trace(ask: Asking) -> None:
    assert ask("/v1/lots/PK001/trace", "other coop").status_code == 404


def test_a_wrong_direction_is_a_bad_parameter(ask: Asking) -> None:
    refused = ask("/v1/lots/PK001/trace?direction=up")
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "direction")
