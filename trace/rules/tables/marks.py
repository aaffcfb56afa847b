"""Look up the marks of origin: from which villages, by whose hands and under which standards tea may carry one."""

from collections.abc import Collection
from dataclasses import dataclass

from trace.rules.tables.editions import Found, InForce


@dataclass(frozen=True)
class Mark:
    """A mark of origin: codes of villages, credit codes of plants, numbers of standards; `found` is its first row."""

    name: str
    villages: Collection[str]
    plants: Collection[str]
    standards: Collection[str]
    found: Found


def list_marks(at: InForce) -> list[Mark]:
    """Return the marks in force. None are shipped: an officer enters those of the place."""
    rows = at.list_rows("gi-marks")
    first = {found["mark"]: found for found in reversed(rows)}

    def asked(mark: str, asks: str) -> set[str]:
        return {found["value"] for found in rows if (found["mark"], found["asks"]) == (mark, asks)}

    return [
        Mark(mark, asked(mark, "village"), asked(mark, "plant"), asked(mark, "standard"), found)
        for mark, found in sorted(first.items())
    ]
