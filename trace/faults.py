"""Faults of a sequence of commands, gathered: each at `[place].field`, all told at once."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from trace import clock, ids
from trace.db import portions
from trace.errors import Fault, InvalidError

_CODE_SHAPE = re.compile(r"[0-9A-Z.-]{1,40}")


class Faults:
    """What was found so far."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def fault(self, path: str, code: str, **facts: object) -> None:
        """Add one."""
        self.found.append(Fault(path, code, facts))

    def judge(self, path: str, judged: Callable[[str], object], value: str | None) -> None:
        """Add the reason why a text, where there is one, is not the code that a function of `trace.ids` knows."""
        if value is None:
            return
        try:
            judged(value)
        except ids.IdentifierError as error:
            self.fault(path, error.code, value=value[:40])

    def judge_code(self, path: str, code: str) -> None:
        """Refuse what is not the code of a party, plot or the like: 1 to 40 of `0-9 A-Z - .`."""
        if not _CODE_SHAPE.fullmatch(code):
            self.fault(path, "record-code-shape", value=code[:40])

    def judge_shown(self, path: str, value: str | None) -> None:
        """Refuse a text for all to read in which a person's number stands."""
        if value is not None and ids.find_personal_numbers(value):
            self.fault(path, "personal-number")

    def judge_day(self, path: str, day: date | None) -> None:
        """Refuse a day that is not yet anywhere in the country."""
        if day is not None and day > clock.today():
            self.fault(path, "in-the-future", value=day.isoformat())

    def judge_free(
        self, session: Session, column: InstrumentedAttribute[Any], wanted: Sequence[tuple[str, str | None]]
    ) -> None:
        """Refuse each value, given as (path, value), that a row has already or an earlier one of these takes."""
        taken = find_taken(session, column, [value for _, value in wanted if value is not None])
        for path, value in wanted:
            if value in taken:
                self.fault(path, "code-taken", value=value)
            elif value is not None:
                taken.add(value)

    def refuse(self) -> None:
        """Raise `InvalidError` if there is any."""
        if self.found:
            raise InvalidError(self.found)


def find_taken(session: Session, column: InstrumentedAttribute[Any], values: Iterable[str]) -> set[str]:
    """Return which of some values a column holds already."""
    taken: set[str] = set()
    for few in portions(values):
        taken.update(session.scalars(select(column).where(column.in_(few))))
    return taken
