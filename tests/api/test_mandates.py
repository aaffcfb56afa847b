"""Mandates through the API: a broker lets its plant enter for it, and takes that back."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from tests.api.doors import Doors
from tests.factories import make_party
from tests.trace.test_record import statements
from trace import clock
from trace.accounts import Caller, Role
from trace.mandates import acting_parties

TODAY = clock.today()


def give(doors: Doors, caller: str = "broker", **changes: Any) -> Any:
    """Give a mandate, from today on, to the plant."""
    return doors.post("/v1/mandates", {"agent": "PL1", "from_on": TODAY.isoformat(), **changes}, caller)


def enter(doors: Doors) -> str:
    """Let the plant try to enter a picking for the broker; return `ok`, or why not."""
    body = {
        "party": "B01",
        "plot": doors.plots["own"],
        "picked_at": "2026-04-18T06:30:00+08:00",
        "mass": {"value": "25.5", "unit": "jin"},
        "pluck_standard": "一芽一叶",
    }
    answer = doors.post("/v1/pickings", body, "plant")
    return "for them" if answer.json["code"] != "not-for-them" else "not-for-them"


def test_a_mandate_opens_from_its_day_until_its_day_or_its_end(doors: Doors) -> None:
    assert enter(doors) == "not-for-them"
    day = timedelta(days=1)
    give(doors, from_on=(TODAY + day).isoformat())
    give(doors, from_on=(TODAY - 2 * day).isoformat(), until_on=(TODAY - day).isoformat())
    assert enter(doors) == "not-for-them"
    given = give(doors)
    assert (given.status_code, given.json["principal"], given.json["agent"]) == (201, "B01", "PL1")
    assert enter(doors) == "for them"
    headers = {"Authorization": f"Bearer {doors.tokens['plant']}"}
    assert doors.client.delete(given.headers["Location"], headers=headers).json["code"] == "not-for-them"
    headers = {"Authorization": f"Bearer {doors.tokens['broker']}"}
    ended = doors.client.delete(given.headers["Location"], headers=headers)
    assert (ended.status_code, bool(ended.json["ended_at"])) == (200, True)
    assert doors.client.delete(given.headers["Location"], headers=headers).json == ended.json
    assert enter(doors) == "not-for-them"


def test_an_agent_gives_itself_no_mandate_and_passes_none_on(doors: Doors) -> None:
    assert give(doors, "plant", principal="B01").json["code"] == "not-for-them"
    assert give(doors).status_code == 201
    assert give(doors, "plant", principal="B01", agent="PL2").json["code"] == "not-for-them"
    assert give(doors, "operator").json["code"] == "party-not-said"  # an operator has no party of its own
    assert give(doors, "operator", principal="B01", agent="PL2").status_code == 201


def test_every_fault_of_a_mandate_is_told(doors: Doors) -> None:
    answer = give(doors, agent="B01", until_on=(TODAY - timedelta(days=1)).isoformat())
    assert {(one["field"], one["code"]) for one in answer.json["errors"]} == {
        ("agent", "mandate-to-itself"),
        ("until_on", "until-before-from"),
    }
    assert give(doors, agent="NOPE").json["errors"][0]["code"] == "unknown-reference"


def test_a_thousand_growers_records_take_as_many_statements_as_one(session: Session) -> None:
    home = make_party(session, kind="cooperative")
    members = [make_party(session, kind="grower", member_of_id=home.id) for _ in range(5)]
    with statements(session) as sent:
        found = acting_parties(session, Caller(Role.COOP, home), [None, home.code, *(one.code for one in members)])
    assert found == {None: home, home.code: home, **{one.code: one for one in members}}
    assert len(sent) == 1, "\n".join(sent)
