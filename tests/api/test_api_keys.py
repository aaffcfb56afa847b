"""Keys through the API: given out, rotated, revoked; and what none of this may widen."""

from typing import Any

from tests.api.doors import Doors


def account_of(doors: Doors, caller: str) -> str:
    """Return the account behind one of the callers."""
    code: str = doors.get("/v1/me", caller).json["account"]
    return code


def new_key(doors: Doors, caller: str, **more: Any) -> Any:
    """Let the operator give one of the callers' accounts another key, and return the answer."""
    return doors.post("/v1/keys", {"account": account_of(doors, caller), **more}, "operator")


def use(doors: Doors, method: str, path: str, token: str) -> Any:
    """Ask with a token."""
    return doors.client.open(path, method=method, headers={"Authorization": f"Bearer {token}"})


def test_a_key_tells_whose_it_is(doors: Doors) -> None:
    given = new_key(doors, "plant", scopes=["read"], expires_at="2099-01-01T00:00:00+08:00")
    assert (given.status_code, given.json["party"], given.json["scopes"]) == (201, "PL1", ["read"])
    me = use(doors, "GET", "/v1/me", given.json["token"]).json
    assert me == {
        "account": given.json["account"],
        "name": "plant PL1",
        "role": "plant",
        "party": "PL1",
        "key": given.json["code"],
        "scopes": ["read"],
        "expires_at": "2099-01-01T00:00:00+08:00",
    }
    assert doors.get(given.headers["Location"], "operator").json["code"] == given.json["code"]
    assert doors.get("/v1/me", "operator").json["party"] is None


def test_a_key_is_refused_field_by_field(doors: Doors) -> None:
    body = {"account": "nobody", "scopes": ["read", "rule"], "expires_at": "2099-01-01", "party": "C01"}
    answer = doors.post("/v1/keys", body, "operator")
    assert {(one["field"], one["code"]) for one in answer.json["errors"]} == {
        ("scopes[1]", "not-allowed"),
        ("expires_at", "not-a-moment"),
        ("party", "unknown-field"),
    }
    unknown = doors.post("/v1/keys", {"account": "nobody"}, "operator")
    assert [(one["field"], one["code"]) for one in unknown.json["errors"]] == [("account", "unknown-reference")]
    past = new_key(doors, "plant", expires_at="2020-01-01T00:00:00Z")
    assert (past.status_code, past.json["code"]) == (422, "expiry-past")


def test_a_rotated_key_keeps_what_it_was_good_for_and_the_former_opens_a_week_more(doors: Doors) -> None:
    given = new_key(doors, "plant", scopes=["read", "write"], expires_at="2099-01-01T00:00:00Z").json
    rotated = use(doors, "POST", f"/v1/keys/{given['code']}/rotate", given["token"])
    assert rotated.status_code == 201, rotated.text
    assert [rotated.json[name] for name in ("scopes", "expires_at")] == [given["scopes"], given["expires_at"]]
    assert use(doors, "GET", "/v1/me", rotated.json["token"]).status_code == 200
    former = use(doors, "GET", "/v1/me", given["token"])
    assert former.status_code == 200
    assert former.json["expires_at"] < "2099"


def test_nobody_rotates_a_key_good_for_more_than_the_one_shown(doors: Doors) -> None:
    given = new_key(doors, "plant", scopes=["write"]).json
    historian = next(key for key in doors.get("/v1/keys", "plant").json["items"] if "history" in key["scopes"])
    answer = use(doors, "POST", f"/v1/keys/{historian['code']}/rotate", given["token"])
    assert (answer.status_code, answer.json["code"]) == (403, "scope-missing")
    assert doors.post(f"/v1/keys/{historian['code']}/rotate", None, "operator").status_code == 201


def test_a_revoked_key_opens_nothing_and_is_not_rotated(doors: Doors) -> None:
    given = new_key(doors, "plant").json
    path = f"/v1/keys/{given['code']}"
    revoked = use(doors, "DELETE", path, given["token"])
    assert (revoked.status_code, bool(revoked.json["revoked_at"])) == (200, True)
    assert use(doors, "GET", "/v1/me", given["token"]).status_code == 401
    assert use(doors, "DELETE", path, doors.tokens["plant"]).json == revoked.json
    assert doors.post(f"{path}/rotate", None, "operator").json["code"] == "key-closed"


def test_a_closed_account_has_no_key_that_opens_and_gets_none(doors: Doors) -> None:
    account = account_of(doors, "plant")
    assert use(doors, "DELETE", f"/v1/accounts/{account}", doors.tokens["operator"]).json["closed_at"]
    assert doors.get("/v1/me", "plant").status_code == 401
    assert doors.post("/v1/keys", {"account": account}, "operator").json["code"] == "key-closed"


def test_no_answer_has_a_token_or_its_hash(doors: Doors) -> None:
    given = new_key(doors, "plant").json
    shown = doors.get("/v1/keys?limit=200", "operator").text
    assert given["token"] not in shown
    assert "sha256" not in shown
    assert doors.get("/v1/keys/a%00b", "operator").status_code == 404
