"""`/v1/events`: the one order, and waiting for what comes next."""

import threading

from tests.api.doors import Doors
from tests.api.test_pickings import picking
from trace.events.sequencer import sequence_events


def test_who_waits_is_told_of_the_next_event_when_it_comes(doors: Doors) -> None:
    start = doors.get("/v1/events?wait=0").json
    assert start["items"] == []

    def record() -> None:
        client = doors.app.test_client()
        headers = {"Authorization": f"Bearer {doors.tokens['coop']}"}
        assert client.post("/v1/pickings", json=picking(doors, code="H1"), headers=headers).status_code == 201
        sequence_events(doors.sessions.write)

    writer = threading.Thread(target=record)
    writer.start()
    found = doors.get(f"/v1/events?wait=30&after={start['next']}").json
    writer.join()
    assert [event["position"] for event in found["items"]] == [1]
    assert doors.get(f"/v1/events?after={found['next']}").json == {"items": [], "next": None}


def test_a_token_goes_on_with_and_without_waiting(doors: Doors) -> None:
    for number in range(3):
        doors.post("/v1/pickings", picking(doors, code=f"H{number}"))
    sequence_events(doors.sessions.write)
    first = doors.get("/v1/events?limit=2").json
    rest = doors.get(f"/v1/events?wait=0&limit=2&after={first['next']}").json
    assert [event["position"] for event in first["items"] + rest["items"]] == [1, 2, 3]
    assert doors.get(f"/v1/events?wait=0&after={rest['next']}").json["next"] == rest["next"]


def test_nobody_waits_for_longer_than_half_a_minute(doors: Doors) -> None:
    answer = doors.get("/v1/events?wait=31")
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (400, "out-of-range")
