"""How a command refuses: one line in Chinese and English on stderr, exit code 1, never a traceback."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import OperationalError

from api.state import current_state
from trace.errors import InvalidError, TraceError

_logger = logging.getLogger("chasu")


@contextmanager
def refusals() -> Iterator[None]:
    """Turn a refusal into the end of the command."""
    try:
        yield
    except InvalidError as refusal:
        raise click.ClickException("\n".join(fault_lines(refusal))) from None
    except TraceError as refusal:
        raise click.ClickException(both(refusal.code, refusal.facts)) from None
    except OperationalError as error:
        _logger.debug("database: %s", error.orig)
        raise click.ClickException(both("database-unreachable", {}) + f" ({error.orig})") from None
    except OSError as error:
        raise click.ClickException(both("file-unusable", {"file": error.filename, "reason": error.strerror})) from None


def both(code: str, facts: dict[str, object]) -> str:
    """Return a sentence in both languages, on one line."""
    catalogue = current_state().catalogue
    line = f"{catalogue.sentence(code, facts, 'zh')} / {catalogue.sentence(code, facts, 'en')}"
    return " ".join(line.split())


def fault_lines(refusal: InvalidError) -> list[str]:
    """Return a line for each fault, after one that says nothing was written."""
    where = (f"{fault.path}: " if fault.path else "" for fault in refusal.faults)
    what = (both(fault.code, fault.facts) for fault in refusal.faults)
    return [both(refusal.code, {}), *(place + fault for place, fault in zip(where, what, strict=True))]
