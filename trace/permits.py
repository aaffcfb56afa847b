"""Permits: packing, printing, activation and shipping stop for a lot that is recalled, held, or that nobody let go."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.db import portions
from trace.errors import ConflictError
from trace.events import Mode
from trace.findings import Finding, Severity
from trace.holds import LotHold, RecalledLot
from trace.ledger import LedgerLine
from trace.lots import Lot
from trace.recalls import LABEL_ALONE, Recall
from trace.releases import find_unreleased


class LotRefusedError(ConflictError):
    """Findings that nobody has answered hold a lot that was asked for."""

    code = "lot-refused"


class LotRecalledError(ConflictError):
    """Lots that were asked for are recalled for what may harm; a wrong label alone may be corrected and sold."""

    code = "lot-recalled"


class LotNotReleasedError(ConflictError):
    """Lots of made tea that were asked for, or from which what was asked for was packed, wait for their release."""

    code = "lot-not-released"


# Built once: every shipment that is entered asks it.
_RECALLED = (
    select(Lot.code)
    .join(RecalledLot, RecalledLot.lot_id == Lot.id)
    .join(Recall, RecalledLot.recall_id == Recall.id)
    .where(Recall.level < LABEL_ALONE)
)


def find_refusals(session: Session, lot_id: int) -> list[Finding]:
    """Return the unanswered findings that hold a lot, worst first."""
    query = (
        select(Finding)
        .join(LotHold, LotHold.finding_id == Finding.id)
        .where(LotHold.lot_id == lot_id, Finding.answered_at.is_(None))
        .order_by(Finding.severity != Severity.REFUSE, Finding.id)
    )
    return list(session.scalars(query))


def refuse_held(session: Session, lots: Iterable[str], mode: Mode) -> None:
    """Raise `LotRefusedError` where a finding holds one of these lots (identifiers).

    Raises `LotRecalledError` where one is recalled, `LotNotReleasedError` where nobody let one go. What is known from
    history has happened: its findings stand on it, and stop nothing. Ask once the lots are locked, so that no finding
    comes in between.
    """
    if mode is Mode.HISTORY:
        return
    asked, held, recalled = set(lots), set[tuple[str, str]](), set[str]()
    for few in portions(asked):
        query = (
            select(Lot.code, Finding.rule)
            .join(LotHold, LotHold.lot_id == Lot.id)
            .join(Finding, Finding.id == LotHold.finding_id)
            .where(Lot.uri.in_(few), Finding.answered_at.is_(None), Finding.severity != Severity.NOTE)
        )
        held.update((code, rule) for code, rule in session.execute(query))
        recalled.update(session.scalars(_RECALLED.where(Lot.uri.in_(few))))
    if held:
        raise LotRefusedError(rules=sorted({rule for _, rule in held}), lots=sorted({code for code, _ in held}))
    if recalled:
        raise LotRecalledError(lots=sorted(recalled))
    if unreleased := find_unreleased(session, asked):
        raise LotNotReleasedError(lots=unreleased)


def lots_drawn_by(session: Session, event: int) -> set[str]:
    """Return the lots that an event drew from: a correction that names them again asks for nothing new."""
    query = select(Lot.uri).join(LedgerLine, LedgerLine.lot_id == Lot.id)
    return set(session.scalars(query.where(LedgerLine.event_id == event, LedgerLine.amount < 0)))
