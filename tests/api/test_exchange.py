"""Registers go out as spreadsheets and come back: nothing is lost on the way, and nothing is to do."""

from collections.abc import Iterator

import pytest

from api.app import create_app
from api.exchange.registers import REGISTERS
from tests.api.conftest import settings_for
from tests.api.doors import ALL, Doors
from tests.conftest import new_database, prepare
from trace.accounts import Role, create_key
from trace.keys import create_first_key
from trace.season import load_season

# Of these the demo town has none: one of each is entered, as the description shows it.
MORE = ("deliveries", "returns", "destructions", "outside-lots", "cases", "reworks", "samples")
MADE = {
    "purchases": {**REGISTERS["purchases"].body.EXAMPLE, "party": "C01"},
    "field-work": {**REGISTERS["field-work"].body.EXAMPLE, "party": "C02", "plot": "P001"},
    "pickings": {**REGISTERS["pickings"].body.EXAMPLE, "party": "C01", "code": "X1", "plot": "P031"},
    "hand-overs": {
        **REGISTERS["hand-overs"].body.EXAMPLE,
        "party": "C01",
        "lots": [{"lot": "X1", "mass": {"value": "25.0", "unit": "jin"}}],
    },
    "blends": {
        "party": "PL1",
        "done_at": "2026-06-20T18:00:00+08:00",
        "inputs": [{"lot": "L001", "mass": {"value": "10", "unit": "jin"}}],
        "output": {"mass": {"value": "4", "unit": "kg"}},
        "by_product": {"mass": {"value": "900", "unit": "g"}},
        "steps": [{"step": "拼配", "measured": {"minutes": 12}}],
    },
}


@pytest.fixture(scope="module")
def stocked(database_base: str | None, tmp_path_factory: pytest.TempPathFactory, demo_town: bytes) -> Iterator[Doors]:
    """A demo town of this file's own that has some of everything."""
    directory = tmp_path_factory.mktemp("exchange")
    for url in new_database(database_base, directory):
        sessions, settings = prepare(url), settings_for(url, directory)
        with sessions.write.begin() as session:
            load_season(session, demo_town)
            tokens = {
                "operator": create_key(session, None, Role.OPERATOR, ALL),
                "coop": create_key(session, "C01", Role.COOP, ALL),
            }
        create_first_key(settings.keys_dir)
        app = create_app(settings, sessions)
        doors = Doors(app, app.test_client(), tokens, sessions)
        examples = {name: {"party": "PL1", **REGISTERS[name].body.EXAMPLE} for name in MORE}
        for name, record in {**examples, **MADE}.items():
            answer = doors.post(f"/v1/{name}", record, "operator")
            assert answer.status_code == 201, answer.text
        yield doors
        sessions.dispose()


def check(doors: Doors, path: str, file: bytes, caller: str = "operator") -> dict[str, object]:
    """Return what a dry run says of a file."""
    answer = doors.send(f"{path}?dry_run=true", file, caller, Content_Type="application/octet-stream")
    assert answer.status_code == 200, answer.text
    return answer.json


@pytest.mark.parametrize("name", list(REGISTERS))
@pytest.mark.parametrize(
    "query", ["format=xlsx", "format=csv", "format=csv&encoding=gb18030", "format=csv&encoding=utf-16"]
)
def test_a_register_that_went_out_and_comes_back_has_nothing_to_do(stocked: Doors, name: str, query: str) -> None:
    file = stocked.get(f"/v1/exchange/{name}?{query}", "operator")
    assert file.status_code == 200, file.text
    report = check(stocked, f"/v1/exchange/{name}", file.data)
    assert report["errors"] == []
    assert (report["new"], report["same"]) == (0, report["rows"])
    assert report["rows"]
