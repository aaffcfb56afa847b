"""`flask labels …`: print labels of packs."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask.cli import with_appcontext

from api.cli.refusals import both, refusals
from api.installation import check_keys, prepare_embedded
from api.state import current_state

if TYPE_CHECKING:
    from api.printing import Order

_RANGE = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")
_LATER = ("zpl", "tspl")


@click.group("labels")
def labels() -> None:
    """Print labels."""


@labels.command("print")
@click.option("--pack", required=True, metavar="CODE", help="The pack, as CODE or PARTY/CODE.")
@click.option("--count", type=click.IntRange(1, 4_194_303), help="How many; the next positions never printed.")
@click.option("--reprint", metavar="A-B", help="Print positions A to B once more, with the same codes.")
@click.option("--stock", default="roll-50x30", show_default=True, help="The label stock.")
@click.option(
    "--format", "format_", default="png", show_default=True, help="png, svg or pdf; zip when several pictures."
)
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The file to write.")
@click.option("--links", is_flag=True, help="Print the link of each label, one a line, in order.")
@with_appcontext
def print_command(out: Path, *, links: bool, **chosen: Any) -> None:
    """Print the next labels of a pack into a file, or former ones again."""
    from api.printing import print_labels  # noqa: PLC0415 -- drawing is heavy

    order = _order(**chosen)
    state = current_state()
    with refusals():
        prepare_embedded(state)
        check_keys(state)
        printed = print_labels(state, order, out.absolute())
    for link in printed.links if links else ():
        click.echo(link)
    drawn = "label-drawn" if printed.first == printed.last else "labels-drawn"
    click.echo(both(drawn, {"first": printed.first, "last": printed.last, "file": out}), err=True)


def _order(*, pack: str, count: int | None, reprint: str | None, stock: str, format_: str) -> "Order":
    from api.printing import FORMATS, Order  # noqa: PLC0415 -- drawing is heavy

    if format_ not in FORMATS:
        raise click.ClickException(both("format-later" if format_ in _LATER else "format-unknown", {"format": format_}))
    if (count is None) == (reprint is None):
        raise click.UsageError(both("count-or-reprint", {}))
    return Order(pack=pack, count=count or 1, again=_range(reprint), format=format_, stock=stock)


def _range(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    found = _RANGE.fullmatch(text)
    if found is None:
        raise click.UsageError(both("range-shape", {"text": text}))
    return int(found[1]), int(found[2])
