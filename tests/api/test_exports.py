"""Exports: all that a caller may read, in one stream, and nothing that a spreadsheet would take for a formula."""

import csv
import io
import json
from collections.abc import Mapping

import pytest

from api.app import Api
from api.exports import EXPORTED
from tests.api.conftest import Asking
from trace.db import Sessions
from trace.parties import Party

NOT_IN_A_SEASON = (
    "recalls",
    "deliveries",
    "returns",
    "destructions",
    "outside-lots",
    "cases",
    "reworks",
    "purchases",
    "field-work",
    "missing-certificates",
    "paper-forms",
)
LISTS = {"missing-certificates": "certificates/missing"}  # whose list has another address


@pytest.mark.parametrize("noun", EXPORTED)
def test_an_export_holds_what_the_list_holds(ask: Asking, noun: str) -> None:
    answer = ask(f"/v1/exports/{noun}", "plant")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/jsonl"
    rows = [json.loads(line) for line in answer.text.splitlines()]
    listed = ask(f"/v1/{LISTS.get(noun, noun)}?limit=200", "plant").json["items"]
    assert rows[: len(listed)] == listed
    assert len(rows) >= len(listed) > 0 or noun in NOT_IN_A_SEASON


def test_a_filter_narrows_an_export(ask: Asking) -> None:
    rows = [json.loads(line) for line in ask("/v1/exports/lots?kind=finished").text.splitlines()]
    assert {row["kind"] for row in rows} == {"finished"}
    assert len(rows) == 23


def test_a_spreadsheet_opens_the_rows_as_text(ask: Asking) -> None:
    answer = ask("/v1/exports/parties?format=csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="parties.csv"'
    assert answer.data.startswith("\ufeff".encode())
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == 67
    assert {"code", "name", "kind"} <= rows[0].keys()


def test_no_cell_is_a_formula(empty_app: Api, fresh_sessions: Sessions, tokens: Mapping[str, str]) -> None:
    with fresh_sessions.write.begin() as session:
        session.add(Party(code="X1", name='=HYPERLINK("http://x.test")', kind="buyer", area_code="379901"))
    headers = {"Authorization": f"Bearer {tokens['operator']}"}
    text = empty_app.test_client().get("/v1/exports/parties?format=csv", headers=headers).text
    assert "\"'=HYPERLINK(" in text


def test_plots_come_as_a_map(ask: Asking) -> None:
    answer = ask("/v1/exports/plots?format=geojson", "coop")
    collection = json.loads(answer.text)
    assert collection["type"] == "FeatureCollection"
    assert {feature["geometry"]["type"] for feature in collection["features"]} == {"Polygon"}
    assert {feature["properties"]["cooperative"] for feature in collection["features"]} == {"C01"}


def test_only_plots_have_a_map(ask: Asking) -> None:
    answer = ask("/v1/exports/lots?format=geojson")
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (400, "not-allowed")
