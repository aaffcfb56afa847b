"""`flask …`: each command in-process; refusals are one line in both languages and exit code 1."""

import io
import json
import pathlib
import shutil
import zipfile
from collections.abc import Callable

import pytest
from click.testing import Result
from PIL import Image
from sqlalchemy import func, select

from api.app import Api, create_app
from api.settings import Settings
from tests.api.conftest import OpenApp, settings_for
from tests.conftest import ROOT
from tests.databases import Kept, keep_all, lay, new_database
from trace.accounts import find_caller
from trace.events.tables import Event, EventPosition
from trace.instance import get_instance
from trace.label_jobs import LabelJob

DEMO_TOWN = ROOT / "demo" / "demo-town.json"
ABOVE_NOTE = {
    ("harvest_inside_phi", "reason", "H0142"),
    ("output_exceeds_input", "reason", "R0023"),
    ("mrl_exceeded", "refuse", "T016"),
}


@pytest.fixture
def app(open_app: OpenApp, empty_url: str, make_settings: Callable[..., Settings]) -> Api:
    """An application over a database that is not there yet."""
    return open_app(make_settings(empty_url))


def run(app: Api, *words: str) -> Result:
    with app.app_context():  # as `flask` itself opens it
        return app.test_cli_runner().invoke(args=list(words))


def refused(result: Result) -> str:
    """Return the one line of a refusal."""
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert " / " in line
    return line


def sessions_of(app: Api):
    return app.extensions["chasu"].sessions


def upgrade_server(app: Api) -> None:
    """Do what the keeper of a database server does; a database in a file upgrades by itself."""
    if app.extensions["chasu"].settings.sqlite_file is None:
        assert run(app, "db", "upgrade").exit_code == 0


@pytest.fixture(scope="session")
def template(database_base: str | None, tmp_path_factory: pytest.TempPathFactory) -> tuple[pathlib.Path, Kept]:
    """A folder with the keys and the demo town as the command loads it."""
    directory = tmp_path_factory.mktemp("template")
    for url in new_database(database_base, tmp_path_factory.mktemp("loaded")):
        app = create_app(settings_for(url, directory))
        upgrade_server(app)
        assert run(app, "season", "load", str(DEMO_TOWN)).exit_code == 0
        kept = keep_all(sessions_of(app), tmp_path_factory.mktemp("kept"))
    return directory, kept


@pytest.fixture
def loaded(
    open_app: OpenApp,
    fresh_url: str,
    make_settings: Callable[..., Settings],
    template: tuple[pathlib.Path, Kept],
    tmp_path: pathlib.Path,
) -> Api:
    """An application over a copy of the demo town."""
    folder, kept = template
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    lay(kept, fresh_url)
    return open_app(make_settings(fresh_url))


def print_labels(app: Api, out: pathlib.Path, *words: str, pack: str = "PK001") -> Result:
    return run(app, "labels", "print", "--pack", pack, "--out", str(out), *words)


def test_upgrade_founds_the_installation_and_its_first_key_once(app: Api) -> None:
    assert run(app, "db", "upgrade").exit_code == 0
    with sessions_of(app).read() as session:
        name = get_instance(session).name
        assert get_instance(session).id_url == "http://127.0.0.1:8000"
    key = app.extensions["chasu"].keys.ring().signing
    assert run(app, "db", "upgrade").exit_code == 0
    with sessions_of(app).read() as session:
        assert get_instance(session).name == name
    assert app.extensions["chasu"].keys.ring().signing == key


def test_a_season_is_loaded_once_and_its_events_get_their_positions(app: Api) -> None:
    upgrade_server(app)
    first = json.loads(run(app, "season", "load", str(DEMO_TOWN), "--json").stdout)
    again = json.loads(run(app, "season", "load", str(DEMO_TOWN), "--json").stdout)
    assert (first["loaded"], again["loaded"]) == (True, False)
    assert {**first, "loaded": None} == {**again, "loaded": None}
    with sessions_of(app).read() as session:
        assert session.scalar(select(func.count()).select_from(Event)) == session.scalar(
            select(func.max(EventPosition.position))
        )


def test_the_totals_are_those_the_file_expects(loaded: Api) -> None:
    answer = json.loads(run(loaded, "season", "load", str(DEMO_TOWN), "--json").stdout)
    assert answer["totals"] == json.loads(DEMO_TOWN.read_text(encoding="utf-8"))["expected_totals"]


def test_the_findings_above_note_are_the_three_of_the_town(loaded: Api) -> None:
    findings = json.loads(run(loaded, "season", "load", str(DEMO_TOWN), "--json").stdout)["findings"]
    assert {
        (one["rule"], one["severity"], one["record"]) for one in findings if one["severity"] != "note"
    } == ABOVE_NOTE
    assert all(set(one) == {"rule", "severity", "record", "affects", "facts", "detail"} for one in findings)
    assert all("…" not in one["detail"] and not one["detail"].startswith("finding.") for one in findings)


def test_a_season_with_faults_is_refused_with_all_of_them_and_nothing_is_written(
    app: Api, tmp_path: pathlib.Path, demo_town: bytes
) -> None:
    upgrade_server(app)
    town = json.loads(demo_town)
    town["harvests"][12]["plot"] = "P999"
    town["harvests"][13]["fresh_kg"] = -1
    file = tmp_path / "bad.json"
    file.write_text(json.dumps(town), encoding="utf-8")
    result = run(app, "season", "load", str(file), "--json")
    errors = json.loads(result.stdout)["errors"]
    assert result.exit_code == 1
    assert {"harvests[12].plot", "harvests[13].fresh_kg"} <= {error["path"] for error in errors}
    assert all(set(error) == {"path", "code", "detail"} and error["detail"] for error in errors)
    with sessions_of(app).read() as session:
        assert session.scalar(select(func.count()).select_from(Event)) == 0
    spoken = run(app, "season", "load", str(file))
    assert spoken.exit_code == 1
    assert "harvests[12].plot: " in spoken.stderr


def test_a_fault_of_the_whole_file_names_no_place(app: Api, tmp_path: pathlib.Path) -> None:
    upgrade_server(app)
    file = tmp_path / "cut.json"
    file.write_text('{"town": ', encoding="utf-8")
    lines = run(app, "season", "load", str(file)).stderr.splitlines()
    assert len(lines) == 2
    assert lines[1][:1] not in {":", ""}


def test_a_file_that_is_not_there_is_one_line(app: Api, tmp_path: pathlib.Path) -> None:
    assert "nothing.json" in refused(run(app, "season", "load", str(tmp_path / "nothing.json")))


def test_a_key_opens_what_its_role_may_see(loaded: Api) -> None:
    token = run(loaded, "keys", "create", "--party", "C01", "--role", "coop").stdout.strip()
    with sessions_of(loaded).read() as session:
        caller = find_caller(session, token)
    assert caller is not None
    assert caller.role == "coop"
    answer = loaded.test_client().get("/v1/parties/C01", headers={"Authorization": f"Bearer {token}"})
    assert answer.json["code"] == "C01"


def test_only_an_operators_key_needs_no_party(app: Api) -> None:
    upgrade_server(app)
    assert len(run(app, "keys", "create", "--role", "operator").stdout.strip()) >= 43
    assert "NOPE" in refused(run(app, "keys", "create", "--role", "coop", "--party", "NOPE"))
    refused(run(app, "keys", "create", "--role", "plant"))
    assert run(app, "keys", "create", "--role", "emperor").exit_code == 2


def test_a_key_may_be_given_a_name_scopes_and_an_expiry(loaded: Api) -> None:
    words = ["keys", "create", "--party", "C01", "--role", "coop", "--name", "李敏", "--scope", "read"]
    token = run(loaded, *words, "--expires", "2099-03-31T00:00:00+08:00").stdout.strip()
    me = loaded.test_client().get("/v1/me", headers={"Authorization": f"Bearer {token}"}).json
    assert {name: me[name] for name in ("name", "role", "party", "scopes", "expires_at")} == {
        "name": "李敏",
        "role": "coop",
        "party": "C01",
        "scopes": ["read"],
        "expires_at": "2099-03-31T00:00:00+08:00",
    }
    assert "2020" in refused(run(loaded, *words, "--expires", "2020-03-31T00:00:00+08:00"))
    for wrong in ("2099-03-31", "2099-03-31T00:00:00", "soon"):
        assert run(loaded, *words, "--expires", wrong).exit_code == 2
    assert run(loaded, *words, "--name", "茶" * 61).exit_code == 2


def test_a_season_just_loaded_shows_no_difference(loaded: Api) -> None:
    result = run(loaded, "rebuild", "--check")
    assert (result.exit_code, result.stdout) == (0, "no difference\n")


def test_labels_begin_at_one_and_go_on_where_the_last_job_ended(loaded: Api, tmp_path: pathlib.Path) -> None:
    first = print_labels(loaded, tmp_path / "a.zip", "--count", "2", "--links")
    second = print_labels(loaded, tmp_path / "b.png", "--count", "1", "--links", pack="PL1/PK001")
    assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
    links = first.stdout.splitlines() + second.stdout.splitlines()
    assert len(set(links)) == 3
    assert all(link.startswith("http://127.0.0.1:8000/01/09520000010003/10/L001/21/") for link in links)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.namelist() == ["000001.png", "000002.png"]
        assert Image.open(io.BytesIO(archive.read("000001.png"))).size == (400, 240)
    with sessions_of(loaded).read() as session:
        jobs = session.execute(select(LabelJob.first_position, LabelJob.last_position).order_by(LabelJob.id)).all()
    assert [tuple(job) for job in jobs] == [(1, 2), (3, 3)]
    assert sorted(file.name for file in tmp_path.glob("*.part")) == []


def test_a_reprint_has_the_same_codes_and_is_no_job(loaded: Api, tmp_path: pathlib.Path) -> None:
    out = tmp_path / "a.pdf"
    first = print_labels(loaded, out, "--count", "3", "--format", "pdf", "--links")
    again = print_labels(loaded, out, "--reprint", "2-3", "--format", "svg", "--links")
    assert again.stdout.splitlines() == first.stdout.splitlines()[1:]
    with sessions_of(loaded).read() as session:
        assert session.scalar(select(func.count()).select_from(LabelJob)) == 1


@pytest.mark.parametrize(
    "words",
    [
        ["--pack", "NOPE", "--count", "1"],
        ["--pack", "PK001", "--count", "454"],  # 440 units and 3 % waste
        ["--pack", "PK001", "--reprint", "1-2"],
        ["--pack", "PK001", "--count", "1", "--stock", "bedsheet"],
        ["--pack", "PK001", "--count", "1", "--format", "zpl"],
        ["--pack", "PK001", "--count", "1", "--format", "gif"],
    ],
)
def test_labels_that_may_not_be_printed_leave_neither_file_nor_job(
    loaded: Api, tmp_path: pathlib.Path, words: list[str]
) -> None:
    refused(run(loaded, "labels", "print", *words, "--out", str(tmp_path / "x.png")))
    assert not list(tmp_path.glob("x.png*"))
    with sessions_of(loaded).read() as session:
        assert session.scalar(select(LabelJob.id)) is None


def test_a_pack_known_from_history_is_out_already_and_can_be_printed(loaded: Api, tmp_path: pathlib.Path) -> None:
    assert print_labels(loaded, tmp_path / "a.png", "--count", "1", pack="PK008").exit_code == 0


def test_a_folder_that_is_not_there_takes_no_positions(loaded: Api, tmp_path: pathlib.Path) -> None:
    refused(print_labels(loaded, tmp_path / "no" / "x.png", "--count", "1"))
    with sessions_of(loaded).read() as session:
        assert session.scalar(select(LabelJob.id)) is None


@pytest.mark.parametrize("words", [[], ["--count", "1", "--reprint", "1-2"], ["--reprint", "one"], ["--count", "0"]])
def test_a_print_without_a_clear_count_is_a_wrong_use(loaded: Api, tmp_path: pathlib.Path, words: list[str]) -> None:
    result = print_labels(loaded, tmp_path / "x.png", *words)
    assert result.exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        ["serve"],
        ["worker"],
        ["db", "upgrade"],
        ["labels", "print", "--pack", "PK001", "--count", "1", "--out", "x.png"],
    ],
)
def test_without_the_keys_of_printed_labels_nothing_starts(
    loaded: Api, tmp_path: pathlib.Path, words: list[str]
) -> None:
    printed = print_labels(loaded, tmp_path / "a.png", "--count", "1")
    assert printed.exit_code == 0, printed.output
    keys = loaded.extensions["chasu"].settings.keys_dir
    keys.rename(keys.with_name("elsewhere"))
    assert "密钥" in refused(run(loaded, *words))
    assert not keys.exists() or not list(keys.iterdir())


@pytest.mark.parametrize("command", ["season load demo/demo-town.json", "rebuild --check", "worker"])
def test_a_servers_tables_are_never_upgraded_in_passing(app: Api, command: str) -> None:
    if app.extensions["chasu"].settings.sqlite_file is not None:
        pytest.skip("a database in a file upgrades by itself")
    assert "flask db upgrade" in refused(run(app, *command.split()))


def test_a_database_out_of_reach_is_one_line(make_settings: Callable[..., Settings]) -> None:
    app = create_app(make_settings("sqlite:////proc/nothing/here.db"))
    refused(run(app, "db", "upgrade"))


@pytest.mark.parametrize("group", ["epcis", "links", "serial-keys", "season", "keys", "labels", "db"])
def test_every_group_is_there(app: Api, group: str) -> None:
    assert run(app, group, "--help").exit_code == 0
