"""The description as a program meets it: the examples of the doors for goods are accepted by the demo town."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from api.app import create_app
from tests.api.conftest import Asking, settings_for
from tests.conftest import new_database, prepare
from trace.accounts import Role, create_key
from trace.keys import create_first_key
from trace.season import load_season

NOUNS = ("deliveries", "returns", "destructions", "outside-lots", "cases", "reworks", "label-jobs")


@pytest.fixture(scope="module")
def demo(
    database_base: str | None, tmp_path_factory: pytest.TempPathFactory, demo_town: bytes
) -> Iterator[tuple[FlaskClient, dict[str, str]]]:
    """A client over a demo town of this file's own, and the headers of its operator."""
    directory = tmp_path_factory.mktemp("examples")
    for url in new_database(database_base, directory):
        sessions, settings = prepare(url), settings_for(url, directory)
        with sessions.write.begin() as session:
            load_season(session, demo_town)
            token = create_key(session, None, Role.OPERATOR)
        create_first_key(settings.keys_dir)
        yield create_app(settings, sessions).test_client(), {"Authorization": f"Bearer {token}"}
        sessions.dispose()


@pytest.mark.parametrize("noun", NOUNS)
def test_an_example_is_accepted_and_can_be_read(demo: tuple[FlaskClient, dict[str, str]], noun: str) -> None:
    client, headers = demo
    operation = client.get("/v1/openapi.json").json["paths"][f"/v1/{noun}"]["post"]
    example = operation["requestBody"]["content"]["application/json"]["example"]
    answer = client.post(f"/v1/{noun}", json=example, headers=headers)
    assert answer.status_code == 201, answer.text
    assert client.get(answer.headers["Location"], headers=headers).json == answer.json


def test_every_field_of_every_schema_says_what_it_is(ask: Asking) -> None:
    schemas = ask("/v1/openapi.json").json["components"]["schemas"]
    kinds = {"type", "$ref", "oneOf", "anyOf", "allOf"}
    bare = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, shape in schema.get("properties", {}).items()
        if not kinds & shape.keys()
    ]
    assert bare == []


def test_every_good_answer_says_what_it_holds(ask: Asking) -> None:
    paths = ask("/v1/openapi.json").json["paths"]
    empty = [
        f"{method} {path}"
        for path, item in paths.items()
        for method, operation in item.items()
        if method != "parameters"
        for status, answer in operation["responses"].items()
        if status.startswith("2") and not answer.get("content")
    ]
    assert empty == []
