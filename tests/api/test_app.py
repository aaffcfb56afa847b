"""One request is one transaction; who may ask; how it refuses; what every answer carries."""

import json
import re
import subprocess
import sys

import pytest
from flask import g, request
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from api.app import LARGEST_BODY, Api
from tests.api.conftest import Asking, OpenApp, make_app, reopen
from tests.conftest import ROOT
from trace.accounts import ApiKey, Role, create_key
from trace.errors import ConflictError, Fault, InvalidError
from trace.parties import Party
from trace.strict_json import UnreadableFault

PARTY = {"name": "合作社", "kind": "cooperative", "area_code": "379901101"}


def _add_party() -> dict[str, str]:
    g.session.add(Party(code="C-NEW", **PARTY))
    g.session.flush()
    return {}


def _add_and_refuse() -> dict[str, str]:
    _add_party()
    raise ConflictError(code="C-NEW")


def _refuse_faults() -> dict[str, str]:
    raise InvalidError([Fault("mass", "not-whole-grams"), Fault("lot", "empty")])


def _refuse_json() -> dict[str, str]:
    raise InvalidError([UnreadableFault("", "not-json", {"line": 1, "column": 2})])


def _break() -> dict[str, str]:
    raise ZeroDivisionError("a secret detail")


def _read() -> str:
    return str(len(request.get_data()))


def _see_session() -> dict[str, str]:
    seen.append(g.session)
    return {}


seen: list[object] = []
VIEWS = {
    "/write": _add_party,
    "/refuse": _add_and_refuse,
    "/faults": _refuse_faults,
    "/json": _refuse_json,
    "/break": _break,
    "/read": _read,
    "/session": _see_session,
}


@pytest.fixture(scope="module")
def open_app(tmp_path_factory: pytest.TempPathFactory) -> OpenApp:
    """An application with views of this file's own."""
    app = make_app(tmp_path_factory.mktemp("app"))
    for path, view in VIEWS.items():
        app.add_url_rule(path, path, view, methods=["GET", "POST"])
    return reopen(app)


@pytest.fixture
def client(empty_app: Api) -> FlaskClient:
    return empty_app.test_client()


def _parties(app: Api) -> list[str]:
    with app.extensions["chasu"].sessions.read() as session:
        return list(session.scalars(select(Party.code)))


def test_a_view_that_returns_is_committed(client: FlaskClient, empty_app: Api) -> None:
    assert client.post("/write").status_code == 200
    assert _parties(empty_app) == ["C-NEW"]


def test_a_view_that_refuses_leaves_nothing(client: FlaskClient, empty_app: Api) -> None:
    assert client.post("/refuse").status_code == 409
    assert _parties(empty_app) == []


def test_every_request_has_a_session_of_its_own_though_they_share_g(client: FlaskClient, empty_app: Api) -> None:
    seen.clear()
    with empty_app.app_context():  # as under pytest-flask
        assert [client.get("/session").status_code, client.get("/faults").status_code] == [200, 422]
        assert client.get("/session").status_code == 200
        assert "session" not in g
    assert seen[0] is not seen[1]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_request_that_reads_cannot_write(client: FlaskClient, empty_app: Api, method: str) -> None:
    assert client.open("/write", method=method).status_code >= 500
    assert _parties(empty_app) == []


def test_the_read_engine_refuses_to_write(empty_app: Api) -> None:
    with empty_app.extensions["chasu"].sessions.read() as session:
        session.add(Party(code="C-NEW", **PARTY))
        with pytest.raises(DBAPIError):
            session.flush()


@pytest.mark.parametrize(
    "path", ["/v1/lots", "/v1/lots/L001", "/v1/lots/L001/trace", "/v1/events/1", "/v1/findings", "/v1/recalls/RC01"]
)
@pytest.mark.parametrize("given", [None, "Bearer ", "Bearer wrong", "Basic YTpi", "Bearer \u00e9"])
def test_without_a_good_key_there_is_nothing_to_read(client: FlaskClient, path: str, given: str | None) -> None:
    answer = client.get(path, headers={"Authorization": given} if given else {})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.mimetype == "application/problem+json"


def test_every_route_of_v1_is_closed_unless_it_is_on_the_list(empty_app: Api) -> None:
    client = empty_app.test_client()
    for rule in empty_app.url_map.iter_rules():
        if rule.rule.startswith("/v1/"):
            for method in (rule.methods or set()) - {"OPTIONS"}:
                status = client.open(rule.rule.replace("<path:code>", "X"), method=method).status_code
                assert status == (200 if rule.endpoint in {"api-docs.openapi_json", "docs.page"} else 401), rule.rule


def test_a_revoked_key_opens_nothing(empty_app: Api) -> None:
    sessions = empty_app.extensions["chasu"].sessions
    with sessions.write.begin() as session:
        token = create_key(session, None, Role.OPERATOR)
    headers = {"Authorization": f"Bearer {token}"}
    assert empty_app.test_client().get("/v1/lots", headers=headers).status_code == 200
    with sessions.write.begin() as session:
        key = session.scalars(select(ApiKey)).one()
        key.revoked_at = key.created_at
    assert empty_app.test_client().get("/v1/lots", headers=headers).status_code == 401


def test_a_refusal_is_a_problem_in_the_language_asked_for(ask: Asking) -> None:
    problem = ask("/v1/lots/NOPE").json
    assert {name: problem[name] for name in ("type", "title", "status", "detail", "code", "facts")} == {
        "type": "/problems/not-found",
        "title": "找不到",
        "status": 404,
        "detail": "找不到批次 NOPE",
        "code": "not-found",
        "facts": {"what": "lot", "code": "NOPE"},
    }
    english = ask("/v1/lots/NOPE", Accept_Language="en-GB,en;q=0.9,zh;q=0.5")
    assert english.json["detail"] == "there is no lot NOPE"
    assert english.headers["Content-Language"] == "en"
    assert ask("/v1/lots/NOPE", Accept_Language="fr").json["detail"] == "找不到批次 NOPE"


def test_faults_are_told_field_by_field(client: FlaskClient) -> None:
    answer = client.post("/faults", headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json["errors"] == [
        {"field": "mass", "code": "not-whole-grams", "detail": "换算后不是整克"},
        {"field": "lot", "code": "empty", "detail": "不能为空"},
    ]
    assert "facts" not in answer.json


def test_what_is_not_json_is_a_bad_request(client: FlaskClient) -> None:
    assert client.post("/json", headers={"Accept": "application/json"}).status_code == 400


def test_an_unknown_error_says_nothing_about_our_insides(client: FlaskClient) -> None:
    answer = client.get("/break", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["code"]) == (500, "internal")
    assert "secret" not in answer.text
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]


def test_a_wrong_method_says_which_are_right(ask: Asking) -> None:
    answer = ask.client.delete("/v1/lots")
    assert (answer.status_code, answer.json["code"]) == (405, "method-not-allowed")
    assert "GET" in answer.headers["Allow"]


def test_a_body_beyond_5_mb_is_refused(client: FlaskClient) -> None:
    assert client.post("/read", data=b"x" * LARGEST_BODY).status_code == 200
    assert client.post("/read", data=b"x" * (LARGEST_BODY + 1)).status_code == 413


@pytest.mark.parametrize(
    "path", ["/healthz", "/v1/lots", "/v1/docs", "/static/docs.css", "/nothing", "/v1/openapi.json"]
)
def test_every_answer_carries_the_headers(ask: Asking, path: str) -> None:
    headers = ask.client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Request-Id"]


def test_a_proxys_request_id_is_kept_when_it_looks_like_one(ask: Asking) -> None:
    assert (
        ask.client.get("/healthz", headers={"X-Request-Id": "abc-12345678"}).headers["X-Request-Id"] == "abc-12345678"
    )
    assert ask.client.get("/healthz", headers={"X-Request-Id": "<b>" * 9}).headers["X-Request-Id"].isalnum()


def test_the_description_is_openapi_and_names_every_route(ask: Asking, town: tuple[Api, object]) -> None:
    description = json.loads(ask.client.get("/v1/openapi.json").text)
    assert description["openapi"] == "3.1.0"
    routes = {
        rule.rule.replace("<path:code>", "{code}")
        for rule in town[0].url_map.iter_rules()
        if rule.rule.startswith("/v1/") and rule.endpoint not in {"api-docs.openapi_json", "docs.page"}
    }
    assert set(description["paths"]) == routes
    for item in description["paths"].values():
        for method, operation in item.items():
            if method != "parameters":
                assert operation["summary"].endswith(".")
                assert {"401", "403", "404", "429"} <= set(operation["responses"])
                assert {"200", "201"} & set(operation["responses"])
    text = json.dumps(description["paths"]) + json.dumps(description["components"])
    unused = {name for name in description["components"]["schemas"] if f'schemas/{name}"' not in text}
    assert unused == set()


@pytest.mark.parametrize(("asked", "title"), [("zh", "茶溯接口说明"), ("en", "Chasu: the interface")])
def test_the_docs_page_shows_every_noun_without_script_or_inline_style(ask: Asking, asked: str, title: str) -> None:
    page = ask.client.get("/v1/docs", headers={"Accept-Language": asked}).text
    assert title in page
    assert "docs." not in page.replace("docs.css", "")
    for noun in ("parties", "lots", "label-jobs", "recalls"):
        assert f'id="{noun}"' in page
    assert "string | null" in page
    assert "[&#39;" not in page
    for forbidden in ("<script", "<style", "style=", "onclick", "//cdn"):
        assert forbidden not in page


def test_the_docs_page_says_which_fields_a_body_must_have_and_what_they_may_be(ask: Asking) -> None:
    page = ask.client.get("/v1/docs", headers={"Accept-Language": "en"}).text
    body = page.partition('id="schema-EnterPicking"')[2].partition("</article>")[0]
    rows = dict(re.findall(r"<code>(\w+)</code></td><td>(.*?)</td>", body))
    assert "required" in rows["plot"]
    assert "required" not in rows["pickers"]
    assert "1…10000" in rows["pickers"]
    assert "live · history" in rows["mode"]
    assert "Idempotency-Key" in page.partition("Masses and moments")[0]


@pytest.mark.parametrize("asked", ["zh", "en"])
def test_the_docs_page_says_its_language_and_that_it_depends_on_it(ask: Asking, asked: str) -> None:
    headers = ask.client.get("/v1/docs", headers={"Accept-Language": asked}).headers
    assert headers["Content-Language"] == asked
    assert "Accept-Language" in headers["Vary"]


def test_nothing_heavy_is_loaded_for_the_first_answer() -> None:
    code = (
        "import sys; from api.app import create_app; "
        "assert create_app().test_client().get('/healthz').status_code == 200; "
        "print([name for name in ('shapely', 'reportlab', 'fontTools', 'PIL', 'alembic.command', 'gunicorn') "
        "if name in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={"PYTHONPATH": "."}, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
