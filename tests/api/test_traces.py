"""`/v1/lots/{code}/trace`: shares, edges, and what a caller may not see of them."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
import python_calamine as calamine

from api.workbooks import MEDIA_TYPE as WORKBOOK
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


TREE, SVG, XLSX = "application/vnd.chasu.tree+json", "image/svg+xml", WORKBOOK


@pytest.mark.parametrize(
    ("form", "media"), [("json", "application/json"), ("tree", TREE), ("svg", SVG), ("xlsx", XLSX)]
)
def test_a_trace_comes_in_the_form_asked_for(ask: Asking, form: str, media: str) -> None:
    by_name, by_header = ask(f"/v1/lots/PK008/trace?format={form}"), ask("/v1/lots/PK008/trace", Accept=media)
    for answer in (by_name, by_header):
        assert (answer.status_code, answer.mimetype) == (200, media)
        assert "Accept" in answer.headers["Vary"]
    if form != "xlsx":  # a workbook says when it was made
        assert by_name.data == by_header.data


def test_a_browser_that_takes_anything_gets_json(ask: Asking) -> None:
    assert ask("/v1/lots/PK008/trace", Accept="text/html,*/*;q=0.8").mimetype == "application/json"


def test_a_form_that_there_is_not_is_refused(ask: Asking) -> None:
    assert ask("/v1/lots/PK008/trace", Accept="image/png").status_code == 406
    refused = ask("/v1/lots/PK008/trace?format=pdf")
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "format")


def _branches(branch: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield branch
    for one in branch["branches"]:
        yield from _branches(one)


def test_a_tree_holds_every_lot_once_with_the_shares_of_its_sources(ask: Asking) -> None:
    trace, tree = ask("/v1/lots/PK008/trace").json, ask("/v1/lots/PK008/trace?format=tree").json
    lots = [branch["lot"] for branch in _branches(tree["tree"]) if not branch["repeated"]]
    assert (tree["lots"], tree["shown"], len(lots), len(set(lots))) == (20, 20, 20, 20)
    shares = {branch["lot"]: branch["share"] for branch in _branches(tree["tree"]) if "share" in branch}
    assert shares == {source["lot"]: source["share"] for source in trace["sources"]}
    assert {branch["lot"]: branch["signs"] for branch in _branches(tree["tree"]) if branch["signs"]} == {
        "PK008": ["recalled", "held"],
        "L008": ["recalled", "failed", "held"],
    }


def _read(ask: Asking, path: str, caller: str = "operator") -> dict[str, list[list[Any]]]:
    book = calamine.load_workbook(io.BytesIO(ask(path, caller).data))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_a_workbook_says_what_the_trace_says_with_numbers_as_numbers(ask: Asking) -> None:
    trace = ask("/v1/lots/PK008/trace").json
    sheets = _read(ask, "/v1/lots/PK008/trace?format=xlsx")
    assert list(sheets) == ["概要", "源头", "批次", "投料", "事件"]
    head, *ends = sheets["源头"]
    wanted = {
        source["lot"]: [source["mass_g"] / 1000, source["mass_g"], source["share"], source["lower"], source["upper"]]
        for source in trace["sources"]
    }
    first = head.index("数量（千克）\nMass (kg)")
    assert {row[0]: row[first : first + 5] for row in ends} == {lot: pytest.approx(row) for lot, row in wanted.items()}
    assert [row[:2] + row[3:] for row in sheets["投料"][1:]] == [
        [edge["from"], edge["to"], edge["mass_g"], edge["event"]] for edge in trace["edges"]
    ]


def test_the_events_of_a_workbook_tell_the_whole_chain_in_order(ask: Asking) -> None:
    head, *events = _read(ask, "/v1/lots/PK008/trace?format=xlsx")["事件"]
    whats = [row[0] for row in events]
    assert [
        whats.count(what) for what in ("采摘", "合格证", "交付单", "验收", "制茶", "拼配", "包装", "发货", "召回")
    ] == [*(10, 10, 5, 5, 3, 1, 1, 3, 2)]
    when = head.index("发生时间\nHappened at")
    assert [row[when] for row in events] == sorted(row[when] for row in events)


def test_a_drawing_shows_every_lot_with_its_signs_in_words(ask: Asking) -> None:
    drawn = ask("/v1/lots/PK008/trace?format=svg").text
    for word in ("PK008 的来源", "H0053", "松岭后村", "300.1 kg", "召回", "不合格", "暂停"):
        assert word in drawn
    english = ask("/v1/lots/PK008/trace?format=svg", Accept_Language="en").text
    for word in ("Where PK008 came from", "fresh leaf", "recalled", "failed", "held"):
        assert word in english


@pytest.mark.parametrize("form", ["tree", "svg", "xlsx"])
def test_no_form_of_a_trace_shows_more_than_the_trace_itself(ask: Asking, form: str) -> None:
    path = "/v1/lots/C05/H0075/trace?direction=forward"
    assert ask(path, "grower coop").json["sources"][0]["party"] is None
    text = _text_of(ask, f"{path}&format={form}", "grower coop", form)
    assert "PK008" in text
    assert "召回" not in text
    assert "recalled" not in text
    assert text.count("双松茶叶加工厂") < _text_of(ask, f"{path}&format={form}", "operator", form).count(
        "双松茶叶加工厂"
    )
    if form == "tree":
        far = [branch for branch in _branches(json.loads(text)["tree"]) if branch["lot"] in {"L008", "PK008"}]
        assert [(branch["party"], branch["party_name"], branch["signs"]) for branch in far] == [(None, None, [])] * 2
    if form == "xlsx":
        events = _read(ask, f"{path}&format={form}", "grower coop")["事件"]
        assert {tuple(row[1:2] + row[4:8]) for row in events if row[2] in {"L008", "PK008"}} == {("", "", "", "", "")}


def _text_of(ask: Asking, path: str, caller: str, form: str) -> str:
    return repr(_read(ask, path, caller)) if form == "xlsx" else ask(path, caller).text


def test_a_recall_opens_its_scope_to_its_owner_in_every_form(ask: Asking) -> None:
    tree = ask("/v1/lots/PK008/trace?format=tree", "recall owner").json["tree"]
    assert (tree["party"], tree["signs"]) == ("PL3", ["recalled", "held"])
    assert ask("/v1/lots/H0075/trace?direction=forward&format=svg", "laboratory").status_code == 404
