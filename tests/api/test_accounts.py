"""Accounts through the API: opened for a party by code, for a named holder."""

from tests.api.doors import Doors


def test_an_account_is_opened_and_its_holder_named_in_what_it_enters(doors: Doors) -> None:
    opened = doors.post("/v1/accounts", {"name": "王芳", "role": "coop", "party": "C01"}, "operator")
    assert (opened.status_code, opened.json["closed_at"]) == (201, None)
    assert doors.get(opened.headers["Location"], "operator").json == opened.json
    assert doors.get("/v1/accounts?party=C01&limit=200", "operator").json["items"][-1] == opened.json
    token = doors.post("/v1/keys", {"account": opened.json["code"]}, "operator").json["token"]
    me = doors.client.get("/v1/me", headers={"Authorization": f"Bearer {token}"}).json
    assert [me[name] for name in ("name", "role", "party")] == ["王芳", "coop", "C01"]


def test_every_fault_of_every_account_is_told(doors: Doors) -> None:
    bodies = [
        {"name": "王芳", "role": "coop"},
        {"name": "李敏", "role": "plant", "party": "NOPE"},
        {"name": "张强", "role": "operator"},
    ]
    answer = doors.post("/v1/accounts", bodies, "operator")
    assert {(one["field"], one["code"]) for one in answer.json["errors"]} == {
        ("[0].party", "missing-field"),
        ("[1].party", "unknown-reference"),
    }
    told = doors.post("/v1/accounts", {"name": "张强 13800138000", "role": "king"}, "operator").json["errors"]
    assert {(one["field"], one["code"]) for one in told} == {("name", "personal-number"), ("role", "not-allowed")}
