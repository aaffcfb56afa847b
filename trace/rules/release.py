"""`required_results`: a lot let go without a passing result of every item that it needs.

The items that every lot needs stand in the table `required-results`; a plant's plan adds what it has tested by itself
or by others. Of several results on one item the latest counts: a lot is tested again after it was dried again.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from trace.findings import Judgement, Severity
from trace.rules.tables import ANY, TEA, Citation, InForce, list_required_items

RULE = "required_results"


@dataclass(frozen=True)
class Planned:
    """One item that a plan asks for, and whether a lot shortly before this one has passed it for several."""

    item: str
    is_covered: bool = False


@dataclass(frozen=True)
class Reported:
    """One analyte of a standing report on the lot; `order` tells two of one day apart."""

    analyte: str
    passed: bool
    reported_on: date
    order: int


@dataclass(frozen=True)
class Released:
    """A lot to let go, or one let go: row id, crop, kind, the tables then, the plan's items, what was reported."""

    id: int
    crop: str | None
    product_kind: str | None
    at: InForce
    planned: Sequence[Planned]
    reported: Sequence[Reported]
    is_from_before: bool = False  # let go before this record began: it need not know every result of then


@dataclass(frozen=True)
class Lacking:
    """What a lot lacks; the row of the table of the first, where it is the table that asks for it."""

    missing: Sequence[str]
    failed: Sequence[str]
    row: Citation | dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Return whether anything is lacking."""
        return bool(self.missing or self.failed)


def find_lacking(lot: Released) -> Lacking:
    """Return what a lot lacks to be let go."""
    missing: list[str] = []
    failed: list[str] = []
    rows: list[Citation] = []
    for item, names, row in _needed(lot):
        latest = max(
            (one for one in lot.reported if one.analyte in names),
            key=lambda one: (one.reported_on, one.order),
            default=None,
        )
        if latest is None or not latest.passed:
            (missing if latest is None else failed).append(item)
            rows += [row] if row else []
    return Lacking(missing, failed, rows[0] if rows else {})


def _needed(lot: Released) -> Iterator[tuple[str, Collection[str], Citation | None]]:
    """Yield each item a lot needs: under which names, and by which row."""
    known: set[str] = set()
    for required in list_required_items(lot.at, lot.product_kind):
        if required.found["kind"] == ANY and lot.crop not in (None, TEA):
            continue  # what every tea needs; rice has rows of its own, or none
        known |= required.names
        yield required.item, required.names, required.found.cite()
    for planned in lot.planned:
        if planned.item not in known and not planned.is_covered:
            yield planned.item, {planned.item}, None


def judge(releases: Sequence[Released]) -> list[Judgement]:
    """Judge lots that were let go; of those let go before this record began, only by what failed."""
    return [
        Judgement(
            rule=RULE,
            severity=Severity.REFUSE,
            record=lot.id,
            facts={"missing": list(lacking.missing), "failed": list(lacking.failed)},
            **lacking.row,
        )
        for lot in releases
        if (lacking := find_lacking(lot)) and (lacking.failed or not lot.is_from_before)
    ]
