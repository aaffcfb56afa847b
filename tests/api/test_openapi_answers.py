"""An answer that departs from the description is told, in whichever test it comes."""

import pytest
from flask import Response, jsonify
from werkzeug.test import TestResponse

from tests.api.conftest import Asking
from tests.api.described import Described, description_of


def answered(ask: Asking, path: str, made: Response) -> str:
    """Return what is said of an answer of our own making, had it been given at an address."""
    request = ask(path).request
    answer = TestResponse(made.response, made.status, made.headers, request)
    return description_of(ask.client.application).departure(answer)


@pytest.fixture
def lot(ask: Asking) -> dict[str, object]:
    """A lot as it is answered."""
    found: dict[str, object] = ask("/v1/lots/L001").json
    return found


def test_what_is_described_is_not_told(ask: Asking, lot: dict[str, object]) -> None:
    with ask.client.application.app_context():
        assert answered(ask, "/v1/lots/L001", jsonify(lot)) == ""


@pytest.mark.parametrize(
    ("status", "kind", "changed", "said"),
    [
        (200, "application/json", {"mass_g": "twelve"}, "['mass_g']"),
        (200, "text/html", {}, "200 as text/html is not described"),
        (418, "application/json", {}, "418 is not described"),
        (404, "application/json", {}, "404 as application/json is not described"),
        (503, "application/problem+json", {}, "required property"),
    ],
)
def test_what_departs_is_told(
    ask: Asking, lot: dict[str, object], *, status: int, kind: str, changed: dict[str, object], said: str
) -> None:
    with ask.client.application.app_context():
        made = jsonify(lot | changed)
    made.status_code, made.mimetype = status, kind
    assert said in answered(ask, "/v1/lots/L001", made)


def test_a_bare_code_of_two_parties_is_a_conflict_that_every_address_with_a_code_describes(ask: Asking) -> None:
    described: Described = description_of(ask.client.application)
    silent = [
        f"{method} {path}"
        for path, item in described.spec["paths"].items()
        for method, operation in item.items()
        if "{code}" in path and method != "parameters" and "409" not in operation["responses"]
    ]
    assert silent == []
