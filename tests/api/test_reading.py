"""Lists and single records: codes, aliases, pages, filters."""

import re
from urllib.parse import quote

import pytest

from tests.api.conftest import Asking

COUNTS = {
    "parties": 67,
    "villages": 12,
    "plots": 60,
    "facilities": 5,
    "products": 16,
    "packs": 23,
    "shipments": 47,
    "results": 46,
    "label-jobs": 0,
    "recalls": 1,
}


@pytest.mark.parametrize(("noun", "count"), COUNTS.items())
def test_the_operator_reads_every_record_of_a_noun(ask: Asking, noun: str, count: int) -> None:
    assert len(ask(f"/v1/{noun}?limit=200").json["items"]) == count


def test_the_operator_reads_the_three_findings_above_a_note(ask: Asking) -> None:
    found = [ask(f"/v1/findings?severity={severity}").json["items"] for severity in ("reason", "refuse")]
    assert [len(items) for items in found] == [2, 1]


@pytest.mark.parametrize("noun", [*(noun for noun in COUNTS if noun != "label-jobs"), "findings"])
def test_every_code_in_a_list_names_its_record(ask: Asking, noun: str) -> None:
    item = ask(f"/v1/{noun}?limit=1").json["items"][0]
    assert ask(f"/v1/{noun}/{quote(item['code'], safe='')}").json == item


def test_a_plot_is_known_by_its_season_id_and_by_its_long_code(ask: Asking) -> None:
    assert ask("/v1/plots/P001").json == ask("/v1/plots/3799011012010001").json


def test_a_lot_is_known_with_and_without_its_party(ask: Asking) -> None:
    assert ask("/v1/lots/PL1/L001").json == ask("/v1/lots/L001").json
    assert ask("/v1/lots/PL2/L001").status_code == 404


def test_a_product_is_known_by_its_gtin_of_either_length(ask: Asking) -> None:
    assert (
        ask("/v1/products/9520000010003").json
        == ask("/v1/products/09520000010003").json
        == ask("/v1/products/S01").json
    )


def test_an_event_is_known_by_position_and_by_id(ask: Asking) -> None:
    event = ask("/v1/events/1").json
    assert event["document"]["eventID"] == event["event_id"]
    assert ask(f"/v1/events/{quote(event['event_id'], safe='')}").json == event


def test_events_come_in_the_one_order_without_gaps(ask: Asking) -> None:
    positions: list[int] = []
    token = ""
    while token is not None:
        page = ask(f"/v1/events?limit=200{token and f'&after={token}'}").json
        positions += [item["position"] for item in page["items"]]
        token = page["next"]
    assert positions == list(range(1, len(positions) + 1))


def test_pages_hold_every_lot_once(ask: Asking) -> None:
    seen: list[str] = []
    token = ""
    while token is not None:
        page = ask(f"/v1/lots?limit=37{token and f'&after={token}'}").json
        seen += [f"{item['party']}/{item['code']}" for item in page["items"]]
        token = page["next"]
    assert len(seen) == len(set(seen)) == 528


def test_a_page_says_where_the_next_one_is(ask: Asking) -> None:
    first = ask("/v1/lots?limit=2&kind=leaf")
    address, relation = first.headers["Link"].split("; ")
    assert relation == 'rel="next"'
    assert ask(address.strip("<>")).json["items"][0]["code"] not in {item["code"] for item in first.json["items"]}


def test_the_last_page_has_no_next(ask: Asking) -> None:
    answer = ask("/v1/villages?limit=12")
    assert answer.json["next"] is None
    assert "Link" not in answer.headers


@pytest.mark.parametrize("other", ["/v1/packs?limit=2", "/v1/lots?limit=2&kind=made", "/v1/lots?limit=2"])
def test_a_token_is_good_for_its_own_list_and_filter_only(ask: Asking, other: str) -> None:
    token = ask("/v1/lots?limit=2&kind=leaf").json["next"]
    refused = ask(f"{other}&after={token}")
    assert refused.status_code == 400
    assert refused.json["errors"][0]["code"] == "bad-token"


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("limit=0", "limit", "out-of-range"),
        ("limit=201", "limit", "out-of-range"),
        ("limit=ten", "limit", "wrong-type"),
        ("after=AAAA", "after", "bad-token"),
        ("after=%00", "after", "bad-token"),
        ("after=", "after", "bad-token"),
        ("kind=nonsense", "kind", "not-allowed"),
        ("party=%00", "party", "nul-character"),
        ("colour=green", "colour", "unknown-parameter"),
    ],
)
def test_a_bad_parameter_is_named(ask: Asking, query: str, field: str, code: str) -> None:
    refused = ask(f"/v1/lots?{query}")
    assert refused.status_code == 400
    assert [(fault["field"], fault["code"]) for fault in refused.json["errors"]] == [(field, code)]


@pytest.mark.parametrize("code", ["NOPE", "%00", "a/b/c", "P001/", "💧", "9" * 400, "-1", "1e9"])
@pytest.mark.parametrize("noun", ["plots", "lots", "events", "findings", "label-jobs", "products"])
def test_what_is_not_there_is_not_found(ask: Asking, noun: str, code: str) -> None:
    answer = ask(f"/v1/{noun}/{code}")
    assert (answer.status_code, answer.json["code"]) == (404, "not-found")


def test_filters_keep_a_list_to_what_they_say(ask: Asking) -> None:
    kinds = {item["kind"] for item in ask("/v1/lots?limit=200&kind=finished").json["items"]}
    assert kinds == {"finished"}
    assert ask.codes("/v1/findings?severity=refuse", "operator") == {"mrl_exceeded:T016"}


def test_a_lot_says_whether_it_is_held_or_recalled(ask: Asking) -> None:
    assert {
        lot: (found["held"], found["recalled"])
        for lot in ("L001", "L008", "L014")
        for found in [ask(f"/v1/lots/{lot}").json]
    } == {
        "L001": (False, False),
        "L008": (True, True),
        "L014": (True, False),
    }


def test_a_report_keeps_its_digits(ask: Asking) -> None:
    items = {item["analyte"]: item for item in ask("/v1/results/T016").json["items"]}
    assert (items["吡虫啉"]["value"], items["吡虫啉"]["passed"]) == ("0.74", False)


def test_no_list_names_a_person(ask: Asking) -> None:
    for noun in [*COUNTS, "lots", "events"]:
        text = ask(f"/v1/{noun}?limit=200").text
        assert "示例茶农0" not in text
        assert not re.search(r"\b100000000[0-9]{2}\b", text)
