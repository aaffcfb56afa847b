"""The demo town's season, written again through the doors by five keys, says what the loaded one says."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from api.app import Api, create_app
from tests.api.conftest import Asking, settings_for
from tests.api.season_by_doors import Season
from tests.api.season_words import Row, read
from tests.databases import MakeSessions, url_of
from trace.accounts import Role, create_key
from trace.events.sequencer import sequence_events
from trace.parties import Party
from trace.rebuild import differences

AT_ONCE = 100
# Who holds the other four keys, and who gave them a mandate.
HOLDERS = {
    "officer": ("officer", "379901101", ()),
    "coop": ("coop", "C01", tuple(f"C{number:02}" for number in range(2, 11))),
    "plant": ("plant", "PL1", tuple(f"PL{number}" for number in range(2, 6))),
    "laboratory": ("laboratory", "LAB-1", ("LAB-2",)),
}


class Writer:
    """Writes through the doors; the other keys are given out as soon as their parties are registered."""

    def __init__(self, app: Api, operator: str) -> None:
        self.client, self.tokens = app.test_client(), {"operator": operator}

    def __call__(self, who: str, noun: str, records: Sequence[Row]) -> None:
        """Post records, some at a time."""
        if who not in self.tokens:
            self._give(who)
        for start in range(0, len(records), AT_ONCE):
            self._post(who, noun, list(records[start : start + AT_ONCE]))

    def _post(self, who: str, noun: str, body: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        answer = self.client.post(f"/v1/{noun}", json=body, headers=headers)
        assert answer.status_code == 201, (noun, answer.text[:2000])
        return answer.json

    def _give(self, who: str) -> None:
        role, party, principals = HOLDERS[who]
        account = self._post("operator", "accounts", {"name": f"示例 {who}", "role": role, "party": party})
        scopes = ["read", "write", "history"]
        self.tokens[who] = self._post("operator", "keys", {"account": account["code"], "scopes": scopes})["token"]
        for principal in principals:
            mandate = {"principal": principal, "agent": party, "from_on": "2025-01-01"}
            self._post("operator", "mandates", mandate)


@pytest.fixture(scope="module")
def written(
    make_sessions: MakeSessions, tmp_path_factory: pytest.TempPathFactory, demo_town: bytes
) -> tuple[Asking, Any]:
    """The demo town as it was written through the doors."""
    sessions = make_sessions()
    with sessions.write.begin() as session:
        session.add(Party(code="379901101", name="云溪岭镇", kind="public-body", area_code="379901101"))
        operator = create_key(session, None, Role.OPERATOR)
    app = create_app(settings_for(url_of(sessions), tmp_path_factory.mktemp("doors"), RATE_LIMIT="0"), sessions)
    Season(read(demo_town), Writer(app, operator)).write()
    sequence_events(sessions.write)
    return Asking(app.test_client(), {"operator": operator}), sessions


def exported(ask: Asking, noun: str) -> list[Row]:
    """Return every record of a noun."""
    return [json.loads(line) for line in ask(f"/v1/exports/{noun}").text.splitlines()]


def kilograms(rows: Sequence[Row], field: str) -> Decimal:
    """Return the sum of grams in kilograms."""
    return Decimal(sum(row[field] for row in rows)) / 1000


def test_its_totals_are_those_of_the_file(written: tuple[Asking, Any], demo_town: bytes) -> None:
    ask, _ = written
    wanted: Mapping[str, Any] = json.loads(demo_town, parse_float=Decimal)["expected_totals"]
    pickings, lots = exported(ask, "pickings"), exported(ask, "lots")
    packs, kinds = exported(ask, "packs"), Counter(party["kind"] for party in exported(ask, "parties"))
    found = {
        "cooperatives": kinds["cooperative"],
        "plants": kinds["plant"],
        "farmers": kinds["grower"],
        "plots": len(exported(ask, "plots")),
        "harvests": len(pickings),
        "fresh_kg": kilograms(pickings, "mass_g"),
        "received_kg": kilograms([lot for lot in lots if lot["kind"] == "received"], "initial_g"),
        "made_tea_kg": kilograms([lot for lot in lots if lot["kind"] == "made"], "initial_g"),
        "finished_kg": kilograms([lot for lot in lots if lot["kind"] == "finished"], "initial_g"),
        "bulk_stock_kg": kilograms([lot for lot in lots if lot["kind"] == "finished"], "mass_g"),
        "packs": len(packs),
        "units": sum(pack["units"] for pack in packs),
        "units_in_stock": sum(pack["units_left"] for pack in packs),
        "units_shipped": sum(shipment["units"] for shipment in exported(ask, "shipments")),
        "tests": len(exported(ask, "results")),
        "failed_tests": sum(not result["passed"] for result in exported(ask, "results")),
    }
    assert found == {name: wanted[name] for name in found}


def test_its_findings_are_those_of_the_loaded_one(written: tuple[Asking, Any], ask: Asking) -> None:
    def said(asking: Asking) -> list[Row]:
        kept = ("rule", "severity", "record", "party", "facts", "edition")
        rows = [
            {name: row[name] for name in kept} | {"affects": sorted(row["affects"])}
            for row in exported(asking, "findings")
        ]
        return sorted(rows, key=lambda row: row["rule"])

    assert said(written[0]) == said(ask)


@pytest.mark.parametrize(("lot", "direction"), [("PK008", "back"), ("L014", "back"), ("H0142", "forward")])
def test_its_traces_are_those_of_the_loaded_one(
    written: tuple[Asking, Any], ask: Asking, lot: str, direction: str
) -> None:
    def traced(asking: Asking) -> Row:
        found = asking(f"/v1/lots/{lot}/trace?direction={direction}").json
        edges = sorted((edge["from"], edge["to"], edge["mass_g"]) for edge in found["edges"])
        return {**found, "edges": edges, "sources": sorted(found["sources"], key=lambda end: end["lot"])}

    assert traced(written[0]) == traced(ask)


def test_its_books_can_be_made_again(written: tuple[Asking, Any]) -> None:
    with written[1].read() as session:
        assert list(differences(session)) == []
