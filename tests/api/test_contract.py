"""The description is kept: whatever fits it, or nearly fits, is answered as it says, and never with a 5xx.

`make prove` tries at least 20,000 cases on each engine; every test run a sample.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings

from api.events import LONGEST_S
from tests.api.conftest import settings_for
from tests.api.doors import Doors, open_doors, settle
from tests.conftest import ROOT
from tests.databases import MakeSessions, url_of
from tests.proofs import tries

EXAMPLES = tries(2, 200)  # of each operation, some hundred and twenty of them


@pytest.fixture(scope="session")
def described(make_sessions: MakeSessions, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Doors]:
    """The description as it is served, and a town of its own to try it on."""
    import schemathesis  # noqa: PLC0415 -- takes over a second, and only where it is wanted

    from api.app import create_app  # noqa: PLC0415 -- likewise

    sessions = make_sessions()
    app = create_app(settings_for(url_of(sessions), tmp_path_factory.mktemp("contract")), sessions)
    config = schemathesis.Config.from_path(ROOT / "schemathesis.toml")
    described = schemathesis.openapi.from_wsgi("/v1/openapi.json", app, config=config)
    return described, open_doors(app, sessions, settle(sessions))


def operations(schema: Any) -> Iterator[Any]:
    """Yield every operation of a description."""
    for found in schema.get_all_operations():
        yield found.ok()


@pytest.mark.prove
@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_every_answer_is_one_that_the_description_knows(described: tuple[Any, Doors], mode: str) -> None:
    schema, doors = described
    tried: Counter[str] = Counter()
    for operation in operations(schema):
        _try(operation, mode, doors.tokens["operator"], tried)
    assert tried.total() >= tries(50, 10_000)


def _try(operation: Any, mode: str, token: str, tried: Counter[str]) -> None:
    """Send what fits an operation's description, or nearly fits; every check of the library must hold."""
    from schemathesis import GenerationMode  # noqa: PLC0415 -- as above

    @given(case=operation.as_strategy(generation_mode=GenerationMode(mode)))
    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def run(case: Any) -> None:
        assume(not any(value in ([], {}) for value in case.query.values()))  # what is wrong would not be sent
        tried[operation.label] += 1
        if case.query.get("wait") in range(1, LONGEST_S + 1):
            case.query["wait"] = 0  # waiting is tried elsewhere, and for a second
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"})

    run()
