"""Of two refusals of one request the upper one of `docs/problems.md` is told."""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from api.app import create_app
from api.problems import place_of
from api.settings import Settings
from tests.api.doors import Doors

TOO_MUCH = 6_000_000


@dataclass
class Asked:
    """A request on its way to be spoilt."""

    method: str = "POST"
    path: str = "/v1/pickings"
    caller: str | None = "coop"
    kind: str = "application/json"
    key: str | None = None
    padding: int = 0
    cut: int = 0
    limited: int = 0
    record: dict[str, Any] = field(default_factory=dict)


def _put(name: str, value: Any) -> Callable[[Asked], None]:
    return lambda asked: setattr(asked, name, value)


def _type(name: str, value: Any) -> Callable[[Asked], None]:
    return lambda asked: asked.record.__setitem__(name, value)


# What may be wrong with a write, by the status and code it is refused with, in the order of the page.
FAULTS: dict[tuple[int, str], Callable[[Asked], None]] = {
    (404, "no-such-address"): _put("path", "/v1/pikings"),
    (405, "method-not-allowed"): _put("method", "PUT"),
    (401, "unauthenticated"): _put("caller", None),
    (429, "too-many-requests"): _put("limited", 1),
    (403, "role-closed"): _put("caller", "laboratory"),
    (403, "scope-missing"): _put("caller", "reader"),
    (413, "too-large"): _put("padding", TOO_MUCH),
    (400, "bad-request"): _put("key", "not visible"),
    (409, "key-reused"): _put("key", "taken"),
    (400, "bad-parameter"): _put("path", "/v1/pickings?limit=1"),
    (415, "unsupported-media-type"): _put("kind", "text/plain"),
    (400, "invalid"): _put("cut", 1),
    (422, "invalid"): _type("pickers", -1),
    (403, "not-for-them"): _type("party", "C02"),
}
# Two of a group stand in one place of a request: it has one address, one token, one key.
ONE_THING = (
    {404, 405},
    {"no-such-address", "bad-parameter"},
    {"unauthenticated", "role-closed", "scope-missing"},
    {"bad-request", "key-reused"},
)


def _apart(first: tuple[int, str], second: tuple[int, str]) -> bool:
    """Return whether one request can have both faults."""
    return not any({*first} & group and {*second} & group for group in ONE_THING)


PAIRS = [pair for pair in itertools.combinations(FAULTS, 2) if _apart(*pair)]


@pytest.fixture
def limited(doors: Doors, fresh_url: str, make_settings: Callable[..., Settings]) -> Doors:
    """The same doors, through which nobody goes any more."""
    app = create_app(make_settings(fresh_url, RATE_LIMIT="1"), doors.sessions)
    closed = replace(doors, app=app, client=app.test_client())
    for caller in doors.tokens:
        closed.get("/v1/me", caller)
    return closed


def _good(doors: Doors) -> dict[str, Any]:
    return {
        "plot": doors.plots["own"],
        "picked_at": "2026-04-18T06:30:00+08:00",
        "mass": {"value": "25.5", "unit": "jin"},
        "pluck_standard": "一芽一叶",
    }


def _send(doors: Doors, asked: Asked) -> TestResponse:
    headers = {"Content-Type": asked.kind}
    if asked.caller is not None:
        headers["Authorization"] = f"Bearer {doors.tokens[asked.caller]}"
    if asked.key is not None:
        headers["Idempotency-Key"] = asked.key
    text = json.dumps(asked.record)
    data = text[: len(text) - asked.cut].encode() + b" " * asked.padding
    return doors.client.open(asked.path, method=asked.method, data=data, headers=headers)


def _told(open_: Doors, limited: Doors, faults: tuple[tuple[int, str], ...]) -> tuple[int, str]:
    asked = Asked(record=_good(open_))
    for fault in faults:
        FAULTS[fault](asked)
    answer = _send(limited if asked.limited else open_, asked)
    return answer.status_code, answer.json["code"]


def test_of_two_refusals_the_upper_one_is_told(doors: Doors, limited: Doors) -> None:
    first = {**_good(doors), "code": "H1"}
    assert doors.post("/v1/pickings", first, Idempotency_Key="taken").status_code == 201
    alone = {fault: _told(doors, limited, (fault,)) for fault in FAULTS}
    assert alone == {fault: fault for fault in FAULTS}
    wrong = {
        pair: told
        for pair in PAIRS
        if (told := _told(doors, limited, pair)) != min(pair, key=lambda one: place_of(*one))
    }
    assert wrong == {}


def test_the_table_names_its_faults_in_the_order_of_the_page() -> None:
    assert sorted(FAULTS, key=lambda fault: place_of(*fault)) == list(FAULTS)


@pytest.mark.parametrize(
    ("path", "caller", "told"),
    [
        ("/v1/accounts/NOPE", "coop", (403, "role-closed")),
        ("/v1/accounts/NOPE?limit=x", "operator", (400, "bad-parameter")),
        ("/v1/accounts/NOPE", "operator", (404, "not-found")),
        ("/v1/accounts?limit=x", "coop", (403, "role-closed")),
        ("/v1/accounts?limit=x", "operator", (400, "bad-parameter")),
    ],
)
def test_who_may_not_read_learns_nothing_else(doors: Doors, path: str, caller: str, told: tuple[int, str]) -> None:
    answer = doors.get(path, caller)
    assert (answer.status_code, answer.json["code"]) == told


@pytest.mark.parametrize(
    ("path", "body", "headers", "told"),
    [
        ("/v1/parties/NOPE", {"name": "x"}, {}, (404, "not-found")),
        ("/v1/parties/NOPE", {"name": 3}, {}, (422, "invalid")),
        ("/v1/parties/C01", {"name": "x"}, {}, (428, "state-required")),
        ("/v1/parties/C01", {"name": "x"}, {"If_Match": '"old"'}, (412, "state-changed")),
    ],
)
def test_a_change_is_looked_at_in_that_order_too(
    doors: Doors, path: str, body: dict[str, Any], headers: dict[str, str], told: tuple[int, str]
) -> None:
    answer = doors.client.patch(path, json=body, headers=doors._headers("coop", headers))
    assert (answer.status_code, answer.json["code"]) == told


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json; charset=gbk"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
def test_only_utf_8_as_it_is_is_taken(doors: Doors, headers: dict[str, str]) -> None:
    answer = doors.client.post("/v1/pickings", data=b"{}", headers={**doors._headers("coop", {}), **headers})
    assert (answer.status_code, answer.json["code"]) == (415, "unsupported-media-type")


@pytest.mark.parametrize(
    "kind", ["application/json; charset=UTF-8", "application/merge-patch+json", "APPLICATION/JSON"]
)
def test_json_by_its_other_names_is_taken(doors: Doors, kind: str) -> None:
    headers = {**doors._headers("coop", {}), "Content-Type": kind}
    assert doors.client.post("/v1/pickings", data=b"{}", headers=headers).status_code == 422


@pytest.mark.parametrize(("value", "code"), [("abc", "not-a-number"), ("1e999", "too-large"), (None, "not-a-number")])
def test_a_mass_that_is_no_number_is_a_fault_of_its_field(doors: Doors, value: object, code: str) -> None:
    answer = doors.post("/v1/pickings", {**_good(doors), "mass": {"value": value, "unit": "kg"}})
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
    assert [(fault["field"], fault["code"]) for fault in answer.json["errors"]] == [("mass", code)]


@pytest.mark.parametrize(("number", "status", "code"), [("NaN", 400, "not-a-number"), ("1e999", 422, "too-large")])
def test_what_only_follows_from_an_unreadable_part_is_not_told(
    doors: Doors, number: str, status: int, code: str
) -> None:
    body = json.dumps({**_good(doors), "mass": {"value": 0.5, "unit": "kg"}}).replace("0.5", number)
    answer = doors.send("/v1/pickings", body.encode())
    assert answer.status_code == status
    assert [(fault["field"], fault["code"]) for fault in answer.json["errors"]] == [("mass.value", code)]


@pytest.mark.parametrize("key", ["", "not visible", "x" * 201, "编号"])
def test_a_bad_idempotency_key_is_named(doors: Doors, key: str) -> None:
    headers = {**doors._headers("coop", {}), "Idempotency-Key": key.encode().decode("latin-1")}
    answer = doors.client.post("/v1/pickings", json=_good(doors), headers=headers)
    assert (answer.status_code, answer.json["code"]) == (400, "bad-request")
    assert [(fault["field"], fault["code"]) for fault in answer.json["errors"]] == [("Idempotency-Key", "key-shape")]


def test_a_fault_says_what_would_be_right(doors: Doors) -> None:
    record = {**_good(doors), "pickers": "6", "claim": "x", "plot": 5, "mode": "typed"}
    answer = doors.post("/v1/pickings", record, Accept_Language="en")
    said = {fault["field"]: fault["detail"] for fault in answer.json["errors"]}
    assert said["pickers"] == "of the wrong kind: a whole number is wanted"
    assert said["plot"] == "of the wrong kind: text is wanted"
    assert said["mode"] == "not one of the values allowed: live, history, capture, offline, paper"
    answer = doors.post("/v1/pickings", {**_good(doors), "pickers": -1})
    assert answer.json["errors"][0]["detail"].startswith("超出允许的范围：最小 1，最大 ")
    answer = doors.post("/v1/pickings", [[]])
    assert answer.json["errors"][0]["detail"] == "类型不对，应为对象"
