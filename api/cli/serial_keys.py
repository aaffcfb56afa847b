"""`flask serial-keys`: list, rotate and distrust the keys under which serials prove themselves."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from trace import keys
from trace.errors import TraceError

_directory = click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path),
    envvar="KEYS_DIR",
    default=keys.DEFAULT_DIRECTORY,
    show_default=True,
    show_envvar=True,
    help="The key folder.",
)


@click.group("serial-keys")
def serial_keys() -> None:
    """Care for the keys of serials (docs/serials.md)."""


@serial_keys.command("list")
@_directory
def list_command(directory: Path) -> None:
    """Print every key, one a line: id, state, time of creation."""
    with _refusals():
        ring = keys.load_keys(directory)
    for key in ring.keys.values():
        _print(key)


@serial_keys.command("rotate")
@_directory
def rotate_command(directory: Path) -> None:
    """Make a new signing key; the former one only verifies from then on."""
    with _refusals():
        key = keys.rotate(directory)
    _print(key)


@serial_keys.command("distrust")
@click.argument("key_id", metavar="ID")
@_directory
def distrust_command(key_id: str, directory: Path) -> None:
    """Count all serials of a key as forged from now on. There is no way back."""
    with _refusals():
        key = keys.distrust(directory, key_id)
    _print(key)


def _print(key: keys.SerialKey) -> None:
    """Print what may be known of a key."""
    click.echo(f"{key.id}\t{key.state}\t{key.created_at.isoformat(timespec='seconds')}")


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn a refusal into exit code 1 and one line on stderr."""
    try:
        yield
    except TraceError as refusal:
        facts = ", ".join(f"{name}={value}" for name, value in refusal.facts.items())
        raise click.ClickException(f"{refusal.code}: {facts}") from None
