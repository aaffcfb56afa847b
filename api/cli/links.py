"""`flask links …`: read and judge GS1 Digital Links from the command line."""

import json
import sys

import click

from api.catalogue import Catalogue
from trace.digital_link import ParsedLink, parse


@click.group("links")
def links() -> None:
    """Read GS1 Digital Links."""


@links.command("parse")
def parse_links() -> None:
    """Read URIs from standard input, one a line; print one JSON object a line."""
    catalogue = Catalogue()
    for line in sys.stdin.buffer:
        uri = line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", errors="backslashreplace")
        click.echo(json.dumps(_present(parse(uri), catalogue), ensure_ascii=False).encode())


def _present(link: ParsedLink, catalogue: Catalogue) -> dict[str, object]:
    return {"uri": link.uri, "valid": link.valid, "reason": _explain(link, catalogue), "ais": link.ais}


def _explain(link: ParsedLink, catalogue: Catalogue) -> str | None:
    if link.reason is None:
        return None
    words = catalogue.reason(link.reason, "en")
    return f"{link.reason}: {words}" + (f" ({link.fault_ai})" if link.fault_ai else "")
