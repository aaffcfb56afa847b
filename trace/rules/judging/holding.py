"""What stands on uses of inputs holds the leaf picked since, on their plots or what took their place."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from trace.findings import Finding, Severity, hold_more, hold_only
from trace.holds import LotHold
from trace.inputs import InputUse
from trace.lots import Lot
from trace.pickings import Picking
from trace.places import list_successors
from trace.rules import dosage, registration
from trace.rules.judging.bringing import rows_of
from trace.rules.judging.plots import Land

NOUN = "input-use"
RULES = (*registration.RULES, *dosage.RULES)

# Built once: every picking that is entered asks them.
_GRAVE = select(Finding).where(
    *(Finding.noun == NOUN, Finding.rule.in_(RULES), Finding.withdrawn_at.is_(None), Finding.severity != Severity.NOTE)
)
_ON_LAND = _GRAVE.join(InputUse, Finding.record_id == InputUse.id)
_HOLDING = _GRAVE.join(LotHold, LotHold.finding_id == Finding.id).join(Picking, Picking.lot_id == LotHold.lot_id)


def hold_by_uses(session: Session, pickings: Collection[int], land: Land) -> None:
    """Let the leaf of pickings be held by what stands on uses of inputs before it, and by nothing that does not."""
    every = {plot for came_from in land.values() for plot in came_from}
    found = [
        *rows_of(session, _ON_LAND, InputUse.plot_id, every),
        *rows_of(session, _HOLDING, Picking.id, pickings),
    ]
    renew_holds(session, {finding.id: finding for (finding,) in found}.values())


def find_standing(session: Session, uses: Collection[int]) -> list[Finding]:
    """Return the findings above a note that stand on uses (row ids), answered or not."""
    return [finding for (finding,) in rows_of(session, _GRAVE, Finding.record_id, uses)]


def renew_holds(session: Session, findings: Collection[Finding]) -> None:
    """Let findings on uses hold the leaf that was picked since, as it is now; their answers stay."""
    if not findings:
        return
    expected = find_lots_since(session, {finding.record_id for finding in findings})
    held: dict[int, set[int]] = defaultdict(set)
    query = select(LotHold.finding_id, LotHold.lot_id).join(Picking, Picking.lot_id == LotHold.lot_id)
    for finding, lot in rows_of(session, query, LotHold.finding_id, {finding.id for finding in findings}):
        held[finding].add(lot)
    due = {finding.id: set(expected.get(finding.record_id, ())) for finding in findings}
    hold_only(session, {finding: sorted(lots) for finding, lots in due.items() if held[finding] - lots})
    hold_more(
        session, {finding: lots - held[finding] for finding, lots in due.items() if held[finding] < lots}
    )  # leaf picked since: what was held before is left as it is


def find_lots_since(session: Session, uses: Collection[int]) -> dict[int, list[int]]:
    """Return the lots picked on or after the day of each use (row id), on its plot or what took its place."""
    told = list(rows_of(session, select(InputUse.id, InputUse.plot_id, InputUse.used_on), InputUse.id, uses))
    later = list_successors(session, {plot for _, plot, _ in told})
    picked: dict[int, list[tuple[date, int]]] = defaultdict(list)
    query = (
        select(Picking.plot_id, Picking.picked_on, Picking.lot_id)
        .join(Lot, Picking.lot_id == Lot.id)
        .where(Lot.initial_g > 0)  # one that was corrected away picked nothing
        .order_by(Picking.lot_id)
    )
    for plot, day, lot in rows_of(session, query, Picking.plot_id, set().union(*later.values()) if later else ()):
        picked[plot].append((day, lot))
    return {
        use: sorted(lot for one in later[plot] for day, lot in picked[one] if day >= used_on)
        for use, plot, used_on in told
    }
