"""The examples of the description work on the demo town: whoever copies one gets what it says."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.app import create_app
from tests.api.conftest import settings_for
from tests.api.doors import ALL, Doors
from tests.conftest import new_database, prepare
from trace.accounts import Role, create_key
from trace.events.sequencer import sequence_events
from trace.season import load_season


@pytest.fixture(scope="module")
def written(
    database_base: str | None, tmp_path_factory: pytest.TempPathFactory, demo_town: bytes
) -> Iterator[tuple[Doors, dict[str, Any]]]:
    """The demo town in a database of this file's own, and its description."""
    directory = tmp_path_factory.mktemp("examples")
    for url in new_database(database_base, directory):
        sessions = prepare(url)
        with sessions.write.begin() as session:
            load_season(session, demo_town)
            tokens = {"operator": create_key(session, None, Role.OPERATOR, ALL)}
        sequence_events(sessions.write)
        app = create_app(settings_for(url, directory), sessions)
        doors = Doors(app, app.test_client(), tokens, sessions)
        yield doors, doors.get("/v1/openapi.json", "operator").json["paths"]
        sessions.dispose()


# In order: a plot is split before its parts are joined.
@pytest.mark.parametrize(
    ("route", "code"),
    [
        ("POST /v1/corrections", ""),
        ("POST /v1/plots/{code}/surveys", "P031"),
        ("POST /v1/plots/{code}/holders", "P031"),
        ("POST /v1/plots/{code}/splits", "P001"),
        ("POST /v1/plots/{code}/joins", "3799011012010101"),
        ("POST /v1/plots/{code}/merges", "P031"),
        ("POST /v1/parties/{code}/merges", "F023"),
        ("PATCH /v1/parties/{code}", "C01"),
        ("PATCH /v1/villages/{code}", "V01"),
        ("PATCH /v1/facilities/{code}", "PL1"),
        ("PATCH /v1/products/{code}", "S01"),
        ("PATCH /v1/licences/{code}", ""),
        ("PATCH /v1/brands/{code}", ""),
        ("PATCH /v1/input-products/{code}", "IP02"),
    ],
)
def test_an_example_of_a_change_works(written: tuple[Doors, dict[str, Any]], route: str, code: str) -> None:
    doors, paths = written
    method, path = route.split()
    operation = paths[path][method.lower()]
    body = operation["requestBody"]["content"]["application/json"]["example"]
    address = path.replace("{code}", code or _first(doors, path))
    answer = doors.client.open(
        address,
        method=method,
        json=body,
        headers={"Authorization": f"Bearer {doors.tokens['operator']}", "If-Match": "*"},
    )
    assert answer.status_code in {200, 201}, answer.text


def _first(doors: Doors, path: str) -> str:
    """Return the code of the first record of a list."""
    if "{code}" not in path:
        return ""
    return str(doors.get(path.partition("/{code}")[0], "operator").json["items"][0]["code"])
