"""The key folder: exactly one key signs, whoever was killed, whoever came at the same time."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli.serial_keys import serial_keys
from trace import keys
from trace.errors import NotFoundError, TraceError
from trace.keys import KeyState

ROOT = Path(keys.__file__).parents[1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a key folder that has its first key."""
    directory = tmp_path / "keys"
    keys.create_first_key(directory)
    return directory


def states(directory: Path) -> dict[str, str]:
    """Return the state of each key, as the ring has it."""
    return {key.id: key.state.value for key in keys.load_keys(directory).keys.values()}


def rewrite(path: Path, **changes: object) -> None:
    """Change fields of a key file by hand."""
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def run(script: str, *arguments: object) -> subprocess.Popen[str]:
    """Start a process that runs the script with `directory` and `keys` at hand."""
    prelude = "import sys, os, pathlib\nfrom trace import keys\ndirectory = pathlib.Path(sys.argv[1])\n"
    command = [sys.executable, "-c", prelude + script, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_the_first_key_signs_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    directory = tmp_path / "instance" / "keys"
    key = keys.create_first_key(directory)
    ring = keys.load_keys(directory)
    assert ring.signing == key == ring.find("0")
    assert ring.find("1") is None
    assert len(key.secret) == 32
    assert key.created_at.utcoffset() == timedelta(0)
    assert directory.stat().st_mode & 0o777 == 0o700
    assert [(path.name, path.stat().st_mode & 0o777) for path in directory.iterdir()] == [("serial-0.json", 0o600)]


def test_a_loose_umask_does_not_open_a_key_file(tmp_path: Path) -> None:
    former = os.umask(0)
    try:
        keys.create_first_key(tmp_path / "keys")
    finally:
        os.umask(former)
    assert (tmp_path / "keys" / "serial-0.json").stat().st_mode & 0o777 == 0o600


def test_a_secret_does_not_show_when_a_key_is_printed(folder: Path) -> None:
    key = keys.load_keys(folder).signing
    assert "secret" not in repr(key)
    assert repr(key.secret) not in repr(keys.load_keys(folder))


def test_missing_keys_are_an_error_and_none_are_made(tmp_path: Path) -> None:
    with pytest.raises(keys.KeysMissingError):
        keys.load_keys(tmp_path / "keys")
    assert not (tmp_path / "keys").exists()
    (tmp_path / "keys").mkdir(mode=0o700)
    for verb in (keys.load_keys, keys.rotate):
        with pytest.raises(keys.KeysMissingError):
            verb(tmp_path / "keys")
    assert not list((tmp_path / "keys").iterdir())


def test_a_first_key_is_refused_where_keys_are(folder: Path) -> None:
    before = keys.load_keys(folder)
    with pytest.raises(keys.KeysExistError):
        keys.create_first_key(folder)
    assert keys.load_keys(folder) == before


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o755])
def test_a_folder_open_to_others_is_refused(folder: Path, mode: int) -> None:
    folder.chmod(mode)
    for verb in (keys.load_keys, keys.rotate, keys.create_first_key):
        with pytest.raises(keys.KeysTooOpenError) as refusal:
            verb(folder)
        assert refusal.value.facts == {"path": str(folder), "mode": f"{mode:04o}"}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_file_open_to_others_is_refused(folder: Path, mode: int) -> None:
    (folder / "serial-0.json").chmod(mode)
    with pytest.raises(keys.KeysTooOpenError):
        keys.load_keys(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "1"},
        {"id": ["0"]},
        {"state": "sleeping"},
        {"created_at": "2026-04-01T08:00:00"},
        {"created_at": "in spring"},
        {"created_at": 5},
        {"key": "AAAA"},
        {"key": "*" * 44},
        {"key": None},
        {"replaces": "U"},
        {"replaces": ["1"]},
    ],
)
def test_a_malformed_key_file_is_refused_by_name(folder: Path, changes: dict[str, object]) -> None:
    rewrite(folder / "serial-0.json", **changes)
    with pytest.raises(keys.KeyFileMalformedError) as refusal:
        keys.load_keys(folder)
    assert refusal.value.facts == {"path": str(folder / "serial-0.json")}


@pytest.mark.parametrize("text", ["", "[]", "5", '"key"', "{}", "{", "\x00", "\ud800"])
def test_a_key_file_that_is_no_key_at_all_is_refused(folder: Path, text: str) -> None:
    (folder / "serial-0.json").write_bytes(text.encode(errors="surrogatepass"))
    with pytest.raises(keys.KeyFileMalformedError):
        keys.load_keys(folder)


def test_a_key_file_under_an_impossible_id_is_refused(folder: Path) -> None:
    (folder / "serial-0.json").rename(folder / "serial-U.json")
    rewrite(folder / "serial-U.json", id="U")
    with pytest.raises(keys.KeyFileMalformedError):
        keys.load_keys(folder)


def test_two_signing_keys_are_refused(folder: Path) -> None:
    keys.rotate(folder)
    rewrite(folder / "serial-0.json", state="signing")
    rewrite(folder / "serial-1.json", replaces=None)
    with pytest.raises(keys.SigningKeyCountError) as refusal:
        keys.load_keys(folder)
    assert refusal.value.facts == {"signing": ["0", "1"]}


def test_a_folder_without_a_signing_key_is_refused(folder: Path) -> None:
    rewrite(folder / "serial-0.json", state="verifying")
    with pytest.raises(keys.SigningKeyCountError):
        keys.load_keys(folder)


def test_rotation_makes_a_new_signing_key_and_the_former_one_verifies(folder: Path) -> None:
    former = keys.load_keys(folder).signing
    key = keys.rotate(folder)
    assert (key.id, key.replaces) == ("1", "0")
    assert key.secret != former.secret
    assert states(folder) == {"0": "verifying", "1": "signing"}
    assert keys.load_keys(folder).keys["0"].secret == former.secret
    assert json.loads((folder / "serial-0.json").read_text())["state"] == "verifying"


def test_an_id_is_never_used_again_and_the_33rd_key_is_refused(folder: Path) -> None:
    for _ in range(31):
        keys.rotate(folder)
    ring = keys.load_keys(folder)
    assert "".join(ring.keys) == keys.ALPHABET
    assert ring.signing.id == "Z"
    keys.distrust(folder, "5")
    with pytest.raises(keys.KeyIdsExhaustedError):
        keys.rotate(folder)
    assert keys.load_keys(folder).signing == ring.signing


def test_a_key_is_distrusted_only_when_another_one_signs(folder: Path) -> None:
    with pytest.raises(keys.KeyIsSigningError):
        keys.distrust(folder, "0")
    assert states(folder) == {"0": "signing"}
    keys.rotate(folder)
    assert keys.distrust(folder, "0").state is KeyState.DISTRUSTED
    assert states(folder) == {"0": "distrusted", "1": "signing"}


def test_distrust_is_kept_through_later_rotations(folder: Path) -> None:
    keys.rotate(folder)
    keys.distrust(folder, "0")
    keys.distrust(folder, "0")
    keys.rotate(folder)
    assert states(folder) == {"0": "distrusted", "1": "verifying", "2": "signing"}


@pytest.mark.parametrize("key_id", ["9", "", "00", "../0"])
def test_an_unknown_key_cannot_be_distrusted(folder: Path, key_id: str) -> None:
    with pytest.raises(NotFoundError):
        keys.distrust(folder, key_id)


def test_leftovers_of_a_killed_writer_are_not_read_and_go_with_the_next_change(folder: Path) -> None:
    ring = keys.load_keys(folder)
    for name in (".serial-1.json", ".serial-0.json"):
        (folder / name).write_text('{"id": "1", "st')
    (folder / "log.key").write_text("another file's business")
    assert keys.load_keys(folder) == ring
    assert keys.rotate(folder).id == "1"
    assert sorted(path.name for path in folder.iterdir()) == ["log.key", "serial-0.json", "serial-1.json"]


def test_a_leftover_in_an_empty_folder_does_not_hinder_the_first_key(tmp_path: Path) -> None:
    directory = tmp_path / "keys"
    directory.mkdir(mode=0o700)
    (directory / ".serial-0.json").write_text("")
    with pytest.raises(keys.KeysMissingError):
        keys.load_keys(directory)
    keys.create_first_key(directory)
    assert states(directory) == {"0": "signing"}
    assert not list(directory.glob(".serial-*"))


def test_a_rotation_killed_before_it_retired_the_former_key_is_done(folder: Path) -> None:
    keys.rotate(folder)
    rewrite(folder / "serial-0.json", state="signing")
    assert states(folder) == {"0": "verifying", "1": "signing"}
    keys.rotate(folder)
    assert states(folder) == {"0": "verifying", "1": "verifying", "2": "signing"}
    keys.distrust(folder, "0")
    assert states(folder) == {"0": "distrusted", "1": "verifying", "2": "signing"}


# Does to each folder that it is told of what the verb does, and dies at the step the folder is named for.
KILLED = """
def count(event, arguments):
    global steps
    if event in ("open", "os.rename", "os.remove") and str(directory) in str(arguments[0]):
        steps -= 1
        if steps < 0:
            os.kill(os.getpid(), 9)
for line in sys.stdin:
    child = os.fork()
    if not child:
        directory = pathlib.Path(line.strip())
        steps = int(directory.name)
        sys.addaudithook(count)
        getattr(keys, sys.argv[2])(directory, *sys.argv[3:])
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.mark.parametrize(("verb", "arguments"), [("rotate", []), ("distrust", ["0"]), ("create_first_key", [])])
def test_a_kill_between_any_two_steps_leaves_a_readable_folder(tmp_path: Path, verb: str, arguments: list[str]) -> None:
    killer = run(KILLED, tmp_path, verb, *arguments)
    assert killer.stdin
    assert killer.stdout
    killed = True
    step = 0
    while killed:
        directory = tmp_path / str(step)
        if verb == "create_first_key":
            directory.mkdir(mode=0o700)
        else:
            keys.create_first_key(directory)
            keys.rotate(directory)
            (directory / ".serial-2.json").touch()
        killer.stdin.write(f"{directory}\n")
        killer.stdin.flush()
        killed = {"-9": True, "0": False}[killer.stdout.readline().strip()]
        if verb == "create_first_key" and not list(directory.glob("serial-*.json")):
            keys.create_first_key(directory)
        assert list(states(directory).values()).count("signing") == 1
        keys.rotate(directory)
        assert not list(directory.glob(".serial-*"))
        step += 1
    killer.communicate(timeout=60)
    assert step > 4


TOGETHER = """
print("ready", flush=True)
sys.stdin.readline()
try:
    print(getattr(keys, sys.argv[2])(directory).id)
except keys.KeysExistError as refusal:
    print(refusal.code)
"""


def together(directory: Path, verb: str, processes: int) -> list[str]:
    """Call a verb in several processes at once and return what each printed."""
    started = [run(TOGETHER, directory, verb) for _ in range(processes)]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return sorted(process.communicate(timeout=60)[0].strip() for process in started)


@pytest.mark.parametrize("attempt", range(3))
def test_two_processes_at_once_end_with_one_first_key(tmp_path: Path, attempt: int) -> None:
    directory = tmp_path / "keys"
    assert together(directory, "create_first_key", 2) == ["0", "keys-exist"]
    assert states(directory) == {"0": "signing"}


def test_rotations_at_once_follow_each_other(folder: Path) -> None:
    assert together(folder, "rotate", 4) == ["1", "2", "3", "4"]
    assert keys.load_keys(folder).signing.id == "4"


def test_a_reader_never_sees_a_rotation_half_done(folder: Path) -> None:
    watched = keys.KeyFolder(folder)
    rotations = run("for _ in range(31): keys.rotate(directory)", folder)
    while rotations.poll() is None:
        keys.load_keys(folder)
        watched.ring()
    assert rotations.returncode == 0
    assert keys.load_keys(folder).signing.id == watched.ring().signing.id == "Z"


def test_a_running_process_sees_a_rotation_and_a_distrust(folder: Path) -> None:
    watched = keys.KeyFolder(folder)
    first = watched.ring()
    assert watched.ring() is first
    keys.rotate(folder)
    assert watched.ring().signing.id == "1"
    keys.distrust(folder, "0")
    assert watched.ring().keys["0"].state is KeyState.DISTRUSTED
    for path in folder.iterdir():
        path.unlink()
    with pytest.raises(keys.KeysMissingError):
        watched.ring()


def test_every_refusal_has_a_code_of_its_own() -> None:
    refusals = [kind for kind in vars(keys).values() if isinstance(kind, type) and issubclass(kind, TraceError)]
    assert len({kind.code for kind in refusals}) == len(refusals)


def test_the_operator_lists_rotates_and_distrusts_keys(folder: Path) -> None:
    runner = CliRunner(env={"KEYS_DIR": str(folder)})
    assert runner.invoke(serial_keys, ["rotate"]).output.startswith("1\tsigning\t20")
    assert runner.invoke(serial_keys, ["distrust", "0", "--dir", str(folder)]).output.startswith("0\tdistrusted\t20")
    listed = runner.invoke(serial_keys, ["list"])
    assert [line.split("\t")[:2] for line in listed.output.splitlines()] == [["0", "distrusted"], ["1", "signing"]]


def test_a_refused_command_says_so_and_fails(folder: Path) -> None:
    refused = CliRunner().invoke(serial_keys, ["distrust", "0", "--dir", str(folder)])
    assert (refused.exit_code, refused.output) == (1, "Error: key-is-signing: key_id=0\n")
