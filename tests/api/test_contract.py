"""The description is kept: whatever fits it, or nearly fits, is answered as it says, and never with a 5xx.

`make prove` tries at least 20,000 cases on each engine; every test run a sample.
"""

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode

from tests.api.conftest import settings_for
from tests.api.doors import Doors, open_doors
from tests.conftest import ROOT, new_database, prepare

FULL = os.environ.get("CHASU_PROVE") == "full"
EXAMPLES = 400 if FULL else 4  # of each operation, some sixty of them


@pytest.fixture(scope="session")
def described(database_base: str | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Doors]]:
    """The description as it is served, and a town of its own to try it on."""
    from api.app import create_app  # noqa: PLC0415 -- only where it is wanted

    directory = tmp_path_factory.mktemp("contract")
    for url in new_database(database_base, directory):
        sessions = prepare(url)
        app = create_app(settings_for(url, directory), sessions)
        for doors in open_doors(app, sessions):
            config = schemathesis.Config.from_path(ROOT / "schemathesis.toml")
            yield schemathesis.openapi.from_wsgi("/v1/openapi.json", app, config=config), doors
        sessions.dispose()


def operations(schema: Any) -> Iterator[Any]:
    """Yield every operation of a description."""
    for found in schema.get_all_operations():
        yield found.ok()


@pytest.mark.prove
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_answer_is_one_that_the_description_knows(described: tuple[Any, Doors], mode: GenerationMode) -> None:
    schema, doors = described
    tried: Counter[str] = Counter()
    for operation in operations(schema):
        _try(operation, mode, doors.tokens["operator"], tried)
    assert tried.total() >= (20_000 if FULL else 100) // 2


def _try(operation: Any, mode: GenerationMode, token: str, tried: Counter[str]) -> None:
    """Send what fits an operation's description, or nearly fits; every check of the library must hold."""

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def run(case: Case) -> None:
        tried[operation.label] += 1
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"})

    run()
