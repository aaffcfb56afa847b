"""The description is kept: whatever fits it, or nearly fits, is answered as it says, and never with a 5xx.

`make prove` tries at least 20,000 cases on each engine, and brings every route to a success; every test run a sample.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from api.events import LONGEST_S
from tests.api.nearly import mend
from tests.api.test_roles import prepare_town
from tests.api.three_parties import ThreeParties
from tests.conftest import ROOT
from tests.databases import MakeSessions
from tests.proofs import FULL, tries

EXAMPLES = tries(2, 80)  # of each operation, some three hundred of them
NEARLY = tries(2, 6)  # of each operation, likewise: some take a position of the one pack of 200 each time
EVERY = tries(12, 1)  # how many operations there are to one that is tried with what nearly works
# Of what a generated part made wrong nothing says whether it is refused.
_JUDGING = ("negative_data_rejection", "positive_data_acceptance", "missing_required_header")
# A file of several registers is filled by hand in tests of its own.
_UNREACHED = {"POST /v1/exchange"}


@pytest.fixture(scope="session")
def described(make_sessions: MakeSessions, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, ThreeParties]:
    """The description as it is served, and a town of its own to try it on."""
    import schemathesis  # noqa: PLC0415 -- takes over a second, and only where it is wanted

    town = prepare_town(make_sessions(), tmp_path_factory.mktemp("contract"))
    config = schemathesis.Config.from_path(ROOT / "schemathesis.toml")
    described = schemathesis.openapi.from_wsgi("/v1/openapi.json", town.doors.app, config=config)
    for item in described.raw_schema["paths"].values():
        for operation in item.values():
            if "responses" in operation:
                del operation["responses"]["default"]  # or no status at all would be unknown
    return described, town


def operations(schema: Any) -> Iterator[Any]:
    """Yield every operation of a description."""
    for found in schema.get_all_operations():
        yield found.ok()


@pytest.mark.prove
@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_every_answer_is_one_that_the_description_knows(described: tuple[Any, ThreeParties], mode: str) -> None:
    schema, town = described
    tried: Counter[str] = Counter()

    def ask(case: Any, _data: st.DataObject) -> None:
        tried[case.operation.label] += 1
        case.call_and_validate(headers=_headers(town))

    for operation in operations(schema):
        _try(operation, mode, EXAMPLES, ask)
    assert tried.total() >= tries(50, 10_000)


@pytest.mark.prove
@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_so_is_every_answer_to_what_nearly_works(described: tuple[Any, ThreeParties], mode: str) -> None:
    from schemathesis.checks import CHECKS  # noqa: PLC0415 -- as above

    schema, town = described
    left_out = [check for check in CHECKS.get_all() if check.__name__ in _JUDGING]
    answered: defaultdict[str, Counter[int]] = defaultdict(Counter)

    def ask(case: Any, data: st.DataObject) -> None:
        mend(case, town, data)
        answer = case.call(headers=_headers(town))
        answered[case.operation.label][answer.status_code] += 1
        case.validate_response(answer, excluded_checks=left_out, headers=_headers(town))

    for operation in islice(operations(schema), 0, None, EVERY):
        _try(operation, mode, NEARLY, ask)
    if FULL and mode == "positive":  # what is wrong on purpose need not succeed
        assert {label for label, statuses in answered.items() if not statuses.keys() & {200, 201}} <= _UNREACHED


def _headers(town: ThreeParties) -> dict[str, str]:
    return {"Authorization": f"Bearer {town.doors.tokens['O']}"}


def _try(operation: Any, mode: str, examples: int, ask: Callable[[Any, st.DataObject], None]) -> None:
    """Send what fits an operation's description, or nearly fits; every check of the library must hold."""
    from schemathesis import GenerationMode  # noqa: PLC0415 -- as above

    # No shrinking: what was written before stays written, so a smaller case would be answered otherwise.
    @given(case=operation.as_strategy(generation_mode=GenerationMode(mode)), data=st.data())
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def run(case: Any, data: st.DataObject) -> None:
        assume(not any(value in ([], {}) for value in case.query.values()))  # what is wrong would not be sent
        if case.query.get("wait") in range(1, LONGEST_S + 1):
            case.query["wait"] = 0  # waiting is tried elsewhere, and for a second
        ask(case, data)

    run()
